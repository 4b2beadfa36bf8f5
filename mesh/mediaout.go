package mesh

import (
	"slices"
	"sync"

	"sundog.dev/sundog/rtmfp/flash"
)

// mediaOut takes our frames to all members: a frame is packed once and written to each leg.
type mediaOut struct {
	call *Call

	mu           sync.Mutex // taken before a legOut's
	legs         []*legOut
	header, body []byte          // reused
	packed       []flash.Message // likewise
	sound        soundPacking
}

var _ MediaOut = (*mediaOut)(nil)

// add takes a leg's way out into use.
func (o *mediaOut) add(l *legOut) {
	o.mu.Lock()
	defer o.mu.Unlock()
	l.sound = soundSent{o.sound.next, o.sound.next, 0}
	o.legs = append(o.legs, l)
}

// remove forgets that of a leg that has ended.
func (o *mediaOut) remove(l *legOut) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.legs = slices.DeleteFunc(o.legs, func(other *legOut) bool { return other == l })
}

// SendFrame implements MediaOut.
func (o *mediaOut) SendFrame(f Frame) {
	if o.send(f) {
		o.call.in.keyFrame(f.Small)
	}
}

// send writes a frame to those who are to get it, and reports whether somebody waits for a key frame of its size.
func (o *mediaOut) send(f Frame) (waits bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if f.Kind == AudioFrame {
		o.sendSound(f)
		return false
	}
	o.packed = o.packed[:0]
	for _, l := range o.legs {
		p := l.pick(f)
		if p == KeyFrameFirst {
			waits = true
		}
		if p != Give {
			continue
		}
		if len(o.packed) == 0 {
			if o.packPicture(f); len(o.packed) == 0 {
				return waits
			}
		}
		l.writePicture(f, o.packed)
	}
	return waits
}

// packPicture makes the messages of a picture, in memory that is used again. o.mu is held, and they are valid as long.
func (o *mediaOut) packPicture(f Frame) {
	stamp := o.call.agent.clock.stamp(f.Due)
	b, err := flash.AppendVideoAVC(o.body[:0], f.Data, f.Key)
	if err != nil {
		o.call.agent.log.Debug("picture not sent", "error", err)
		return
	}
	o.body = b
	if f.Key {
		// Old clients set their decoder up from a sequence header; ours ignore it.
		if h, ok := flash.AppendVideoAVCHeader(o.header[:0], f.Data); ok {
			o.header = h
			o.packed = append(o.packed, flash.Message{Type: flash.MessageVideo, Timestamp: stamp, Payload: h})
		}
	}
	o.packed = append(o.packed, flash.Message{Type: flash.MessageVideo, Timestamp: stamp, Payload: b})
}

// RequestKeyFrame implements MediaOut.
func (o *mediaOut) RequestKeyFrame(from flash.PeerID) {
	if g := o.call.legWith(from); g != nil {
		g.requestKeyFrame()
	}
}
