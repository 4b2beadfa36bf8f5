package mesh

import (
	"testing"
	"time"
)

func TestAKilledPeerIsMissedAndGivenUp(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob, eve := w.newPhone("ada"), w.newPhone("bob"), w.newPhone("eve", autoAccept)
		from, _ := talk(ada, bob)
		time.Sleep(5 * time.Second)
		w.setDead(bob.host, true)
		killed := time.Since(from.began)
		if d := from.state(Reconnecting, 8*time.Second) - killed; d > 7*time.Second || d < 6*time.Second {
			t.Errorf("noticed after %v", d)
		}
		st := from.Status()
		if st.Why == "" || st.Silent < 6*time.Second || st.Silent > 7*time.Second {
			t.Errorf("status %+v", st)
		}
		other := ada.dial(eve.host, "eve") // may be made at once
		other.state(InCall, time.Second)
		time.Sleep(2 * time.Second)
		if n := ada.media.session().received(AudioFrame); n < 80 {
			t.Errorf("the new call got %d frames", n)
		}
		if d := from.ended(PeerLost, 30*time.Second) - killed; d < 29*time.Second || d > 31*time.Second {
			t.Errorf("given up after %v", d)
		}
		if other.Status().State != InCall {
			t.Error("the end of the old call ended the new one")
		}
	})
}

func linkOf(f *follower) *link {
	f.Call.mu.Lock()
	defer f.Call.mu.Unlock()
	return f.first.link
}

func TestHangUpWhileReconnectingIsAtOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		from, _ := talk(ada, bob)
		w.setDead(bob.host, true)
		from.state(Reconnecting, 8*time.Second)
		began := time.Now()
		from.HangUp()
		from.ended(Hangup, time.Second)
		<-from.Done()
		if d := time.Since(began); d > 100*time.Millisecond {
			t.Errorf("took %v", d)
		}
	})
}

func TestALinkThatIsDeadForAWhileComesBack(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		from, to := talk(ada, bob)
		time.Sleep(3 * time.Second)
		w.setApart(ada.host, bob.host, true)
		time.Sleep(10 * time.Second)
		for _, f := range []*follower{from, to} {
			if s := f.Status().State; s != Reconnecting {
				t.Errorf("after 10 s of silence: %s", s)
			}
		}
		w.setApart(ada.host, bob.host, false)
		from.again(InCall, 5*time.Second)
		to.again(InCall, 5*time.Second)
		before := ada.media.session().received(VideoFrame)
		time.Sleep(3 * time.Second)
		if n := ada.media.session().received(VideoFrame) - before; n < 60 {
			t.Errorf("%d pictures in 3 s", n)
		}
		if len(ada.media.sessions) != 1 {
			t.Error("media was opened anew")
		}
		if err := from.SendChat("back again"); err != nil {
			t.Error(err)
		}
		to.hears("ada", "back again", 2*time.Second)
	})
}

func TestACallSurvivesTheLossOfItsSession(t *testing.T) {
	for _, side := range []string{"caller", "callee"} {
		t.Run("closed by the "+side, func(t *testing.T) {
			inWorld(t, func(w *world) {
				ada, bob := w.newPhone("ada"), w.newPhone("bob")
				from, to := talk(ada, bob)
				time.Sleep(2 * time.Second)
				f := from
				if side == "callee" {
					f = to
				}
				_ = linkOf(f).peer.Close()
				from.state(Reconnecting, 3*time.Second)
				from.again(InCall, 5*time.Second)
				to.again(InCall, 5*time.Second)
				time.Sleep(2 * time.Second)
				for _, p := range []*phone{ada, bob} {
					before := p.media.session().received(VideoFrame)
					time.Sleep(2 * time.Second)
					if n := p.media.session().received(VideoFrame) - before; n < 40 {
						t.Errorf("%s: %d pictures in 2 s", p.name, n)
					}
					if len(p.media.sessions) != 1 {
						t.Error("media was opened anew")
					}
				}
				from.HangUp()
				to.ended(Hangup, time.Second)
			})
		})
	}
}

// The callee's last word of the set-up may get lost with the session. The caller then learns it in the next one.
func TestASetUpThatLosesItsSessionAtTheLastWordGoesOn(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		from := ada.dial(bob.host, "bob")
		to := bob.rings(5 * time.Second)
		if err := to.Accept(); err != nil {
			t.Fatal(err)
		}
		from.state(Connecting, 5*time.Second)
		time.Sleep(time.Millisecond) // its ok is on the way
		w.setApart(ada.host, bob.host, true)
		to.state(InCall, 5*time.Second)
		lost := linkOf(to)
		_ = lost.peer.Close()
		for !lost.isDone() {
			time.Sleep(tick)
		}
		if s := from.Status().State; s != Connecting {
			t.Fatalf("the caller is %s already", s)
		}
		w.setApart(ada.host, bob.host, false)
		from.state(InCall, 5*time.Second)
		to.again(InCall, 5*time.Second)
		from.HangUp()
		to.ended(Hangup, time.Second)
	})
}

func TestACallThatComesBackLeavesTheStreamToTheNewerOne(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob, eve := w.newPhone("ada"), w.newPhone("bob"), w.newPhone("eve", autoAccept)
		old, far := talk(ada, bob)
		w.setApart(ada.host, bob.host, true)
		old.state(Reconnecting, 8*time.Second)
		newer := ada.dial(eve.host, "eve")
		newer.state(InCall, 2*time.Second)
		w.setApart(ada.host, bob.host, false)
		old.again(InCall, 5*time.Second)
		far.again(InCall, 5*time.Second)
		time.Sleep(2 * time.Second)
		before := eve.media.session().received(AudioFrame)
		time.Sleep(2 * time.Second)
		if n := eve.media.session().received(AudioFrame) - before; n < 90 {
			t.Errorf("the newer call got %d frames", n)
		}
		newer.HangUp()
		time.Sleep(2 * time.Second)
		before = bob.media.session().received(AudioFrame)
		time.Sleep(2 * time.Second)
		if n := bob.media.session().received(AudioFrame) - before; n < 90 {
			t.Errorf("the older call got %d frames after the newer one's end", n)
		}
	})
}
