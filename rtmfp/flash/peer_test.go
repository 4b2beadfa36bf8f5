package flash

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"testing"
	"time"

	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

func TestPeersKnowEachOther(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a, b, ab, ba := w.pair()
		if ab.ID() != b.NearID() || ba.ID() != a.NearID() || ab.Inbound() || !ba.Inbound() {
			t.Error("wrong IDs or directions")
		}
		if string(ab.Session().NearNonce()) != string(ba.Session().FarNonce()) {
			t.Error("nonces differ")
		}
		if p, err := b.OpenPeer(w.soon(), a.NearID()); err != nil || p != ba {
			t.Errorf("OpenPeer after AcceptPeer: %p, %v; want the same", p, err)
		}
		if _, err := a.OpenPeer(w.soon(), a.NearID()); !errors.Is(err, ErrOwnID) {
			t.Errorf("ourselves: %v", err)
		}
	})
}

func TestOpenPeerIsShared(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a, b := w.phone(), w.phone()
		peers := make(chan *Peer, 3)
		for range 3 {
			go func() {
				p, err := a.OpenPeer(w.t.Context(), b.NearID(), b.LocalAddr())
				if err != nil {
					t.Error(err)
				}
				peers <- p
			}()
		}
		first := <-peers
		if first == nil || <-peers != first || <-peers != first {
			t.Error("callers got different peers")
		}
	})
}

func TestAWaiterThatLeavesDoesNotEndTheDial(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a, b := w.phone(), w.phone()
		ctx, cancel := context.WithCancel(t.Context())
		left := make(chan error, 1)
		go func() {
			_, err := a.OpenPeer(ctx, b.NearID(), b.LocalAddr())
			left <- err
		}()
		time.Sleep(time.Millisecond)
		stayed := make(chan error, 1)
		go func() {
			_, err := a.OpenPeer(w.t.Context(), b.NearID(), b.LocalAddr())
			stayed <- err
		}()
		time.Sleep(time.Millisecond)
		cancel()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("who left got %v", err)
		}
		if err := <-stayed; err != nil {
			t.Errorf("who stayed got %v", err)
		}
	})
}

func TestGlareMakesOnePeer(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a, b := w.phone(), w.phone()
		var wg sync.WaitGroup
		var ab, ba *Peer
		wg.Go(func() { ab, _ = a.OpenPeer(w.t.Context(), b.NearID(), b.LocalAddr()) })
		wg.Go(func() { ba, _ = b.OpenPeer(w.t.Context(), a.NearID(), a.LocalAddr()) })
		wg.Wait()
		if ab == nil || ba == nil || ab.Inbound() == ba.Inbound() {
			t.Fatalf("%+v and %+v", ab, ba)
		}
		w.noPeer(a)
		w.noPeer(b)
		if !ab.alive() || !ba.alive() || len(a.Peers()) != 1 || len(b.Peers()) != 1 {
			t.Error("there must be one live session")
		}
	})
}

func TestASessionFromThePeerEndsTheSearchForIt(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a, b := w.phone(), w.phone()
		found := make(chan *Peer, 1)
		go func() { // nobody is at this address
			p, err := a.OpenPeer(w.t.Context(), b.NearID(), netip.MustParseAddrPort("203.0.113.7:1"))
			if err != nil {
				t.Error(err)
			}
			found <- p
		}()
		time.Sleep(5 * time.Second)
		w.open(b, a)
		select {
		case p := <-found:
			if p == nil || p.ID() != b.NearID() {
				t.Error("found somebody else")
			}
		case <-time.After(time.Second):
			t.Error("OpenPeer goes on searching for a peer whose session is open")
		}
		w.noPeer(a)
	})
}

func TestOpenPeerTakesASessionThatWaitsForAcceptance(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a, b := w.phone(), w.phone()
		w.open(a, b)
		time.Sleep(time.Second)
		if p, err := b.OpenPeer(w.soon(), a.NearID()); err != nil || !p.Inbound() {
			t.Errorf("%+v, %v", p, err)
		}
		w.noPeer(b)
	})
}

// noPeer fails if AcceptPeer returns one within five seconds.
func (w *world) noPeer(nc *NetConnection) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 5*time.Second)
	defer cancel()
	if p, err := nc.AcceptPeer(ctx); err == nil {
		w.t.Errorf("AcceptPeer returned %p, which OpenPeer had returned", p)
	}
}

func TestMaxPeerConnections(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		hub := w.phone(func(c *Config) { c.MaxPeerConnections = 2 })
		one, two, three := w.phone(), w.phone(), w.phone()
		out := w.open(hub, one)
		w.open(two, hub)
		time.Sleep(time.Second)
		if _, err := hub.OpenPeer(w.soon(), three.NearID(), three.LocalAddr()); !errors.Is(err, ErrTooManyPeers) {
			t.Errorf("a third, out: %v", err)
		}
		p, err := three.OpenPeer(w.soon(), hub.NearID(), hub.LocalAddr())
		if err == nil {
			select {
			case <-p.Session().Done():
			case <-time.After(time.Second):
				t.Error("a third, in, stayed open")
			}
		}
		hub.SetMaxPeerConnections(1)
		time.Sleep(time.Minute)
		if len(hub.Peers()) != 2 {
			t.Errorf("lowering the bound left %d of 2 peers", len(hub.Peers()))
		}
		if p, err := hub.OpenPeer(w.soon(), one.NearID()); err != nil || p != out {
			t.Errorf("a peer that is open already: %v", err)
		}
		hub.SetMaxPeerConnections(2)
		_ = out.Close()
		w.open(hub, three)
	})
}

func TestAClosedPeerMayBeOpenedAgain(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a, b, ab, ba := w.pair()
		if err := ab.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := ba.AcceptFlow(w.soon()); err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waiting for a flow of a closed peer: %v", err)
		}
		if _, err := ab.Play("x"); err == nil {
			t.Error("a closed peer plays")
		}
		time.Sleep(time.Second)
		if p := w.open(a, b); p == ab || !p.alive() {
			t.Error("the dead peer came back")
		}
	})
}

func TestAPeerThatWasForgottenMayComeBack(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a, b, ab, ba := w.pair()
		stream, _ := w.playing(b, ab)
		w.net.SetFilter(func(vnet.Packet) bool { return false }) // b does not learn that a closes
		_ = ab.Close()
		time.Sleep(time.Second)
		w.net.SetFilter(nil)
		again := w.open(a, b)
		back, err := b.AcceptPeer(w.soon())
		if err != nil || back == ba || back.ID() != a.NearID() {
			t.Fatalf("%p, %v", back, err)
		}
		play, err := again.Play("s")
		if err != nil {
			t.Fatal(err)
		}
		w.begin(play)
		if subs := stream.PeerStreams(); len(subs) != 1 || subs[0].Peer() != back || ba.alive() || len(b.Peers()) != 1 {
			t.Errorf("%d subscribers, the old peer alive: %v, %d peers", len(subs), ba.alive(), len(b.Peers()))
		}
	})
}

func TestServersAreNoPeers(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		nc := w.phone()
		e, _ := w.endpoint("203.0.113.1:1935", flashcrypto.Options{Server: true}, nil)
		defer func() { _ = e.Close() }()
		s, err := e.Dial(w.soon(), nc.NearID().EPD(), nc.LocalAddr())
		if err != nil {
			t.Fatal(err)
		}
		select {
		case <-s.Done():
		case <-time.After(5 * time.Second):
			t.Error("a session with a certificate that proves nothing stayed open")
		}
		if len(nc.Peers()) != 0 {
			t.Error("it became a peer")
		}
	})
}

func TestSilentPeersEnd(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		_, b, ab, _ := w.pair()
		play, err := ab.Play("media")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		w.net.SetFilter(func(vnet.Packet) bool { return false })
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		if _, err := play.Read(ctx); !errors.Is(err, rtmfp.ErrTimeout) {
			t.Errorf("the stream of a silent peer: %v", err)
		}
		select {
		case <-b.ctx.Done():
		case <-time.After(10 * time.Minute):
		}
		if len(b.Peers()) != 0 || len(b.UnconnectedPeerStreams()) != 0 {
			t.Errorf("the other side keeps %d peers, %d plays", len(b.Peers()), len(b.UnconnectedPeerStreams()))
		}
	})
}

func TestOtherFlowsGoToTheirUser(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		_, _, ab, ba := w.pair()
		signal, err := ab.Session().OpenFlow([]byte("SD signal"), rtmfp.FlowOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := signal.Write(w.soon(), []byte("hello"), rtmfp.MessageOptions{}); err != nil {
			t.Fatal(err)
		}
		f, err := ba.AcceptFlow(w.soon())
		if err != nil || string(f.Metadata()) != "SD signal" {
			t.Fatalf("%v", err)
		}
		if m, err := f.Read(w.soon()); err != nil || string(m) != "hello" {
			t.Errorf("%q, %v", m, err)
		}
		var flows []*rtmfp.SendFlow
		for range maxFlowBacklog + 4 {
			f, err := ab.Session().OpenFlow([]byte("SD more"), rtmfp.FlowOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.Write(w.soon(), []byte("x"), rtmfp.MessageOptions{}); err != nil {
				t.Fatal(err)
			}
			flows = append(flows, f)
		}
		time.Sleep(2 * time.Second)
		rejected := 0
		for _, f := range flows {
			var exception *rtmfp.FlowException
			if errors.As(f.Err(), &exception) {
				rejected++
			}
		}
		if rejected != 4 {
			t.Errorf("%d flows beyond the backlog were rejected, want 4", rejected)
		}
	})
}

func TestCloseEndsAllWaits(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a, _, ab, _ := w.pair()
		play, err := ab.Play("media")
		if err != nil {
			t.Fatal(err)
		}
		errs := make(chan error, 6)
		ctx := t.Context()
		go func() { _, err := a.Next(ctx); errs <- err }()
		go func() { _, err := a.AcceptPeer(ctx); errs <- err }()
		go func() { _, err := ab.AcceptFlow(ctx); errs <- err }()
		go func() { _, err := play.Read(ctx); errs <- err }()
		go func() { _, err := a.OpenPeer(ctx, PeerID{9}, netip.MustParseAddrPort("203.0.113.7:1")); errs <- err }()
		go func() { errs <- a.Connect(ctx, "rtmfp://203.0.113.8") }()
		time.Sleep(time.Second)
		if err := a.Close(); err != nil {
			t.Error(err)
		}
		for range cap(errs) {
			if err := <-errs; err == nil {
				t.Error("a wait ended without an error")
			}
		}
		if _, err := a.Publish("x", nil); !errors.Is(err, rtmfp.ErrClosed) {
			t.Errorf("Publish: %v", err)
		}
		if err := a.Connect(ctx, "rtmfp://203.0.113.8"); !errors.Is(err, rtmfp.ErrClosed) {
			t.Errorf("Connect: %v", err)
		}
		if err := a.Close(); err != nil {
			t.Errorf("closing twice: %v", err)
		}
	})
}
