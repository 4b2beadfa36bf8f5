package flash

import (
	"context"
	"sync"
)

// maxBarriers bounds the barriers that a far end may leave unfinished in one stream.
const maxBarriers = 16

// barrier aligns the flows of a stream (RFC 7425 §5.2): a flow that reaches a Flow Synchronization message waits until
// as many flows as it says have reached theirs. Flows in network order count, but are not held.
type barrier struct {
	mu      sync.Mutex
	waiting map[uint32]*meeting // by sync ID
}

type meeting struct {
	arrived uint32
	all     chan struct{}
}

func newBarrier() *barrier { return &barrier{waiting: make(map[uint32]*meeting)} }

// arrive notes that a flow has reached the barrier, and waits for the others if hold is set. It fails with ctx only: a
// barrier beyond the bound is passed.
func (b *barrier) arrive(ctx context.Context, id, count uint32, hold bool) error {
	b.mu.Lock()
	m := b.waiting[id]
	if m == nil {
		if len(b.waiting) >= maxBarriers {
			b.mu.Unlock()
			return nil
		}
		m = &meeting{all: make(chan struct{})}
		b.waiting[id] = m
	}
	if m.arrived++; m.arrived >= count {
		delete(b.waiting, id)
		close(m.all)
	}
	b.mu.Unlock()
	if !hold {
		return nil
	}
	select {
	case <-m.all:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
