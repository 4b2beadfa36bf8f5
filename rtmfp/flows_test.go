package rtmfp

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// Everything arrives once and in order, whatever the network does.
func TestBulkOverBadLinks(t *testing.T) {
	ms := time.Millisecond
	for _, c := range []struct {
		name string
		link vnet.Link
		size int
		max  time.Duration
	}{
		{"clean", vnet.Link{Latency: 20 * ms}, 4 << 20, 6 * time.Second},
		{"2 % loss", vnet.Link{Latency: 20 * ms, Loss: 0.02}, 1 << 20, 20 * time.Second},
		{"5 % loss", vnet.Link{Latency: 20 * ms, Loss: 0.05}, 1 << 20, 40 * time.Second},
		{"reordering", vnet.Link{Latency: 20 * ms, Jitter: 5 * ms, Reorder: 0.1}, 1 << 20, 40 * time.Second},
		{"loss and reordering", vnet.Link{Latency: 20 * ms, Jitter: 5 * ms, Reorder: 0.05, Loss: 0.03}, 512 << 10, 40 * time.Second},
		{"10 Mbit/s", vnet.Link{Latency: 20 * ms, Rate: 1_250_000, Queue: 64 << 10}, 4 << 20, 5 * time.Second},
		{"a third lost", vnet.Link{Latency: 20 * ms, Loss: 0.33}, 64 << 10, 4 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, c.link)
				a, b := w.node("a", addrA), w.node("b", addrB)
				near, far := w.connect(a, b)
				out, in := w.flow(near, far, FlowOptions{Priority: PriorityBulk})
				start := time.Now()
				message := make([]byte, 40_000)
				rand.Read(message)
				go func() {
					for i := range c.size / len(message) {
						message[0] = byte(i)
						if _, err := out.Write(context.Background(), message, MessageOptions{}); err != nil {
							t.Error(err)
						}
					}
					_ = out.Close()
				}()
				for i := range c.size / len(message) {
					got, err := in.Read(context.Background())
					if err != nil {
						t.Fatal(err)
					}
					if len(got) != len(message) || got[0] != byte(i) || got[len(got)-1] != message[len(message)-1] {
						t.Fatalf("message %d: %d bytes, numbered %d", i, len(got), got[0])
					}
				}
				elapsed := time.Since(start)
				stats := near.Stats()
				t.Logf("%.2f MB/s, %d of %d packets lost, window %d, RTT %v",
					float64(c.size)/elapsed.Seconds()/1e6, stats.PacketsLost, stats.PacketsSent, stats.CongestionWindow, stats.RTT)
				if elapsed > c.max {
					t.Errorf("it took %v, more than %v", elapsed, c.max)
				}
				<-out.Done()
				a.mu.Lock()
				defer a.mu.Unlock()
				if near.cc.outstanding != 0 || len(near.sendFlows) != 0 {
					t.Errorf("%d bytes outstanding, %d flows after all was acknowledged", near.cc.outstanding, len(near.sendFlows))
				}
			})
		})
	}
}

// What cannot be delivered in time is given up, and what comes after it is not held back by the gap.
func TestDeadlines(t *testing.T) {
	for _, c := range []struct {
		name string
		opt  func() MessageOptions
	}{
		{"deliver by", func() MessageOptions {
			return MessageOptions{DeliverBy: time.Now().Add(300 * time.Millisecond)}
		}},
		{"start by", func() MessageOptions { return MessageOptions{StartBy: time.Now().Add(-time.Millisecond)} }},
		{"no retransmission", func() MessageOptions { return MessageOptions{NoRetransmit: true} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
				a, b := w.node("a", addrA), w.node("b", addrB)
				near, far := w.connect(a, b)
				out, in := w.flow(near, far, FlowOptions{Priority: PriorityData})
				w.net.SetFilter(func(p vnet.Packet) bool { return p.From != addrA })
				late, err := out.Write(context.Background(), []byte("late"), c.opt())
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(100 * time.Millisecond)
				sure := w.write(out, "sure")
				time.Sleep(100 * time.Millisecond)
				w.net.SetFilter(nil)
				w.read(in, "sure")
				<-late.Done()
				<-sure.Done()
				if late.Delivered() || !sure.Delivered() {
					t.Errorf("late delivered: %v, sure delivered: %v", late.Delivered(), sure.Delivered())
				}
				if n := out.Buffered(); n != 0 {
					t.Errorf("%d bytes buffered", n)
				}
			})
		})
	}
}

// The gap of an abandoned message is told even when nothing follows it.
func TestAbandonedTailFreesWhatIsBehindIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		a, b := w.node("a", addrA), w.node("b", addrB)
		near, far := w.connect(a, b)
		out, in := w.flow(near, far, FlowOptions{Priority: PriorityData})
		lose := true
		w.net.SetFilter(func(p vnet.Packet) bool { return !(lose && p.From == addrA) })
		gone := w.write(out, "gone")
		time.Sleep(50 * time.Millisecond)
		w.net.SetFilter(nil)
		w.write(out, "kept")
		time.Sleep(time.Millisecond)
		w.net.SetFilter(func(p vnet.Packet) bool { return p.From != addrA })
		time.Sleep(50 * time.Millisecond) // it has arrived, behind the gap
		w.net.SetFilter(nil)
		start := time.Now()
		gone.Abandon()
		w.read(in, "kept")
		if d := time.Since(start); d > 2*initialERTO {
			t.Errorf("it was held back for %v", d)
		}
	})
}

func TestNetworkOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		a, b := w.node("a", addrA), w.node("b", addrB)
		near, far := w.connect(a, b)
		out, in := w.flow(near, far, FlowOptions{Priority: PriorityVideo})
		in.SetOrder(NetworkOrder)
		w.net.SetFilter(func(p vnet.Packet) bool { return p.From != addrA })
		big := string(make([]byte, 2000))
		w.write(out, big)
		time.Sleep(time.Millisecond)
		w.net.SetFilter(nil)
		w.write(out, "small")
		w.read(in, "small")
		w.read(in, big)
	})
}

// Sound does not wait behind bulk data of the same session.
func TestPriority(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 20 * time.Millisecond, Rate: 125_000, Queue: 20_000})
		a, b := w.node("a", addrA), w.node("b", addrB)
		near, far := w.connect(a, b)
		bulk, bulkIn := w.flow(near, far, FlowOptions{Priority: PriorityBulk, Buffer: 4 << 20})
		audio, audioIn := w.flow(near, far, FlowOptions{Priority: PriorityAudio})
		go func() {
			for {
				if _, err := bulkIn.Read(context.Background()); err != nil {
					return
				}
			}
		}()
		for range 80 {
			w.write(bulk, string(make([]byte, 50_000)))
		}
		var worst time.Duration
		for range 100 {
			time.Sleep(20 * time.Millisecond)
			start := time.Now()
			w.write(audio, fmt.Sprint(start.UnixNano()))
			w.read(audioIn, fmt.Sprint(start.UnixNano()))
			worst = max(worst, time.Since(start))
		}
		if bulk.Buffered() == 0 {
			t.Error("the bulk transfer was over before its time")
		}
		if worst > 400*time.Millisecond {
			t.Errorf("sound took up to %v", worst)
		}
		t.Logf("worst %v, %+v", worst, near.Stats())
	})
}

// An endpoint with small buffers holds no more than they take, and gets everything nevertheless.
func TestSmallSessionBuffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const buffer = 64 << 10
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		a, b := w.node("a", addrA), w.node("b", addrB, func(c *Config) { c.SessionBuffer = buffer })
		near, far := w.connect(a, b)
		var flows []*RecvFlow
		message := string(make([]byte, 10_000))
		for range 4 {
			out, in := w.flow(near, far, FlowOptions{})
			for range 20 {
				w.write(out, message)
			}
			flows = append(flows, in)
		}
		time.Sleep(5 * time.Second)
		b.mu.Lock()
		held := far.recvBytes
		b.mu.Unlock()
		if held == 0 || held > buffer {
			t.Errorf("%d bytes are held", held)
		}
		got := make(chan int)
		for _, in := range flows {
			go func() {
				n := 0
				for ; n < 20; n++ {
					if b, err := in.Read(w.ctx(time.Minute)); err != nil || len(b) != len(message) {
						break
					}
				}
				got <- n
			}()
		}
		for range flows {
			if n := <-got; n != 20 {
				t.Errorf("%d messages came", n)
			}
		}
	})
}

// A reader that does not read stops the writer; when it reads again, all goes on, even if
// the acknowledgement that says so is lost.
func TestFlowControl(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		a, b := w.node("a", addrA), w.node("b", addrB)
		near, far := w.connect(a, b)
		out, in := w.flow(near, far, FlowOptions{Priority: PriorityBulk, Buffer: 100_000})
		message := string(make([]byte, 10_000))
		written := 0
		for {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			_, err := out.Write(ctx, []byte(message), MessageOptions{})
			cancel()
			if errors.Is(err, context.DeadlineExceeded) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			written++
		}
		if written*len(message) < recvCapacity || written*len(message) > 2*recvCapacity {
			t.Errorf("%d bytes were taken with nobody reading", written*len(message))
		}
		b.mu.Lock()
		held := far.recvBytes
		b.mu.Unlock()
		if held > maxSessionRecv {
			t.Errorf("%d bytes held", held)
		}
		w.net.SetFilter(func(p vnet.Packet) bool { return p.From != addrB })
		got := 0
		for {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			_, err := in.Read(ctx)
			cancel()
			if err != nil {
				break
			}
			got++
		}
		if got == written {
			t.Error("nothing was held back")
		}
		w.net.SetFilter(nil) // only a Buffer Probe can learn of the window now
		for range written - got {
			w.read(in, message)
		}
		w.write(out, "end")
		w.read(in, "end")
		b.mu.Lock()
		defer b.mu.Unlock()
		if far.recvBytes != 0 {
			t.Errorf("%d bytes are held when all is read", far.recvBytes)
		}
	})
}

func TestReject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		a, b := w.node("a", addrA), w.node("b", addrB)
		near, far := w.connect(a, b)
		out, in := w.flow(near, far, FlowOptions{})
		r := w.write(out, "unwelcome")
		in.Reject(42)
		<-out.Done()
		var exception *FlowException
		if !errors.As(out.Err(), &exception) || exception.Code != 42 {
			t.Errorf("the sender was told %v", out.Err())
		}
		<-r.Done()
		if _, err := out.Write(context.Background(), nil, MessageOptions{}); !errors.As(err, &exception) {
			t.Errorf("writing to a rejected flow: %v", err)
		}
		if _, err := in.Read(context.Background()); !errors.Is(err, ErrClosed) {
			t.Errorf("reading a rejected flow: %v", err)
		}
		time.Sleep(5 * time.Second)
		a.mu.Lock()
		defer a.mu.Unlock()
		if len(near.sendFlows) != 0 {
			t.Error("the rejected flow is still there")
		}
		if near.err != nil {
			t.Error("the session ended")
		}
	})
}

func TestFlowLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: time.Millisecond})
		a, b := w.node("a", addrA), w.node("b", addrB)
		near, _ := w.connect(a, b)
		if _, err := near.OpenFlow(make([]byte, maxMetadata+1), FlowOptions{}); !errors.Is(err, ErrTooLarge) {
			t.Errorf("long metadata: %v", err)
		}
		var last *SendFlow
		for range maxRecvFlows + 1 {
			f, err := near.OpenFlow([]byte("many"), FlowOptions{})
			if err != nil {
				t.Fatal(err)
			}
			w.write(f, "x")
			last = f
		}
		<-last.Done()
		var exception *FlowException
		if !errors.As(last.Err(), &exception) || exception.Code != 0 {
			t.Errorf("one flow too many: %v", last.Err())
		}
		if _, err := last.Write(context.Background(), make([]byte, maxMessage+1), MessageOptions{}); !errors.Is(err, ErrTooLarge) {
			t.Errorf("a long message: %v", err)
		}
	})
}
