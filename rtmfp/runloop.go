package rtmfp

import (
	"errors"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"time"
)

// arrival is how the packet that is being handled came.
type arrival struct {
	at     time.Time // when it was read
	ecn    byte      // its ECN field
	urgent bool      // it was time critical
}

// outgoing is a batch of sealed packets. Those that follow one another do so in memory too.
type outgoing struct {
	buf       []byte
	packets   []outgoingPacket
	batch     []datagram // writeTo's
	unbounded bool       // never full
}

type outgoingPacket struct {
	end int // in buf
	to  netip.AddrPort
	ecn byte

	session *Session // whose it is, and how long it was when plain; nil for startup packets
	plain   int
}

func (o *outgoing) full() bool {
	return (len(o.packets) >= outboundBatch || len(o.buf) >= outboundBytes) && !o.unbounded
}

func (o *outgoing) reset() {
	clear(o.packets)
	o.buf, o.packets = o.buf[:0], o.packets[:0]
}

// writeTo sends the batch. If the conn has refused some as too long, the answer is true.
func (o *outgoing) writeTo(conn batchConn) (tooLong bool) {
	o.batch = o.batch[:0]
	start := 0
	for _, p := range o.packets {
		o.batch = append(o.batch, datagram{data: o.buf[start:p.end:p.end], addr: p.to, ecn: p.ecn})
		start = p.end
	}
	if len(o.batch) > 0 {
		conn.writeBatch(o.batch)
	}
	return slices.ContainsFunc(o.batch, func(d datagram) bool { return d.tooLong })
}

// refused tells the sessions whose packets were too long.
func (e *Endpoint) refused(o *outgoing) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	for i, p := range o.packets {
		if o.batch[i].tooLong && p.session != nil && p.session.state == stateOpen {
			p.session.path.refused(p.session, p.plain, now)
		}
	}
	e.wake()
}

// read is the reader goroutine: it handles what comes from the conn, and sends the answers.
func (e *Endpoint) read() {
	defer e.wg.Done()
	batch := make([]datagram, inboundBatch)
	failures := 0
	for {
		n, err := e.io.readBatch(batch)
		if err != nil {
			failures++
			if errors.Is(err, net.ErrClosed) || failures >= maxReadErrors {
				e.broken(err)
				return
			}
			select {
			case <-time.After(readErrorPause):
				continue
			case <-e.quit:
				return
			}
		}
		failures = 0
		at := time.Now()
		for rest := batch[:n]; len(rest) > 0; {
			rest = e.take(rest, at)
			// Whoever waited for a message goes first: before the packets behind it, before the answers to it are sent, and
			// maybe with an answer that goes along with them.
			runtime.Gosched()
		}
		e.drive()
	}
}

// run is the run loop: it does what the reader does not get to, at its time or when it is woken.
func (e *Endpoint) run() {
	defer e.wg.Done()
	defer e.timer.Stop()
	for {
		select {
		case <-e.kick:
		case <-e.timer.C:
		case <-e.quit:
			return
		}
		e.drive()
	}
}

// drive fires alarms and sends what has become due: one batch of it, and wakes the run loop if there is
// more. Sending is done without mu, so that nobody who wants to write or read a message waits for the system.
func (e *Endpoint) drive() {
	e.turn.Lock()
	defer e.turn.Unlock()
	e.takeTurn()
}

// take handles packets that were read at a time, up to one that is time critical, and returns the rest. What there is to
// answer waits for the next turn.
func (e *Endpoint) take(received []datagram, at time.Time) []datagram {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.driving = true
	e.rx.at, e.rx.urgent = at, false
	for len(received) > 0 && !e.rx.urgent {
		p := &received[0]
		received = received[1:]
		e.rx.ecn = p.ecn
		e.receive(p.data, p.addr, at)
	}
	e.driving = false
	return received
}

// hurry has what is time critical sent by the caller's goroutine, unless another is at it: waking one up takes longer than
// sending.
func (e *Endpoint) hurry() {
	if !e.turn.TryLock() {
		e.wake()
		return
	}
	defer e.turn.Unlock()
	e.takeTurn()
}

// takeTurn is drive for whoever holds turn.
func (e *Endpoint) takeTurn() {
	e.mu.Lock()
	e.driving = true
	now := time.Now()
	e.alarms.run(now)
	e.flush(now)
	if len(e.dirty) > 0 {
		e.wake()
	}
	e.out, e.written = e.written, e.out
	next, ok := e.alarms.next()
	var drained chan struct{}
	if e.closing == 0 && len(e.dirty) == 0 {
		drained, e.drained = e.drained, nil
	}
	e.driving = false
	e.mu.Unlock()

	if e.written.writeTo(e.io) {
		e.refused(e.written)
	}
	e.written.reset()
	if drained != nil {
		close(drained)
	}
	// A timer that is set too early does no harm.
	if ok && (e.armed.IsZero() || next.Before(e.armed) || !e.armed.After(now)) {
		e.timer.Reset(time.Until(next))
		e.armed = next
	}
}

// receive handles one datagram.
func (e *Endpoint) receive(b []byte, from netip.AddrPort, now time.Time) {
	if len(b) < minDatagram || e.closed && e.closing == 0 {
		return
	}
	id := sessionID(b)
	if id == 0 {
		e.receiveStartup(b, from, now)
	} else if s := e.sessions[id]; s != nil {
		s.receive(b, from, now)
	} else if o := e.keying[id]; o != nil {
		o.receive(b, from, now)
	}
}

// flush sends what the dirty sessions have to send, until a batch is full. They take turns.
func (e *Endpoint) flush(now time.Time) {
	n := len(e.dirty)
	i := 0
	for ; i < n && !e.out.full(); i++ {
		s := e.dirty[i]
		s.dirty = false
		s.flush(now)
		if e.out.full() {
			s.markDirty() // it may have more
		}
	}
	rest := copy(e.dirty, e.dirty[i:])
	clear(e.dirty[rest:])
	e.dirty = e.dirty[:rest]
}

// wake makes the run loop look at alarms and dirty sessions.
func (e *Endpoint) wake() {
	select {
	case e.kick <- struct{}{}:
	default:
	}
}

// send seals a plain packet for session id with c and puts it into the batch that goes next. It returns its size.
func (e *Endpoint) send(to netip.AddrPort, id uint32, c PacketCipher, plain []byte, ecn byte) int {
	o := e.out
	start := len(o.buf)
	o.buf = sealDatagram(o.buf, id, c, plain)
	o.packets = append(o.packets, outgoingPacket{end: len(o.buf), to: to, ecn: ecn})
	if !e.driving {
		e.wake()
	}
	return len(o.buf) - start
}
