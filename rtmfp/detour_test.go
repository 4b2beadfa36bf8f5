package rtmfp

import (
	"context"
	"errors"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// passing is somebody in the middle who passes packets on between two others, in flows of his sessions with them.
type passing struct {
	a, b    *Detour
	longest atomic.Int64 // packet
	packets atomic.Int64
}

// pass has c pass packets on between a and b, in messages that are worth something for 100 ms.
func (w *world) pass(a, c, b *node, rate float64) *passing {
	w.t.Helper()
	p := &passing{}
	_, ac := w.connect(a, c)
	_, bc := w.connect(b, c)
	atA, _ := a.Dial(w.ctx(time.Second), c.profile.epd(), c.LocalAddr())
	atB, _ := b.Dial(w.ctx(time.Second), c.profile.epd(), c.LocalAddr())
	p.a = w.oneWay(p, atA, ac, bc, atB, a.Endpoint, rate, func(packet []byte) { p.b.Receive(packet) })
	p.b = w.oneWay(p, atB, bc, ac, atA, b.Endpoint, rate, func(packet []byte) { p.a.Receive(packet) })
	return p
}

// oneWay makes the detour of from, whose packets go by the session first and then by second, and the four ends of those are given in order.
func (w *world) oneWay(p *passing, first, firstFar, second, secondFar *Session, from *Endpoint, rate float64, deliver func([]byte)) *Detour {
	w.t.Helper()
	opt := FlowOptions{Priority: PriorityVideo, Buffer: 32 << 10}
	in, inFar := w.flow(first, firstFar, opt)
	out, outFar := w.flow(second, secondFar, opt)
	inFar.SetOrder(NetworkOrder)
	outFar.SetOrder(NetworkOrder)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	write := func(f *SendFlow, packet []byte) {
		now := time.Now()
		_, _ = f.Write(ended, packet, MessageOptions{StartBy: now.Add(100 * time.Millisecond), NoRetransmit: true})
	}
	go func() {
		for {
			packet, err := inFar.Read(context.Background())
			if err != nil {
				return
			}
			write(out, packet)
		}
	}()
	go func() {
		for {
			packet, err := outFar.Read(context.Background())
			if err != nil {
				return
			}
			p.packets.Add(1)
			deliver(packet)
		}
	}()
	d, err := from.OpenDetour(rate, func(packet []byte) {
		p.longest.Store(max(p.longest.Load(), int64(len(packet))))
		write(in, packet)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

// cutOff cuts two hosts off from each other, until healed is true.
func (w *world) cutOff(a, b netip.Addr) (healed *atomic.Bool) {
	healed = new(atomic.Bool)
	w.net.SetFilter(func(p vnet.Packet) bool {
		from, to := p.From.Addr(), p.To.Addr()
		return healed.Load() || !(from == a && to == b || from == b && to == a)
	})
	return healed
}

// A session that finds no direct way is opened over a detour, and goes the direct way once there is one.
func TestASessionOverADetour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		a, b, c := w.node("a", addrA), w.node("b", addrB), w.node("c", addrC)
		p := w.pass(a, c, b, 0)
		healed := w.cutOff(addrA.Addr(), addrB.Addr())
		near, err := a.Dial(w.ctx(5*time.Second), b.profile.epd(), b.LocalAddr(), p.a.Addr())
		if err != nil {
			t.Fatal(err)
		}
		far, err := b.Accept(w.ctx(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		if !IsDetour(near.FarAddr()) || !IsDetour(far.FarAddr()) {
			t.Fatalf("they hear each other at %v and %v", near.FarAddr(), far.FarAddr())
		}
		out, in := w.flow(near, far, FlowOptions{})
		p.longest.Store(0)
		w.write(out, string(make([]byte, 100_000)))
		w.read(in, string(make([]byte, 100_000)))
		if n := p.longest.Load(); n > DetourDatagram || n < 1000 {
			t.Errorf("packets have up to %d bytes, more than %d", n, DetourDatagram)
		}
		near.Probe(b.LocalAddr())
		time.Sleep(time.Second)
		if near.FarAddr() != p.a.Addr() {
			t.Error("a session has moved to where nobody answers")
		}
		healed.Store(true)
		near.Probe(b.LocalAddr())
		time.Sleep(100 * time.Millisecond)
		if near.FarAddr() != b.LocalAddr() || far.FarAddr() != a.LocalAddr() {
			t.Errorf("they hear each other at %v and %v", near.FarAddr(), far.FarAddr())
		}
		before := p.packets.Load()
		w.write(out, string(make([]byte, 100_000)))
		w.read(in, string(make([]byte, 100_000)))
		if p.packets.Load() != before {
			t.Error("the detour is still in use")
		}
	})
}

// Of two ends that come from a detour to the direct way one after the other the first stays there: they do not change places.
func TestWhoIsBackOnTheDirectWayStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		a, b, c := w.node("a", addrA), w.node("b", addrB), w.node("c", addrC)
		p := w.pass(a, c, b, 0)
		near, far := w.connect(a, b)
		out, in := w.flow(near, far, FlowOptions{})
		healed := w.cutOff(addrA.Addr(), addrB.Addr())
		near.Move(p.a.Addr())
		far.Move(p.b.Addr())
		talk := func() {
			t.Helper()
			w.write(out, "hello")
			w.read(in, "hello")
			time.Sleep(50 * time.Millisecond)
		}
		for range 10 {
			talk()
		}
		if !IsDetour(near.FarAddr()) || !IsDetour(far.FarAddr()) {
			t.Fatalf("they hear each other at %v and %v", near.FarAddr(), far.FarAddr())
		}
		healed.Store(true)
		far.e.mu.Lock()
		for far.mob.pings.Take(1, 1/mobilityInterval.Seconds(), mobilityPings, time.Now()) == 0 { // it has just followed others
		}
		far.e.mu.Unlock()
		near.Probe(b.LocalAddr())
		time.Sleep(50 * time.Millisecond)
		if near.FarAddr() != b.LocalAddr() || !IsDetour(far.FarAddr()) {
			t.Fatalf("they hear each other at %v and %v", near.FarAddr(), far.FarAddr())
		}
		for range 30 {
			talk()
			if near.FarAddr() != b.LocalAddr() {
				t.Fatal("the first one goes back to the detour")
			}
		}
		if far.FarAddr() != a.LocalAddr() {
			t.Error("the other one has not followed")
		}
		near.Move(p.a.Addr()) // a new break
		time.Sleep(50 * time.Millisecond)
		if !IsDetour(near.FarAddr()) {
			t.Error("it cannot be moved")
		}
	})
}

// An open session is taken to a detour by either end or both, and a stream in it goes on.
func TestAStreamIsTakenToADetour(t *testing.T) {
	for name, move := range map[string]func(near, far *Session, p *passing){
		"by its sender":   func(near, _ *Session, p *passing) { near.Move(p.a.Addr()) },
		"by its receiver": func(_, far *Session, p *passing) { far.Move(p.b.Addr()) },
		"by both":         func(near, far *Session, p *passing) { near.Move(p.a.Addr()); far.Move(p.b.Addr()) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
				a, b, c := w.node("a", addrA), w.node("b", addrB), w.node("c", addrC)
				p := w.pass(a, c, b, 0)
				near, far := w.connect(a, b)
				out, in := w.flow(near, far, FlowOptions{Priority: PriorityVideo})
				ctx := w.ctx(6 * time.Second)
				pause := stream(ctx, t, out, in)
				time.Sleep(2 * time.Second)
				healed := w.cutOff(addrA.Addr(), addrB.Addr())
				move(near, far, p)
				time.Sleep(2 * time.Second)
				if !IsDetour(near.FarAddr()) || !IsDetour(far.FarAddr()) {
					t.Errorf("they hear each other at %v and %v", near.FarAddr(), far.FarAddr())
				}
				healed.Store(true)
				far.Probe(a.LocalAddr())
				if d := pause(); d > 300*time.Millisecond {
					t.Errorf("longest pause %v", d)
				}
				if IsDetour(near.FarAddr()) || IsDetour(far.FarAddr()) {
					t.Errorf("in the end they hear each other at %v and %v", near.FarAddr(), far.FarAddr())
				}
			})
		})
	}
}

// One congestion control inside another: what a greedy sender gets over a narrow way, and how late it is.
func TestCongestionOnADetour(t *testing.T) {
	for _, c := range []struct {
		name        string
		uplink      int     // bit/s, of who sends
		middle      int     // bit/s, of who passes on
		rate        float64 // of the detour, bit/s
		least, most float64 // of what arrives, bit/s
	}{
		{"held by the detour's rate", 5_000_000, 5_000_000, 400_000, 280_000, 400_000},
		{"held by the sender's uplink", 300_000, 5_000_000, 400_000, 150_000, 300_000},
		{"held by the uplink in the middle", 5_000_000, 300_000, 400_000, 150_000, 300_000},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, vnet.Link{Latency: 20 * time.Millisecond})
				w.net.SetLink(addrA.Addr(), addrC.Addr(), vnet.Link{Latency: 20 * time.Millisecond, Rate: c.uplink / 8})
				w.net.SetLink(addrC.Addr(), addrB.Addr(), vnet.Link{Latency: 20 * time.Millisecond, Rate: c.middle / 8})
				a, b, m := w.node("a", addrA), w.node("b", addrB), w.node("c", addrC)
				for _, n := range []*node{a, b, m} {
					n.profile.feedback = true
				}
				p := w.pass(a, m, b, c.rate)
				w.cutOff(addrA.Addr(), addrB.Addr())
				near, err := a.Dial(w.ctx(5*time.Second), b.profile.epd(), p.a.Addr())
				if err != nil {
					t.Fatal(err)
				}
				far, err := b.Accept(w.ctx(time.Second))
				if err != nil {
					t.Fatal(err)
				}
				out, in := w.flow(near, far, FlowOptions{Priority: PriorityVideo})
				in.SetOrder(NetworkOrder)
				ctx := w.ctx(20 * time.Second)
				go func() {
					frame := make([]byte, 3000) // 25 a second of what the session says that it takes
					for ctx.Err() == nil {
						now := time.Now()
						n := min(max(int(near.Stats().SendRate*0.9/8/25)-40, 100), len(frame))
						_, _ = out.Write(ctx, append(frame[:0], stamped(now, n)...), MessageOptions{DeliverBy: now.Add(500 * time.Millisecond)})
						time.Sleep(40 * time.Millisecond)
					}
				}()
				var got int
				var late, frames, latest int
				began := time.Now()
				for {
					msg, err := in.Read(ctx)
					if err != nil {
						break
					}
					if time.Since(began) < 5*time.Second {
						continue
					}
					got += len(msg)
					frames++
					d := sinceStamp(msg)
					latest = max(latest, int(d.Milliseconds()))
					if d > 200*time.Millisecond {
						late++
					}
				}
				rate := float64(got) * 8 / 15
				t.Logf("%.0f bit/s, %d of 375 pictures, %d late, at most %d ms", rate, frames, late, latest)
				if rate < c.least || rate > c.most || frames < 360 || late > 10 {
					t.Error("that is not enough, or too late")
				}
			})
		})
	}
}

// stamped is a message of n bytes that says when it was made.
func stamped(at time.Time, n int) []byte {
	b, _ := at.MarshalBinary()
	return append(append([]byte{byte(len(b))}, b...), make([]byte, max(0, n-1-len(b)))...)
}

func sinceStamp(b []byte) time.Duration {
	var at time.Time
	_ = at.UnmarshalBinary(b[1 : 1+b[0]])
	return time.Since(at)
}

func TestDetoursAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{})
		a := w.node("a", addrA)
		var all []*Detour
		seen := map[netip.AddrPort]bool{}
		for range maxDetours {
			d, err := a.OpenDetour(0, func([]byte) {})
			if err != nil || !IsDetour(d.Addr()) || seen[d.Addr()] {
				t.Fatal(d, err)
			}
			seen[d.Addr()] = true
			all = append(all, d)
		}
		if _, err := a.OpenDetour(0, nil); !errors.Is(err, ErrTooMany) {
			t.Errorf("one too many: %v", err)
		}
		all[0].Close()
		all[0].Close()
		if d, err := a.OpenDetour(0, func([]byte) {}); err != nil || seen[d.Addr()] {
			t.Errorf("after one was closed: %v", err)
		}
		if _, err := a.OpenDetour(0, nil); !errors.Is(err, ErrTooMany) {
			t.Errorf("closed twice, it counts twice: %v", err)
		}
		_ = a.Close()
		if _, err := a.OpenDetour(0, nil); !errors.Is(err, ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
		all[1].Receive(make([]byte, 100))
	})
}

// Somebody who redirects us, or introduces somebody to us, cannot name a detour; and no packet goes to one, or comes from one, by
// the packet conn.
func TestNobodyElseNamesADetour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: time.Millisecond})
		b := w.node("b", addrB)
		var sent atomic.Int64
		d := netip.AddrPort{}
		c := w.node("c", addrC, func(cfg *Config) {
			cfg.Redirect = func([]byte, netip.AddrPort) []Address { return []Address{{d, OriginObserved}} }
		})
		a := w.node("a", addrA)
		way, err := a.OpenDetour(0, func([]byte) { sent.Add(1) })
		if err != nil {
			t.Fatal(err)
		}
		d = way.Addr()
		if _, err := a.Dial(w.ctx(3*time.Second), c.profile.epd(), c.LocalAddr()); err == nil || sent.Load() > 0 {
			t.Errorf("redirected to a detour: %v, %d packets", err, sent.Load())
		}
		far := netip.MustParseAddrPort("[100::5]:5")
		conn, err := w.net.Listen(far)
		if err != nil {
			t.Fatal(err)
		}
		stranger := w.nodeOn("stranger", conn)
		if _, err := stranger.Dial(w.ctx(3*time.Second), b.profile.epd(), b.LocalAddr()); err == nil {
			t.Error("a packet from a detour's address was answered")
		}
		if _, err := b.Dial(w.ctx(3*time.Second), stranger.profile.epd(), far); err == nil {
			t.Error("a packet to a detour's address was sent")
		}
	})
}
