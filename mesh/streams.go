package mesh

import (
	"context"
	"errors"
	"time"

	"sundog.dev/sundog/rtmfp/flash"
)

// The streams of a call: ours, which we publish, and the far end's, which we play.

// The Video Phone's names of the streams and of the handler of chat.
const (
	callerStream = "media-caller"
	calleeStream = "media-callee"
	chatHandler  = "onIm"
)

// streamNames are our stream's name and the far end's.
func streamNames(r role) (near, far string) {
	if r == caller {
		return callerStream, calleeStream
	}
	return calleeStream, callerStream
}

// publish offers our stream to the peer, and to nobody else, over a link that is cleared. The name may still be in use by an older call; the clock
// tries again.
func (c *Call) publish() {
	if c.pub != nil || c.target.Conn == nil || !c.open() || !c.agent.mayPublish(c) {
		return
	}
	near, _ := streamNames(c.m.role)
	pub, err := c.target.Conn.Publish(near, c.mayPlay(c.target.PeerID))
	if err != nil {
		c.agent.log.Debug("stream not published yet", "stream", near, "error", err)
		return
	}
	c.pub = pub
	c.out.use(pub)
}

// mayPlay decides about those who want to play our stream. A peer whose session is not cleared yet tries again.
func (c *Call) mayPlay(id flash.PeerID) func(*flash.Peer) bool {
	if c.agent.cfg.Identity == nil {
		return func(p *flash.Peer) bool { return p.ID() == id }
	}
	return func(p *flash.Peer) bool {
		l := c.cleared.Load()
		return l != nil && l.peer == p
	}
}

func (c *Call) unpublish() {
	if c.pub == nil {
		return
	}
	c.out.use(nil)
	if err := c.pub.Close(); err != nil {
		c.agent.log.Debug("stream not closed", "error", err)
	}
	c.pub = nil
}

// playing is one subscription to the far end's stream, with the goroutine that reads it.
type playing struct {
	stream  *flash.PlayStream
	link    *link
	started bool // the publisher has said so; the call's goroutine's own
	cancel  context.CancelFunc
}

// startPlay plays the far end's stream on the call's link, from the first session on, so that an accept
// finds everything open. A callee subscribes without sound and picture until its user accepts.
func (c *Call) startPlay() {
	if c.link == nil || c.link.isDone() {
		return
	}
	if c.play != nil {
		if c.play.link == c.link {
			return
		}
		c.stopPlay()
	}
	_, far := streamNames(c.m.role)
	on := c.m.role == caller || c.m.bothAccepted()
	stream, err := c.link.peer.PlayReceiving(far, on, on)
	if err != nil {
		c.agent.log.Debug("stream not played", "stream", far, "error", err)
		c.playSoon = time.Now().Add(streamRetry)
		return
	}
	ctx, cancel := context.WithCancel(c.ctx)
	p := &playing{stream: stream, link: c.link, cancel: cancel}
	c.play = p
	c.wg.Go(func() { c.readStream(ctx, p) })
}

// receive lets the far end send sound and picture.
func (c *Call) receive() {
	if c.play == nil {
		return
	}
	if err := errors.Join(c.play.stream.ReceiveAudio(true), c.play.stream.ReceiveVideo(true)); err != nil {
		c.agent.log.Debug("receiving not changed", "error", err)
	}
}

func (c *Call) stopPlay() {
	if c.play == nil {
		return
	}
	c.play.cancel()
	if err := c.play.stream.Close(); err != nil {
		c.agent.log.Debug("stream not closed", "error", err)
	}
	c.play = nil
}

func (c *Call) stopStreams() {
	c.unpublish()
	c.stopPlay()
}

// readStream hands on what comes on a stream until it ends.
func (c *Call) readStream(ctx context.Context, p *playing) {
	chat := newLimiter(chatPerSecond, chatBurst, time.Now())
	frames := frameReader{call: c, link: p.link, limit: newLimiter(farFramesPerSecond, farFramesBurst, time.Now())}
	for {
		m, err := p.stream.Read(ctx)
		if err != nil {
			c.post(ctx, input{play: p, err: err})
			return
		}
		switch m.Type {
		case flash.MessageAudio, flash.MessageVideo:
			frames.take(m)
		case flash.MessageData:
			if c.Status().State.established() && c.clearedFor(p.link) && chat.allow(time.Now()) {
				c.takeChat(m)
			}
		case flash.MessageStatus:
			switch m.Status.Code {
			case flash.CodePlayStart:
				c.post(ctx, input{play: p})
			case flash.CodeUnpublishNotify:
				c.post(ctx, input{play: p, err: errUnpublished})
				return
			}
		}
	}
}

const errUnpublished = meshError("mesh: the far end has ended its stream")

// takeStream takes what a reader says of its stream. That an old client's stream ends may be all we hear of its end.
func (c *Call) takeStream(in input) {
	if in.play != c.play {
		return
	}
	if in.err == nil {
		c.play.started = true
		c.streaming(time.Now())
		return
	}
	old := c.open() && c.play.started && c.play.link.legacy(time.Now()) && !c.play.link.isDone()
	c.stopPlay()
	c.playSoon = time.Now().Add(streamRetry)
	if old {
		c.step(input{kind: inFarBye})
	}
}

// streaming tells the table that an old client's streams have started, which is all the
// confirmation that it gives.
func (c *Call) streaming(now time.Time) {
	if c.m.state != Connecting || c.link == nil || !c.link.legacy(now) || !c.open() {
		return
	}
	if (c.play != nil && c.play.started) || (c.pub != nil && len(c.pub.PeerStreams()) > 0) {
		c.step(input{kind: inStreaming})
	}
}

// takeChat takes a line of chat. It is shown under the name that we know the peer by: what the message says could be
// anybody's.
func (c *Call) takeChat(m flash.Message) {
	handler, args, err := m.Data()
	if err != nil || handler != chatHandler || len(args) < 2 {
		return
	}
	if text, ok := args[1].(string); ok {
		if text = tidyText(text); text != "" {
			c.events.put(ChatLine{From: c.Name(), Text: text})
		}
	}
}

// subscribersChanged starts the picture anew for a new subscriber.
func (c *Call) subscribersChanged() {
	c.streaming(time.Now())
	for _, s := range c.pub.PeerStreams() {
		if s.ReceivesVideo() {
			c.in.keyFrame()
			return
		}
	}
}
