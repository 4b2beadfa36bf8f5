package cluster

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// anyRevision lets a write replace whatever is there.
const anyRevision = math.MaxUint64

// Create writes a key that is not there, or no longer, and returns its revision. ErrExists, ErrFull. A ttl makes the value go after that time
// (whole seconds; rounded up); 0: it stays.
func (b *Bucket) Create(ctx context.Context, key string, value []byte, ttl time.Duration) (uint64, error) {
	if err := b.admit(ctx, key); err != nil {
		return 0, err
	}
	expected := uint64(0)
	for {
		revision, err := b.write(ctx, key, value, expected, ttl, nil)
		if !errors.Is(err, ErrConflict) {
			return revision, err
		}
		switch now, err := b.latest(ctx, key, b.lastAtLeader); {
		case err != nil && !errors.Is(err, ErrNotFound):
			return 0, err
		case err == nil && now.Kind == KindPut:
			return 0, fmt.Errorf("%w: %q in %s", ErrExists, key, b.name)
		default:
			expected = now.Revision // of its deletion, or none
		}
		if !pause(ctx, conflictDelay) {
			return 0, fmt.Errorf("%w: creating %q in %s: %w", ErrUnavailable, key, b.name, ctx.Err())
		}
	}
}

// Update replaces a value whose revision is the latest, and returns the new one. ErrConflict if it is not, or the key has gone.
// The former value's ttl does not count any more.
func (b *Bucket) Update(ctx context.Context, key string, value []byte, revision uint64, ttl time.Duration) (uint64, error) {
	if revision == 0 {
		return 0, fmt.Errorf("%w: %q in %s: no revision has the number 0", ErrConflict, key, b.name)
	}
	return b.write(ctx, key, value, revision, ttl, nil)
}

// Put writes a value whatever was there. ErrFull.
func (b *Bucket) Put(ctx context.Context, key string, value []byte, ttl time.Duration) (uint64, error) {
	if err := b.admitPut(ctx, key); err != nil {
		return 0, err
	}
	return b.write(ctx, key, value, anyRevision, ttl, nil)
}

// Delete deletes a key, whether or not it is there.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	return b.DeleteAt(ctx, key, anyRevision)
}

// DeleteAt deletes a value whose revision is the latest. ErrConflict if it is not.
func (b *Bucket) DeleteAt(ctx context.Context, key string, revision uint64) error {
	_, err := b.write(ctx, key, nil, revision, markerTTL, nats.Header{
		"KV-Operation":      {"PURGE"},
		jetstream.MsgRollup: {jetstream.MsgRollupSubject},
	})
	return err
}

// write publishes to the key's subject, again if there is no answer. All attempts have one ID: the server may know from it that it has the
// message, or else it is found in the bucket.
func (b *Bucket) write(ctx context.Context, key string, value []byte, expected uint64, ttl time.Duration, header nats.Header) (uint64, error) {
	if len(key) > maxKey {
		return 0, fmt.Errorf("%w: a key of %d bytes", ErrTooLarge, len(key))
	}
	if len(value) > b.maxValue {
		return 0, fmt.Errorf("%w: a value of %d bytes for bucket %s, which takes %d", ErrTooLarge, len(value), b.name, b.maxValue)
	}
	id := nuid.Next()
	if header == nil {
		header = make(nats.Header, 3)
	}
	header[jetstream.MsgIDHeader] = []string{id}
	if expected != anyRevision {
		header[jetstream.ExpectedLastSubjSeqHeader] = []string{strconv.FormatUint(expected, 10)}
	}
	if ttl > 0 {
		seconds := (max(ttl, minTTL) + time.Second - 1).Truncate(time.Second)
		header[jetstream.MsgTTLHeader] = []string{seconds.String()}
	}
	b.c.counters.writes.Add(1)
	var revision uint64
	attempts := 0
	message := &nats.Msg{Subject: b.prefix + encodeKey(key), Header: header, Data: value}
	err := b.retry(ctx, "writing to", func(ctx context.Context) error {
		attempts++
		ack, err := b.c.js.PublishMsg(ctx, message, jetstream.WithRetryAttempts(0))
		if hasCode(err, codeWrongLastSequence, codeWrongLastSequenceConstant) && attempts > 1 {
			// Our own earlier attempt may have been the other one.
			if m, err := b.lastAtLeader(ctx, message.Subject); err == nil && m.Header.Get(jetstream.MsgIDHeader) == id {
				revision = m.Sequence
				return nil
			} else if err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
				return err
			}
		}
		if err == nil {
			revision = ack.Sequence
		}
		return err
	})
	if hasCode(err, codeWrongLastSequence, codeWrongLastSequenceConstant) {
		b.c.counters.conflicts.Add(1)
		return 0, fmt.Errorf("%w: %q in %s", ErrConflict, key, b.name)
	}
	return revision, err
}
