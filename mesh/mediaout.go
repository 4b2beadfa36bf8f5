package mesh

import (
	"slices"
	"sync"

	"sundog.dev/sundog/rtmfp/flash"
)

// mediaOut takes our frames to all members: a frame is packed once and written to each leg.
type mediaOut struct {
	call *Call

	mu                  sync.Mutex // taken before a legOut's
	legs                []*legOut
	header, body, again []byte          // reused
	packed, repeat      []flash.Message // likewise
}

var _ MediaOut = (*mediaOut)(nil)

// add takes a leg's way out into use.
func (o *mediaOut) add(l *legOut) {
	o.mu.Lock()
	defer o.mu.Unlock()
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
	o.packed, o.repeat = o.packed[:0], o.repeat[:0]
	for _, l := range o.legs {
		p, repeat := l.pick(f)
		if p == KeyFrameFirst {
			waits = true
		}
		if p != Give {
			continue
		}
		if len(o.packed) == 0 {
			if o.packed = o.pack(o.packed, &o.body, f); len(o.packed) == 0 {
				return waits
			}
		}
		l.write(f, o.packed)
		if repeat && f.Repeat != nil {
			if len(o.repeat) == 0 {
				o.repeat = o.pack(o.repeat, &o.again, *f.Repeat)
			}
			l.write(*f.Repeat, o.repeat)
		}
	}
	return waits
}

// pack appends the messages of a frame, with the body in memory that is used again. o.mu is held, and they are valid as long.
func (o *mediaOut) pack(to []flash.Message, body *[]byte, f Frame) []flash.Message {
	stamp := o.call.agent.clock.stamp(f.Due)
	if f.Kind == AudioFrame {
		*body = flash.AppendAudioOpus((*body)[:0], f.Data)
		return append(to, flash.Message{Type: flash.MessageAudio, Timestamp: stamp, Payload: *body})
	}
	b, err := flash.AppendVideoAVC((*body)[:0], f.Data, f.Key)
	if err != nil {
		o.call.agent.log.Debug("picture not sent", "error", err)
		return to
	}
	*body = b
	if f.Key {
		// Old clients set their decoder up from a sequence header; ours ignore it.
		if h, ok := flash.AppendVideoAVCHeader(o.header[:0], f.Data); ok {
			o.header = h
			to = append(to, flash.Message{Type: flash.MessageVideo, Timestamp: stamp, Payload: h})
		}
	}
	return append(to, flash.Message{Type: flash.MessageVideo, Timestamp: stamp, Payload: b})
}

// RequestKeyFrame implements MediaOut.
func (o *mediaOut) RequestKeyFrame(from flash.PeerID) {
	if g := o.call.legWith(from); g != nil {
		g.requestKeyFrame()
	}
}
