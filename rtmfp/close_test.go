package rtmfp

import (
	"errors"
	"net/netip"
	"runtime"
	"sync"
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

// The far end's Close request and its acknowledgement of ours may come in one packet, or be read in one go. Its request is
// answered even so: else it would ask a session that is forgotten until its time is over.
func TestBothCloseInOnePacket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		a, b := w.node("a", addrA), w.node("b", addrB)
		near, far := w.connect(a, b)
		time.Sleep(time.Second)
		start := time.Now()
		_ = far.Close()
		synctest.Wait() // its request is on its way
		a.mu.Lock()
		near.closeNear(start)
		near.receiveClose(start) // and here already
		a.wake()
		a.mu.Unlock()
		<-near.Done()
		<-far.Done()
		if d := time.Since(start); d > 40*time.Millisecond {
			t.Errorf("closed after %v", d)
		}
	})
}

// heldConn does not send while it is held; Close lets go.
type heldConn struct {
	PacketConn
	mu   sync.Mutex
	held chan struct{} // nil: not held
}

func (c *heldConn) hold() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = make(chan struct{})
}

func (c *heldConn) letGo() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held != nil {
		close(c.held)
		c.held = nil
	}
}

func (c *heldConn) isHeld() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.held != nil
}

func (c *heldConn) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	c.mu.Lock()
	held := c.held
	c.mu.Unlock()
	if held != nil {
		<-held
	}
	return c.PacketConn.WriteToUDPAddrPort(b, to)
}

func (c *heldConn) Close() error {
	err := c.PacketConn.Close()
	c.letGo()
	return err
}

// Close of an endpoint sends what its sessions have to say before it closes the socket.
func TestEndpointCloseAcknowledges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
		conn, err := w.net.Listen(addrB)
		if err != nil {
			t.Fatal(err)
		}
		held := &heldConn{PacketConn: conn}
		a, b := w.node("a", addrA), w.nodeOn("b", held)
		near, far := w.connect(a, b)
		time.Sleep(time.Second)
		held.hold()
		start := time.Now()
		_ = near.Close()
		<-far.Done()                                                      // its acknowledgement is about to be sent
		go b.Close()                                                      //nolint:errcheck // waited for by the test's end
		for turns := 0; turns < 100 && held.isHeld(); runtime.Gosched() { // time enough to close the conn too early
			b.mu.Lock()
			if b.closed {
				turns++
			}
			b.mu.Unlock()
		}
		held.letGo()
		<-near.Done()
		if d := time.Since(start); d > 40*time.Millisecond {
			t.Errorf("closed after %v", d)
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
