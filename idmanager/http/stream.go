package http

import (
	"context"
	"errors"
	"math/rand/v2"
	nethttp "net/http"
	"time"

	"sundog.dev/sundog/idmanager/http/v1"
)

// restream has the stream carry what is wanted now, and starts it if need be.
func (c *Client) restream() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.restreamLocked()
}

func (c *Client) restreamLocked() {
	poke(c.changed)
	if _, nothing := c.wantedLocked(); !nothing && !c.streaming {
		c.streaming = c.startLocked(c.stream)
	}
}

func poke(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// wantedLocked is what the stream is to carry, and whether that is nothing.
func (c *Client) wantedLocked() (w v1.Watch, nothing bool) {
	seen := make(map[string]bool)
	w.Names = []string{}
	want := func(key, name string) {
		if !seen[key] && len(w.Names) < v1.MaxWatched {
			seen[key] = true
			w.Names = append(w.Names, name)
		}
	}
	if o := c.mine; o != nil && !o.old {
		switch {
		case o.replaced: // to learn when the other device goes
			want(o.key, o.record.Name)
		case o.token != "":
			w.Own = &v1.Refresh{Name: o.record.Name, Token: o.token}
		}
	}
	for f := range c.followers {
		for key, name := range f.names {
			want(key, name)
		}
	}
	return w, len(w.Names) == 0 && (c.mine == nil || c.mine.old)
}

// stream keeps a stream open while something is registered or watched, and our registration alive. One goroutine runs it.
func (c *Client) stream() {
	failures := 0
	for {
		c.mu.Lock()
		want, nothing := c.wantedLocked()
		if nothing || c.ctx.Err() != nil {
			c.streaming = false
			c.mu.Unlock()
			return
		}
		unregistered := c.mine != nil && !c.mine.old && !c.mine.replaced && c.mine.token == ""
		c.mu.Unlock()
		var wait time.Duration
		var err error
		if unregistered {
			err = c.registerAgain()
		} else {
			wait, err = c.carry(want, &failures)
		}
		switch {
		case err == nil:
			failures = 0
		default:
			if c.held { // it broke, or the next one could not be opened
				c.held = false
				poke(c.broken)
			}
			c.log.Debug("the stream of presence", "error", err)
			limit := soonRetry
			if failures++; failures > soonRetries {
				limit = lateRetry
			}
			wait = max(wait, rand.N(limit))
		}
		select {
		case <-time.After(wait):
		case <-c.ctx.Done():
		}
	}
}

// registerAgain registers what the directory has lost.
func (c *Client) registerAgain() error {
	ctx, cancel := c.bound(c.ctx)
	defer cancel()
	c.mu.Lock()
	mine := c.mine
	c.mu.Unlock()
	if mine == nil || mine.token != "" || mine.replaced {
		return nil
	}
	return c.register(ctx, mine.record)
}

// carry opens a stream and reads it until it breaks, or is to carry something else (no error). The server may say how long to wait.
func (c *Client) carry(want v1.Watch, failures *int) (wait time.Duration, err error) {
	ctx, cancel := context.WithCancel(c.ctx)
	defer cancel()
	select {
	case <-time.After(settle):
	case <-ctx.Done():
		return 0, nil
	}
	select { // what has changed so far is in the next one
	case <-c.changed:
		return 0, nil
	default:
	}
	silent := time.AfterFunc(requestTimeout, cancel)
	defer silent.Stop()
	answer, err := c.send(ctx, nethttp.MethodPost, "watch", want)
	if err != nil {
		return lostPause(), c.streamRefused(want, err)
	}
	defer func() { _ = answer.Close() }()
	*failures, c.held = 0, want.Own != nil
	s := openStream{c: c, own: want.Own, events: v1.NewEventReader(answer)}
	c.mu.Lock()
	clear(c.carried)
	if want.Own != nil {
		c.live = want.Own.Token
	}
	c.mu.Unlock()
	ended := make(chan struct{})
	defer func() { <-ended }()
	defer cancel()
	moved := false
	go func() { // ends with carry
		defer close(ended)
		defer cancel()
		describe := time.NewTimer(0)
		defer describe.Stop()
		for {
			select {
			case <-describe.C: // before another instance is needed
				if err := c.describe(ctx); err != nil {
					c.log.Debug("asking for the instances", "error", err)
				}
				describe.Reset(describeInterval)
			case <-c.changed:
				moved = true
				return
			case <-ctx.Done():
				return
			}
		}
	}()
	err = s.read(silent)
	cancel()
	<-ended
	c.mu.Lock()
	c.live = ""
	clear(c.carried)
	c.mu.Unlock()
	switch {
	case moved, c.ctx.Err() != nil:
		return 0, nil
	case s.again:
		return lostPause(), nil
	case s.end > 0: // asked to go elsewhere
		return s.end, nil
	}
	if err == nil {
		err = errors.New("it has ended")
	}
	return s.retry, err
}

// streamRefused notes what the refusal of a stream means.
func (c *Client) streamRefused(want v1.Watch, err error) error {
	var no *v1.Error
	switch {
	case errors.Is(err, errNotV1):
		c.dialects.set(dialectUnknown)
	case errors.As(err, &no) && want.Own != nil && c.endedBy(no, want.Own.Token):
		return nil
	}
	return err
}

// endedBy notes that our registration with that token has ended, if that is what an error says.
func (c *Client) endedBy(no *v1.Error, token string) bool {
	switch no.Code {
	case v1.CodeUnknownToken:
		c.lost(token, v1.OwnGone)
	case v1.CodeReplaced:
		c.lost(token, v1.OwnReplaced)
	default:
		return false
	}
	return true
}

// lostPause is how long to wait before we register again what was lost: not so often that a directory that loses it at once is kept busy.
func lostPause() time.Duration { return lostRetry/2 + rand.N(lostRetry/2) }

// lost notes that the registration with that token has ended.
func (c *Client) lost(token, state string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.mine == nil || c.mine.token != token || token == "" {
		return
	}
	again := *c.mine
	again.token, again.replaced = "", state == v1.OwnReplaced
	c.mine = &again
	c.log.Info("our registration has ended", "name", again.record.Name, "state", state)
	if !again.replaced {
		poke(c.broken)
	}
}
