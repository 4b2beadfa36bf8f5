package flash

import (
	"context"
	"slices"
	"sync"
)

// messageQueue holds the messages of a stream that nobody has read yet. Data and status messages are kept; who adds one
// beyond the bound waits. Of sound and picture the newest may win (pushMedia): beyond the bounds the oldest of the kind are dropped.
type messageQueue struct {
	signal chan struct{} // capacity one: something is there, or the queue was closed

	mu    sync.Mutex
	items []Message
	audio load
	video load
	data  load // and status
	err   error
}

// load is what a queue holds of one kind, its bounds, and what it has dropped.
type load struct {
	messages, maxMessages int
	bytes, maxBytes       int
	dropped               uint64
	room                  chan struct{} // capacity one: there is room again
}

func newLoad(messages, bytes int) load {
	return load{maxMessages: messages, maxBytes: bytes, room: make(chan struct{}, 1)}
}

// fits reports whether n bytes more stay within the bounds. An empty queue takes any message.
func (l *load) fits(n int) bool {
	return l.messages == 0 || l.messages < l.maxMessages && l.bytes+n <= l.maxBytes
}

func newMessageQueue() *messageQueue {
	return &messageQueue{
		signal: make(chan struct{}, 1),
		audio:  newLoad(maxQueuedAudio, maxQueuedAudioBytes),
		video:  newLoad(maxQueuedVideo, maxQueuedVideoBytes),
		data:   newLoad(maxQueuedData, maxQueuedDataBytes),
	}
}

// pushMedia adds an audio or video message and drops older ones as needed.
func (q *messageQueue) pushMedia(m Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.err != nil {
		return
	}
	for l := q.load(m.Type); !l.fits(m.size()); l.dropped++ {
		q.remove(slices.IndexFunc(q.items, func(old Message) bool { return old.Type == m.Type }))
	}
	q.items = append(q.items, m)
	q.count(m, 1)
	wake(q.signal)
}

// push adds a message and waits for room. It fails with ctx or when the queue is closed.
func (q *messageQueue) push(ctx context.Context, m Message) error {
	for {
		q.mu.Lock()
		l := q.load(m.Type)
		if err := q.err; err != nil {
			wake(l.room) // another flow's reader may wait too
			q.mu.Unlock()
			return err
		}
		if l.fits(m.size()) {
			q.items = append(q.items, m)
			q.count(m, 1)
			if l.fits(0) {
				wake(l.room) // another flow's reader may wait too
			}
			wake(q.signal)
			q.mu.Unlock()
			return nil
		}
		q.mu.Unlock()
		select {
		case <-l.room:
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
	for _, l := range []*load{&q.audio, &q.video, &q.data} {
		wake(l.room)
	}
}

// dropped counts the media messages that were dropped unread.
func (q *messageQueue) dropped() (audio, video uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.audio.dropped, q.video.dropped
}

func (q *messageQueue) remove(i int) {
	q.count(q.items[i], -1)
	q.items = slices.Delete(q.items, i, i+1)
}

// count adds a message to the load of its kind (n 1), or takes it off (-1).
func (q *messageQueue) count(m Message, n int) {
	l := q.load(m.Type)
	l.messages += n
	l.bytes += n * m.size()
	if n < 0 {
		wake(l.room)
	}
}

// size is what a message counts for.
func (m *Message) size() int { return len(m.Payload) + m.held }

func (q *messageQueue) load(t MessageType) *load {
	switch t {
	case MessageAudio:
		return &q.audio
	case MessageVideo:
		return &q.video
	}
	return &q.data
}
