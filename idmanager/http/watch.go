package http

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sundog.dev/sundog/idmanager"
)

// Watch asks for the names every 30 s (20 names a request, at most 200 in all) and
// reports whoever has come, gone or changed the peer ID; at first everybody who is there. While the
// directory does not answer nobody is taken to have gone.
func (c *Client) Watch(ctx context.Context, names []string) (<-chan idmanager.Event, error) {
	if len(names) > maxWatched {
		return nil, fmt.Errorf("the directory %s is asked for at most %d people at a time, not %d", c.Where(), maxWatched, len(names))
	}
	w := watcher{client: c, names: slices.Clone(names), seen: make(map[string]idmanager.Record), events: make(chan idmanager.Event)}
	go w.run(ctx)
	return w.events, nil
}

// watcher polls for one Watch. Its goroutine ends with the context.
type watcher struct {
	client *Client
	names  []string
	seen   map[string]idmanager.Record // those who are there, by the name asked for
	events chan idmanager.Event
}

func (w *watcher) run(ctx context.Context) {
	defer close(w.events)
	tick := time.NewTicker(watchInterval)
	defer tick.Stop()
	for {
		for batch := range slices.Chunk(w.names, watchBatch) {
			w.ask(ctx, batch)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
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
