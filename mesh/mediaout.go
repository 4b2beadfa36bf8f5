package mesh

import (
	"sync"
	"time"

	"sundog.dev/sundog/rtmfp/flash"
)

// mediaOut takes our frames to the peer. It is open exactly while both sides have accepted.
type mediaOut struct {
	call *Call

	mu       sync.Mutex
	pub      *flash.PublishStream
	admitted bool
	rtt      time.Duration
	silent   bool // Reconnecting: nobody hears us, and pictures would only fill the way back
	body     []byte
	asked    time.Time // our newest request for a key frame
	missed   uint64    // frames that subscribers have missed so far
	dropped  bool      // some since the budget last looked
}

var _ MediaOut = (*mediaOut)(nil)

// admit follows the state machine, and whether the far end has proved itself.
func (o *mediaOut) admit(m machine, open bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.admitted, o.silent = m.bothAccepted() && open, m.state == Reconnecting
}

// pace follows the path's round trip time: a lifetime ends with the acknowledgement, which comes so much later.
func (o *mediaOut) pace(rtt time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rtt = min(rtt, maxUsefulRTT)
}

// use changes the stream; nil for none.
func (o *mediaOut) use(pub *flash.PublishStream) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pub, o.missed = pub, 0
}

// SendFrame implements MediaOut.
func (o *mediaOut) SendFrame(f Frame) {
	o.mu.Lock()
	o.send(f)
	lost := o.missedMore()
	o.dropped = o.dropped || lost
	o.mu.Unlock()
	if lost {
		o.call.in.keyFrame() // what follows cannot be decoded without
	}
}

// send writes a frame, if it may. o.mu is held.
func (o *mediaOut) send(f Frame) {
	if !o.admitted || o.pub == nil {
		return
	}
	stamp := o.call.agent.clock.stamp(f.Due)
	if f.Kind == AudioFrame {
		o.body = flash.AppendAudioOpus(o.body[:0], f.Data)
		_ = o.pub.Write(flash.Message{Type: flash.MessageAudio, Timestamp: stamp, Payload: o.body}, audioLifetime+o.rtt)
		return
	}
	if o.silent {
		return
	}
	if f.Key {
		// Old clients set their decoder up from a sequence header; ours ignore it.
		if b, ok := flash.AppendVideoAVCHeader(o.body[:0], f.Data); ok {
			o.body = b
			_ = o.pub.Write(flash.Message{Type: flash.MessageVideo, Timestamp: stamp, Payload: b}, videoLifetime+o.rtt)
		}
	}
	b, err := flash.AppendVideoAVC(o.body[:0], f.Data, f.Key)
	if err != nil {
		o.call.agent.log.Debug("picture not sent", "error", err)
		return
	}
	o.body = b
	// Errors mean that the stream is closed, and the call's goroutine knows.
	_ = o.pub.Write(flash.Message{Type: flash.MessageVideo, Timestamp: stamp, Payload: b}, videoLifetime+o.rtt)
}

// missedMore reports whether the subscriber has missed pictures since the last time: dropped at our full queue, or
// abandoned on the way. o.mu is held.
func (o *mediaOut) missedMore() bool {
	if o.pub == nil || o.silent {
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
func (o *mediaOut) takeDropped() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	d := o.dropped
	o.dropped = false
	return d
}

// RequestKeyFrame implements MediaOut.
func (o *mediaOut) RequestKeyFrame() {
	now := time.Now()
	o.mu.Lock()
	if !o.admitted || now.Sub(o.asked) < keyFrameEvery {
		o.mu.Unlock()
		return
	}
	o.asked = now
	o.mu.Unlock()
	c := o.call
	c.mu.Lock()
	l := c.link
	c.mu.Unlock()
	if l != nil && l.isReady() {
		_ = l.send(signal{kind: sigKeyFrame, call: c.callID()}) // asked again if it is still needed
	}
}

// chat sends a line of text as the Video Phone does.
func (o *mediaOut) chat(name, text string) error {
	o.mu.Lock()
	pub := o.pub
	o.mu.Unlock()
	if pub == nil {
		return ErrNotInCall
	}
	return pub.Send(chatHandler, name, text)
}
