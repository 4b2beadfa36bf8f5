package mesh

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/mesh/uplink"
	"sundog.dev/sundog/rtmfp/flash"
)

func TestTwoTalkAndHangUp(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		from := ada.dial(bob.host, "bob")
		to := bob.rings(time.Second)
		if to.Name() != "ada" || !to.Incoming() || !to.Proved() || to.PeerID() != ada.id {
			t.Errorf("rings for %q, incoming %v, proved %v", to.Name(), to.Incoming(), to.Proved())
		}
		time.Sleep(2 * time.Second) // nobody hurries
		if from.Status().Detail != "ringing" {
			t.Errorf("the caller does not know that it rings: %+v", from.Status())
		}
		if err := to.Accept(); err != nil {
			t.Fatal(err)
		}
		from.state(InCall, 3*time.Second)
		to.state(InCall, 3*time.Second)
		if from.Incoming() || !from.Proved() || from.PeerID() != bob.id {
			t.Error("the caller's call is not as it should be")
		}
		if from.Status().Established.IsZero() || to.Status().Established.IsZero() {
			t.Error("established when?")
		}
		from.SetState(OwnState{Sound: true, Picture: true, Muted: true})
		to.SetState(OwnState{Picture: true})
		from.await("what the far end sends", time.Second, func(e Event) bool { return e == MemberStateChanged{MemberState{Picture: true, PeerID: bob.id}} })
		to.await("what the far end sends", time.Second, func(e Event) bool {
			return e == MemberStateChanged{MemberState{Sound: true, Picture: true, Muted: true, PeerID: ada.id}}
		})
		if err := from.SendChat("hello there"); err != nil {
			t.Fatal(err)
		}
		if err := to.SendChat("good day"); err != nil {
			t.Fatal(err)
		}
		to.hears("ada", "hello there", time.Second)
		from.hears("bob", "good day", time.Second)
		if err := from.SendChat(strings.Repeat("x", maxChat+1)); !errors.Is(err, ErrChatTooLong) {
			t.Errorf("a long text: %v", err)
		}
		time.Sleep(10 * time.Second)
		for _, p := range []*phone{ada, bob} {
			s := p.media.session().tally()
			if n := s.audio; n < 490 || n > 640 {
				t.Errorf("%s got %d audio frames in 10 s", p.name, n)
			}
			if n := s.video; n < 245 || n > 320 {
				t.Errorf("%s got %d video frames in 10 s", p.name, n)
			}
			if s.keys == 0 || s.damaged > 0 || s.wish.Full.Bitrate < 400_000 || s.wish.Full.Layers < uplink.Layers || s.wish.Mode != uplink.Everyone {
				t.Errorf("%s got %d key frames and %d damaged ones, and is wished %+v", p.name, s.keys, s.damaged, s.wish)
			}
			if s.worst > 50*time.Millisecond {
				t.Errorf("%s got a frame %v late by its time", p.name, s.worst)
			}
		}
		st := from.Stats()
		if st.RTT < 15*time.Millisecond || st.RTT > 60*time.Millisecond || st.SendKbps < 300 || st.RecvKbps < 300 || st.Path != "direct" || st.FarAddr != bob.addr {
			t.Errorf("stats %+v", st)
		}
		from.HangUp()
		from.ended(Hangup, time.Second)
		to.ended(Hangup, time.Second)
		<-from.Done()
		<-to.Done()
		if !ada.media.session().tally().closed || !bob.media.session().tally().closed {
			t.Error("media stayed open")
		}
		want := []State{Calling, Connecting, InCall, Ended}
		if got := from.states(); !equal(got, want) {
			t.Errorf("the caller went through %v", got)
		}
		want[0] = Ringing
		if got := to.states(); !equal(got, want) {
			t.Errorf("the callee went through %v", got)
		}
		if err := from.SendChat("late"); !errors.Is(err, ErrEnded) {
			t.Errorf("chat after the end: %v", err)
		}
		if err := to.Accept(); !errors.Is(err, ErrEnded) {
			t.Errorf("accept after the end: %v", err)
		}
	})
}

func equal[T comparable](a, b []T) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestAnAnsweringPhoneIsInTheCallWithinASecond(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, echo := w.newPhone("ada"), w.newPhone("echo", autoAccept)
		if d := ada.dial(echo.host, "echo").state(InCall, time.Second); d > 300*time.Millisecond {
			t.Errorf("took %v over a path of 10 ms", d)
		}
	})
}

func TestOneCallAfterAnother(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		for i := range 5 {
			a, b := ada, bob
			if i%2 == 1 {
				a, b = bob, ada
			}
			from, to := talk(a, b)
			time.Sleep(time.Duration(i) * time.Second)
			if a.media.session().received(AudioFrame) == 0 && i > 0 {
				t.Errorf("no sound in call %d", i+1)
			}
			to.HangUp()
			to.ended(Hangup, time.Second)
			from.ended(Hangup, time.Second)
		}
		if n := len(ada.media.sessions); n != 5 {
			t.Errorf("%d media sessions", n)
		}
	})
}

func TestHowCallsEndUnanswered(t *testing.T) {
	for _, tc := range []struct {
		name     string
		ring     time.Duration
		do       func(from, to *follower)
		from, to Reason
		limit    time.Duration
	}{
		{"declined", time.Second, func(_, to *follower) { to.HangUp() }, Declined, Declined, time.Second},
		{"cancelled", time.Second, func(from, _ *follower) { from.HangUp() }, Cancelled, Cancelled, time.Second},
		{"not answered", 0, func(_, _ *follower) {}, NoAnswer, NoAnswer, ringFor + time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				ada, bob := w.newPhone("ada"), w.newPhone("bob")
				from := ada.dial(bob.host, "bob")
				to := bob.rings(time.Second)
				time.Sleep(tc.ring)
				tc.do(from, to)
				from.ended(tc.from, tc.limit)
				to.ended(tc.to, tc.limit)
				if ada.media.session() != nil || bob.media.session() != nil {
					t.Error("media was opened")
				}
				talk(bob, ada) // and all is as before
			})
		})
	}
}

func TestACancelWhileTheSessionOpensStopsTheRinging(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		for wait := time.Duration(0); wait < 120*time.Millisecond; wait += 7 * time.Millisecond {
			from := ada.dial(bob.host, "bob")
			time.Sleep(wait)
			from.HangUp()
			from.ended(Cancelled, time.Second)
			time.Sleep(5 * time.Second)
			ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
			if c, err := bob.agent.NextIncoming(ctx); err == nil && c.Status().State != Ended {
				t.Errorf("still rings after a cancel at %v", wait)
			}
			cancel()
		}
	})
}

func TestResolversErrors(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want Reason
	}{
		{idmanager.ErrUnknownName, UnknownName},
		{idmanager.ErrOffline, Offline},
		{flash.ErrNotConnected, ServiceUnreachable},
		{errors.New("the directory is on fire"), ServiceUnreachable},
	} {
		t.Run(string(tc.want), func(t *testing.T) {
			inWorld(t, func(w *world) {
				ada := w.newPhone("ada")
				f := ada.dialBy("nobody", func(context.Context) (Target, error) { return Target{}, tc.err })
				f.ended(tc.want, time.Second)
				if f.Status().Detail == "" {
					t.Error("no word on what was tried")
				}
			})
		})
	}
}

func TestAHangingResolverIsCancelledByHangUp(t *testing.T) {
	inWorld(t, func(w *world) {
		ada := w.newPhone("ada")
		f := ada.dialBy("bob", func(ctx context.Context) (Target, error) {
			<-ctx.Done()
			return Target{}, ctx.Err()
		})
		time.Sleep(time.Second)
		f.HangUp()
		f.ended(Cancelled, time.Second)
		<-f.Done()
	})
}

func TestWithNeitherServiceNorAddressesTheServiceIsUnreachable(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		f := ada.dialBy("bob", func(context.Context) (Target, error) {
			return Target{Conn: ada.nc, PeerID: bob.id}, nil
		})
		f.ended(ServiceUnreachable, 2*time.Second)
	})
}

func TestNobodyAtTheAddressIsNoPath(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		w.setDead(bob.host, true)
		f := ada.dial(bob.host, "bob")
		if d := f.ended(NoPath, 25*time.Second); d < 15*time.Second || d > 20*time.Second {
			t.Errorf("after %v", d)
		}
		if !strings.Contains(f.Status().Detail, bob.addr.String()) {
			t.Errorf("detail %q", f.Status().Detail)
		}
	})
}

func TestCloseEndsTheCallOnBothSides(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		from, to := talk(ada, bob)
		if err := ada.agent.Close(); err != nil {
			t.Fatal(err)
		}
		if from.Status().State != Ended || !ada.media.session().tally().closed {
			t.Error("Close did not wait")
		}
		to.ended(Hangup, time.Second)
		if _, err := ada.agent.Dial("bob", ada.at(bob.host)); !errors.Is(err, ErrClosed) {
			t.Errorf("a call after Close: %v", err)
		}
		if _, err := ada.agent.NextIncoming(context.Background()); !errors.Is(err, ErrClosed) {
			t.Errorf("ringing after Close: %v", err)
		}
	})
}

func TestDetachEndsTheCallsOverTheConnection(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		from, to := talk(ada, bob)
		ada.agent.Detach(ada.nc)
		if from.Status().State != Ended {
			t.Error("the call goes on")
		}
		to.ended(Hangup, time.Second)
		ada.agent.Attach(ada.nc, nil)
		talk(bob, ada)
	})
}

func TestRegisteredNameTakesThePlaceOfTheTypedOne(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada"), w.newPhone("Bob")
		for registered, want := range map[string]string{"Bob Miller": "Bob Miller", "Bob\n Miller": "Bob Miller", "": "bob miller"} {
			from := ada.dialBy("bob miller", func(ctx context.Context) (Target, error) {
				target, err := ada.host.at(bob.host)(ctx)
				target.Name = registered
				return target, err
			})
			to := bob.rings(time.Second)
			if from.Name() != want {
				t.Errorf("registered as %q: the call is with %q", registered, from.Name())
			}
			to.HangUp()
			from.ended(Declined, time.Second)
			<-to.Done()
		}
	})
}
