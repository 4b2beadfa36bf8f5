package flash

import (
	"context"
	"errors"
	"io"
	"sync"

	"sundog.dev/sundog/rtmfp"
)

// flowReader reads the far end's flows for one stream, each on a goroutine of its own. Aggregate messages are taken apart,
// and barriers kept.
type flowReader struct {
	ctx     context.Context // ends with the stream
	running *sync.WaitGroup // counts the goroutines
	barrier *barrier        // of the association tree
	// deliver takes every other message. Its error ends the reading of the flow.
	deliver func(Message) error

	mu    sync.Mutex
	flows int
}

// add takes a flow; false if there are too many, or the stream has ended. The caller is counted in running, too.
func (r *flowReader) add(f *rtmfp.RecvFlow, networkOrder bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.flows >= maxReturnFlows || r.ctx.Err() != nil {
		return false
	}
	if networkOrder {
		f.SetOrder(rtmfp.NetworkOrder)
	}
	r.flows++
	r.running.Go(func() {
		r.read(f, networkOrder)
		r.mu.Lock()
		r.flows--
		r.mu.Unlock()
	})
	return true
}

// read takes the messages of one flow. Its end means nothing for the stream (RFC 7425 §5.3.5.3, §5.4.2).
func (r *flowReader) read(f *rtmfp.RecvFlow, networkOrder bool) {
	for {
		b, gap, err := f.ReadMessage(r.ctx, nil)
		if err != nil {
			if !errors.Is(err, io.EOF) {
				f.Reject(rejectCode)
			}
			return
		}
		m, err := ParseMessage(b)
		if err != nil {
			continue
		}
		m.Gap = gap
		if err := r.handle(m, networkOrder); err != nil {
			f.Reject(rejectCode)
			return
		}
	}
}

// handle passes one message on; an error ends the reading.
func (r *flowReader) handle(m Message, networkOrder bool) error {
	switch m.Type {
	case MessageAggregate:
		parts, _ := ParseAggregate(m) // of a damaged one what could be read
		for _, part := range parts {
			if err := r.handle(part, networkOrder); err != nil {
				return err
			}
		}
		return nil
	case MessageUserControl:
		u, err := ParseUserControl(m.Payload)
		if err != nil {
			return nil //nolint:nilerr // what we cannot read is ignored
		}
		if u.Event == EventFlowSync {
			return r.barrier.arrive(r.ctx, u.SyncID, u.Count, !networkOrder)
		}
		m.Control = u
	case MessageDataExtended:
		payload, err := stripFormat(m.Payload)
		if err != nil {
			return nil //nolint:nilerr // likewise
		}
		m.Type, m.Payload = MessageData, payload
	}
	return r.deliver(m)
}
