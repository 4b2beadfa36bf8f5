package cluster

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

// A full bucket takes no new keys, and those that are there can be replaced and deleted.
func TestAFullBucket(t *testing.T) {
	const keys = 5
	for where, open := range map[string]func(t *testing.T) *Cluster{
		"inside":        func(t *testing.T) *Cluster { return open(t) },
		"three servers": func(t *testing.T) *Cluster { return newNATSCluster(t, 3).open() },
	} {
		t.Run(where, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			b := bucket(t, open(t), BucketConfig{MaxKeys: keys})
			revisions := make([]uint64, keys)
			for i := range keys {
				var err error
				if revisions[i], err = b.Create(ctx, fmt.Sprint("key ", i), []byte("1"), 0); err != nil {
					t.Fatalf("key %d of %d: %v", i, keys, err)
				}
			}
			b.room.asked = time.Time{} // as after a restart
			if _, err := b.Create(ctx, "one more", []byte("1"), 0); !errors.Is(err, ErrFull) {
				t.Errorf("created: %v", err)
			}
			if _, err := b.Put(ctx, "one more", []byte("1"), 0); !errors.Is(err, ErrFull) {
				t.Errorf("put: %v", err)
			}
			if _, err := b.Get(ctx, "one more"); !errors.Is(err, ErrNotFound) {
				t.Errorf("refused, and there: %v", err)
			}
			for i := range keys {
				key := fmt.Sprint("key ", i)
				if _, err := b.Update(ctx, key, []byte("a longer value"), revisions[i], 0); err != nil {
					t.Errorf("%s replaced: %v", key, err)
				}
			}
			if _, err := b.Put(ctx, "key 1", []byte("another"), 0); err != nil {
				t.Errorf("put again: %v", err)
			}
			if err := b.Delete(ctx, "key 0"); err != nil {
				t.Errorf("deleted: %v", err)
			}
		})
	}
}
