package xmpp

import (
	"context"

	"sundog.dev/sundog/idmanager"
)

// watch holds what one Watch has still to tell: for each contact the last word only, so that a slow reader costs no more
// than the roster. Client.mu guards it.
type watch struct {
	pending map[string]idmanager.Record
	order   []string
	wake    chan struct{}
}

// put adds a record; Client.mu is held.
func (w *watch) put(r idmanager.Record) {
	if _, waits := w.pending[r.Name]; !waits {
		w.order = append(w.order, r.Name)
	}
	w.pending[r.Name] = r
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Watch reports the contacts, all of them: who is there, comes, changes and goes. Names add nothing to that, since servers
// show nobody else's presence. While we are not signed in nobody is taken to have gone.
func (c *Client) Watch(ctx context.Context, _ []string) (<-chan idmanager.Event, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	w := &watch{pending: make(map[string]idmanager.Record), wake: make(chan struct{}, 1)}
	events := make(chan idmanager.Event)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return nil, ErrClosed
	}
	for _, p := range c.people.contacts {
		if p.told.PeerID != "" {
			w.put(p.told)
		}
	}
	c.people.watches[w] = struct{}{}
	c.wg.Go(func() {
		defer close(events)
		c.report(ctx, w, events)
		c.mu.Lock()
		delete(c.people.watches, w)
		c.mu.Unlock()
	})
	return events, nil
}

// report hands out what there is to tell until ctx or the client ends.
func (c *Client) report(ctx context.Context, w *watch, events chan<- idmanager.Event) {
	for {
		c.mu.Lock()
		var next idmanager.Record
		some := len(w.order) > 0
		if some {
			next = w.pending[w.order[0]]
			delete(w.pending, next.Name)
			w.order = w.order[1:]
		}
		c.mu.Unlock()
		out := events
		if !some {
			out = nil
		}
		wake := w.wake
		if some {
			wake = nil
		}
		select {
		case out <- idmanager.Event{Record: next}:
		case <-wake:
		case <-ctx.Done():
			return
		case <-c.ctx.Done():
			return
		}
	}
}
