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
	header, body []byte
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
		o.call.in.keyFrame() // what follows cannot be decoded without
	}
}

// send writes a frame to those who may get it, and reports whether somebody has missed pictures.
func (o *mediaOut) send(f Frame) (missed bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var messages []flash.Message
	for _, l := range o.legs {
		if !l.takes(f.Kind) {
			continue
		}
		if messages == nil {
			if messages = o.pack(f); messages == nil {
				return missed
			}
		}
		missed = l.write(messages) || missed
	}
	return missed
}

// pack makes the messages of a frame. o.mu is held, and they are valid as long.
func (o *mediaOut) pack(f Frame) []flash.Message {
	stamp := o.call.agent.clock.stamp(f.Due)
	if f.Kind == AudioFrame {
		o.body = flash.AppendAudioOpus(o.body[:0], f.Data)
		return []flash.Message{{Type: flash.MessageAudio, Timestamp: stamp, Payload: o.body}}
	}
	b, err := flash.AppendVideoAVC(o.body[:0], f.Data, f.Key)
	if err != nil {
		o.call.agent.log.Debug("picture not sent", "error", err)
		return nil
	}
	o.body = b
	messages := []flash.Message{{Type: flash.MessageVideo, Timestamp: stamp, Payload: b}}
	if f.Key {
		// Old clients set their decoder up from a sequence header; ours ignore it.
		if h, ok := flash.AppendVideoAVCHeader(o.header[:0], f.Data); ok {
			o.header = h
			messages = slices.Insert(messages, 0, flash.Message{Type: flash.MessageVideo, Timestamp: stamp, Payload: h})
		}
	}
	return messages
}

// RequestKeyFrame implements MediaOut.
func (o *mediaOut) RequestKeyFrame(from flash.PeerID) {
	if g := o.call.legWith(from); g != nil {
		g.requestKeyFrame()
	}
}
