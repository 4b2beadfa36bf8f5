package mesh

import (
	"context"
	"errors"
	"time"

	"sundog.dev/sundog/rtmfp/flash"
)

// The streams of a leg: ours, which we publish, and the far end's, which we play.

// The Video Phone's names of the streams and of the handler of chat.
const (
	callerStream = "media-caller"
	calleeStream = "media-callee"
	chatHandler  = "onIm"
)

// privateStream is before the peer ID of whom the stream is for, where no old client needs to know it.
const privateStream = "media-"

// streamNames are our stream's name and the far end's.
func (g *leg) streamNames() (near, far string) {
	if g.private {
		return privateStream + g.target.PeerID.String(), privateStream + g.target.Conn.NearID().String()
	}
	if g.m.role == caller {
		return callerStream, calleeStream
	}
	return calleeStream, callerStream
}

// publish offers our stream to the peer, and to nobody else, over a link that is cleared. The name may still be in use by an older call; the clock
// tries again.
func (g *leg) publish() {
	if g.pub != nil || g.target.Conn == nil || !g.open() || !g.agent.mayPublish(g.call) {
		return
	}
	near, _ := g.streamNames()
	pub, err := g.target.Conn.Publish(near, g.mayPlay(g.target.PeerID))
	if err != nil {
		g.agent.log.Debug("stream not published yet", "stream", near, "error", err)
		return
	}
	g.pub = pub
	g.out.use(pub)
	ctx, cancel := context.WithCancel(g.ctx)
	g.unwatch = cancel
	g.wg.Go(func() { g.watch(ctx, pub) })
}

// watch tells of changed subscribers, until the stream is unpublished or the leg ends.
func (g *leg) watch(ctx context.Context, pub *flash.PublishStream) {
	for {
		select {
		case <-pub.Changed():
		case <-ctx.Done():
			return
		}
		g.post(ctx, input{watched: pub})
	}
}

// mayPlay decides about those who want to play our stream. A peer whose session is not cleared yet tries again.
func (g *leg) mayPlay(id flash.PeerID) func(*flash.Peer) bool {
	if g.agent.cfg.Identity == nil {
		return func(p *flash.Peer) bool { return p.ID() == id }
	}
	return func(p *flash.Peer) bool {
		l := g.cleared.Load()
		return l != nil && l.peer == p
	}
}

func (g *leg) unpublish() {
	if g.pub == nil {
		return
	}
	g.unwatch()
	g.out.use(nil)
	if err := g.pub.Close(); err != nil {
		g.agent.log.Debug("stream not closed", "error", err)
	}
	g.pub = nil
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
func (g *leg) startPlay() {
	if g.link == nil || g.link.isDone() {
		return
	}
	if g.play != nil {
		if g.play.link == g.link {
			return
		}
		g.stopPlay()
	}
	_, far := g.streamNames()
	on := g.m.role == caller || g.m.bothAccepted()
	stream, err := g.link.peer.PlayReceiving(far, on, on)
	if err != nil {
		g.agent.log.Debug("stream not played", "stream", far, "error", err)
		g.playSoon = time.Now().Add(streamRetry)
		return
	}
	ctx, cancel := context.WithCancel(g.ctx)
	p := &playing{stream: stream, link: g.link, cancel: cancel}
	g.play = p
	g.wg.Go(func() { g.readStream(ctx, p) })
}

// receive lets the far end send sound and picture.
func (g *leg) receive() {
	if g.play == nil {
		return
	}
	if err := errors.Join(g.play.stream.ReceiveAudio(true), g.play.stream.ReceiveVideo(true)); err != nil {
		g.agent.log.Debug("receiving not changed", "error", err)
	}
}

func (g *leg) stopPlay() {
	if g.play == nil {
		return
	}
	g.play.cancel()
	if err := g.play.stream.Close(); err != nil {
		g.agent.log.Debug("stream not closed", "error", err)
	}
	g.play = nil
}

func (g *leg) stopStreams() {
	g.unpublish()
	g.stopPlay()
}

// readStream hands on what comes on a stream until it ends.
func (g *leg) readStream(ctx context.Context, p *playing) {
	chat := newLimiter(chatPerSecond, chatBurst)
	frames := frameReader{leg: g, link: p.link, limit: newLimiter(farFramesPerSecond, farFramesBurst)}
	for {
		m, err := p.stream.Read(ctx)
		if err != nil {
			g.post(ctx, input{play: p, err: err})
			return
		}
		switch m.Type {
		case flash.MessageAudio, flash.MessageVideo:
			frames.take(m)
		case flash.MessageData:
			if g.Status().State.established() && g.clearedFor(p.link) && !p.link.conferences() && chat.allow(time.Now()) {
				g.takeChat(m)
			}
		case flash.MessageStatus:
			switch m.Status.Code {
			case flash.CodePlayStart:
				g.post(ctx, input{play: p})
			case flash.CodeUnpublishNotify:
				g.post(ctx, input{play: p, err: errUnpublished})
				return
			}
		}
	}
}

const errUnpublished = meshError("mesh: the far end has ended its stream")

// takeStream takes what a reader says of its stream. That an old client's stream ends may be all we hear of its end.
func (g *leg) takeStream(in input) {
	if in.play != g.play {
		return
	}
	if in.err == nil {
		g.play.started = true
		g.streaming(time.Now())
		return
	}
	old := g.open() && g.play.started && g.play.link.legacy(time.Now()) && !g.play.link.isDone()
	g.stopPlay()
	g.playSoon = time.Now().Add(streamRetry)
	if old {
		g.step(input{kind: inFarBye})
	}
}

// streaming tells the table that an old client's streams have started, which is all the
// confirmation that it gives.
func (g *leg) streaming(now time.Time) {
	if g.m.state != Connecting || g.link == nil || !g.link.legacy(now) || !g.open() {
		return
	}
	if (g.play != nil && g.play.started) || (g.pub != nil && len(g.pub.PeerStreams()) > 0) {
		g.step(input{kind: inStreaming})
	}
}

// takeChat takes a line of chat of an old client. It is shown under the name that we know the peer by: what the message says could be
// anybody's.
func (g *leg) takeChat(m flash.Message) {
	handler, args, err := m.Data()
	if err != nil || handler != chatHandler || len(args) < 2 {
		return
	}
	if text, ok := args[1].(string); ok {
		if text = tidyText(text); text != "" {
			g.call.events.put(ChatLine{From: g.Name(), Text: text, PeerID: g.PeerID()})
		}
	}
}

// subscribersChanged starts the picture anew for a new subscriber.
func (g *leg) subscribersChanged(pub *flash.PublishStream) {
	if pub != g.pub {
		return
	}
	g.streaming(time.Now())
	g.out.watch()
	g.keyFrameWanted()
}
