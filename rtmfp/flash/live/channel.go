package live

import (
	"sync"
	"time"

	"sundog.dev/sundog/rtmfp/flash"
)

// channel is a name with its publisher and those who play it.
type channel struct {
	relay *Relay
	name  string
	users int // guarded by the relay's mutex

	mu        sync.Mutex
	publisher *publication // nil: nobody publishes
	players   map[*player]struct{}
	memory    memory
}

// publication is one who publishes.
type publication struct {
	channel *channel
	stream  *flash.ServerStream
	idle    *time.Timer // guarded by the channel's mutex, as is heard
	heard   time.Time
}

// publish makes p the publisher, unless there is one.
func (c *channel) publish(p *publication) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.publisher != nil {
		return false
	}
	c.publisher = p
	p.heard = time.Now()
	p.idle = time.AfterFunc(c.relay.cfg.IdleAfter, p.lookWhetherIdle)
	for pl := range c.players {
		pl.begin()
	}
	return true
}

// lookWhetherIdle tells the publisher when nothing has come from it for a while.
func (p *publication) lookWhetherIdle() {
	c := p.channel
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.publisher != p {
		return
	}
	after := c.relay.cfg.IdleAfter
	if silent := time.Since(p.heard); silent >= after {
		_ = p.stream.Status(flash.Status{
			Code: flash.CodePublishIdle, Level: flash.LevelStatus, Description: c.name + " brings nothing",
		})
	} else {
		after -= silent
	}
	p.idle.Reset(after)
}

// Message implements flash.Publication.
func (p *publication) Message(m flash.Message) {
	c := p.channel
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.publisher != p {
		return
	}
	p.heard = time.Now()
	k, m := c.memory.note(m)
	if k == kindNone {
		return
	}
	message := flash.AppendMessage(nil, m.Type, m.Timestamp, m.Payload)
	for pl := range c.players {
		pl.send(k, m.Type, message)
	}
}

// Close implements flash.Publication.
func (p *publication) Close() {
	c := p.channel
	c.mu.Lock()
	if c.publisher == p {
		c.publisher = nil
		p.idle.Stop()
		c.memory = memory{}
		for pl := range c.players {
			pl.unpublished()
		}
	}
	c.mu.Unlock()
	c.relay.release(c)
}
