package rtmfp

import (
	"context"
	"fmt"
	"net/netip"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// unfragmented is a conn that says that its packets are never fragmented, and may refuse long ones.
type unfragmented struct {
	*vnet.Conn
	refuse *int // datagrams of this length and more
}

func (c unfragmented) DontFragment() bool { return true }

func (c unfragmented) WriteToUDPAddrPortECN(b []byte, to netip.AddrPort, ecn byte) (int, error) {
	if c.refuse != nil && len(b) >= *c.refuse {
		return 0, fmt.Errorf("write: %w", syscall.EMSGSIZE)
	}
	return c.Conn.WriteToUDPAddrPortECN(b, to, ecn)
}

// wideNode is an endpoint that looks for the path MTU.
func (w *world) wideNode(name string, addr netip.AddrPort, refuse *int) *node {
	conn, err := w.net.Listen(addr)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.nodeOn(name, unfragmented{conn, refuse})
}

func (s *Session) packetLimit() int {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	return s.path.limit
}

// Bulk data finds the greatest size that the path carries, and no data is lost to the search.
func TestPathMTUIsFound(t *testing.T) {
	for _, c := range []struct{ mtu, atLeast int }{
		{0, maxPathDatagram}, {9000, maxPathDatagram}, {1472, 1472}, {1452, 1452}, {1420, 1404}, {1300, 1284}, {1245, 1200},
	} {
		t.Run(fmt.Sprint(c.mtu), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond, MTU: c.mtu})
				a, b := w.wideNode("a", addrA, nil), w.wideNode("b", addrB, nil)
				near, far := w.connect(a, b)
				out, in := w.flow(near, far, FlowOptions{Priority: PriorityBulk})
				for range 100 {
					w.write(out, string(make([]byte, 10_000)))
					w.read(in, string(make([]byte, 10_000)))
				}
				time.Sleep(time.Minute)
				limit := near.packetLimit() + sessionIDSize + near.keys.Seal.Overhead()
				if limit < c.atLeast || limit > max(c.mtu, maxPathDatagram) || c.mtu > 0 && limit > c.mtu {
					t.Errorf("datagrams of up to %d bytes on a path that carries %d", limit, c.mtu)
				}
				if s := near.Stats(); s.PacketsLost > 0 {
					t.Errorf("%d packets were lost", s.PacketsLost)
				}
				if far.packetLimit() != basePacket {
					t.Error("who sends no long packets has probed")
				}
			})
		})
	}
}

// The answer to one probe, come twice, does not pass for the answer to the next, which is not sent yet.
func TestPathMTUProbeIsAnsweredOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: time.Second, MTU: 1460})
		near, _ := w.connect(w.wideNode("a", addrA, nil), w.wideNode("b", addrB, nil))
		near.e.mu.Lock()
		defer near.e.mu.Unlock()
		now := time.Now()
		search := newPathSearch(near)
		near.path.work = search
		search.search(now)
		search.probe(now)
		first := search.size
		for range 2 {
			near.path.answered(probeMessage(probeLong, search.id), now)
		}
		if near.path.limit != first || search.size <= first {
			t.Errorf("the limit is %d, and %d is being tried; %d was", near.path.limit, search.size, first)
		}
	})
}

// When the path becomes narrower in the middle of a stream, all of it arrives nevertheless: what was sent before in
// fragments too long for the path now, and what is queued.
func TestPathThatBecomesNarrower(t *testing.T) {
	for _, c := range []struct {
		name     string
		from, to int
	}{
		{"jumbo to Ethernet", 9000, 1472},
		{"jumbo to a tunnel", 9000, 1300},
		{"Ethernet to a tunnel", 1472, 1280},
		{"base to a narrow tunnel", 1245, 1150},
	} {
		for _, feedback := range []bool{false, true} {
			t.Run(fmt.Sprint(c.name, ", feedback ", feedback), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond, MTU: c.from})
					a, b := w.wideNode("a", addrA, nil), w.wideNode("b", addrB, nil)
					a.profile.feedback, b.profile.feedback = feedback, feedback
					near, far := w.connect(a, b)
					out, in := w.flow(near, far, FlowOptions{Priority: PriorityBulk, Buffer: 4 << 20})
					message := string(make([]byte, 20_000))
					for range 50 {
						w.write(out, message)
						w.read(in, message)
					}
					for range 100 {
						w.write(out, message)
					}
					_ = out.Close()
					time.Sleep(15 * time.Millisecond)
					w.net.SetDefaultLink(vnet.Link{Latency: 10 * time.Millisecond, MTU: c.to})
					start := time.Now()
					w.read(in, message)
					recovered := time.Duration(0)
					for range 99 {
						before := time.Now()
						w.read(in, message)
						recovered = max(recovered, time.Since(before))
					}
					if recovered > 1500*time.Millisecond {
						t.Errorf("nothing came for %v", recovered)
					}
					if limit := near.packetLimit() + sessionIDSize + near.keys.Seal.Overhead(); limit > c.to {
						t.Errorf("packets of up to %d bytes are still sent", limit)
					}
					t.Logf("longest pause %v, all after %v", recovered, time.Since(start))
					<-out.Done()
				})
			})
		}
	}
}

// A move to a narrower path costs little more than the move.
func TestMovingToANarrowerPath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		a, b := w.wideNode("a", addrA, nil), w.wideNode("b", addrB, nil)
		near, far := w.connect(a, b)
		out, in := w.flow(far, near, FlowOptions{Priority: PriorityVideo, Buffer: 4 << 20})
		moved := netip.MustParseAddrPort("198.51.100.7:7")
		w.net.SetLink(addrB.Addr(), moved.Addr(), vnet.Link{Latency: 10 * time.Millisecond, MTU: 1300})
		w.net.SetLink(moved.Addr(), addrB.Addr(), vnet.Link{Latency: 10 * time.Millisecond, MTU: 1300})
		picture := string(make([]byte, 15_000))
		var longest time.Duration
		last := time.Now()
		for i := range 200 {
			w.write(out, picture)
			time.Sleep(20 * time.Millisecond)
			if i == 100 {
				if err := a.conn.Rebind(moved); err != nil {
					t.Fatal(err)
				}
			}
			w.read(in, picture)
			longest = max(longest, time.Since(last))
			last = time.Now()
		}
		if limit := far.packetLimit(); longest > 800*time.Millisecond || limit > 1300 || far.FarAddr() != moved {
			t.Errorf("longest pause %v, packets of up to %d bytes to %v", longest, limit, far.FarAddr())
		}
		t.Logf("longest pause %v", longest)
	})
}

// A socket that refuses a length is believed at once.
func TestSocketRefusesLongPackets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refuse := 1473
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		a, b := w.wideNode("a", addrA, &refuse), w.wideNode("b", addrB, nil)
		near, far := w.connect(a, b)
		out, in := w.flow(near, far, FlowOptions{Priority: PriorityBulk, Buffer: 4 << 20})
		message := string(make([]byte, 20_000))
		for range 10 {
			w.write(out, message)
			w.read(in, message)
		}
		if limit := near.packetLimit(); limit != near.plainSize(1472) {
			t.Errorf("packets of up to %d bytes, want %d", limit, near.plainSize(1472))
		}
		for range 20 {
			w.write(out, message)
		}
		time.Sleep(15 * time.Millisecond)
		a.turn.Lock()
		refuse = 1300
		a.turn.Unlock()
		start := time.Now()
		for range 20 {
			w.read(in, message)
		}
		if d := time.Since(start); d > 2*time.Second {
			t.Errorf("it took %v", d)
		}
	})
}

// An idle session, and one that sends only sound, never probes.
func TestNoProbesWithoutNeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		a, b := w.wideNode("a", addrA, nil), w.wideNode("b", addrB, nil)
		near, far := w.connect(a, b)
		out, in := w.flow(near, far, FlowOptions{Priority: PriorityAudio})
		longest := 0
		w.net.SetFilter(func(p vnet.Packet) bool { longest = max(longest, len(p.Data)); return true })
		for range 200 {
			w.write(out, string(make([]byte, 160)))
			w.read(in, string(make([]byte, 160)))
			time.Sleep(20 * time.Millisecond)
		}
		time.Sleep(10 * time.Minute)
		w.net.SetFilter(nil)
		synctest.Wait()
		a.mu.Lock()
		defer a.mu.Unlock()
		if longest > 400 || near.path.work != nil {
			t.Errorf("a packet of %d bytes was sent", longest)
		}
	})
}

// Loss that hits packets of every length is no reason to send shorter ones.
func TestLossIsNoBlackHole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		a, b := w.wideNode("a", addrA, nil), w.wideNode("b", addrB, nil)
		near, far := w.connect(a, b)
		out, in := w.flow(near, far, FlowOptions{Priority: PriorityBulk, Buffer: 4 << 20})
		message := string(make([]byte, 20_000))
		for range 10 {
			w.write(out, message)
			w.read(in, message)
		}
		wide := near.packetLimit()
		for range 20 { // everything is lost for a while, now and then
			w.write(out, message)
			w.net.SetFilter(func(vnet.Packet) bool { return false })
			time.Sleep(400 * time.Millisecond)
			w.net.SetFilter(nil)
			w.read(in, message)
		}
		if limit := near.packetLimit(); limit != wide {
			t.Errorf("packets of %d bytes, %d before", limit, wide)
		}
		_ = out.Close()
		if _, err := in.Read(context.Background()); err == nil {
			t.Error("one message too many")
		}
	})
}
