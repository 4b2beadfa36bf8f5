package vnet

import (
	"net/netip"
	"testing"
	"time"
)

// sizes are packets of a bottleneck that has 28 bytes of overhead: 100 ms each at 10 kB/s.
const (
	packetPayload = 972
	packetOnLink  = 1000
)

// passages sends packets one after another through a bottleneck and returns what became of them.
func passages(t *testing.T, q Queue, packets int, during func(b *Bottleneck)) (all []Passage, arrived []time.Duration) {
	t.Helper()
	q.Overhead = packetOnLink - packetPayload
	bubble(t, func(t *testing.T, n *Network) {
		b := n.Bottleneck(q)
		b.Observe(func(p Passage) { all = append(all, p) })
		n.SetLink(hostA.Addr(), hostB.Addr(), Link{Bottleneck: b, Latency: 10 * time.Millisecond})
		from, to := listen(t, n.Listen, hostA), listen(t, n.Listen, hostB)
		start := time.Now()
		for range packets {
			if _, err := from.WriteToUDPAddrPortECN(make([]byte, packetPayload), hostB, byte(ECT0)); err != nil {
				t.Fatal(err)
			}
		}
		if during != nil {
			during(b)
		}
		for {
			if _, _, ok := receive(t, to); !ok {
				return
			}
			arrived = append(arrived, time.Since(start))
		}
	})
	return all, arrived
}

func TestBottleneckDelaysByItsQueue(t *testing.T) {
	all, arrived := passages(t, Queue{Rate: 10_000, Time: 300 * time.Millisecond}, 5, nil)
	dropped := 0
	var delays []time.Duration
	for _, p := range all {
		if p.Size != packetOnLink || p.From != hostA || p.To != hostB {
			t.Errorf("seen: %+v", p)
		}
		if p.Dropped {
			dropped++
		} else {
			delays = append(delays, p.Delay)
		}
	}
	if dropped != 2 || len(delays) != 3 {
		t.Fatalf("%d dropped, %d passed; 300 ms at this rate are three packets", dropped, len(delays))
	}
	for i, d := range delays {
		if want := time.Duration(i) * 100 * time.Millisecond; d != want || arrived[i] != want+110*time.Millisecond {
			t.Errorf("packet %d waited %v and arrived after %v", i, d, arrived[i])
		}
	}
}

func TestBottleneckKeepsItsQueueWhenTheRateChanges(t *testing.T) {
	_, arrived := passages(t, Queue{Rate: 10_000, Time: 300 * time.Millisecond}, 3, func(b *Bottleneck) {
		time.Sleep(50 * time.Millisecond)
		b.SetRate(5_000) // half of the first packet is left: 100 ms more
		time.Sleep(100 * time.Millisecond)
		time.Sleep(100 * time.Millisecond)
		b.SetRate(0) // half of the second is left
		time.Sleep(time.Second)
		b.SetRate(100_000)
	})
	ms := time.Millisecond
	want := []time.Duration{160 * ms, 1265 * ms, 1275 * ms}
	if len(arrived) != len(want) {
		t.Fatalf("%d of the three arrived", len(arrived))
	}
	for i := range want {
		// The reader comes to look only after the rates have changed.
		if i > 0 && (arrived[i]-want[i]).Abs() > time.Microsecond {
			t.Errorf("packet %d arrived after %v, want %v", i, arrived[i], want[i])
		}
	}
}

func TestBottleneckBoundInBytes(t *testing.T) {
	if _, arrived := passages(t, Queue{Rate: 10_000, Bytes: 4500}, 10, nil); len(arrived) != 4 {
		t.Errorf("%d packets passed a queue of four and a half", len(arrived))
	}
}

func TestBottleneckIsShared(t *testing.T) {
	bubble(t, func(t *testing.T, n *Network) {
		b := n.Bottleneck(Queue{Rate: 10_000, Bytes: 1 << 20})
		n.SetLink(hostA.Addr(), hostC.Addr(), Link{Bottleneck: b})
		n.SetLink(hostB.Addr(), hostC.Addr(), Link{Bottleneck: b})
		one, two, to := listen(t, n.Listen, hostA), listen(t, n.Listen, hostB), listen(t, n.Listen, hostC)
		start := time.Now()
		send(t, one, hostC, string(make([]byte, 1000)))
		send(t, two, hostC, "behind it")
		if _, from, _ := receive(t, to); from != hostA {
			t.Errorf("first came the packet of %v", from)
		}
		if s, _, ok := receive(t, to); !ok || s != "behind it" || time.Since(start) < 100*time.Millisecond {
			t.Errorf("the other's packet %q did not wait: %v", s, time.Since(start))
		}
	})
}

// A host's uplink and another's downlink: packets to others wait in the first alone.
func TestUplinkAndDownlink(t *testing.T) {
	bubble(t, func(t *testing.T, n *Network) {
		up := n.Bottleneck(Queue{Rate: 10_000, Bytes: 1 << 20})
		down := n.Bottleneck(Queue{Rate: 5_000, Bytes: 1 << 20})
		n.SetLink(hostA.Addr(), hostB.Addr(), Link{Bottleneck: up, Latency: 10 * time.Millisecond, Downlink: down})
		n.SetLink(hostA.Addr(), hostC.Addr(), Link{Bottleneck: up, Latency: 10 * time.Millisecond})
		from, slow, fast := listen(t, n.Listen, hostA), listen(t, n.Listen, hostB), listen(t, n.Listen, hostC)
		start := time.Now()
		for range 2 {
			send(t, from, hostB, string(make([]byte, 1000)))
		}
		send(t, from, hostC, string(make([]byte, 1000)))
		ms := time.Millisecond
		for _, c := range []struct {
			at   *Conn
			want time.Duration
		}{{slow, (100 + 10 + 200) * ms}, {fast, (300 + 10) * ms}, {slow, (100 + 10 + 400) * ms}} {
			if _, _, ok := receive(t, c.at); !ok || time.Since(start) != c.want {
				t.Errorf("arrived: %v, after %v, want %v", ok, time.Since(start), c.want)
			}
		}
	})
}

func TestBottleneckMarksInsteadOfDropping(t *testing.T) {
	all, _ := passages(t, Queue{Rate: 10_000, Time: time.Second, MarkAbove: 150 * time.Millisecond}, 5, nil)
	for i, p := range all {
		if want := i >= 2; p.Marked != want {
			t.Errorf("packet %d, which waited %v: marked: %v", i, p.Delay, p.Marked)
		}
	}
}

// CoDel (RFC 8289 §4.2) leaves a burst alone, and marks a queue that stays: first once an interval, then more often.
func TestBottleneckMarksAsCoDelDoes(t *testing.T) {
	q := Queue{Rate: 10_000, Bytes: 1 << 20, MarkAbove: 150 * time.Millisecond, MarkInterval: time.Second}
	count := func(packets int) (marks int) {
		all, _ := passages(t, q, packets, nil)
		for _, p := range all {
			if p.Marked {
				marks++
			}
		}
		return marks
	}
	if got := count(10); got != 0 {
		t.Errorf("%d marks in a burst that is over in an interval", got)
	}
	if got := count(100); got < 22 || got > 30 {
		t.Errorf("%d marks in a queue of ten intervals", got)
	}
}

func TestECNFieldTravels(t *testing.T) {
	for _, c := range []struct{ sent, got ECN }{{NotECT, NotECT}, {ECT1, CE}, {ECT0, CE}, {CE, CE}} {
		bubble(t, func(t *testing.T, n *Network) {
			b := n.Bottleneck(Queue{Rate: 10_000, Bytes: 1 << 20, MarkAbove: time.Millisecond})
			n.SetLink(hostA.Addr(), hostB.Addr(), Link{Bottleneck: b})
			from, to := listen(t, n.Listen, hostA), listen(t, n.Listen, hostB)
			for range 2 {
				if _, err := from.WriteToUDPAddrPortECN(make([]byte, 1000), hostB, byte(c.sent)); err != nil {
					t.Fatal(err)
				}
			}
			buf := make([]byte, 2000)
			_, _, first, _ := to.ReadFromUDPAddrPortECN(buf)
			_, _, second, err := to.ReadFromUDPAddrPortECN(buf)
			if ECN(first) != c.sent || ECN(second) != c.got || err != nil {
				t.Errorf("sent %d: the first came as %d, the one that waited as %d (%v)", c.sent, first, second, err)
			}
		})
	}
}

func TestLongPacketsVanish(t *testing.T) {
	bubble(t, func(t *testing.T, n *Network) {
		n.SetDefaultLink(Link{MTU: 1200})
		a, b := listen(t, n.Listen, hostA), listen(t, n.Listen, hostB)
		send(t, a, hostB, string(make([]byte, 1201)))
		send(t, a, hostB, string(make([]byte, 1200)))
		if s, _, ok := receive(t, b); !ok || len(s) != 1200 {
			t.Errorf("got %d bytes", len(s))
		}
		if s, _, ok := receive(t, b); ok {
			t.Errorf("%d bytes too", len(s))
		}
	})
}

func TestHalfNormalJitter(t *testing.T) {
	const bound = 30 * time.Millisecond
	within := 0
	bubble(t, func(t *testing.T, n *Network) {
		n.SetDefaultLink(Link{Jitter: bound, JitterShape: HalfNormalJitter})
		a, b := listen(t, n.Listen, hostA), listen(t, n.Listen, netip.AddrPortFrom(hostB.Addr(), 1))
		for range 1000 {
			start := time.Now()
			send(t, a, netip.AddrPortFrom(hostB.Addr(), 1), "x")
			if _, _, ok := receive(t, b); !ok || time.Since(start) > bound {
				t.Fatalf("arrived: %v, after %v", ok, time.Since(start))
			}
			if time.Since(start) <= bound/3 {
				within++
			}
		}
	})
	if within < 640 || within > 730 { // 68 % of a normal variable are within one deviation
		t.Errorf("%d of 1000 within one standard deviation", within)
	}
}
