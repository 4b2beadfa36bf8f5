package rtmfp

import (
	"time"

	"sundog.dev/sundog/rtmfp/internal/wire"
)

// FlowOptions are the choices for a sending flow.
type FlowOptions struct {
	Priority Priority
	// ReturnOf associates the flow to a receiving flow of the same session (RFC 7016 §2.3.11.1.2).
	ReturnOf *RecvFlow
	// Buffer bounds the bytes that are written and not yet acknowledged or abandoned. 0: a default.
	// One message is taken however long it is, when nothing else is buffered.
	Buffer int
	// Forwards says that what is sent is others', who have spread it over time themselves: it goes before its turn among what shares an
	// uplink (Coupling.Together), as sound does.
	Forwards bool
}

// SendFlow is the sending end of a flow. The far end learns of it with the first message.
type SendFlow struct {
	s        *Session
	id       uint64
	priority Priority
	ahead    bool // of its turn
	capacity int
	room     chan struct{} // capacity 1: a blocked writer may look again
	done     chan struct{}

	// guarded by the endpoint's mu
	options     []byte // STARTUP_OPTIONS with the marker, until the first acknowledgement
	queue       fragmentQueue
	receipts    receipts
	unacked     int    // fragments in the queue that are not acknowledged
	unsent      uint64 // the first that was never sent
	lostCount   int    // fragments in fragmentLost
	lostFrom    uint64 // none of those comes before
	outstanding int    // F_OUTSTANDING_BYTES
	window      int    // RX_BUFFER_SIZE
	buffered    int
	isActive    bool // in Session.active
	closed      bool // F_CLOSING or after
	exception   error
	final       uint64 // F_FINAL_SN; 0: none
	err         error
	ended       bool
	expiry      alarm
	probe       alarm
	probeWait   time.Duration
}

// OpenFlow opens a sending flow with the user's metadata (RFC 7016 §3.6.2.1), at most 512 bytes (ErrTooLarge). After the
// session's end its error is the session's. ErrClosed if ReturnOf is of another session, or has been rejected or received to its end,
// read or not: a flow that is to answer is best opened as soon as the other is accepted.
func (s *Session) OpenFlow(metadata []byte, opt FlowOptions) (*SendFlow, error) {
	if len(metadata) > maxMetadata {
		return nil, ErrTooLarge
	}
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	if s.state != stateOpen {
		return nil, s.err
	}
	options := wire.AppendOption(nil, optionMetadata, metadata)
	if r := opt.ReturnOf; r != nil {
		if r.s != s || r.state != recvOpen {
			return nil, ErrClosed
		}
		options = wire.AppendOption(options, optionReturnFlow, wire.AppendVLU(nil, r.id))
	}
	if opt.Buffer <= 0 {
		opt.Buffer = defaultSendBuffer
	}
	f := &SendFlow{
		s:        s,
		id:       s.nextFlowID,
		priority: min(opt.Priority, PriorityControl),
		ahead:    opt.Forwards || opt.Priority > PriorityVideo,
		capacity: opt.Buffer,
		room:     make(chan struct{}, 1),
		done:     make(chan struct{}),
		options:  wire.AppendMarker(options),
		queue:    fragmentQueue{base: 1},
		unsent:   1,
		window:   initialRecvWindow,
	}
	f.expiry.fire = f.expireMessages
	f.probe.fire = f.sendProbe
	s.nextFlowID++
	s.sendFlows[f.id] = f
	s.log.flowOpened(f.id, DirectionOut, len(metadata), returnID(opt.ReturnOf), time.Now())
	return f, nil
}

// returnID is the flow's ID, or 0.
func returnID(f *RecvFlow) uint64 {
	if f == nil {
		return 0
	}
	return f.id
}

// Session is the session of the flow.
func (f *SendFlow) Session() *Session { return f.s }

func (f *SendFlow) hasRoom(n int) bool {
	return f.queue.n < maxSendFragments && (f.buffered == 0 || f.buffered+n <= f.capacity)
}

func (f *SendFlow) signalRoom() {
	select {
	case f.room <- struct{}{}:
	default:
	}
}

// enqueue divides a message into fragments (RFC 7016 §3.6.2.2).
func (f *SendFlow) enqueue(r *Receipt) {
	f.cut(r, 0)
	f.buffered += len(r.data)
}

// cut queues what of a message comes from offset on, in fragments that fit the path.
func (f *SendFlow) cut(r *Receipt, offset int) {
	limit := f.s.path.limit - dataOverhead - len(f.options)
	for ; ; offset += limit {
		length := min(len(r.data)-offset, limit)
		last := offset+length == len(r.data)
		var control byte
		switch {
		case offset == 0 && last:
			control = fragmentWhole
		case offset == 0:
			control = fragmentBegin
		case last:
			control = fragmentEnd
		default:
			control = fragmentMiddle
		}
		f.queue.push(fragment{msg: r, offset: offset, length: length, control: control})
		f.unacked++
		r.unacked++
		if last {
			return
		}
	}
}

// recut divides what was never sent once more, after the path has become narrower. No number that the far end has
// seen changes its meaning.
func (f *SendFlow) recut() {
	from := max(f.unsent, f.queue.base)
	tail := f.queue.truncate(from)
	f.unacked -= len(tail)
	for i := range tail {
		fr := &tail[i]
		switch {
		case fr.msg.finished: // abandoned, or the end of the flow
			f.queue.push(*fr)
			f.unacked++
		case i == 0 || tail[i-1].msg != fr.msg:
			for k := i; k < len(tail) && tail[k].msg == fr.msg; k++ {
				fr.msg.unacked--
			}
			f.cut(fr.msg, fr.offset)
		}
	}
	if f.final >= from {
		f.final = f.queue.end() - 1
	}
}

// Close closes the flow after what was written (RFC 7016 §3.6.2.11). It does not wait.
func (f *SendFlow) Close() error {
	f.s.e.mu.Lock()
	defer f.s.e.mu.Unlock()
	f.close()
	f.s.e.wake()
	return nil
}

func (f *SendFlow) close() {
	if f.closed || f.ended {
		return
	}
	f.closed = true
	f.signalRoom() // a blocked writer fails
	if f.queue.end() == 1 {
		f.finish(ErrClosed) // the far end has never heard of it
		return
	}
	if tail := f.queue.at(f.queue.end() - 1); tail != nil && tail.state == fragmentQueued {
		f.final = f.queue.end() - 1
	} else {
		f.final = f.queue.end()
		f.queue.push(fragment{msg: &Receipt{flow: f, abandoned: true, finished: true, unacked: 1}})
		f.unacked++
	}
	f.activate()
}

// Done is closed when the flow has ended: closed and acknowledged, rejected by the far
// end, or gone with its session. Err then says which.
func (f *SendFlow) Done() <-chan struct{} { return f.done }

// Err is nil while the flow is open; a *FlowException when the far end rejected it, ErrClosed after
// its own orderly end, otherwise the session's error.
func (f *SendFlow) Err() error {
	f.s.e.mu.Lock()
	defer f.s.e.mu.Unlock()
	return f.err
}

// Buffered is the number of bytes written and neither acknowledged nor abandoned.
func (f *SendFlow) Buffered() int {
	f.s.e.mu.Lock()
	defer f.s.e.mu.Unlock()
	return f.buffered
}

// finish ends the flow for its user.
func (f *SendFlow) finish(err error) {
	if f.ended {
		return
	}
	f.ended, f.closed = true, true
	f.err = err
	f.s.log.flowEnded(f.id, DirectionOut, err, time.Now())
	f.abandonAll()
	close(f.done)
	f.retireIfComplete()
}

// retireIfComplete forgets a closed flow of which everything is acknowledged. RFC 7016's F_COMPLETE_LINGER is
// not needed: no flow ID is used twice in a session.
func (f *SendFlow) retireIfComplete() {
	if !f.closed || f.unacked > 0 {
		return
	}
	f.finish(ErrClosed)
	f.s.e.alarms.drop(&f.expiry)
	f.s.e.alarms.drop(&f.probe)
	delete(f.s.sendFlows, f.id)
}

// abandonAll abandons every message of the flow.
func (f *SendFlow) abandonAll() {
	for seq := f.queue.base; seq < f.queue.end(); seq++ {
		f.queue.at(seq).msg.abandon()
	}
}

// end ends the flow with its session.
func (f *SendFlow) end(err error) {
	f.s.e.alarms.drop(&f.expiry)
	f.s.e.alarms.drop(&f.probe)
	if !f.ended {
		f.ended, f.closed = true, true
		f.err = err
		f.abandonAll()
		close(f.done)
	}
	f.queue, f.unacked, f.outstanding = fragmentQueue{base: f.queue.end()}, 0, 0
}

// expireMessages abandons what is too late, and sets the alarm for what will be next.
func (f *SendFlow) expireMessages(now time.Time) {
	var next time.Time
	for seq := f.queue.base; seq < f.queue.end(); seq++ {
		r := f.queue.at(seq).msg
		r.expire(now)
		if d := r.deadline(); !r.finished && !d.IsZero() && (next.IsZero() || d.Before(next)) {
			next = d
		}
	}
	if !next.IsZero() {
		f.s.e.alarms.set(&f.expiry, next)
	}
	f.activate()
}

// receiveException handles a Flow Exception Report (RFC 7016 §3.6.2.10).
func (s *Session) receiveException(flow, code uint64) {
	f := s.sendFlows[flow]
	if f == nil || f.exception != nil || f.queue.end() == 1 {
		return
	}
	f.exception = &FlowException{Code: code}
	s.log.flowRejected(f.id, DirectionOut, code, "the far end rejected it", time.Now())
	f.close()
	f.finish(f.exception)
	f.activate()
}
