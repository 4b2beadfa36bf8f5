package mesh

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/rendezvous"
)

// serve starts an introduction service.
func (w *world) serve() *rendezvous.Service {
	w.t.Helper()
	conn, err := w.net.Listen(netip.MustParseAddrPort("192.0.2.200:1935"))
	if err != nil {
		w.t.Fatal(err)
	}
	s, err := rendezvous.New(conn, rendezvous.Config{})
	if err != nil {
		w.t.Fatal(err)
	}
	w.atEnd(func() { _ = s.Close() })
	return s
}

// register connects hosts to the service.
func register(hosts ...*host) {
	for _, h := range hosts {
		h.w.t.Helper()
		if err := h.nc.Connect(context.Background(), "rtmfp://192.0.2.200/"); err != nil {
			h.w.t.Fatal(err)
		}
	}
}

// introduced resolves to another host by the service alone.
func (h *host) introduced(other *host) Resolver {
	return func(context.Context) (Target, error) { return Target{Conn: h.nc, PeerID: other.id}, nil }
}

func TestACallThroughTheService(t *testing.T) {
	inWorld(t, func(w *world) {
		w.serve()
		ada, echo := w.newPhone("ada"), w.newPhone("echo", autoAccept)
		register(ada.host, echo.host)
		f := ada.dialBy("echo", ada.introduced(echo.host))
		if d := f.state(InCall, 2*time.Second); d > time.Second {
			t.Errorf("took %v", d)
		}
		time.Sleep(3 * time.Second)
		if ada.media.session().received(VideoFrame) < 50 || echo.media.session().received(VideoFrame) < 50 {
			t.Error("no pictures")
		}
		f.HangUp()
		f.ended(Hangup, time.Second)
		f = ada.dialBy("echo", ada.introduced(echo.host))
		f.state(InCall, 2*time.Second)
	})
}

func TestBothCallEachOtherThroughTheService(t *testing.T) {
	for _, apart := range []time.Duration{0, 5 * time.Millisecond, 15 * time.Millisecond, 30 * time.Millisecond, 60 * time.Millisecond} {
		t.Run(apart.String(), func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.serve()
				ada, bob := w.newPhone("ada"), w.newPhone("bob")
				register(ada.host, bob.host)
				one := ada.dialBy("bob", ada.introduced(bob.host))
				time.Sleep(apart)
				two := bob.dialBy("ada", bob.introduced(ada.host))
				one.state(InCall, 5*time.Second)
				two.state(InCall, 5*time.Second)
				ada.quiet(4 * time.Second)
				bob.quiet(4 * time.Second)
				if one.Status().State != InCall || two.Status().State != InCall {
					t.Error("and then it broke")
				}
			})
		})
	}
}

func TestACallSurvivesTheService(t *testing.T) {
	inWorld(t, func(w *world) {
		service := w.serve()
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		register(ada.host, bob.host)
		from := ada.dialBy("bob", ada.introduced(bob.host))
		to := bob.rings(2 * time.Second)
		if err := to.Accept(); err != nil {
			t.Fatal(err)
		}
		from.state(InCall, 2*time.Second)
		_ = service.Close()
		time.Sleep(time.Minute)
		if from.Status().State != InCall || to.Status().State != InCall {
			t.Fatalf("%s and %s", from.Status().State, to.Status().State)
		}
		for _, f := range []*follower{from, to} {
			for _, s := range f.states() {
				if s == Reconnecting {
					t.Error("the call was disturbed")
				}
			}
		}
		from.HangUp()
		to.ended(Hangup, time.Second)
	})
}

func TestACallerWhomWeCannotReachRingsWithoutProof(t *testing.T) {
	inWorld(t, func(w *world) {
		w.serve()
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		register(ada.host, bob.host)
		w.setApart(ada.host, bob.host, true)
		began := time.Now()
		from := ada.dialBy("bob", ada.introduced(bob.host))
		to := bob.rings(5 * time.Second)
		if d := time.Since(began); d < 3*time.Second || d > 3500*time.Millisecond {
			t.Errorf("rings after %v", d)
		}
		if to.Proved() || to.Name() != "ada" {
			t.Errorf("proved %v, name %q", to.Proved(), to.Name())
		}
		time.Sleep(time.Second)
		w.setApart(ada.host, bob.host, false)
		for end := time.Now().Add(10 * time.Second); !to.Proved() && time.Now().Before(end); {
			time.Sleep(tick)
		}
		if !to.Proved() {
			t.Fatal("not proved when the path is there")
		}
		time.Sleep(time.Second)
		if err := to.Accept(); err != nil {
			t.Fatal(err)
		}
		from.state(InCall, 2*time.Second)
		to.state(InCall, 2*time.Second)
	})
}

func TestAcceptedWithoutAPathIsNoPath(t *testing.T) {
	inWorld(t, func(w *world) {
		w.serve()
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		register(ada.host, bob.host)
		w.setApart(ada.host, bob.host, true)
		from := ada.dialBy("bob", ada.introduced(bob.host))
		to := bob.rings(5 * time.Second)
		if err := to.Accept(); err != nil {
			t.Fatal(err)
		}
		to.ended(NoPath, 30*time.Second)
		s := from.await("the end", 70*time.Second, func(e Event) bool {
			c, ok := e.(StateChanged)
			return ok && c.Status.State == Ended
		})
		if r := s.ev.(StateChanged).Status.Reason; r == Hangup {
			t.Errorf("the caller's call ended as %q", r)
		}
		if ada.media.session() != nil {
			t.Error("the caller opened media on a relayed word")
		}
	})
}

func TestAForgedInviteByTheServiceDoesNotRing(t *testing.T) {
	inWorld(t, func(w *world) {
		w.serve()
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		register(ada.host, bob.host)
		bob.agent.relayed(bob.agent.attached[bob.nc], relayed{from: ada.id, action: sigInvite, name: "ada"})
		bob.quiet(10 * time.Second) // ada's own session knows of no call
	})
}

func TestRelayedInvitesOfManyStrangersAreBounded(t *testing.T) {
	inWorld(t, func(w *world) {
		w.serve()
		bob := w.newPhone("bob")
		register(bob.host)
		at := bob.agent.attached[bob.nc]
		for i := range 100 {
			bob.agent.relayed(at, relayed{from: flash.PeerID{1, byte(i)}, action: sigInvite, name: "spam"})
		}
		time.Sleep(time.Second)
		bob.agent.mu.Lock()
		n := len(at.wakes)
		bob.agent.mu.Unlock()
		if n > maxWakes {
			t.Errorf("%d wakes", n)
		}
		f := bob.rings(5 * time.Second)
		f.ended(NoAnswer, time.Minute)
	})
}

// oldClient is a client that knows the relay and streams alone.
type oldClient struct{ *puppet }

func (w *world) newOldClient() *oldClient {
	o := &oldClient{puppet: w.newPuppet()}
	register(o.host)
	go func() {
		for {
			ev, err := o.nc.Next(context.Background())
			if err != nil {
				return
			}
			if inv, ok := ev.(flash.Invocation); ok {
				if r, ok := parseRelayed(inv); ok {
					o.mu.Lock()
					o.relayed = append(o.relayed, r)
					o.mu.Unlock()
				}
			}
		}
	}()
	return o
}

func (o *oldClient) relay(to *host, action signalKind) {
	o.w.t.Helper()
	if err := relay(o.nc, to.id, action, "old"); err != nil {
		o.w.t.Fatal(err)
	}
}

// told waits for a relayed action.
func (o *oldClient) told(action signalKind, limit time.Duration) {
	o.w.t.Helper()
	for end := time.Now().Add(limit); ; time.Sleep(10 * time.Millisecond) {
		o.mu.Lock()
		for _, r := range o.relayed {
			if r.action == action {
				o.mu.Unlock()
				return
			}
		}
		o.mu.Unlock()
		if time.Now().After(end) {
			o.w.t.Fatalf("no %s within %v", action, limit)
		}
	}
}

// takePeer takes a session that a phone has opened, and rejects its unknown flows, as Flash does.
func (o *oldClient) takePeer(limit time.Duration) {
	o.w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	peer, err := o.nc.AcceptPeer(ctx)
	if err != nil {
		o.w.t.Fatal(err)
	}
	o.peer = peer
	go func() {
		for {
			f, err := peer.AcceptFlow(context.Background())
			if err != nil {
				return
			}
			f.Reject(0)
		}
	}()
}

func TestAnOldClientIsCalled(t *testing.T) {
	inWorld(t, func(w *world) {
		w.serve()
		ada := w.newPhone("ada")
		register(ada.host)
		old := w.newOldClient()
		f := ada.dialBy("old", ada.introduced(old.host))
		old.told(sigInvite, time.Second)
		old.takePeer(2 * time.Second)
		s := old.plays(callerStream)
		_ = s.ReceiveAudio(false)
		_ = s.ReceiveVideo(false)
		time.Sleep(3 * time.Second)
		if ada.media.session() != nil {
			t.Error("media before the accept")
		}
		_ = s.ReceiveAudio(true)
		_ = s.ReceiveVideo(true)
		old.blasts(calleeStream)
		old.relay(ada.host, sigAccept)
		f.state(InCall, 3*time.Second)
		time.Sleep(2 * time.Second)
		if old.mediaSoFar() < 50 || ada.media.session().received(AudioFrame) < 50 {
			t.Errorf("%d out, %d in", old.mediaSoFar(), ada.media.session().received(AudioFrame))
		}
		old.relay(ada.host, sigBye)
		f.ended(Hangup, time.Second)
		old.told(sigOK, time.Second)
	})
}

func TestAnOldClientCalls(t *testing.T) {
	inWorld(t, func(w *world) {
		w.serve()
		bob := w.newPhone("bob")
		register(bob.host)
		old := w.newOldClient()
		old.blasts(callerStream)
		old.relay(bob.host, sigInvite)
		old.takePeer(2 * time.Second)
		old.plays(calleeStream)
		f := bob.rings(5 * time.Second)
		if !f.Proved() || f.Name() != "old" {
			t.Errorf("proved %v, name %q", f.Proved(), f.Name())
		}
		time.Sleep(time.Second)
		if bob.media.session() != nil || old.mediaSoFar() > 0 {
			t.Error("media before the accept")
		}
		if err := f.Accept(); err != nil {
			t.Fatal(err)
		}
		old.told(sigAccept, time.Second)
		f.state(InCall, 3*time.Second)
		time.Sleep(2 * time.Second)
		if err := f.SendChat("good old times"); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second)
		old.mu.Lock()
		if len(old.chat) != 1 || old.chat[0] != "good old times" {
			t.Errorf("chat %q", old.chat)
		}
		old.mu.Unlock()
		if old.mediaSoFar() < 50 || bob.media.session().received(VideoFrame) < 50 {
			t.Errorf("%d out, %d in", old.mediaSoFar(), bob.media.session().received(VideoFrame))
		}
		f.HangUp()
		old.told(sigBye, time.Second)
	})
}

func TestAnOldClientRejectsAndCancels(t *testing.T) {
	inWorld(t, func(w *world) {
		w.serve()
		ada := w.newPhone("ada")
		register(ada.host)
		old := w.newOldClient()
		f := ada.dialBy("old", ada.introduced(old.host))
		old.told(sigInvite, time.Second)
		old.takePeer(2 * time.Second)
		time.Sleep(3 * time.Second)
		old.relay(ada.host, sigReject)
		f.ended(Declined, time.Second)

		old.relay(ada.host, sigInvite)
		g := ada.rings(6 * time.Second)
		old.relay(ada.host, sigCancel)
		g.ended(Cancelled, time.Second)
		old.told(sigOK, time.Second)
	})
}

func TestABusyPhoneRejectsAnOldClient(t *testing.T) {
	inWorld(t, func(w *world) {
		w.serve()
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		register(ada.host, bob.host)
		old := w.newOldClient()
		from, _ := talk(ada, bob)
		old.relay(ada.host, sigInvite)
		old.told(sigReject, 10*time.Second)
		if from.Status().State != InCall {
			t.Error("the call was disturbed")
		}
	})
}
