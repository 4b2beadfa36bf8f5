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

// A close by either end unblocks everything at both.
func TestOrderlyClose(t *testing.T) {
	for _, byInitiator := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
			a, b := w.node("a", addrA), w.node("b", addrB)
			near, far := w.connect(a, b)
			if !byInitiator {
				near, far = far, near
			}
			out, in := w.flow(near, far, FlowOptions{Buffer: 10})
			w.write(out, "0123456789")
			errs := make(chan error)
			go func() { _, err := far.AcceptFlow(context.Background()); errs <- err }()
			go func() { _, err := near.AcceptFlow(context.Background()); errs <- err }()
			go func() {
				_, err := out.Write(context.Background(), make([]byte, 1<<20), MessageOptions{})
				if err == nil {
					_, err = out.Write(context.Background(), []byte("x"), MessageOptions{})
				}
				errs <- err
			}()
			time.Sleep(5 * time.Millisecond)
			_ = near.Close()
			if err := near.Err(); !errors.Is(err, ErrClosed) {
				t.Errorf("at once after Close: %v", err)
			}
			for range 3 {
				if err := <-errs; !errors.Is(err, ErrClosed) {
					t.Errorf("a blocked call returned %v", err)
				}
			}
			w.read(in, "0123456789") // came before the close
			if _, err := in.Read(context.Background()); !errors.Is(err, ErrClosed) {
				t.Errorf("reading after the session's end: %v", err)
			}
			<-near.Done()
			<-far.Done()
			<-out.Done()
			if !errors.Is(far.Err(), ErrClosed) || !errors.Is(out.Err(), ErrClosed) {
				t.Errorf("far %v, flow %v", far.Err(), out.Err())
			}
			if _, err := near.OpenFlow(nil, FlowOptions{}); !errors.Is(err, ErrClosed) {
				t.Errorf("a flow in a closed session: %v", err)
			}
			time.Sleep(farCloseLinger + time.Second)
			for _, n := range []*node{a, b} {
				n.mu.Lock()
				if len(n.sessions)+len(n.byEPD)+len(n.answered)+n.closing > 0 {
					t.Errorf("left: %v %v %v %d", n.sessions, n.byEPD, n.answered, n.closing)
				}
				n.mu.Unlock()
			}
		})
	}
}

func TestSilenceEndsASession(t *testing.T) {
	for _, busy := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
			a, b := w.node("a", addrA), w.node("b", addrB)
			near, far := w.connect(a, b)
			for _, s := range []*Session{near, far} {
				s.SetKeepalive(2 * time.Second)
				s.SetTimeout(10 * time.Second)
			}
			time.Sleep(10 * time.Minute)
			if near.Err() != nil || far.Err() != nil {
				t.Fatalf("an idle session ended: %v, %v", near.Err(), far.Err())
			}
			if idle := time.Since(near.Stats().LastReceived); idle > 2500*time.Millisecond {
				t.Errorf("nothing was heard for %v", idle)
			}
			w.net.SetFilter(func(vnet.Packet) bool { return false })
			last := near.Stats().LastReceived
			if busy {
				f, err := near.OpenFlow(nil, FlowOptions{})
				if err != nil {
					t.Fatal(err)
				}
				w.write(f, "into the void")
			}
			<-near.Done()
			if d := time.Since(last); d < 10*time.Second || d > 12500*time.Millisecond || !errors.Is(near.Err(), ErrTimeout) {
				t.Errorf("ended after %v with %v", d, near.Err())
			}
			<-far.Done()
			if !errors.Is(far.Err(), ErrTimeout) {
				t.Error(far.Err())
			}
		})
	}
}

// A session that pings seldom must outlive the loss of a ping, and still notice soon that the far end is dead.
func TestUnansweredPingIsRepeated(t *testing.T) {
	for _, dead := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
			a, b := w.node("a", addrA), w.node("b", addrB)
			near, far := w.connect(a, b)
			near.SetKeepalive(15 * time.Second)
			near.SetTimeout(10 * time.Second)
			far.SetKeepalive(time.Hour)
			time.Sleep(50 * time.Second)
			var deaf atomic.Bool
			deaf.Store(true)
			w.net.SetFilter(func(vnet.Packet) bool { return !deaf.Load() })
			if !dead {
				time.Sleep(17 * time.Second) // a ping and its repetitions are lost
				deaf.Store(false)
				time.Sleep(time.Minute)
				if near.Err() != nil {
					t.Error("lost pings ended the session:", near.Err())
				}
				return
			}
			last := near.Stats().LastReceived
			<-near.Done()
			if d := time.Since(last); d > 26*time.Second {
				t.Errorf("the far end's death was noticed after %v", d)
			}
		})
	}
}

func TestEndpointCloseWithDeadFarEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		a, b := w.node("a", addrA), w.node("b", addrB)
		near, _ := w.connect(a, b)
		w.net.SetFilter(func(vnet.Packet) bool { return false })
		start := time.Now()
		_ = a.Close()
		if d := time.Since(start); d > time.Second {
			t.Errorf("Close took %v", d)
		}
		<-near.Done()
		if !errors.Is(near.Err(), ErrClosed) {
			t.Error(near.Err())
		}
		if err := a.Close(); err != nil {
			t.Error("a second Close:", err)
		}
	})
}

func TestEndpointCloseTellsTheFarEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		a, b := w.node("a", addrA), w.node("b", addrB)
		_, far := w.connect(a, b)
		start := time.Now()
		_ = a.Close()
		if d := time.Since(start); d > 30*time.Millisecond {
			t.Errorf("Close took %v on a path of 20 ms", d)
		}
		<-far.Done()
		if !errors.Is(far.Err(), ErrClosed) {
			t.Error(far.Err())
		}
	})
}

// The far end moves to another address; the session follows once the address is proved.
func TestMobility(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		a, b := w.node("a", addrA), w.node("b", addrB)
		near, far := w.connect(a, b)
		out, in := w.flow(far, near, FlowOptions{Priority: PriorityData})
		moved := netip.MustParseAddrPort("198.51.100.7:7")
		if err := a.conn.Rebind(moved); err != nil {
			t.Fatal(err)
		}
		f, _ := near.OpenFlow(nil, FlowOptions{})
		start := time.Now()
		w.write(f, "from elsewhere")
		for far.FarAddr() != moved && time.Since(start) < 5*time.Second {
			time.Sleep(time.Millisecond)
		}
		if d := time.Since(start); d > 60*time.Millisecond {
			t.Errorf("the move took %v", d)
		}
		w.write(out, "still there")
		w.read(in, "still there")
	})
}

// A packet of the session that somebody repeats from another address does not move it.
func TestReplayedPacketDoesNotMoveTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		a, b := w.node("a", addrA), w.node("b", addrB)
		near, far := w.connect(a, b)
		var copied []byte
		w.net.SetFilter(func(p vnet.Packet) bool {
			if p.From == addrA {
				copied = append([]byte(nil), p.Data...)
			}
			return true
		})
		out, in := w.flow(near, far, FlowOptions{})
		thief, _ := w.net.Listen(addrC)
		for range 5 {
			_, _ = thief.WriteToUDPAddrPort(copied, addrB)
			time.Sleep(1100 * time.Millisecond)
		}
		if far.FarAddr() != addrA {
			t.Errorf("the session went to %v", far.FarAddr())
		}
		w.write(out, "x")
		w.read(in, "x")
		_ = thief.Close()
	})
}

// A last message that is written just before the session is closed leaves with it.
func TestLastWordsBeforeClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		a, b := w.node("a", addrA), w.node("b", addrB)
		near, far := w.connect(a, b)
		out, in := w.flow(near, far, FlowOptions{Priority: PriorityControl})
		w.write(out, "bye")
		_ = near.Close()
		w.read(in, "bye")
		<-far.Done()
	})
}
