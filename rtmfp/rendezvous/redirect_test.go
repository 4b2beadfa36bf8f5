package rendezvous

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

var secondAddr = ap("192.0.2.77:1935")

// second starts another instance.
func (w world) second() *Service {
	w.t.Helper()
	conn, err := w.net.Listen(secondAddr)
	if err != nil {
		w.t.Fatal(err)
	}
	s, err := New(conn, Config{})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestDrainedServiceSendsClientsOn(t *testing.T) {
	inWorld(t, func(w world) {
		second := w.second()
		ann := w.connected("198.51.100.1:5000")
		w.service.Drain(secondAddr)
		bob := w.connected("198.51.100.2:5000")
		if got := bob.session.FarAddr(); got != secondAddr {
			t.Errorf("a new client is served by %v", got)
		}
		if got := w.service.Stats(); got.Clients != 1 || got.Redirected != 1 || second.Stats().Clients != 1 {
			t.Errorf("stats %+v and %+v", got, second.Stats())
		}
		if ann.ended(time.Minute) {
			t.Error("a client that was there before has lost its session")
		}
		w.service.Drain()
		if got := w.connected("198.51.100.3:5000").session.FarAddr(); got != serviceAddr {
			t.Errorf("after the draining a client is served by %v", got)
		}
	})
}

// One that asks for just this instance, by its fingerprint, gets it.
func TestDrainedServiceIsStillItself(t *testing.T) {
	inWorld(t, func(w world) {
		ann := w.phone("198.51.100.1:5000")
		own := ann.session.FarCertificate().Fingerprint()
		w.service.Drain(secondAddr)
		conn, err := w.net.Listen(ap("198.51.100.2:5000"))
		if err != nil {
			t.Fatal(err)
		}
		endpoint, err := rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: w.identity()})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = endpoint.Close() }()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if _, err := endpoint.Dial(ctx, flashcrypto.Fingerprint(own).EPD(), serviceAddr); err != nil {
			t.Error(err)
		}
	})
}

func TestLoadIsBalanced(t *testing.T) {
	inWorld(t, func(w world) {
		w.second()
		asked := 0
		w.service.cfg.Redirect = func(netip.AddrPort) []netip.AddrPort {
			if asked++; asked%2 == 0 {
				return []netip.AddrPort{secondAddr}
			}
			return nil
		}
		served := map[netip.AddrPort]int{}
		for i := range 6 {
			p := w.connected(netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, byte(i + 1)}), 5000).String())
			served[p.session.FarAddr()]++
		}
		if served[serviceAddr] != 3 || served[secondAddr] != 3 {
			t.Errorf("served: %v", served)
		}
	})
}
