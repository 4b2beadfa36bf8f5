package mesh

import (
	"context"
	"io"
	"slices"
	"sync"
)

// eventQueue holds a call's events until they are read. It is bounded: when it is full, the oldest event that is
// not the last word on something goes, so that whoever reads late still learns the end.
type eventQueue struct {
	mu     sync.Mutex
	events []Event
	wake   chan struct{} // capacity one
	over   bool          // Ended was put
}

func newEventQueue() *eventQueue {
	return &eventQueue{wake: make(chan struct{}, 1)}
}

// put adds an event. After Ended nothing is added.
func (q *eventQueue) put(ev Event) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.over {
		return
	}
	q.replace(ev)
	if len(q.events) == maxEvents {
		q.drop()
	}
	q.events = append(q.events, ev)
	if s, ok := ev.(StateChanged); ok && s.Status.State == Ended {
		q.over = true
	}
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// replace removes what a new event makes old: of a transfer and of what somebody says about himself only the newest word counts.
func (q *eventQueue) replace(ev Event) {
	var old func(Event) bool
	switch ev := ev.(type) {
	case FileChanged:
		old = func(o Event) bool {
			f, ok := o.(FileChanged)
			return ok && f.Transfer.ID == ev.Transfer.ID && f.Transfer.Peer == ev.Transfer.Peer && f.Transfer.State == ev.Transfer.State
		}
	case MemberStateChanged:
		old = func(o Event) bool {
			s, ok := o.(MemberStateChanged)
			return ok && s.State.PeerID == ev.State.PeerID
		}
	default:
		return
	}
	q.events = slices.DeleteFunc(q.events, old)
}

// drop removes the oldest event that is not a state of the call, or else the oldest.
func (q *eventQueue) drop() {
	at := 0
	for i, ev := range q.events {
		if _, state := ev.(StateChanged); !state {
			at = i
			break
		}
	}
	q.events = append(q.events[:at], q.events[at+1:]...)
}

// next waits for an event; io.EOF when Ended has been read.
func (q *eventQueue) next(ctx context.Context) (Event, error) {
	for {
		q.mu.Lock()
		if len(q.events) > 0 {
			ev := q.events[0]
			q.events = q.events[1:]
			q.mu.Unlock()
			return ev, nil
		}
		over := q.over
		q.mu.Unlock()
		if over {
			return nil, io.EOF
		}
		select {
		case <-q.wake:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
