package cluster

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// BucketConfig describes a bucket.
type BucketConfig struct {
	// Name is one of letters, digits, - and _. Service name and bucket name together are the NATS bucket's.
	Name string
	// Volatile keeps the bucket in memory: for what its owners write anew every few minutes.
	Volatile bool
	// History is the number of values kept for each key, 1 to 64; 0: 1. Get and watches see the last one only.
	History int
	// MaxValue bounds a value in bytes; 0: 64 KiB. 1 MiB less 1 KiB is the most.
	MaxValue int
	// MaxKeys bounds the keys, those counted that were deleted or have expired minutes ago; 0: not. In a full bucket values can be replaced
	// and deleted; new keys are refused by ErrFull. Several instances together may go beyond it by what they make in a second.
	MaxKeys int64
}

// Bucket is a key-value bucket: what nats.go and the nats command call a key-value store, so that operators can
// look at it. It is safe for use by several goroutines.
type Bucket struct {
	c        *Cluster
	name     string // of the bucket in NATS
	stream   string
	prefix   string // of subjects
	maxValue int
	cfg      BucketConfig
	handle   jetstream.Stream
	room     room
}

// Bucket opens a bucket, which is made if there is none. In a cluster of three servers or more it is kept by three of
// them. An existing bucket keeps its configuration, but gets three replicas once there are as many servers.
func (c *Cluster) Bucket(ctx context.Context, cfg BucketConfig) (*Bucket, error) {
	if !validName.MatchString(cfg.Name) {
		return nil, fmt.Errorf("cluster: the bucket name %q: only letters, digits, - and _ may be in it", cfg.Name)
	}
	if cfg.MaxValue <= 0 {
		cfg.MaxValue = defaultMaxValue
	}
	if cfg.MaxValue > maxValue {
		return nil, fmt.Errorf("%w: values of bucket %s are to have up to %d bytes; NATS takes %d", ErrTooLarge, cfg.Name, cfg.MaxValue, maxValue)
	}
	name := c.name + "_" + cfg.Name
	b := &Bucket{c: c, name: name, stream: "KV_" + name, prefix: "$KV." + name + ".", maxValue: cfg.MaxValue, cfg: cfg}
	err := c.retry(ctx, "opening bucket "+cfg.Name, func(ctx context.Context) (err error) {
		b.handle, err = b.open(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return b, nil
}

// open finds the bucket's stream or makes it.
func (b *Bucket) open(ctx context.Context) (jetstream.Stream, error) {
	s, err := b.c.js.Stream(ctx, b.stream)
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound):
		for replicas := wantReplicas; ; replicas = 1 {
			s, err = b.c.js.CreateStream(ctx, b.streamConfig(replicas))
			if replicas == 1 || !tooFewServers(err) {
				break
			}
		}
		if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // another instance was faster
			s, err = b.c.js.Stream(ctx, b.stream)
		}
	case err == nil:
		if now := s.CachedInfo().Config; now.Replicas < wantReplicas && s.CachedInfo().Cluster != nil && s.CachedInfo().Cluster.Leader != "" && !b.c.Embedded() {
			now.Replicas = wantReplicas
			if grown, err := b.c.js.UpdateStream(ctx, now); err == nil {
				s = grown
			}
		}
	}
	return s, err
}

// retry is the Cluster's, for calls that need the bucket to be there: a volatile one may have gone with its servers.
func (b *Bucket) retry(ctx context.Context, doing string, f func(context.Context) error) error {
	return b.c.retry(ctx, doing+" "+b.name, func(ctx context.Context) error {
		err := f(ctx)
		if errors.Is(err, jetstream.ErrStreamNotFound) || errors.Is(err, jetstream.ErrNoStreamResponse) || errors.Is(err, nats.ErrNoResponders) {
			if _, failed := b.open(ctx); failed != nil {
				return failed
			}
			return errNoAnswerYet
		}
		return err
	})
}

// tooFewServers reports whether a bucket could not have as many replicas as was asked for.
func tooFewServers(err error) bool {
	return hasCode(err, codeNoPeers, codeReplicasNotSupported, codeInsufficientResources)
}

// streamConfig is that of a key-value store, with what package jetstream does not set: writes are known by their IDs for a shorter time.
func (b *Bucket) streamConfig(replicas int) jetstream.StreamConfig {
	cfg := b.cfg
	storage := jetstream.FileStorage
	if cfg.Volatile {
		storage = jetstream.MemoryStorage
	}
	return jetstream.StreamConfig{
		Name:                   b.stream,
		Subjects:               []string{b.prefix + ">"},
		MaxMsgsPerSubject:      int64(max(1, min(cfg.History, jetstream.KeyValueMaxHistory))),
		MaxMsgs:                -1,
		MaxBytes:               -1,
		MaxMsgSize:             int32(cfg.MaxValue + headerRoom),
		MaxConsumers:           -1,
		Discard:                jetstream.DiscardNew,
		Storage:                storage,
		Replicas:               replicas,
		AllowRollup:            true,
		DenyDelete:             true,
		AllowDirect:            true,
		AllowMsgTTL:            true,
		SubjectDeleteMarkerTTL: markerTTL,
		Duplicates:             duplicates,
	}
}
