package rtmfp

import "time"

// MessageOptions are the choices for one message.
type MessageOptions struct {
	// StartBy abandons the message if its transmission has not begun by then; DeliverBy
	// if it is not acknowledged by then. Zero: never (full reliability).
	StartBy, DeliverBy time.Time
	// NoRetransmit abandons what is lost instead of sending it again.
	NoRetransmit bool
}

// Receipt follows one written message.
type Receipt struct {
	flow *SendFlow
	opt  MessageOptions

	// guarded by the endpoint's mu
	data      []byte // of buf
	buf       *writeBuffer
	unacked   int // fragments
	pending   int // bytes not acknowledged
	started   bool
	abandoned bool
	finished  bool
	done      chan struct{} // made when asked for
}

// receipts makes Receipts several at a time, so that a flow's messages cost no allocation each. A Receipt that is kept
// keeps its neighbours.
type receipts struct {
	free []Receipt
	made int
}

const maxReceipts = 64

func (rs *receipts) next() *Receipt {
	if len(rs.free) == 0 {
		rs.made = min(max(2*rs.made, 1), maxReceipts)
		rs.free = make([]Receipt, rs.made)
	}
	r := &rs.free[0]
	rs.free = rs.free[1:]
	return r
}

// Done is closed when the message is delivered or abandoned.
func (r *Receipt) Done() <-chan struct{} {
	r.flow.s.e.mu.Lock()
	defer r.flow.s.e.mu.Unlock()
	if r.done == nil {
		r.done = make(chan struct{})
		if r.finished {
			close(r.done)
		}
	}
	return r.done
}

// Delivered reports, after Done, whether the far end acknowledged all of the message.
func (r *Receipt) Delivered() bool {
	r.flow.s.e.mu.Lock()
	defer r.flow.s.e.mu.Unlock()
	return r.finished && !r.abandoned
}

// Settled reports whether the message is delivered or abandoned, and which. Unlike Done it costs nothing.
func (r *Receipt) Settled() (settled, delivered bool) {
	r.flow.s.e.mu.Lock()
	defer r.flow.s.e.mu.Unlock()
	return r.finished, r.finished && !r.abandoned
}

// Abandon gives the message up, unless it is delivered.
func (r *Receipt) Abandon() {
	r.flow.s.e.mu.Lock()
	defer r.flow.s.e.mu.Unlock()
	r.abandon()
	r.flow.activate()
	r.flow.s.e.wake()
}

func (r *Receipt) abandon() {
	if r.finished {
		return
	}
	r.abandoned = true
	r.finish()
}

func (r *Receipt) finish() {
	r.finished = true
	r.flow.buffered -= r.pending
	r.pending = 0
	r.data = nil
	if r.buf != nil {
		r.buf.release()
		r.buf = nil
	}
	if r.done != nil {
		close(r.done)
	}
	r.flow.signalRoom()
}

// deadline is when the message is to be abandoned as things stand; zero: never.
func (r *Receipt) deadline() time.Time {
	if !r.started && !r.opt.StartBy.IsZero() &&
		(r.opt.DeliverBy.IsZero() || r.opt.StartBy.Before(r.opt.DeliverBy)) {
		return r.opt.StartBy
	}
	return r.opt.DeliverBy
}

// expire abandons the message if it is too late for it.
func (r *Receipt) expire(now time.Time) {
	if d := r.deadline(); !d.IsZero() && !d.After(now) {
		r.abandon()
	}
}
