package mesh

import (
	"sync"
	"time"

	"sundog.dev/sundog/rtmfp/flash"
)

// legOut takes our frames to one peer: sound, and of our pictures those that it is to get and can decode. It is open exactly while
// both sides have accepted.
type legOut struct {
	mu       sync.Mutex
	pub      *flash.PublishStream
	watched  bool // the far end receives our picture
	admitted bool
	rtt      time.Duration
	silent   bool      // Reconnecting: nobody hears us, and pictures would only fill the way back
	asked    time.Time // our newest request for a key frame
	keyed    time.Time // the newest key frame was written

	pictures VideoSelector
	repeat   bool              // sound goes twice
	given    [maxGiven]picture // the last pictures that were given, by their number
	n        int               // how many
	missing  []uint32          // reused
	dropped  bool              // pictures were lost since takeDropped

	sound soundSent // under the mediaOut's lock
}

// picture is what must be known of one that was given, should it be lost.
type picture struct {
	stamp uint32
	frame Frame // without Data
}

// maxGiven is how many pictures may be on their way: two seconds of them, longer than they live (videoLifetime, maxUsefulRTT).
const maxGiven = 64

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
	o.pub, o.watched, o.n = pub, false, 0
}

// watch takes that the far end's subscription has changed: a new one begins with a key frame.
func (o *legOut) watch() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.watched = o.pub != nil && o.pub.ReceiveVideo()
	o.n = 0
	o.pictures.KeyFrameWanted()
}

// give says what the far end gets from now on: of the small or the full size so many layers, 0 for no pictures; and whether it
// gets sound twice.
func (o *legOut) give(small bool, layers int, repeat bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.repeat = repeat
	if layers == 0 {
		o.pictures.Stop()
		return
	}
	o.pictures.Want(small, layers-1)
}

// pick decides about a picture.
func (o *legOut) pick(f Frame) Pick {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.admitted || o.pub == nil || o.silent || !o.watched {
		return Skip
	}
	o.takeMissing()
	return o.pictures.Pick(f)
}

// writePicture writes the messages of a picture, if it still may.
func (o *legOut) writePicture(f Frame, messages []flash.Message) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.admitted || o.pub == nil {
		return
	}
	lifetime := videoLifetime
	if f.Screen {
		lifetime = screenLifetime
	}
	if f.Key {
		o.keyed = time.Now()
	}
	f.Data = nil
	o.given[o.n%maxGiven] = picture{messages[0].Timestamp, f}
	o.n++
	for _, m := range messages {
		// Errors mean that the stream is closed, and the call's goroutine knows.
		_ = o.pub.Write(m, lifetime+o.rtt)
	}
}

// takeMissing takes which pictures the far end has not got, dropped at our full queue or abandoned on the way: it is not given
// what depends on them. o.mu is held.
func (o *legOut) takeMissing() {
	o.missing = o.pub.TakeMissing(o.missing[:0])
	for _, stamp := range o.missing {
		for i := range min(o.n, maxGiven) {
			if o.given[i].stamp == stamp {
				o.pictures.Lost(o.given[i].frame)
			}
		}
	}
	o.dropped = o.dropped || len(o.missing) > 0
}

// takeDropped reports whether pictures were lost since the last time.
func (o *legOut) takeDropped() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.pub != nil {
		o.takeMissing()
	}
	d := o.dropped
	o.dropped = false
	return d
}

// anew has the far end get a key frame next, and says of which size, if it gets any.
func (o *legOut) anew() (small, on bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.pictures.KeyFrameWanted()
}

// farAsks is anew at the far end's request, but not while a key frame is on its way that another member has asked for, and that all get: who had not got it yet
// when it asked needs no other, and waiting for one would make the others wait, too. Should that one be lost, takeMissing says so.
func (o *legOut) farAsks(now time.Time) (small, on bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.pub != nil {
		o.takeMissing()
	}
	if o.pictures.begun && now.Sub(o.keyed) < o.rtt+keyFrameWay {
		return false, false
	}
	return o.pictures.KeyFrameWanted()
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
