package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// room counts the keys of a bucket that may not have any number of them. NATS has a limit of its own, but in a cluster of servers that
// keeps values from being replaced, too, and does not always answer.
type room struct {
	mu    sync.Mutex
	asked time.Time // when the bucket was asked how many there are
	keys  int64     // as many as there were, and those made since
}

// admit makes room for a new key, or reports ErrFull.
func (b *Bucket) admit(ctx context.Context, key string) error {
	if b.cfg.MaxKeys <= 0 {
		return nil
	}
	r := &b.room
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asked.IsZero() || time.Since(r.asked) >= countInterval {
		if err := b.count(ctx); err != nil {
			return err
		}
	}
	if r.keys >= b.cfg.MaxKeys {
		return fmt.Errorf("%w: %s has %d keys; no room for %q", ErrFull, b.name, r.keys, key)
	}
	r.keys++
	return nil
}

// admitPut is admit for a key that may be there already.
func (b *Bucket) admitPut(ctx context.Context, key string) error {
	err := b.admit(ctx, key)
	if !errors.Is(err, ErrFull) {
		return err
	}
	if _, there := b.latest(ctx, key, b.lastAtLeader); !errors.Is(there, ErrNotFound) {
		return there
	}
	return err
}

// count asks how many keys there are.
func (b *Bucket) count(ctx context.Context) error {
	return b.retry(ctx, "counting the keys of", func(ctx context.Context) error {
		s, err := b.c.js.Stream(ctx, b.stream)
		if err == nil {
			b.room.keys = int64(s.CachedInfo().State.NumSubjects)
			b.room.asked = time.Now()
		}
		return err
	})
}
