package mesh

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
	"sundog.dev/sundog/rtmfp/rendezvous"
)

// serve starts an introduction service.
func (w *world) serve() *rendezvous.Service { return w.serveWith(rendezvous.Config{}) }

func (w *world) serveWith(cfg rendezvous.Config) *rendezvous.Service {
	w.t.Helper()
	conn, err := w.net.Listen(netip.MustParseAddrPort("192.0.2.200:1935"))
	if err != nil {
		w.t.Fatal(err)
	}
	s, err := rendezvous.New(conn, cfg)
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
		from.ended(NoPath, time.Second) // and not Declined
		if ada.media.session() != nil {
			t.Error("the caller opened media on a relayed word")
		}
	})
}

func TestAnOldClientIsNotCalled(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, flash := w.newPhone("ada"), w.newHost(flashcrypto.Options{OldClients: true})
		ada.dialBy("flash", ada.at(flash)).ended(TooOld, 5*time.Second)
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
