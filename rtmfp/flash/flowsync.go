package flash

import (
	"context"
	"sync"
	"time"
)

const (
	// maxBarriers bounds the barriers that a far end may leave unfinished in one association tree.
	maxBarriers = 64

	// barrierPatience is how long a flow is held. Flows that a far end closes or we reject on the way to a barrier never
	// arrive there, and RFC 7425 §5.3.5.3 warns that others may remain stuck: they do not for ever.
	barrierPatience = 20 * time.Second
)

// barrier aligns the flows of an association tree (RFC 7425 §5.2): a flow that reaches a Flow Synchronization message waits
// until as many flows as it says have reached theirs. Flows in network order count, but are not held.
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
// barrier beyond the bound, or one where the others do not come, is passed.
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
	patience := time.NewTimer(barrierPatience)
	defer patience.Stop()
	select {
	case <-m.all:
	case <-patience.C:
		b.giveUp(id, m)
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// giveUp frees all who wait at a barrier that will not be complete.
func (b *barrier) giveUp(id uint32, m *meeting) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.waiting[id] == m {
		delete(b.waiting, id)
		close(m.all)
	}
}
