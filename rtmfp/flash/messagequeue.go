package flash

import (
	"context"
	"slices"
	"sync"
)

// messageQueue holds the messages of a stream that nobody has read yet. Of sound and picture the newest win: beyond the
// bounds the oldest of the kind are dropped. Data and status messages are kept; who adds one beyond the bound waits.
type messageQueue struct {
	signal chan struct{} // capacity one: something is there, or the queue was closed
	room   chan struct{} // capacity one: there is room for data again

	mu         sync.Mutex
	items      []Message
	audio      int // messages of each kind in items
	video      int
	data       int
	videoBytes int
	lostAudio  uint64
	lostVideo  uint64
	err        error
}

func newMessageQueue() *messageQueue {
	return &messageQueue{signal: make(chan struct{}, 1), room: make(chan struct{}, 1)}
}

// pushMedia adds an audio or video message and drops older ones as needed.
func (q *messageQueue) pushMedia(m Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.err != nil {
		return
	}
	if m.Type == MessageAudio {
		if q.audio >= maxQueuedAudio {
			q.drop(MessageAudio)
			q.lostAudio++
		}
	} else {
		for q.video >= maxQueuedVideo || q.video > 0 && q.videoBytes+len(m.Payload) > maxQueuedVideoBytes {
			q.drop(MessageVideo)
			q.lostVideo++
		}
	}
	q.items = append(q.items, m)
	q.count(m, 1)
	wake(q.signal)
}

// pushData adds another message, and waits for room. It fails with ctx or when the queue is closed.
func (q *messageQueue) pushData(ctx context.Context, m Message) error {
	for {
		q.mu.Lock()
		if err := q.err; err != nil {
			q.mu.Unlock()
			return err
		}
		if q.data < maxQueuedData {
			q.items = append(q.items, m)
			q.count(m, 1)
			if q.data < maxQueuedData {
				wake(q.room) // another flow's reader may wait too
			}
			wake(q.signal)
			q.mu.Unlock()
			return nil
		}
		q.mu.Unlock()
		select {
		case <-q.room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// pop takes the oldest message. Of a closed queue it takes what is left first.
func (q *messageQueue) pop(ctx context.Context) (Message, error) {
	for {
		q.mu.Lock()
		if len(q.items) > 0 {
			m := q.items[0]
			q.remove(0)
			if len(q.items) > 0 || q.err != nil {
				wake(q.signal)
			}
			q.mu.Unlock()
			return m, nil
		}
		err := q.err
		q.mu.Unlock()
		if err != nil {
			wake(q.signal)
			return Message{}, err
		}
		select {
		case <-q.signal:
		case <-ctx.Done():
			return Message{}, ctx.Err()
		}
	}
}

// close ends the queue with the error that pop gives once it is empty; discard empties it.
func (q *messageQueue) close(err error, discard bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.err == nil {
		q.err = err
	}
	if discard {
		q.items = nil
	}
	wake(q.signal)
	wake(q.room)
}

// dropped counts the media messages that were dropped unread.
func (q *messageQueue) dropped() (audio, video uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.lostAudio, q.lostVideo
}

// drop removes the oldest message of a type.
func (q *messageQueue) drop(t MessageType) {
	q.remove(slices.IndexFunc(q.items, func(m Message) bool { return m.Type == t }))
}

func (q *messageQueue) remove(i int) {
	q.count(q.items[i], -1)
	q.items = slices.Delete(q.items, i, i+1)
}

func (q *messageQueue) count(m Message, n int) {
	switch m.Type {
	case MessageAudio:
		q.audio += n
	case MessageVideo:
		q.video += n
		q.videoBytes += n * len(m.Payload)
	default:
		q.data += n
		if n < 0 {
			wake(q.room)
		}
	}
}
