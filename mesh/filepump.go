package mesh

import (
	"context"
	"errors"
	"sync"
	"time"

	"sundog.dev/sundog/mesh/room/incall"
	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp"
)

// filePump reads and sends the chunks that one member has asked for, on one link. Its goroutine ends with the leg, or when the leg
// goes on on another link.
type filePump struct {
	link   *link
	cancel context.CancelFunc
	more   chan struct{} // capacity one: something was asked for
	over   chan struct{} // closed at the goroutine's end
	guest  filePace      // of what is carried by another member
}

// pumpFiles has what the far end has asked for sent.
func (g *leg) pumpFiles() {
	if g.talkOn.isDone() {
		return
	}
	if g.pump != nil && (g.pump.link != g.talkOn || closed(g.pump.over)) {
		g.pump.cancel()
		g.pump = nil
	}
	if g.pump == nil {
		ctx, cancel := context.WithCancel(g.ctx)
		p := &filePump{link: g.talkOn, cancel: cancel, more: make(chan struct{}, 1), over: make(chan struct{})}
		g.pump = p
		who := g.identity
		g.wg.Go(func() { p.run(ctx, g.call, who) })
	}
	poke(g.pump.more)
}

// run sends chunks as they are asked for, at the pace of the files, and no more ahead than the flow's buffer takes.
func (p *filePump) run(ctx context.Context, c *Call, who trust.Identity) {
	defer close(p.over)
	flow, err := p.link.chunkFlow()
	if err != nil {
		return // the session has ended
	}
	data, message := make([]byte, incall.MaxChunk), []byte(nil)
	for {
		s, part, ok := c.files.next(who, p.link, int(c.files.pace.allowed()/8*fileSpan.Seconds()))
		if !ok {
			select {
			case <-p.more:
				continue
			case <-ctx.Done():
				return
			}
		}
		n := int(part.To - part.From)
		got, err := readPart(ctx, s.file.file.Content, data[:n], int64(part.From))
		if ctx.Err() != nil {
			return // and the disk may be at it yet
		}
		if got < n { // with an error, io.EOF if it has become shorter
			c.agent.log.Warn("a file could not be read", "name", s.file.offer.Name, "error", err)
			broken := s.file
			c.post(ctx, input{do: func() { c.stopFiles(FileBroken, func(s *fileSend) bool { return s.file == broken }) }})
			continue
		}
		message = s.sender.Chunk(part, data[:n]).Append(message[:0])
		if !p.link.direct() && !p.guest.await(ctx, len(message), func() float64 { return fileCarried }) {
			return
		}
		if !c.files.pace.await(ctx, len(message), c.files.pace.allowed) {
			return
		}
		if _, err := flow.Write(ctx, message, rtmfp.MessageOptions{}); err != nil {
			if rejected := new(rtmfp.FlowException); errors.As(err, &rejected) {
				c.post(ctx, input{do: func() { c.stopFiles(FileDeclined, func(s *fileSend) bool { return s.who == who }) }})
			}
			return // else the session or the leg has ended
		}
	}
}

// next is the part to be sent next to somebody, of at most so many bytes, of the files that he gets in turn; false: he has asked for
// nothing on that link.
func (t *fileTable) next(who trust.Identity, on *link, most int) (*fileSend, FileRange, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return nil, FileRange{}, false
	}
	for i := range t.outgoing {
		at := (t.turn + 1 + i) % len(t.outgoing)
		if s := t.outgoing[at]; s.who == who && s.on == on && s.ended == "" {
			if part, ok := s.sender.Next(max(most, fileLeastChunk)); ok {
				t.turn = at
				s.sent += part.To - part.From
				return s, part, true
			}
		}
	}
	return nil, FileRange{}, false
}

// filePace spreads the chunks to all over time: a bucket of tokens for all of them.
type filePace struct {
	mu     sync.Mutex
	tokens float64 // bytes
	at     time.Time
	rate   float64   // bit/s of chunks that the division of the uplink leaves to files
	told   time.Time // when it said so
	gone   float64   // bytes of chunks since then
	others float64   // bit/s on the link that sound and pictures have used of late
}

// take lets a chunk of so many bytes go, at a rate in bit/s, or says after what time to ask again: soon, since the rate may be
// another by then.
func (p *filePace) take(now time.Time, n int, rate float64) (wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tokens = min(p.tokens+rate/8*now.Sub(p.at).Seconds(), 0)
	p.at = now
	if p.tokens < 0 {
		return min(max(time.Duration(-p.tokens*8/rate*float64(time.Second)), time.Millisecond), filePatience)
	}
	p.tokens -= float64(n)
	p.gone += float64(n)
	return 0
}

// await waits until a chunk of so many bytes may go; false when ctx ends first.
func (p *filePace) await(ctx context.Context, n int, rate func() float64) bool {
	for {
		d := p.take(time.Now(), n, rate())
		if d == 0 {
			return true
		}
		if !sleep(ctx, d) {
			return false
		}
	}
}

// waits reports whether somebody waits for pieces of files of ours: then the uplink's division leaves some to him.
func (t *fileTable) waits(now time.Time, who trust.Identity) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.outgoing {
		if s.who == who && s.linked && s.goes() && (s.sender.Wanted() || now.Sub(s.asked) < fileStillWaits) {
			return true
		}
	}
	return false
}

// allow says how fast files may be sent to all together, in bit/s on the link: so much, and what sound and pictures do not use of
// what they may; used is what was sent of all. It holds for fileRateLife. That all together is not too much, whatever begins at
// this moment, see the sessions' caps to (uplink.Division.Cap).
func (p *filePace) allow(now time.Time, files, media, used float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	since := now.Sub(p.told).Seconds()
	if p.told.IsZero() || since > fileRateLife.Seconds() {
		p.others, since = media, 1
	}
	own := p.gone * 8 / fileOfLink / max(since, shareEvery.Seconds()/2)
	p.others += (used - own - p.others) * min(since/fileLook.Seconds(), 1)
	p.gone, p.told = 0, now
	p.rate = (files + max(media-p.others, -files)) * fileOfLink
}

// allowed is that rate, in bit/s of chunks.
func (p *filePace) allowed() float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.told) >= fileRateLife {
		return fileLeast
	}
	return max(p.rate, fileLeast)
}
