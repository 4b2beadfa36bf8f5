package mesh

import (
	"sync"
	"time"

	"sundog.dev/sundog/rtmfp/flash"
)

// legOut takes our frames to one peer. It is open exactly while both sides have accepted.
type legOut struct {
	mu       sync.Mutex
	pub      *flash.PublishStream
	admitted bool
	rtt      time.Duration
	silent   bool      // Reconnecting: nobody hears us, and pictures would only fill the way back
	asked    time.Time // our newest request for a key frame
	missed   uint64    // frames that subscribers have missed so far
	dropped  bool      // some since the budget last looked
}

// admit follows the state machine, and whether the far end has proved itself.
func (o *legOut) admit(m machine, open bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.admitted, o.silent = m.bothAccepted() && open, m.state == Reconnecting
}

// pace follows the path's round trip time: a lifetime ends with the acknowledgement, which comes so much later.
func (o *legOut) pace(rtt time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rtt = min(rtt, maxUsefulRTT)
}

// use changes the stream; nil for none.
func (o *legOut) use(pub *flash.PublishStream) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pub, o.missed = pub, 0
}

// takes reports whether a frame of the kind may be written.
func (o *legOut) takes(k FrameKind) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.admitted && o.pub != nil && !(o.silent && k == VideoFrame)
}

// write writes the messages of a frame, if it still may, and reports whether the peer has missed pictures.
func (o *legOut) write(messages []flash.Message) (missed bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.admitted || o.pub == nil {
		return false
	}
	for _, m := range messages {
		lifetime := audioLifetime
		if m.Type == flash.MessageVideo {
			lifetime = videoLifetime
		}
		// Errors mean that the stream is closed, and the call's goroutine knows.
		_ = o.pub.Write(m, lifetime+o.rtt)
	}
	missed = o.missedMore()
	o.dropped = o.dropped || missed
	return missed
}

// missedMore reports whether the subscriber has missed pictures since the last time: dropped at our full queue, or
// abandoned on the way. o.mu is held.
func (o *legOut) missedMore() bool {
	if o.silent {
		return false
	}
	var missed uint64
	for _, s := range o.pub.PeerStreams() {
		_, dropped := s.Dropped()
		missed += dropped + s.Lost()
	}
	more := missed > o.missed
	o.missed = missed // fewer after a subscriber has left
	return more
}

// takeDropped reports whether frames were dropped since the last time.
func (o *legOut) takeDropped() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	d := o.dropped
	o.dropped = false
	return d
}

// asks reports whether a key frame may be asked for now, and notes it.
func (o *legOut) asks(now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.admitted || now.Sub(o.asked) < keyFrameEvery {
		return false
	}
	o.asked = now
	return true
}

// requestKeyFrame asks the far end for a key frame.
func (g *leg) requestKeyFrame() {
	if !g.out.asks(time.Now()) {
		return
	}
	g.call.mu.Lock()
	l := g.link
	g.call.mu.Unlock()
	if l != nil && l.isReady() {
		_ = l.send(signal{kind: sigKeyFrame, call: g.call.callID()}) // asked again if it is still needed
	}
}

// chat sends a line of text as the Video Phone does, to an old client.
func (o *legOut) chat(name, text string) error {
	o.mu.Lock()
	pub := o.pub
	o.mu.Unlock()
	if pub == nil {
		return ErrNotInCall
	}
	return pub.Send(chatHandler, name, text)
}
