package rtmfp

import (
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// guide introduces everybody to one target.
type guide struct {
	target *Session
	also   []Address
	asked  atomic.Int32
}

func (g *guide) Introduce(epd []byte, from netip.AddrPort) (Introduction, bool) {
	g.asked.Add(1)
	if !g.target.FarCertificate().SelectedBy(epd) {
		return Introduction{}, false
	}
	list := append([]Address{{g.target.FarAddr(), OriginObserved}}, g.also...)
	return Introduction{Redirect: list, Forward: g.target}, true
}

func TestIntroduction(t *testing.T) {
	symmetric := vnet.NATConfig{Mapping: vnet.AddressPortDependent, Filtering: vnet.AddressPortDependent}
	restricted := vnet.NATConfig{Filtering: vnet.AddressPortDependent}
	cone := vnet.NATConfig{Filtering: vnet.AddressDependent}
	full := vnet.NATConfig{}
	for _, c := range []struct {
		name              string
		initiator, target *vnet.NATConfig
		forwarded, works  bool
	}{
		{"in the open", nil, nil, true, true},
		{"both behind port-restricted NATs", &restricted, &restricted, true, true},
		{"restricted and cone", &restricted, &cone, true, true},
		{"initiator symmetric, target cone", &symmetric, &cone, true, true},
		{"initiator cone, target symmetric", &full, &symmetric, true, true},
		{"both symmetric", &symmetric, &symmetric, true, false},
		{"target behind a NAT does not listen", &restricted, &restricted, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, vnet.Link{Latency: 15 * time.Millisecond})
				g := &guide{}
				server := w.node("server", addrC, func(cfg *Config) { cfg.Introducer = g })
				host := func(name string, nat *vnet.NATConfig, addr netip.AddrPort, private string) *node {
					if nat == nil {
						return w.node(name, addr)
					}
					conn, err := w.net.NAT(addr.Addr(), *nat).Listen(netip.MustParseAddrPort(private))
					if err != nil {
						t.Fatal(err)
					}
					return w.nodeOn(name, conn)
				}
				a := host("a", c.initiator, addrA, "10.0.0.1:1000")
				b := host("b", c.target, addrB, "10.0.1.1:2000")
				leg, err := b.Dial(w.ctx(10*time.Second), []byte("Aserver"), addrC)
				if err != nil {
					t.Fatal(err)
				}
				leg.SetAcceptForwarded(c.forwarded)
				if g.target, err = server.Accept(w.ctx(time.Second)); err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				near, err := a.Dial(w.ctx(20*time.Second), b.profile.epd(), addrC)
				if !c.works {
					if err == nil {
						t.Fatal("a session came about, against expectation")
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if d := time.Since(start); d > 1200*time.Millisecond {
					t.Errorf("the introduction took %v", d)
				}
				far, err := b.Accept(w.ctx(5 * time.Second))
				if err != nil {
					t.Fatal(err)
				}
				w.flow(near, far, FlowOptions{})
				if near.FarAddr().Addr() != addrB.Addr() {
					t.Errorf("the session goes to %v, not directly", near.FarAddr())
				}
			})
		})
	}
}

// A Redirect without addresses means where it came from; one with too many is cut.
func TestRedirectIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{})
		a := w.node("a", addrA)
		go func() { _, _ = a.Dial(w.ctx(10*time.Second), newTestProfile("b").epd(), addrB) }()
		time.Sleep(time.Second)
		a.mu.Lock()
		var o *opening
		for _, o = range a.openings {
		}
		a.receiveRedirect(redirect{tag: o.tag[:]}, addrC, time.Now())
		if len(o.candidates) != 2 || o.candidates[1].addr != addrC {
			t.Errorf("after an implied redirect: %v", o.candidates)
		}
		for i := range 100 {
			d := Address{AddrPort: netip.AddrPortFrom(addrC.Addr(), uint16(4000+i))}
			a.receiveRedirect(redirect{o.tag[:], []Address{d}}, addrC, time.Now())
		}
		if len(o.candidates) != maxCandidates {
			t.Errorf("%d candidates, want %d", len(o.candidates), maxCandidates)
		}
		a.mu.Unlock()
	})
}

// An IIKeying from another address than its cookie's gets another cookie (RFC 7016 §3.5.1.2): here the RHello
// that answers a FIHello comes first, made for the NAT's mapping toward the introducer.
func TestCookieChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		g := &guide{}
		server, b := w.node("server", addrC, func(cfg *Config) { cfg.Introducer = g }), w.node("b", addrB)
		conn, err := w.net.NAT(addrA.Addr(), vnet.NATConfig{Mapping: vnet.AddressPortDependent}).
			Listen(netip.MustParseAddrPort("10.0.0.1:1000"))
		if err != nil {
			t.Fatal(err)
		}
		a := w.nodeOn("a", conn)
		leg, err := b.Dial(w.ctx(time.Second), server.profile.epd(), addrC)
		if err != nil {
			t.Fatal(err)
		}
		leg.SetAcceptForwarded(true)
		if g.target, err = server.Accept(w.ctx(time.Second)); err != nil {
			t.Fatal(err)
		}
		changes, repeats := 0, 0
		w.net.SetFilter(func(p vnet.Packet) bool {
			switch startupChunk(p.Data) {
			case chunkCookieChange:
				changes++
			case chunkIIKeying:
				repeats++
			}
			return true
		})
		near, err := a.Dial(w.ctx(900*time.Millisecond), b.profile.epd(), addrC)
		if err != nil {
			t.Fatal(err)
		}
		if near.FarAddr() != addrB || changes != 1 || repeats != 2 {
			t.Errorf("session with %v after %d cookie changes and %d IIKeyings", near.FarAddr(), changes, repeats)
		}
	})
}

// startupChunk is the type of the first chunk of a startup packet; 0 for others.
func startupChunk(datagram []byte) byte {
	plain, err := (&testProfile{}).DefaultCipher().Open(nil, datagram[sessionIDSize:])
	if err != nil {
		return 0
	}
	_, chunks, err := parseHeader(plain)
	if err != nil {
		return 0
	}
	typ, _, _, _ := nextChunk(chunks)
	return typ
}
