package mesh

import (
	"sync"
	"sync/atomic"
	"time"

	"sundog.dev/sundog/rtmfp/flash"
)

// mediaIn is the near end of a call's media: it takes the others' frames to the MediaSession.
type mediaIn struct {
	call *Call

	mu      sync.RWMutex // held for reading while the session is called
	session MediaSession
	over    bool

	fresh atomic.Bool     // a session has opened that has been told no wish
	keyed [2]atomic.Int64 // Unix ns of the newest request to our encoders of the full and the small size
}

// legIn is the gate of what comes from one peer.
type legIn struct {
	admitted atomic.Bool
	packet   atomic.Int64 // how much sound the far end says it sends in each datagram, ns; 0: a frame
}

// admit follows the state machine, and whether the far end has proved itself.
func (i *legIn) admit(m machine, open bool) { i.admitted.Store(m.bothAccepted() && open) }

// openMedia starts sound and picture in the background, since devices take their time; once in a call.
func (c *Call) openMedia() {
	if c.agent.cfg.Media == nil || c.opened {
		return
	}
	c.opened = true
	c.wg.Go(func() {
		s, err := c.agent.cfg.Media.OpenMedia(c, &c.out)
		if err != nil || s == nil {
			c.agent.log.Error("the call has no sound and picture", "error", err)
			return
		}
		if !c.in.open(s) {
			_ = s.Close() // the call has ended meanwhile
		}
	})
}

// open takes the session into use; false when the call has ended.
func (i *mediaIn) open(s MediaSession) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.over {
		return false
	}
	i.session = s
	i.fresh.Store(true)
	return true
}

// close ends the session and waits for it.
func (i *mediaIn) close() {
	i.mu.Lock()
	s := i.session
	i.session, i.over = nil, true
	i.mu.Unlock()
	if s == nil {
		return
	}
	if err := s.Close(); err != nil {
		i.call.agent.log.Warn("sound and picture did not close well", "error", err)
	}
}

// with calls f with the session, if there is one.
func (i *mediaIn) with(f func(MediaSession)) {
	i.mu.RLock()
	defer i.mu.RUnlock()
	if i.session != nil {
		f(i.session)
	}
}

// keyFrame asks our own encoder of a size for a key frame, keyFrameEvery at most: who still needs one then asks again.
func (i *mediaIn) keyFrame(small bool) {
	keyed := &i.keyed[0]
	if small {
		keyed = &i.keyed[1]
	}
	i.with(func(s MediaSession) {
		now, last := time.Now().UnixNano(), keyed.Load()
		if now-last >= int64(keyFrameEvery) && keyed.CompareAndSwap(last, now) {
			s.KeyFrameRequested(small)
		}
	})
}

func (i *mediaIn) setWish(w MediaWish) { i.with(func(s MediaSession) { s.SetWish(w) }) }

// frameReader turns the messages of one stream into frames.
type frameReader struct {
	leg   *leg
	link  *link
	limit *limiter
	old   mediaClock // of an old client, guessed from its first message
	known bool
}

// take hands a message on as a frame. Until both sides have accepted it drops it, looking at nothing.
func (r *frameReader) take(m flash.Message) {
	if !r.leg.in.admitted.Load() || !r.leg.clearedFor(r.link) {
		return
	}
	now := time.Now()
	if !r.limit.allow(now) {
		return
	}
	f := Frame{Due: r.clock(m, now).due(m.Timestamp, now)}
	switch m.Type {
	case flash.MessageAudio:
		if len(m.Payload) > maxAudioMessage {
			return
		}
		a, err := flash.ParseAudio(m.Payload)
		if err != nil || a.FourCC != "Opus" || len(a.Data) == 0 {
			return
		}
		f.Kind, f.Data, f.Packet = AudioFrame, a.Data, time.Duration(r.leg.in.packet.Load())
	case flash.MessageVideo:
		if len(m.Payload) > maxVideoMessage {
			return
		}
		v, err := flash.ParseVideo(m.Payload)
		if err != nil || v.Header || len(v.AnnexB) == 0 {
			return
		}
		f.Kind, f.Key, f.Data = VideoFrame, v.Key, v.AnnexB
	}
	r.leg.call.in.with(func(s MediaSession) { s.ReceiveFrame(r.link.id, f) })
}

// clock is the far end's media clock: as its hello says, or guessed.
func (r *frameReader) clock(m flash.Message, now time.Time) mediaClock {
	if r.link.isReady() {
		return mediaClock{epoch: r.link.hello.epoch}
	}
	if !r.known {
		r.known = true
		r.old = mediaClock{epoch: now.Add(-time.Duration(m.Timestamp) * time.Millisecond)}
	}
	return r.old
}
