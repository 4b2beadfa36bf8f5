package http

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/idmanager/http/v1"
)

// Watch reports whoever has come, gone or changed the record; at first everybody who is there; at most 200 names. Where the directory has
// /v1 it tells by itself, over the stream. Otherwise it is asked every 30 s (20 names a request). While the
// directory does not answer nobody is taken to have gone.
func (c *Client) Watch(ctx context.Context, names []string) (<-chan idmanager.Event, error) {
	if len(names) > maxWatched {
		return nil, fmt.Errorf("the directory %s is asked for at most %d people at a time, not %d", c.Where(), maxWatched, len(names))
	}
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(c.ctx, cancel)
	w := watcher{client: c, names: slices.Clone(names), seen: make(map[string]idmanager.Record), events: make(chan idmanager.Event)}
	if !c.start(func() {
		defer cancel()
		defer stop()
		w.run(ctx)
	}) {
		cancel()
		return nil, c.failed(ErrClosed)
	}
	return w.events, nil
}

// watcher reports for one Watch. Its goroutine ends with the context.
type watcher struct {
	client *Client
	names  []string
	seen   map[string]idmanager.Record // those who are there, by the name asked for
	events chan idmanager.Event
}

func (w *watcher) run(ctx context.Context) {
	defer close(w.events)
	for {
		attempt, cancel := w.client.bound(ctx)
		d, err := w.client.dialect(attempt)
		cancel()
		switch {
		case err == nil && d == dialectV1:
			w.follow(ctx)
			return
		case err == nil && w.poll(ctx):
			return
		}
		select {
		case <-time.After(rand.N(soonRetry)):
		case <-ctx.Done():
			return
		}
	}
}

// poll asks until ctx ends, and reports whether it has. What is perhaps no directory is asked again what it is.
func (w *watcher) poll(ctx context.Context) bool {
	tick := time.NewTicker(watchInterval)
	defer tick.Stop()
	for {
		for batch := range slices.Chunk(w.names, watchBatch) {
			w.ask(ctx, batch)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return true
		}
		if w.client.dialects.get() != dialectOld {
			return false
		}
	}
}

// ask looks up a batch of names by one request, and those of them that the
// reply leaves out, since a clone reads one name only, by a request each.
func (w *watcher) ask(ctx context.Context, names []string) {
	var params []string
	for _, name := range names {
		params = append(params, "friends", name)
	}
	r, err := w.client.get(ctx, append(params, "time", now())...)
	if err != nil {
		return
	}
	for _, name := range names {
		i := slices.IndexFunc(r.friends, func(f friend) bool { return strings.EqualFold(f.user, name) })
		var record idmanager.Record
		if i >= 0 {
			record, err = r.friends[i].record(name)
		} else {
			record, err = w.client.LookUp(ctx, name)
		}
		if err != nil && !errors.Is(err, idmanager.ErrUnknownName) && !errors.Is(err, idmanager.ErrOffline) {
			continue
		}
		w.report(ctx, name, record)
	}
}

// report tells of a change; an empty record means not there.
func (w *watcher) report(ctx context.Context, name string, record idmanager.Record) {
	if w.seen[name].Equal(record) {
		return
	}
	if record.PeerID == "" {
		delete(w.seen, name)
		record.Name = name
	} else {
		w.seen[name] = record
	}
	select {
	case w.events <- idmanager.Event{Record: record}:
	case <-ctx.Done():
	}
}

// follower is a watcher that follows the stream.
type follower struct {
	names map[string]string // as asked for, by folded name
	wake  chan struct{}     // a value: there is something new

	mu  sync.Mutex
	new map[string]idmanager.Record // by the name asked for; one for each, so that a slow reader costs no more
}

// put notes what is known of a name now.
func (f *follower) put(c *Client, asked string, n v1.Name) {
	record, err := c.record(asked, &n)
	if err != nil {
		record = idmanager.Record{}
	}
	f.mu.Lock()
	f.new[asked] = record
	f.mu.Unlock()
	poke(f.wake)
}

func (f *follower) take() map[string]idmanager.Record {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := f.new
	f.new = make(map[string]idmanager.Record)
	return all
}

// follow reports what the stream tells until ctx ends.
func (w *watcher) follow(ctx context.Context) {
	f := &follower{names: make(map[string]string), wake: make(chan struct{}, 1), new: make(map[string]idmanager.Record)}
	for _, name := range w.names {
		key, err := v1.Fold(name)
		if spelled, _ := v1.Normalise(name); err == nil {
			f.names[key] = spelled
		}
	}
	w.client.join(f)
	defer w.client.leave(f)
	for {
		select {
		case <-f.wake:
			for name, record := range f.take() {
				w.report(ctx, name, record)
			}
		case <-ctx.Done():
			return
		}
	}
}

// join has a follower told of its names. What the open stream carries already is told at once; for other names another one is opened.
func (c *Client) join(f *follower) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.followers[f] = true
	missing := false
	for key, asked := range f.names {
		if _, carried := c.carried[key]; carried {
			f.put(c, asked, c.known[key])
		} else {
			missing = true
		}
	}
	if missing {
		c.restreamLocked()
	}
}

func (c *Client) leave(f *follower) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.followers, f)
	if len(c.followers) > 0 {
		return // the names stay in the stream until it is opened anew
	}
	clear(c.known)
	c.restreamLocked()
}
