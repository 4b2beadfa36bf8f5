package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Watch tells the values of the keys (of all, without any) as they are, then KindCurrent, then each change, until ctx ends or
// the Cluster is closed, when the channel is closed. A reader that is slow misses values that were replaced meanwhile, but never the last one. Where more
// may have been missed, KindRestart says so. Each watch costs the server a consumer: have one for
// many readers.
func (b *Bucket) Watch(ctx context.Context, keys ...string) (<-chan Entry, error) {
	w := &watch{b: b, out: make(chan Entry, watchPull)}
	for _, key := range keys {
		if len(key) > maxKey {
			return nil, fmt.Errorf("%w: a key of %d bytes", ErrTooLarge, len(key))
		}
		w.subjects = append(w.subjects, b.prefix+encodeKey(key))
	}
	if len(keys) == 0 {
		w.subjects = []string{b.prefix + ">"}
	}
	w.ctx, w.cancel = context.WithCancel(ctx)
	if err := w.begin(w.ctx); err != nil {
		w.cancel()
		return nil, err
	}
	c := b.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ending {
		w.cancel()
		return nil, ErrClosed
	}
	stop := context.AfterFunc(c.ctx, w.cancel)
	c.counters.watching.Add(1)
	c.watches.Go(func() {
		defer c.counters.watching.Add(-1)
		defer stop()
		defer w.cancel()
		defer close(w.out)
		w.run()
	})
	return w.out, nil
}

// watch is one reader's view of a bucket. Its goroutine reads from an ephemeral consumer without acknowledgements and makes a new
// one whenever anything is odd: a heartbeat is missing, a message's number is not the next, the consumer has gone. The new
// one goes on after the last revision, if the bucket is the same and still knows all that was deleted since; otherwise it starts over.
type watch struct {
	b        *Bucket
	subjects []string
	out      chan Entry
	ctx      context.Context
	cancel   context.CancelFunc

	consumer jetstream.Consumer
	bucket   time.Time // when the bucket was made: it is another one if that differs
	started  bool      // something has been told
	pending  uint64    // of what was there when the consumer was made, not yet told
	current  bool      // that is 0, and told
	revision uint64    // the last one told
	number   uint64    // the last message's, of this consumer
	heard    time.Time // from the server
}

// begin makes a consumer that goes on where the watch was, or starts over.
func (w *watch) begin(ctx context.Context) error {
	return w.b.retry(ctx, "watching", func(ctx context.Context) error {
		info, err := w.b.handle.Info(ctx)
		if err != nil {
			return err
		}
		cfg := jetstream.ConsumerConfig{
			AckPolicy:         jetstream.AckNonePolicy,
			DeliverPolicy:     jetstream.DeliverLastPerSubjectPolicy,
			MaxDeliver:        1,
			FilterSubjects:    w.subjects,
			InactiveThreshold: watchGone,
			MemoryStorage:     true,
			Replicas:          1,
		}
		resumed := w.current && info.Created.Equal(w.bucket) && info.State.LastSeq >= w.revision && time.Since(w.heard) < resumeWithin
		if resumed {
			cfg.DeliverPolicy, cfg.OptStartSeq = jetstream.DeliverByStartSequencePolicy, w.revision+1
		}
		consumer, err := w.b.c.js.CreateConsumer(ctx, w.b.stream, cfg)
		if err != nil {
			return err
		}
		if w.started {
			w.b.c.counters.rewatched.Add(1)
		}
		w.consumer, w.bucket, w.number, w.heard = consumer, info.Created, 0, time.Now()
		if !resumed {
			w.pending, w.current, w.revision = consumer.CachedInfo().NumPending, false, 0
			if w.started && !w.tell(Entry{Kind: KindRestart}) {
				return w.ctx.Err()
			}
		}
		w.started = true
		return nil
	})
}

// run reads until the watch's end.
func (w *watch) run() {
	for {
		why := w.read()
		if w.ctx.Err() != nil {
			return
		}
		w.b.c.log.Debug("watching anew", "bucket", w.b.name, "why", why)
		for w.begin(w.ctx) != nil {
			if !pause(w.ctx, retryDelay) {
				return
			}
		}
	}
}

var errGap = errors.New("a message is missing")

// read reads from the consumer until that is odd.
func (w *watch) read() error {
	if !w.settle() {
		return w.ctx.Err()
	}
	messages, err := w.consumer.Messages(jetstream.PullMaxMessages(watchPull), jetstream.PullExpiry(watchExpiry), jetstream.PullHeartbeat(watchHeartbeat))
	if err != nil {
		return err
	}
	defer messages.Stop()
	for {
		m, err := messages.Next(jetstream.NextContext(w.ctx))
		if err != nil {
			return err
		}
		meta, err := m.Metadata()
		if err != nil {
			return err
		}
		w.heard = time.Now()
		if w.number++; meta.Sequence.Consumer != w.number {
			return errGap
		}
		w.revision = meta.Sequence.Stream
		key, ok := decodeKey(m.Subject()[min(len(w.b.prefix), len(m.Subject())):])
		if ok { // somebody else may write what we would not
			e := Entry{Key: key, Value: m.Data(), Revision: w.revision, Created: meta.Timestamp, Kind: kindOf(m.Headers())}
			if e.Kind == KindDelete {
				e.Value = nil
			}
			if !w.tell(e) {
				return w.ctx.Err()
			}
		}
		if !w.current {
			w.pending = min(w.pending-1, meta.NumPending)
			if !w.settle() {
				return w.ctx.Err()
			}
		}
	}
}

// settle says when all that was there has been told.
func (w *watch) settle() bool {
	if w.current || w.pending > 0 {
		return true
	}
	w.current = true
	return w.tell(Entry{Kind: KindCurrent})
}

func (w *watch) tell(e Entry) bool {
	select {
	case w.out <- e:
		return true
	case <-w.ctx.Done():
		return false
	}
}
