package http

import (
	"encoding/json"
	"time"

	"sundog.dev/sundog/idmanager/http/v1"
)

// openStream reads one stream.
type openStream struct {
	c      *Client
	own    *v1.Refresh
	events *v1.EventReader

	end   time.Duration // after which to come back, if the server has ended the stream
	retry time.Duration // after which to come back, if the stream breaks: the server's hint
	again bool          // another stream is to be opened at once
}

// read reads events until the stream ends, or is to. Each one puts off the timer that ends a silent stream.
func (s *openStream) read(silent *time.Timer) error {
	for {
		silent.Reset(silence)
		e, err := s.events.Next()
		if err != nil {
			return err
		}
		if e.Retry > 0 {
			s.retry = min(e.Retry, soonRetry)
		}
		switch e.Kind {
		case v1.EventName:
			var n v1.Name
			if v1.Decode(e.Data, &n) == nil {
				s.c.tell(n)
			}
		case v1.EventReady:
			var r v1.Ready
			if json.Unmarshal(e.Data, &r) == nil && r.Time != 0 {
				s.c.clock.set(r.Time)
			}
		case v1.EventOwn:
			var o v1.Own
			if json.Unmarshal(e.Data, &o) == nil && s.own != nil {
				s.c.lost(s.own.Token, o.State)
				s.again = true
				return nil
			}
		case v1.EventEnd:
			var end v1.End
			if json.Unmarshal(e.Data, &end) == nil {
				s.c.hosts.set(end.Instances)
			}
			s.end = min(max(time.Duration(end.RetryAfterMillis)*time.Millisecond, time.Millisecond), soonRetry)
			return nil
		}
	}
}

// tell passes on what the stream says of a name.
func (c *Client) tell(n v1.Name) {
	key, err := v1.Fold(n.Name)
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for f := range c.followers {
		if asked, ok := f.names[key]; ok { // others than we asked for are not kept
			c.known[key] = n
			c.carried[key] = struct{}{}
			f.put(c, asked, n)
		}
	}
	if o := c.mine; o != nil && o.replaced && o.key == key && n.State == v1.Away {
		again := *o // the device that had taken our place has gone
		again.replaced = false
		c.mine = &again
		poke(c.changed)
	}
}
