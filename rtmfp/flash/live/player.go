package live

import (
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
)

// player is one who plays. Its fields are guarded by the channel's mutex.
type player struct {
	channel *channel
	stream  *flash.ServerStream

	waiting bool                       // for a key frame: what comes before it cannot be decoded
	behind  time.Time                  // since when pictures are lost and none has been delivered; zero: all is well
	chain   []*rtmfp.Receipt           // of pictures from the last key frame on, those delivered left out
	stale   map[flash.MessageType]bool // media whose headers could not be sent, and must be before the next of it
}

// Start implements flash.Subscription.
func (p *player) Start() {
	c := p.channel
	c.mu.Lock()
	defer c.mu.Unlock()
	c.players[p] = struct{}{}
	if c.publisher != nil {
		p.begin()
	}
}

// Changed implements flash.Subscription.
func (p *player) Changed() {
	c := p.channel
	c.mu.Lock()
	defer c.mu.Unlock()
	if !p.wantsPictures() {
		p.waiting, p.behind = true, time.Time{}
	} else if c.publisher != nil && p.waiting {
		p.sendPictures() // no need to wait for the next key frame
	}
}

// Close implements flash.Subscription.
func (p *player) Close() {
	c := p.channel
	c.mu.Lock()
	delete(c.players, p)
	c.mu.Unlock()
	c.relay.left()
	c.relay.release(c)
}

// begin tells that the stream is published and sends what is kept of it.
func (p *player) begin() {
	c := p.channel
	p.waiting, p.behind, p.chain = true, time.Time{}, nil
	p.status(flash.Status{Code: flash.CodePublishNotify, Level: flash.LevelStatus, Description: c.name + " is now published"})
	for _, f := range c.memory.data {
		p.send(kindData, f.message.Type, encode(f.message))
	}
	clear(p.stale)
	for _, m := range c.memory.headers {
		p.send(kindHeader, m.Type, encode(m))
	}
	p.sendPictures()
}

// sendPictures sends the pictures since the last key frame, if they are all there, or the key frame alone.
func (p *player) sendPictures() {
	if !p.wantsPictures() {
		return
	}
	m := &p.channel.memory
	for i, picture := range m.pictures {
		k := kindPicture
		if i == 0 {
			k = kindKey
		}
		p.send(k, picture.Type, encode(picture))
	}
	if m.overflow {
		p.waiting = true
	}
}

func encode(m flash.Message) []byte {
	return flash.AppendMessage(nil, m.Type, m.Timestamp, m.Payload)
}

// unpublished tells that the stream has ended, behind all that was sent of it.
func (p *player) unpublished() {
	_ = p.stream.Sync() // without room for it, the end may overtake what is late anyway
	p.status(flash.Status{
		Code: flash.CodeUnpublishNotify, Level: flash.LevelStatus, Description: p.channel.name + " is now unpublished",
	})
	_ = p.stream.Sync()
}

// status sends a status, or lets the player go: one that takes no text any more is of no use.
func (p *player) status(st flash.Status) {
	if p.stream.Status(st) != nil {
		p.letGo()
	}
}

func (p *player) letGo() {
	p.channel.relay.slow.Add(1)
	delete(p.channel.players, p)
	p.stream.Reject()
}

func (p *player) wantsPictures() bool { return p.stream.ReceivesVideo() && !p.stream.Paused() }

// send sends a message as its kind demands, or leaves it out.
func (p *player) send(k kind, t flash.MessageType, message []byte) {
	cfg := &p.channel.relay.cfg
	switch k {
	case kindData:
		if !p.deliver(t, message) {
			p.letGo()
		}
	case kindHeader:
		if !p.deliver(t, message) {
			p.stale[t] = true
		}
	case kindSound:
		if !p.stream.ReceivesAudio() || p.stream.Paused() {
			return
		}
		err := error(flash.ErrFull)
		if p.refresh(t) {
			_, err = p.stream.Send(t, message, rtmfp.MessageOptions{DeliverBy: time.Now().Add(cfg.AudioLifetime)})
		}
		if err != nil {
			p.channel.relay.dropped.Add(1)
		}
	case kindPicture, kindKey:
		p.sendPicture(k == kindKey, t, message)
	}
}

// refresh sends the headers of a medium that could not be sent before; false if there is still no room.
func (p *player) refresh(t flash.MessageType) bool {
	if !p.stale[t] {
		return true
	}
	for _, m := range p.channel.memory.headers {
		if m.Type == t && !p.deliver(t, encode(m)) {
			return false
		}
	}
	delete(p.stale, t)
	return true
}

// sendPicture sends a picture that can be decoded, if there is room for it.
func (p *player) sendPicture(key bool, t flash.MessageType, message []byte) {
	relay := p.channel.relay
	if !p.wantsPictures() {
		return // Changed has noted that a key frame must come first
	}
	p.lookBack()
	if p.stale[t] {
		p.waiting = true
	}
	if p.waiting && !key {
		relay.dropped.Add(1)
		return
	}
	now := time.Now()
	var receipt *rtmfp.Receipt
	if p.refresh(t) {
		receipt, _ = p.stream.Send(t, message, rtmfp.MessageOptions{DeliverBy: now.Add(relay.cfg.VideoLifetime)})
	}
	switch {
	case receipt == nil:
		relay.dropped.Add(1)
		p.fallBehind()
	case key:
		p.waiting, p.chain = false, append(p.chain[:0], receipt)
	case len(p.chain) < maxPictures:
		p.chain = append(p.chain, receipt)
	}
	if !p.behind.IsZero() && now.Sub(p.behind) > relay.cfg.Patience {
		relay.cfg.Log.Debug("a player is let go: it does not keep up", "name", p.channel.name, "peer", p.stream.Client().String())
		p.letGo()
	}
}

// deliver sends what must arrive; false if there is no room.
func (p *player) deliver(t flash.MessageType, message []byte) bool {
	_, err := p.stream.Send(t, message, rtmfp.MessageOptions{})
	return err == nil
}

// lookBack learns what has become of the pictures since the last key frame. If one was abandoned, those behind it are worthless,
// and given up.
func (p *player) lookBack() {
	for len(p.chain) > 0 {
		first := p.chain[0]
		select {
		case <-first.Done():
		default:
			return // they arrive in order, nearly
		}
		p.chain = p.chain[1:]
		if first.Delivered() {
			p.behind = time.Time{}
			continue
		}
		for _, later := range p.chain {
			later.Abandon()
		}
		p.chain = nil
		p.fallBehind()
	}
}

// fallBehind notes that a picture was lost: what follows it cannot be decoded.
func (p *player) fallBehind() {
	p.waiting = true
	if p.behind.IsZero() {
		p.behind = time.Now()
		p.status(flash.Status{Code: flash.CodePlayInsufficient, Level: flash.LevelWarning, Description: "pictures are left out"})
	}
}
