package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestABucketsRules(t *testing.T) {
	ctx := t.Context()
	b := bucket(t, open(t), BucketConfig{MaxValue: 100})
	get := func(key string) string {
		t.Helper()
		e, err := b.Get(ctx, key)
		if errors.Is(err, ErrNotFound) {
			return "nothing"
		}
		if err != nil {
			t.Fatal(err)
		}
		return string(e.Value)
	}
	is := func(what string, err, want error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
	}
	if got := get("alice"); got != "nothing" {
		t.Errorf("before anything was written: %q", got)
	}
	first, err := b.Create(ctx, "alice", []byte("1"), 0)
	is("creating", err, nil)
	_, err = b.Create(ctx, "alice", []byte("x"), 0)
	is("creating it again", err, ErrExists)
	second, err := b.Update(ctx, "alice", []byte("2"), first, 0)
	is("replacing", err, nil)
	_, err = b.Update(ctx, "alice", []byte("x"), first, 0)
	is("replacing what was replaced", err, ErrConflict)
	_, err = b.Update(ctx, "bob", []byte("x"), first, 0)
	is("replacing what is not there", err, ErrConflict)
	_, err = b.Update(ctx, "bob", []byte("x"), 0, 0)
	is("replacing no revision", err, ErrConflict)
	if got := get("alice"); got != "2" {
		t.Errorf("alice is %q", got)
	}
	is("deleting at a former revision", b.DeleteAt(ctx, "alice", first), ErrConflict)
	is("deleting", b.DeleteAt(ctx, "alice", second), nil)
	if got := get("alice"); got != "nothing" {
		t.Errorf("deleted, it is %q", got)
	}
	_, err = b.Update(ctx, "alice", []byte("x"), second, 0)
	is("replacing what was deleted", err, ErrConflict)
	_, err = b.Create(ctx, "alice", []byte("3"), 0)
	is("creating what was deleted", err, nil)
	_, err = b.Put(ctx, "alice", []byte("4"), 0)
	is("writing over it", err, nil)
	if e, err := b.GetNearby(ctx, "alice"); err != nil || string(e.Value) != "4" {
		t.Errorf("nearby: %+v, %v", e, err)
	}
	is("deleting it anyhow", b.Delete(ctx, "alice"), nil)
	is("deleting nothing", b.Delete(ctx, "carol"), nil)
	_, err = b.Put(ctx, "alice", make([]byte, 101), 0)
	is("a large value", err, ErrTooLarge)
	_, err = b.Put(ctx, strings.Repeat("a", maxKey+1), nil, 0)
	is("a long key", err, ErrTooLarge)
	_, err = b.Get(ctx, strings.Repeat("a", maxKey+1))
	is("asking for a long key", err, ErrTooLarge)
	_, err = b.Watch(ctx, strings.Repeat("a", maxKey+1))
	is("watching a long key", err, ErrTooLarge)
}

func TestAnyBytesCanBeAKey(t *testing.T) {
	b := bucket(t, open(t), BucketConfig{})
	keys := []string{"", "=", "a.b", "*", ">", " ", "Ärger", "=41", "A", "a", "\x00\xff", "$KV.x", strings.Repeat("\n", maxKey)}
	for _, key := range keys {
		if _, err := b.Create(t.Context(), key, []byte("value of "+key), 0); err != nil {
			t.Errorf("%q: %v", key, err)
		}
	}
	changes, err := b.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		e, err := b.Get(t.Context(), key)
		if err != nil || !bytes.Equal(e.Value, []byte("value of "+key)) {
			t.Errorf("%q: %q, %v", key, e.Value, err)
		}
		if e := <-changes; e.Key != key {
			t.Errorf("watching, %q is called %q", key, e.Key)
		}
	}
}

func TestOnlyOneOfManyIsFirst(t *testing.T) {
	b := bucket(t, open(t), BucketConfig{})
	var won atomic.Int32
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			switch _, err := b.Create(t.Context(), "alice", fmt.Append(nil, i), 0); {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, ErrExists):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 {
		t.Errorf("%d were first", won.Load())
	}
}

func TestValuesExpire(t *testing.T) {
	for _, volatile := range []bool{true, false} {
		t.Run(fmt.Sprintf("volatile %v", volatile), func(t *testing.T) {
			b := bucket(t, open(t), BucketConfig{Volatile: volatile})
			changes, err := b.Watch(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if e := <-changes; e.Kind != KindCurrent {
				t.Fatalf("%+v", e)
			}
			first, err := b.Create(t.Context(), "alice", []byte("1"), time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := b.Update(t.Context(), "alice", []byte("2"), first, 10*time.Millisecond); err != nil {
				t.Fatal(err)
			}
			e := <-changes
			for ; e.Kind == KindPut; e = <-changes { // the first one may have been replaced already
				if value := string(e.Value); value != "1" && value != "2" {
					t.Errorf("%+v", e)
				}
			}
			if e.Kind != KindDelete || e.Key != "alice" || e.Value != nil {
				t.Errorf("%+v", e)
			}
			if _, err := b.Get(t.Context(), "alice"); !errors.Is(err, ErrNotFound) {
				t.Errorf("expired: %v", err)
			}
			if _, err := b.Create(t.Context(), "alice", nil, 0); err != nil {
				t.Errorf("creating it again: %v", err)
			}
		})
	}
}

func TestAWatch(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b := bucket(t, open(t), BucketConfig{})
	put := func(key, value string) {
		t.Helper()
		if _, err := b.Put(ctx, key, []byte(value), 0); err != nil {
			t.Fatal(err)
		}
	}
	put("alice", "1")
	put("bob", "1")
	put("alice", "2")
	all, err := b.Watch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	one, err := b.Watch(ctx, "alice", "carol")
	if err != nil {
		t.Fatal(err)
	}
	expect := func(changes <-chan Entry, want ...string) {
		t.Helper()
		for _, want := range want {
			e := <-changes
			got := fmt.Sprintf("%s=%s", e.Key, e.Value)
			switch e.Kind {
			case KindDelete:
				got = e.Key + " deleted"
			case KindCurrent:
				got = "current"
			case KindRestart:
				got = "restart"
			}
			if got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
	}
	expect(all, "bob=1", "alice=2", "current")
	expect(one, "alice=2", "current")
	put("bob", "2")
	put("carol", "1")
	if err := b.Delete(ctx, "alice"); err != nil {
		t.Fatal(err)
	}
	expect(all, "bob=2", "carol=1", "alice deleted")
	expect(one, "carol=1", "alice deleted")
	cancel()
	if _, open := <-all; open {
		t.Error("goes on")
	}
	if _, open := <-one; open {
		t.Error("goes on")
	}
}

func TestASlowWatchKeepsTheLastValue(t *testing.T) {
	b := bucket(t, open(t), BucketConfig{Volatile: true})
	changes, err := b.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	<-changes
	const keys, rounds = 20, 100
	for i := range rounds {
		for k := range keys {
			if _, err := b.Put(t.Context(), fmt.Sprint(k), fmt.Append(nil, i), 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	last := make(map[string]string)
	for done := 0; done < keys; {
		e := <-changes
		if e.Kind == KindRestart {
			t.Error("started over")
		}
		last[e.Key] = string(e.Value)
		if last[e.Key] == fmt.Sprint(rounds-1) {
			done++
		}
	}
}

func BenchmarkGet(b *testing.B) {
	for _, volatile := range []bool{false, true} {
		b.Run(fmt.Sprintf("volatile=%v", volatile), func(b *testing.B) {
			names := bucket(b, open(b), BucketConfig{Volatile: volatile})
			for i := range 1000 {
				if _, err := names.Put(b.Context(), fmt.Sprint(i), make([]byte, 300), 0); err != nil {
					b.Fatal(err)
				}
			}
			for name, get := range map[string]func(context.Context, string) (Entry, error){"leader": names.Get, "nearby": names.GetNearby} {
				b.Run(name, func(b *testing.B) {
					b.ReportAllocs()
					b.RunParallel(func(p *testing.PB) {
						for i := 0; p.Next(); i++ {
							if _, err := get(b.Context(), fmt.Sprint(i%1000)); err != nil {
								b.Fatal(err)
							}
						}
					})
				})
			}
		})
	}
}

func BenchmarkPut(b *testing.B) {
	for _, volatile := range []bool{false, true} {
		b.Run(fmt.Sprintf("volatile=%v", volatile), func(b *testing.B) {
			names := bucket(b, open(b), BucketConfig{Volatile: volatile})
			b.ReportAllocs()
			b.SetParallelism(16)
			var n atomic.Int64
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					if _, err := names.Put(b.Context(), fmt.Sprint(n.Add(1)), make([]byte, 300), time.Hour); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		c, err := Open(b.Context(), Config{Dir: b.TempDir()})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := c.Bucket(b.Context(), BucketConfig{Name: "names"}); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		_ = c.Close()
		b.StartTimer()
	}
}
