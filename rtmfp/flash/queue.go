package flash

import (
	"context"
	"slices"
	"sync"
)

// queue is a bounded queue with blocking pop.
type queue[T any] struct {
	limit  int
	signal chan struct{} // capacity one: something is there, or the queue was closed

	mu    sync.Mutex
	items []T
	err   error // of pop, once the items are gone; nil while open
}

func newQueue[T any](limit int) *queue[T] {
	return &queue[T]{limit: limit, signal: make(chan struct{}, 1)}
}

// push appends v; false if the queue is full or closed.
func (q *queue[T]) push(v T) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.err != nil || len(q.items) >= q.limit {
		return false
	}
	q.items = append(q.items, v)
	wake(q.signal)
	return true
}

// pushOut appends v, in place of the oldest if the queue is full.
func (q *queue[T]) pushOut(v T) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.err != nil {
		return
	}
	if len(q.items) >= q.limit {
		q.items = slices.Delete(q.items, 0, 1)
	}
	q.items = append(q.items, v)
	wake(q.signal)
}

// pop takes the oldest. Of a closed queue it takes what is left first.
func (q *queue[T]) pop(ctx context.Context) (T, error) {
	for {
		q.mu.Lock()
		if len(q.items) > 0 {
			v := q.items[0]
			q.items = slices.Delete(q.items, 0, 1)
			if len(q.items) > 0 || q.err != nil {
				wake(q.signal) // for another reader
			}
			q.mu.Unlock()
			return v, nil
		}
		err := q.err
		q.mu.Unlock()
		var none T
		if err != nil {
			wake(q.signal)
			return none, err
		}
		select {
		case <-q.signal:
		case <-ctx.Done():
			return none, ctx.Err()
		}
	}
}

// remove takes out what matches.
func (q *queue[T]) remove(match func(T) bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.items = slices.DeleteFunc(q.items, match)
}

// close ends the queue and returns what was left in it, if discard is set.
func (q *queue[T]) close(err error, discard bool) (left []T) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.err == nil {
		q.err = err
	}
	if discard {
		left, q.items = q.items, nil
	}
	wake(q.signal)
	return left
}

// wake signals a channel of capacity one.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
