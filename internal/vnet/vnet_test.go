package vnet

import (
	"errors"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	hostA = netip.MustParseAddrPort("192.0.2.1:1000")
	hostB = netip.MustParseAddrPort("192.0.2.2:2000")
	hostC = netip.MustParseAddrPort("192.0.2.3:3000")
)

// bubble runs f with a network on a virtual clock.
func bubble(t *testing.T, f func(t *testing.T, n *Network)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := New(1)
		defer n.Close()
		f(t, n)
	})
}

func listen(t *testing.T, f func(netip.AddrPort) (*Conn, error), addr netip.AddrPort) *Conn {
	t.Helper()
	c, err := f(addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func send(t *testing.T, c *Conn, to netip.AddrPort, s string) {
	t.Helper()
	if _, err := c.WriteToUDPAddrPort([]byte(s), to); err != nil {
		t.Fatal(err)
	}
}

// receive waits up to a second for a packet.
func receive(t *testing.T, c *Conn) (s string, from netip.AddrPort, ok bool) {
	t.Helper()
	select {
	case f := <-c.queue:
		return string(f.data), f.from, true
	case <-time.After(time.Second):
		return "", netip.AddrPort{}, false
	}
}

func TestLatency(t *testing.T) {
	bubble(t, func(t *testing.T, n *Network) {
		n.SetDefaultLink(Link{Latency: 30 * time.Millisecond})
		n.SetLink(hostB.Addr(), hostA.Addr(), Link{Latency: 50 * time.Millisecond})
		a, b := listen(t, n.Listen, hostA), listen(t, n.Listen, hostB)
		for _, c := range []struct {
			from, to *Conn
			addr     netip.AddrPort
			want     time.Duration
		}{{a, b, hostB, 30 * time.Millisecond}, {b, a, hostA, 50 * time.Millisecond}} {
			start := time.Now()
			send(t, c.from, c.addr, "x")
			if _, _, ok := receive(t, c.to); !ok || time.Since(start) != c.want {
				t.Errorf("it took %v, want %v", time.Since(start), c.want)
			}
		}
	})
}

func TestJitterKeepsOrderAndReorderDoesNot(t *testing.T) {
	for _, c := range []struct {
		link    Link
		ordered bool
	}{
		{Link{Latency: 10 * time.Millisecond, Jitter: 20 * time.Millisecond}, true},
		{Link{Latency: 10 * time.Millisecond, Reorder: 0.2}, false},
	} {
		bubble(t, func(t *testing.T, n *Network) {
			n.SetDefaultLink(c.link)
			a, b := listen(t, n.Listen, hostA), listen(t, n.Listen, hostB)
			for i := range 100 {
				send(t, a, hostB, string(rune(i)))
				time.Sleep(time.Millisecond)
			}
			ordered, last := true, rune(-1)
			for range 100 {
				s, _, ok := receive(t, b)
				if !ok {
					t.Fatal("a packet is missing")
				}
				ordered = ordered && []rune(s)[0] > last
				last = []rune(s)[0]
			}
			if ordered != c.ordered {
				t.Errorf("%+v: in order: %v", c.link, ordered)
			}
		})
	}
}

func TestLossIsTheSameForTheSameSeed(t *testing.T) {
	arrived := func() (got []int) {
		bubble(t, func(t *testing.T, n *Network) {
			n.SetDefaultLink(Link{Loss: 0.3})
			a, b := listen(t, n.Listen, hostA), listen(t, n.Listen, hostB)
			for i := range 1000 {
				send(t, a, hostB, "x")
				select {
				case <-b.queue:
					got = append(got, i)
				default:
				}
			}
		})
		return got
	}
	first, second := arrived(), arrived()
	if len(first) < 650 || len(first) > 750 {
		t.Errorf("%d of 1000 arrived at 30 %% loss", len(first))
	}
	if len(first) != len(second) || first[500] != second[500] {
		t.Error("the same seed lost other packets")
	}
}

func TestRateAndQueue(t *testing.T) {
	bubble(t, func(t *testing.T, n *Network) {
		n.SetDefaultLink(Link{Rate: 100_000, Queue: 10_000})
		a, b := listen(t, n.Listen, hostA), listen(t, n.Listen, hostB)
		start := time.Now()
		for range 50 {
			send(t, a, hostB, string(make([]byte, 1000)))
		}
		count := 0
		var last time.Duration
		for {
			if _, _, ok := receive(t, b); !ok {
				break
			}
			count++
			last = time.Since(start)
		}
		if count != 10 || last != 100*time.Millisecond {
			t.Errorf("%d packets, the last after %v; want 10 in 100 ms", count, last)
		}
	})
}

func TestFilter(t *testing.T) {
	bubble(t, func(t *testing.T, n *Network) {
		a, b := listen(t, n.Listen, hostA), listen(t, n.Listen, hostB)
		n.SetFilter(func(p Packet) bool { return p.From == hostA && p.To == hostB && string(p.Data) != "bad" })
		send(t, a, hostB, "bad")
		send(t, a, hostB, "good")
		if s, from, ok := receive(t, b); !ok || s != "good" || from != hostA {
			t.Errorf("got %q from %v", s, from)
		}
	})
}

func TestConn(t *testing.T) {
	bubble(t, func(t *testing.T, n *Network) {
		a := listen(t, n.Listen, hostA)
		if _, err := n.Listen(hostA); !errors.Is(err, ErrAddressInUse) {
			t.Errorf("the same address twice: %v", err)
		}
		b := listen(t, n.Listen, netip.AddrPortFrom(hostB.Addr(), 0))
		bound := b.LocalAddr().(*net.UDPAddr).AddrPort()
		if bound.Port() == 0 {
			t.Error("no port was chosen")
		}
		send(t, a, bound, "long packet")
		buf := make([]byte, 4)
		if k, from, err := b.ReadFromUDPAddrPort(buf); k != 4 || string(buf) != "long" || from != hostA || err != nil {
			t.Errorf("%d %q %v %v", k, buf, from, err)
		}
		if err := a.Rebind(hostC); err != nil {
			t.Fatal(err)
		}
		send(t, a, bound, "moved")
		if _, from, _ := receive(t, b); from != hostC {
			t.Errorf("after moving: from %v", from)
		}
		go func() {
			time.Sleep(time.Second)
			_ = a.Close()
		}()
		if _, _, err := a.ReadFromUDPAddrPort(buf); !errors.Is(err, net.ErrClosed) {
			t.Errorf("reading while it is closed: %v", err)
		}
		if _, err := a.WriteToUDPAddrPort(nil, bound); !errors.Is(err, net.ErrClosed) {
			t.Errorf("writing when closed: %v", err)
		}
	})
}

// What reaches a host behind each kind of NAT (RFC 4787 §5), after it has sent to B.
func TestNATFiltering(t *testing.T) {
	sameHost := netip.AddrPortFrom(hostB.Addr(), 2001)
	for _, c := range []struct {
		filtering            Dependence
		fromB, fromBs, fromC bool
	}{
		{EndpointIndependent, true, true, true},
		{AddressDependent, true, true, false},
		{AddressPortDependent, true, false, false},
	} {
		bubble(t, func(t *testing.T, n *Network) {
			nat := n.NAT(netip.MustParseAddr("203.0.113.1"), NATConfig{Filtering: c.filtering})
			in := listen(t, nat.Listen, netip.MustParseAddrPort("10.0.0.1:1"))
			b, bs, other := listen(t, n.Listen, hostB), listen(t, n.Listen, sameHost), listen(t, n.Listen, hostC)
			send(t, in, hostB, "out")
			_, public, ok := receive(t, b)
			if !ok || public.Addr().String() != "203.0.113.1" {
				t.Fatalf("seen as %v", public)
			}
			for _, p := range []struct {
				from *Conn
				want bool
			}{{b, c.fromB}, {bs, c.fromBs}, {other, c.fromC}} {
				send(t, p.from, public, "in")
				if _, _, ok := receive(t, in); ok != p.want {
					t.Errorf("filtering %d: from %v arrived: %v", c.filtering, p.from.LocalAddr(), ok)
				}
			}
			time.Sleep(defaultNATTimeout + time.Second)
			send(t, b, public, "late")
			if _, _, ok := receive(t, in); ok {
				t.Error("the mapping outlived its time")
			}
		})
	}
}

// By which address a host is seen from two places (RFC 4787 §4.1).
func TestNATMapping(t *testing.T) {
	for _, c := range []struct {
		mapping Dependence
		same    bool
	}{{EndpointIndependent, true}, {AddressDependent, false}, {AddressPortDependent, false}} {
		bubble(t, func(t *testing.T, n *Network) {
			nat := n.NAT(netip.MustParseAddr("203.0.113.1"), NATConfig{Mapping: c.mapping})
			in := listen(t, nat.Listen, netip.MustParseAddrPort("10.0.0.1:1"))
			b, other := listen(t, n.Listen, hostB), listen(t, n.Listen, hostC)
			send(t, in, hostB, "x")
			send(t, in, hostC, "x")
			_, seenB, _ := receive(t, b)
			_, seenC, _ := receive(t, other)
			if (seenB == seenC) != c.same {
				t.Errorf("mapping %d: seen as %v and %v", c.mapping, seenB, seenC)
			}
			nat.Restart()
			send(t, in, hostB, "x")
			if _, again, _ := receive(t, b); again == seenB {
				t.Error("the same mapping after a restart")
			}
		})
	}
}

func TestNATInside(t *testing.T) {
	for _, hairpin := range []bool{false, true} {
		bubble(t, func(t *testing.T, n *Network) {
			nat := n.NAT(netip.MustParseAddr("203.0.113.1"), NATConfig{Hairpin: hairpin})
			one := listen(t, nat.Listen, netip.MustParseAddrPort("10.0.0.1:1"))
			two := listen(t, nat.Listen, netip.MustParseAddrPort("10.0.0.2:2"))
			b := listen(t, n.Listen, hostB)
			send(t, one, netip.MustParseAddrPort("10.0.0.2:2"), "private")
			if s, from, _ := receive(t, two); s != "private" || from.Addr().String() != "10.0.0.1" {
				t.Errorf("inside: %q from %v", s, from)
			}
			send(t, two, hostB, "x")
			_, public, _ := receive(t, b)
			send(t, one, public, "hairpin")
			if _, _, ok := receive(t, two); ok != hairpin {
				t.Errorf("hairpin %v: arrived: %v", hairpin, ok)
			}
		})
	}
}
