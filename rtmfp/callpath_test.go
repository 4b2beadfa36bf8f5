package rtmfp

import (
	"context"
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// pair opens a session between two new hosts that give each other feedback.
func (w *world) pair(i byte, forward, back vnet.Link) (near, far *Session) {
	from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, 10 + i}), 1000)
	to := netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, 110 + i}), 2000)
	w.net.SetLink(from.Addr(), to.Addr(), forward)
	w.net.SetLink(to.Addr(), from.Addr(), back)
	a, b := w.node("a", from), w.node("b", to)
	a.profile.feedback, b.profile.feedback = true, true
	return w.connect(a, b)
}

// bulk writes to a flow without end, and counts what is read at the other.
func (w *world) bulk(near, far *Session) (received func() int) {
	out, in := w.flow(near, far, FlowOptions{Priority: PriorityBulk})
	ctx, cancel := context.WithCancel(context.Background())
	w.t.Cleanup(cancel)
	go func() {
		msg := make([]byte, 8000)
		for {
			if _, err := out.Write(ctx, msg, MessageOptions{}); err != nil {
				return
			}
		}
	}()
	n := make(chan int, 1)
	n <- 0
	go func() {
		for {
			m, err := in.Read(ctx)
			if err != nil {
				return
			}
			n <- <-n + len(m)
		}
	}()
	return func() int {
		v := <-n
		n <- v
		return v
	}
}

// small sends a message of 200 bytes each 10 ms for some time and returns what they took, in order of length.
func (w *world) small(near, far *Session, d time.Duration) (all []time.Duration) {
	out, in := w.flow(near, far, FlowOptions{Priority: PriorityAudio})
	in.SetOrder(NetworkOrder)
	start := time.Now()
	done := make(chan []time.Duration)
	go func() {
		var all []time.Duration
		for {
			m, err := in.Read(context.Background())
			if err != nil {
				done <- all
				return
			}
			all = append(all, time.Since(start)-time.Duration(binary.BigEndian.Uint64(m)))
		}
	}()
	for time.Since(start) < d {
		m := binary.BigEndian.AppendUint64(make([]byte, 0, 200), uint64(time.Since(start)))
		if _, err := out.Write(context.Background(), m[:200], MessageOptions{}); err != nil {
			w.t.Error(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	_ = out.Close()
	all = <-done
	slices.Sort(all)
	return all
}

// A link of 10 Mbit/s, 20 ms each way, with 500 KB of queue: bulk fills it, and time-critical messages of the same session
// do not wait behind it.
func TestMessagesBesideBulk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{})
		near, far := w.pair(0, vnet.Link{Latency: 20 * time.Millisecond, Rate: 1250e3, Queue: 500e3}, vnet.Link{Latency: 20 * time.Millisecond})
		received := w.bulk(near, far)
		const d = 12 * time.Second
		before := received()
		all := w.small(near, far, d)
		use := float64(received()-before) / d.Seconds() / 1250e3
		p50, p99 := all[len(all)/2], all[len(all)*99/100]
		t.Logf("p50 %v, p99 %v, bulk %.0f %%", p50, p99, use*100)
		if p50 > 45*time.Millisecond || p99 > 80*time.Millisecond || use < 0.85 {
			t.Error("want p50 ≤ 45 ms, p99 ≤ 80 ms, bulk ≥ 85 %")
		}
		if s := near.Stats(); !s.Feedback || s.SendRate < 8e6 || s.SendRate > 13e6 || s.QueueDelay > 50*time.Millisecond {
			t.Errorf("%+v", s)
		}
		if s := near.Stats(); s.DeliveryRate < 0.8*10e6 || s.DeliveryRate > 1.2*10e6 || s.DatagramsSent < s.PacketsSent || s.DataBytesSent > s.BytesSent || s.DataBytesArrived > s.DataBytesSent ||
			float64(s.DataBytesArrived) < 0.9*float64(s.DataBytesSent) ||
			float64(s.DataBytesSent) < 0.95*float64(s.BytesSent) {
			t.Errorf("what was delivered, and what was sent: %+v", s)
		}
	})
}

// Random loss is not congestion.
func TestBulkOnALossyLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{})
		link := vnet.Link{Latency: 20 * time.Millisecond, Rate: 1250e3, Queue: 500e3, Loss: 0.02}
		near, far := w.pair(0, link, vnet.Link{Latency: 20 * time.Millisecond, Loss: 0.02})
		received := w.bulk(near, far)
		before := received()
		const d = 8 * time.Second
		time.Sleep(d)
		use := float64(received()-before) / d.Seconds() / 1250e3
		t.Logf("bulk %.0f %%", use*100)
		if use < 0.8 {
			t.Error("want 80 % at least")
		}
	})
}

// Three sessions, of which two come later, share a link.
func TestSessionsShareFairly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{})
		queue := w.net.Bottleneck(vnet.Queue{Rate: 440e3, Time: 300 * time.Millisecond})
		forward := vnet.Link{Latency: 50 * time.Millisecond, Bottleneck: queue}
		var received [3]func() int
		var before [3]int
		for i := range received {
			received[i] = w.bulk(w.pair(byte(i), forward, vnet.Link{Latency: 50 * time.Millisecond}))
			time.Sleep(12 * time.Second)
		}
		for i := range received {
			before[i] = received[i]()
		}
		time.Sleep(10 * time.Second)
		var sum, squares float64
		for i := range received {
			rate := float64(received[i]()-before[i]) / 10
			t.Logf("%.0f kb/s", rate*8/1000)
			sum += rate
			squares += rate * rate
		}
		if jain := sum * sum / 3 / squares; jain < 0.9 || sum < 0.85*440e3 {
			t.Errorf("fairness %.2f, use %.2f", jain, sum/440e3)
		}
	})
}
