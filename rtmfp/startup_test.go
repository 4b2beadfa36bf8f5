package rtmfp

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// A session opens in a few seconds even where a third of all packets is lost.
func TestOpeningUnderHeavyLoss(t *testing.T) {
	for _, c := range []struct{ loss, median, most float64 }{ // seconds
		{0, 0.05, 0.05}, {0.1, 0.3, 1}, {0.25, 1, 3}, {0.33, 1.5, 5}, {0.4, 2, 8},
	} {
		t.Run(fmt.Sprint(c.loss), func(t *testing.T) {
			var took []float64
			for seed := range uint64(40) {
				synctest.Test(t, func(t *testing.T) {
					w := newSeededWorld(t, seed, vnet.Link{Latency: 10 * time.Millisecond, Loss: c.loss})
					a, b := w.node("a", addrA), w.node("b", addrB)
					start := time.Now()
					if _, err := a.Dial(w.ctx(time.Minute), b.profile.epd(), addrB); err == nil {
						_, _ = b.Accept(w.ctx(10 * time.Second))
					}
					took = append(took, time.Since(start).Seconds())
				})
			}
			slices.Sort(took)
			median, most, worst := took[len(took)/2], took[len(took)*9/10], took[len(took)-1]
			t.Logf("median %.2f s, 90 %% %.2f s, worst %.2f s", median, most, worst)
			if median > c.median || most > c.most {
				t.Errorf("median %.2f s, 90 %% %.2f s; want %v, %v", median, most, c.median, c.most)
			}
		})
	}
}

// Certificates that fit no packet travel in fragments, both ways, also when some of those are lost.
func TestLargeCertificates(t *testing.T) {
	for _, loss := range []float64{0, 0.1} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond, Loss: loss})
			name := strings.Repeat("x", 255)
			a, b := w.node(name, addrA, withLongCertificate), w.node(name, addrB, withLongCertificate)
			longest := 0
			w.net.SetFilter(func(p vnet.Packet) bool { longest = max(longest, len(p.Data)); return true })
			near, far := w.connect(a, b)
			w.flow(near, far, FlowOptions{})
			w.net.SetFilter(nil)
			if longest > sessionIDSize+basePacket+28 {
				t.Errorf("a packet of %d bytes", longest)
			}
			if !slices.Equal(near.FarCertificate().Bytes(), b.profile.certificate) {
				t.Error("another certificate")
			}
		})
	}
}

// withLongCertificate gives the identity the longest certificate that is allowed.
func withLongCertificate(c *Config) {
	p := c.Crypto.(*testProfile)
	p.certificate = append(p.certificate, make([]byte, maxCertificate-len(p.certificate))...)
}

func TestCertificateBeyondAllMeasure(t *testing.T) {
	p := newTestProfile("a")
	p.certificate = append(p.certificate, make([]byte, maxCertificate)...)
	if _, err := NewEndpoint(deadConn{make(chan struct{})}, Config{Crypto: p}); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
}

// Two Dials at once by different discriminators that one identity answers make one session.
func TestTwoDiscriminatorsOfOneIdentity(t *testing.T) {
	for _, offset := range []time.Duration{0, 5 * time.Millisecond, 15 * time.Millisecond, 25 * time.Millisecond, 35 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
			a, b := w.node("a", addrA), w.node("b", addrB)
			first := make(chan *Session)
			go func() {
				s, err := a.Dial(w.ctx(5*time.Second), []byte("Ab"), addrB)
				if err != nil {
					t.Error(err)
				}
				first <- s
			}()
			time.Sleep(offset)
			second, err := a.Dial(w.ctx(5*time.Second), b.profile.epd(), addrB)
			if s := <-first; s != second || err != nil {
				t.Errorf("after %v: sessions %p and %p, %v", offset, s, second, err)
			}
			time.Sleep(time.Second)
			if second.Err() != nil || live(a) != 1 || live(b) != 1 {
				t.Errorf("after %v: %v; %d and %d sessions", offset, second.Err(), live(a), live(b))
			}
		})
	}
}

// Of several candidates the one that answers first is taken, and dead ones cost nothing (RFC 7016 §3.5.1.7).
func TestManyCandidates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 50 * time.Millisecond})
		w.net.SetLink(addrA.Addr(), addrC.Addr(), vnet.Link{Latency: 5 * time.Millisecond})
		w.net.SetLink(addrC.Addr(), addrA.Addr(), vnet.Link{Latency: 5 * time.Millisecond})
		a := w.node("a", addrA)
		w.node("site", addrB)
		w.node("site", addrC)
		var candidates []netip.AddrPort
		for i := range uint16(10) {
			candidates = append(candidates, netip.AddrPortFrom(netip.MustParseAddr("203.0.113.1"), 1000+i)) // nobody is there
		}
		start := time.Now()
		s, err := a.Dial(w.ctx(time.Second), []byte("Asite"), append(candidates, addrB, addrC)...)
		if err != nil {
			t.Fatal(err)
		}
		if d := time.Since(start); s.FarAddr() != addrC || d > 25*time.Millisecond {
			t.Errorf("session with %v after %v", s.FarAddr(), d)
		}
	})
}
