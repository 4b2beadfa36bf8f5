package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Kind says what an Entry of a watch is about.
type Kind int

// The kinds of entries.
const (
	// KindPut: the key has this value.
	KindPut Kind = iota
	// KindDelete: the key was deleted or has expired. There is no value.
	KindDelete
	// KindCurrent: all that was there when the watch began has been told; changes follow. There is no key.
	KindCurrent
	// KindRestart: changes may have been missed. What follows, up to the next KindCurrent, is all that there is: a key that is
	// not among that has gone. There is no key.
	KindRestart
)

// Entry is a value of a key at a revision.
type Entry struct {
	Key      string
	Value    []byte
	Revision uint64    // grows with each write to the bucket
	Created  time.Time // when it was written, by the leader's clock
	Kind     Kind      // KindPut, but in watches
}

// Get reads the latest value of a key from the bucket's leader. ErrNotFound.
func (b *Bucket) Get(ctx context.Context, key string) (Entry, error) {
	return b.read(ctx, key, b.lastAtLeader)
}

// GetNearby reads a key from whatever server is at hand: it may miss what was written in the last moments. ErrNotFound.
func (b *Bucket) GetNearby(ctx context.Context, key string) (Entry, error) {
	return b.read(ctx, key, func(ctx context.Context, subject string) (*jetstream.RawStreamMsg, error) {
		return b.handle.GetLastMsgForSubject(ctx, subject)
	})
}

func (b *Bucket) read(ctx context.Context, key string, last func(context.Context, string) (*jetstream.RawStreamMsg, error)) (Entry, error) {
	e, err := b.latest(ctx, key, last)
	if err == nil && e.Kind != KindPut {
		err = fmt.Errorf("%w: %q in %s", ErrNotFound, key, b.name)
	}
	if err != nil {
		return Entry{}, err
	}
	return e, nil
}

// latest reads what is known of a key, its deletion too.
func (b *Bucket) latest(ctx context.Context, key string, last func(context.Context, string) (*jetstream.RawStreamMsg, error)) (e Entry, err error) {
	if len(key) > maxKey {
		return e, fmt.Errorf("%w: a key of %d bytes", ErrTooLarge, len(key))
	}
	b.c.counters.reads.Add(1)
	err = b.retry(ctx, "reading from", func(ctx context.Context) error {
		m, err := last(ctx, b.prefix+encodeKey(key))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		e = Entry{Key: key, Value: m.Data, Revision: m.Sequence, Created: m.Time, Kind: kindOf(m.Header)}
		return nil
	})
	if err == nil && e.Revision == 0 {
		err = fmt.Errorf("%w: %q in %s", ErrNotFound, key, b.name)
	}
	return e, err
}

// kindOf tells values from what stands for their absence.
func kindOf(h nats.Header) Kind {
	if h.Get("KV-Operation") != "" || h.Get(jetstream.MarkerReasonHeader) != "" {
		return KindDelete
	}
	return KindPut
}

// lastAtLeader is jetstream's GetLastMsgForSubject as it is for streams that only their leader may be asked about. The server inside has
// no others, so that the cheaper way leads to the same place.
func (b *Bucket) lastAtLeader(ctx context.Context, subject string) (*jetstream.RawStreamMsg, error) {
	if b.c.Embedded() {
		return b.handle.GetLastMsgForSubject(ctx, subject)
	}
	question, err := json.Marshal(struct {
		Last string `json:"last_by_subj"`
	}{subject})
	if err != nil {
		return nil, err
	}
	reply, err := b.c.conn.RequestWithContext(ctx, jetstream.DefaultAPIPrefix+"STREAM.MSG.GET."+b.stream, question)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Error   *jetstream.APIError `json:"error"`
		Message struct {
			Sequence uint64    `json:"seq"`
			Header   []byte    `json:"hdrs"`
			Data     []byte    `json:"data"`
			Time     time.Time `json:"time"`
		} `json:"message"`
	}
	if err := json.Unmarshal(reply.Data, &answer); err != nil {
		return nil, fmt.Errorf("an answer of JetStream: %w", err)
	}
	if answer.Error != nil {
		if answer.Error.ErrorCode == jetstream.JSErrCodeMessageNotFound {
			return nil, jetstream.ErrMsgNotFound
		}
		return nil, answer.Error
	}
	m := answer.Message
	header, err := nats.DecodeHeadersMsg(m.Header)
	if len(m.Header) == 0 {
		header, err = nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("an answer of JetStream: %w", err)
	}
	return &jetstream.RawStreamMsg{Subject: subject, Sequence: m.Sequence, Header: header, Data: m.Data, Time: m.Time}, nil
}
