package rtmfp

import (
	"errors"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// An endpoint can send those who want it on to others of its kind, some or all of them.
func TestRedirectOnward(t *testing.T) {
	for _, c := range []struct {
		name      string
		redirects func(from netip.AddrPort) []Address
		reaches   string // whom a reaches that dials "server" at b's address
	}{
		{"nobody is redirected", func(netip.AddrPort) []Address { return nil }, "b"},
		{"everybody is", func(netip.AddrPort) []Address { return []Address{{addrC, OriginRelay}} }, "c"},
		{"only others are", func(from netip.AddrPort) []Address {
			if from == addrA {
				return nil
			}
			return []Address{{addrC, OriginRelay}}
		}, "b"},
		{"to nowhere and to c", func(netip.AddrPort) []Address {
			return []Address{{netip.MustParseAddrPort("192.0.2.99:9"), OriginRelay}, {addrC, OriginRelay}}
		}, "c"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
				a := w.node("a", addrA)
				instances := map[string]*node{
					"b": w.node("server", addrB, func(cfg *Config) {
						cfg.Redirect = func(_ []byte, from netip.AddrPort) []Address { return c.redirects(from) }
					}),
					"c": w.node("server", addrC),
				}
				start := time.Now()
				s, err := a.Dial(w.ctx(10*time.Second), []byte("Aserver"), addrB)
				if err != nil {
					t.Fatal(err)
				}
				if want := instances[c.reaches].LocalAddr(); s.FarAddr() != want {
					t.Errorf("reached %v, want %v", s.FarAddr(), want)
				}
				if d := time.Since(start); d > 100*time.Millisecond {
					t.Errorf("it took %v", d)
				}
			})
		})
	}
}

// Two endpoints that redirect to each other make nobody run in circles for ever, nor send more than a Dial alone does.
func TestRedirectInCircles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		sent := 0
		w.net.SetFilter(func(p vnet.Packet) bool {
			if p.From == addrA {
				sent++
			}
			return true
		})
		a := w.node("a", addrA)
		to := func(addr netip.AddrPort) func(*Config) {
			return func(cfg *Config) {
				cfg.Redirect = func([]byte, netip.AddrPort) []Address { return []Address{{addr, OriginRelay}} }
			}
		}
		w.node("server", addrB, to(addrC))
		w.node("server", addrC, to(addrB))
		if _, err := a.Dial(w.ctx(200*time.Second), []byte("Aserver"), addrB); !errors.Is(err, ErrNoAnswer) {
			t.Errorf("error %v", err)
		}
		if sent > 43 { // two schedules of IHellos for 95 s
			t.Errorf("%d packets", sent)
		}
	})
}
