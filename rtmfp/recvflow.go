package rtmfp

import (
	"bytes"
	"context"
	"io"
	"time"
)

// Order is the order in which a receiving flow delivers messages.
type Order uint8

// The orders of delivery (RFC 7425 §5.1.1).
const (
	OriginalOrder Order = iota // the sender's queuing order
	NetworkOrder               // as soon as a message is complete
)

// recvState is a state of RFC 7016 §3.6.3.
type recvState uint8

const (
	recvOpen recvState = iota
	recvRejected
	recvComplete // lingering
)

// RecvFlow is the receiving end of a flow.
type RecvFlow struct {
	s        *Session
	id       uint64
	metadata []byte
	returnOf *SendFlow
	arrived  chan struct{} // capacity 1: a blocked reader may look again
	ended    chan struct{} // closed when nothing more will arrive

	// guarded by the endpoint's mu
	state      recvState
	set        sequenceSet
	final      uint64 // RF_FINAL_SN; 0: unknown
	order      Order
	parts      reassembly
	ready      []message // complete
	readyHead  int
	readyBytes int    // charged for those
	last       uint64 // the sequence number of the end of the last one
	shouldAck  bool
	advertised int // PREV_RWND; -1: none yet
	exception  uint64
	err        error // why nothing more will arrive
	lingerFrom time.Time
}

// Metadata is the user's metadata of the flow. Not to be modified.
func (f *RecvFlow) Metadata() []byte { return f.metadata }

// ReturnOf is the near end's sending flow that this one is associated to, or nil.
func (f *RecvFlow) ReturnOf() *SendFlow { return f.returnOf }

// Session is the session of the flow.
func (f *RecvFlow) Session() *Session { return f.s }

// SetOrder chooses the order of delivery; OriginalOrder at first.
func (f *RecvFlow) SetOrder(o Order) {
	f.s.e.mu.Lock()
	defer f.s.e.mu.Unlock()
	f.order = o
	if o == NetworkOrder {
		f.parts.deliverAll(f)
	}
}

// Read returns the next message, which the caller owns. At the flow's orderly
// end it is io.EOF, after the session's end the session's error; messages that were complete
// before are returned first.
func (f *RecvFlow) Read(ctx context.Context) ([]byte, error) { return f.ReadInto(ctx, nil) }

// ReadInto is Read into the memory of buf, as far as that is enough for the message: a caller who gives the last
// result each time reads without allocating.
func (f *RecvFlow) ReadInto(ctx context.Context, buf []byte) ([]byte, error) {
	msg, _, err := f.ReadMessage(ctx, buf)
	return msg, err
}

// ReadMessage is ReadInto, and in original order tells whether messages that the sender abandoned are missing before this
// one (RFC 7016 §3.6.1.2). How many they were cannot be known. In network order gap says nothing.
func (f *RecvFlow) ReadMessage(ctx context.Context, buf []byte) (msg []byte, gap bool, err error) {
	for {
		m, ok, err := f.tryRead()
		if ok {
			if cap(buf) < m.length || buf == nil {
				buf = make([]byte, 0, m.length)
			}
			buf = m.appendTo(buf[:0])
			f.s.e.fragments.release(m.first)
			return buf, m.gap, nil
		}
		if err != nil {
			return nil, false, err
		}
		select {
		case <-f.arrived:
		case <-f.ended:
		case <-ctx.Done():
			return nil, false, ctx.Err()
		}
	}
}

func (f *RecvFlow) tryRead() (m message, ok bool, err error) {
	f.s.e.mu.Lock()
	defer f.s.e.mu.Unlock()
	if f.readyHead == len(f.ready) {
		return message{}, false, f.err
	}
	m = f.ready[f.readyHead]
	f.ready[f.readyHead] = message{}
	f.readyHead++
	if f.readyHead == len(f.ready) {
		f.ready, f.readyHead = f.ready[:0], 0
	} else {
		f.signal()
	}
	f.readyBytes -= m.charge
	f.s.recvBytes -= m.charge
	f.reopenWindow()
	return m, true, nil
}

func (f *RecvFlow) signal() {
	select {
	case f.arrived <- struct{}{}:
	default:
	}
}

// deliver hands a complete message, of n fragments from seq on, to the reader. What it holds is charged to the session
// already.
func (f *RecvFlow) deliver(m message, seq uint64, n int) {
	m.gap = seq != f.last+1
	f.last = seq + uint64(n) - 1
	if f.readyHead > 64 && f.readyHead > len(f.ready)/2 {
		n := copy(f.ready, f.ready[f.readyHead:])
		clear(f.ready[n:])
		f.ready, f.readyHead = f.ready[:n], 0
	}
	f.ready = append(f.ready, m)
	f.readyBytes += m.charge
	f.signal()
}

// Reject refuses the flow with an exception code (RFC 7016 §3.6.3.7). Messages that are not read are dropped.
func (f *RecvFlow) Reject(code uint64) {
	f.s.e.mu.Lock()
	defer f.s.e.mu.Unlock()
	f.dropReady()
	if f.state == recvOpen && f.s.state == stateOpen {
		f.reject(code, "the user rejected it")
		f.s.e.wake()
	}
}

// reject moves an open flow to RF_REJECTED.
func (f *RecvFlow) reject(code uint64, why string) {
	f.s.log.flowRejected(f.id, DirectionIn, code, why, time.Now())
	f.state, f.exception = recvRejected, code
	f.s.openRecvFlows--
	f.finish(ErrClosed)
	f.acknowledge(true)
}

// finish: nothing more will arrive.
func (f *RecvFlow) finish(err error) {
	if f.err == nil {
		f.err = err
		close(f.ended)
	}
	f.parts.discard(f)
	f.set.fill(0)
}

// end ends the flow with its session.
func (f *RecvFlow) end(err error) { f.finish(err) }

func (f *RecvFlow) dropReady() {
	f.s.recvBytes -= f.readyBytes
	for _, m := range f.ready[f.readyHead:] {
		f.s.e.fragments.release(m.first)
	}
	f.ready, f.readyHead, f.readyBytes = nil, 0, 0
}

// windowBlocks is the receive window to advertise (RFC 7016 §3.6.3.5).
func (f *RecvFlow) windowBlocks() int {
	e := f.s.e
	room := min(e.recvCapacity-f.readyBytes-f.parts.bytes, e.recvBudget/2-f.s.recvBytes)
	if room > 0 {
		return (room + ackBlock - 1) / ackBlock
	}
	if f.readyBytes >= e.recvCapacity {
		return 0 // suspended: the reader must read first
	}
	return 1 // else a gap could never be filled
}

// reopenWindow tells the sender of a window that was small and is not any more.
func (f *RecvFlow) reopenWindow() {
	capacity := f.s.e.recvCapacity
	if f.state != recvOpen || f.s.state != stateOpen || f.advertised < 0 || f.advertised > capacity/ackBlock/4 {
		return
	}
	if blocks := f.windowBlocks(); blocks >= capacity/ackBlock/2 || f.advertised == 0 && f.readyBytes < capacity*3/4 {
		f.acknowledge(true)
		f.s.e.wake()
	}
}

// receiveProbe answers a Buffer Probe.
func (s *Session) receiveProbe(flow uint64) {
	if f := s.recvFlows[flow]; f != nil {
		f.acknowledge(true)
	}
}

// newRecvFlow starts a receiving flow (RFC 7016 §3.6.3.1); nil if there are too many.
func (s *Session) newRecvFlow(c *userData) *RecvFlow {
	if len(s.recvFlows) >= s.e.recvFlowStates {
		s.log.limit("maxRecvFlowStates", time.Now())
		return nil
	}
	f := &RecvFlow{
		s:          s,
		id:         c.flow,
		arrived:    make(chan struct{}, 1),
		ended:      make(chan struct{}),
		advertised: -1,
		set:        sequenceSet{most: s.e.recvRanges},
	}
	s.recvFlows[f.id] = f
	s.openRecvFlows++
	f.acknowledge(true)
	o := &c.options
	if o.hasReturn {
		f.returnOf = s.sendFlows[o.returnFlow]
	}
	s.log.flowOpened(f.id, DirectionIn, len(o.metadata), o.returnFlow, time.Now())
	switch {
	case s.openRecvFlows > maxRecvFlows:
		s.log.limit("maxRecvFlows", time.Now())
		f.reject(0, "too many flows")
		return f
	case !o.hasMetadata, o.unknown:
		f.reject(0, "no metadata, or an option that is not known")
		return f
	case o.hasReturn && (f.returnOf == nil || f.returnOf.closed):
		f.reject(0, "the flow that it answers is not there")
		return f
	}
	f.metadata = bytes.Clone(o.metadata)
	if len(s.backlog) >= maxRecvFlows {
		f.reject(0, "nobody accepts flows")
		return f
	}
	s.backlog = append(s.backlog, f)
	s.signalFlow()
	return f
}

// receiveData processes a fragment (RFC 7016 §3.6.3.2).
func (s *Session) receiveData(c *userData, now time.Time) {
	f := s.recvFlows[c.flow]
	if f == nil {
		if f = s.newRecvFlow(c); f == nil {
			return
		}
	}
	if f.state == recvOpen && c.options.unknown {
		f.reject(0, "an option that is not known")
	}
	duplicate := f.set.contains(c.seq)
	f.acknowledge(f.state != recvOpen || f.advertised >= 0 && f.advertised < 2 || c.abandon || f.set.hasGaps() || duplicate)
	if !duplicate && c.final && f.final == 0 {
		f.final = c.seq
		f.acknowledge(true)
	}
	f.set.raise(c.fsn)
	switch {
	case f.state != recvOpen:
		f.set.fill(c.seq) // what is missing is not missed: there are no gaps to be remembered
	case f.set.contains(c.seq):
	case c.abandon:
		f.set.add(c.seq)
	case !f.store(c):
		return
	}
	if f.set.hasGaps() {
		f.acknowledge(true)
	}
	if f.state == recvOpen {
		f.parts.deliverInOrder(f)
	}
	if f.state == recvOpen && f.windowBlocks() < 2 {
		f.acknowledge(true)
	}
	f.completeIfDone(now)
}

// store takes in a fragment's data; false if it must be as though it had been lost.
func (f *RecvFlow) store(c *userData) bool {
	s := f.s
	if s.recvBytes+len(c.data)+fragmentOverhead > s.e.recvBudget {
		s.log.limit("maxSessionRecv", time.Now())
		if f.parts.bytes > s.e.recvBudget/2 {
			f.reject(0, "too much that is incomplete")
		}
		return false
	}
	switch n := f.parts.count(); {
	case n >= 2*maxParts:
		s.log.limit("maxParts", time.Now())
		f.reject(0, "too many small fragments") // nobody cuts messages so small
		return false
	case n >= maxParts && c.seq != f.set.cumulative+1:
		return false
	}
	if !f.set.add(c.seq) {
		s.log.limit("maxRecvRanges", time.Now())
		return false
	}
	f.parts.insert(f, c)
	return true
}

// completeIfDone moves the flow to RF_COMPLETE_LINGER when all has been received (RFC 7016 §3.6.3.8).
func (f *RecvFlow) completeIfDone(now time.Time) {
	if f.final == 0 || f.set.cumulative < f.final || f.state == recvComplete {
		return
	}
	s := f.s
	if f.state == recvOpen {
		s.openRecvFlows--
		s.log.flowEnded(f.id, DirectionIn, ErrClosed, now)
	}
	f.state = recvComplete
	f.finish(io.EOF)
	f.acknowledge(true)
	f.lingerFrom = now
	s.lingering = append(s.lingering, f)
	if !s.linger.isSet() {
		s.e.alarms.set(&s.linger, now.Add(recvLinger))
	}
}

// reapFlows forgets flows that have lingered enough.
func (s *Session) reapFlows(now time.Time) {
	n := 0
	for n < len(s.lingering) && now.Sub(s.lingering[n].lingerFrom) >= recvLinger {
		delete(s.recvFlows, s.lingering[n].id)
		n++
	}
	s.lingering = append([]*RecvFlow(nil), s.lingering[n:]...)
	if len(s.lingering) > 0 {
		s.e.alarms.set(&s.linger, s.lingering[0].lingerFrom.Add(recvLinger))
	}
}
