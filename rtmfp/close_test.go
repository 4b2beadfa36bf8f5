package rtmfp

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// The closing states of RFC 7016 §3.5.5: how long each end stays in them, and what it still answers.
func TestClosingStates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		a, b := w.node("a", addrA), w.node("b", addrB)
		near, far := w.connect(a, b)
		state := func(s *Session) sessionState {
			s.e.mu.Lock()
			defer s.e.mu.Unlock()
			return s.state
		}
		w.net.SetFilter(func(p vnet.Packet) bool { return p.From != addrB }) // the first acknowledgements are lost
		_ = near.Close()
		<-far.Done()
		time.Sleep(200 * time.Millisecond)
		if state(near) != stateNearClose || state(far) != stateFarClose {
			t.Errorf("states %v and %v", state(near), state(far))
		}
		w.net.SetFilter(nil)
		<-near.Done()
		if state(near) != stateClosed || state(far) != stateFarClose {
			t.Errorf("states %v and %v", state(near), state(far))
		}
		time.Sleep(farCloseLinger - time.Second)
		if state(far) != stateFarClose {
			t.Errorf("state %v before its time", state(far))
		}
		time.Sleep(2 * time.Second)
		if state(far) != stateClosed || len(a.sessions)+len(b.sessions) != 0 {
			t.Errorf("state %v, sessions %v, %v", state(far), a.sessions, b.sessions)
		}
	})
}

// Both close at once: both are done after one way, and nothing lingers for long.
func TestBothClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		a, b := w.node("a", addrA), w.node("b", addrB)
		near, far := w.connect(a, b)
		time.Sleep(time.Second)
		start := time.Now()
		_, _ = near.Close(), far.Close()
		<-near.Done()
		<-far.Done()
		if d := time.Since(start); d > 40*time.Millisecond || !errors.Is(near.Err(), ErrClosed) || !errors.Is(far.Err(), ErrClosed) {
			t.Errorf("after %v: %v, %v", d, near.Err(), far.Err())
		}
		if live(a)+live(b) != 0 {
			t.Error("something is open")
		}
	})
}

// An abrupt close is over at once on either side.
func TestAbort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		a, b := w.node("a", addrA), w.node("b", addrB)
		near, far := w.connect(a, b)
		out, _ := w.flow(near, far, FlowOptions{})
		_, _ = near.Abort(), near.Abort()
		<-near.Done()
		<-out.Done()
		start := time.Now()
		<-far.Done()
		if d := time.Since(start); d != 10*time.Millisecond || !errors.Is(far.Err(), ErrClosed) {
			t.Errorf("after %v: %v", d, far.Err())
		}
		a.mu.Lock()
		b.mu.Lock()
		if len(a.sessions)+len(b.sessions) != 0 {
			t.Errorf("sessions %v, %v", a.sessions, b.sessions)
		}
		b.mu.Unlock()
		a.mu.Unlock()
	})
}
