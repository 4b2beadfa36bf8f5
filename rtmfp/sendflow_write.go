package rtmfp

import "context"

// Write queues a message (which is copied). It blocks while the flow's buffer is full, until ctx ends.
// With an already ended ctx and room in the buffer it succeeds. ErrTooLarge for a message beyond 1 MiB; after the flow's
// end its error is Err's.
func (f *SendFlow) Write(ctx context.Context, msg []byte, opt MessageOptions) (*Receipt, error) {
	if len(msg) > maxMessage {
		return nil, ErrTooLarge
	}
	buf := copyToWrite(msg)
	for {
		r, err := f.tryWrite(buf, opt)
		if r != nil {
			f.written()
			return r, nil
		}
		if err != nil {
			buf.release()
			return nil, err
		}
		select {
		case <-f.room:
		case <-f.done:
		case <-ctx.Done():
			buf.release()
			return nil, ctx.Err()
		}
	}
}

// WriteTogether queues messages (which are copied) that go in one packet, if one takes them all: short ones that cost little more
// than their own bytes then. It does not block: n is how many of them, from the first on, there was room for. ErrTooLarge for a
// message beyond 1 MiB; after the flow's end its error is Err's.
func (f *SendFlow) WriteTogether(msgs [][]byte, opt MessageOptions) (n int, err error) {
	if n, err = f.tryWriteTogether(msgs, opt); n > 0 {
		f.written()
	}
	return n, err
}

func (f *SendFlow) tryWriteTogether(msgs [][]byte, opt MessageOptions) (n int, err error) {
	f.s.e.mu.Lock()
	defer f.s.e.mu.Unlock()
	for _, msg := range msgs {
		if len(msg) > maxMessage {
			return n, ErrTooLarge
		}
		buf := copyToWrite(msg)
		if r, err := f.queueMessage(buf, opt); r == nil {
			buf.release()
			return n, err
		}
		n++
	}
	return n, nil
}

// written has what was queued sent.
func (f *SendFlow) written() {
	if f.priority.timeCritical() {
		f.s.e.hurry()
	} else {
		f.s.e.wake()
	}
}

// tryWrite queues the message if there is room; nil and nil if there is not.
func (f *SendFlow) tryWrite(buf *writeBuffer, opt MessageOptions) (*Receipt, error) {
	f.s.e.mu.Lock()
	defer f.s.e.mu.Unlock()
	return f.queueMessage(buf, opt)
}

// queueMessage is tryWrite for whoever holds the endpoint's mu.
func (f *SendFlow) queueMessage(buf *writeBuffer, opt MessageOptions) (*Receipt, error) {
	e := f.s.e
	if f.closed || f.ended {
		if f.err != nil {
			return nil, f.err
		}
		return nil, ErrClosed
	}
	if !f.hasRoom(len(buf.data)) {
		return nil, nil
	}
	r := f.receipts.next()
	*r = Receipt{flow: f, opt: opt, buf: buf, data: buf.data, pending: len(buf.data)}
	f.enqueue(r)
	if d := r.deadline(); !d.IsZero() {
		e.alarms.setIfEarlier(&f.expiry, d)
	}
	if f.hasRoom(0) {
		f.signalRoom()
	}
	f.activate()
	return r, nil
}
