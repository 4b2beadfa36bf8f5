package live

import (
	"bytes"
	"slices"

	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flash"
)

// kind says how a message is to be treated.
type kind uint8

const (
	kindNone    kind = iota // not passed on
	kindData                // must arrive
	kindHeader              // must arrive: what decoders need to read the rest
	kindSound               // may be late, and then is worthless
	kindPicture             // likewise, and what follows it until the next key frame
	kindKey                 // a picture with which decoding can begin
)

// memory is what is kept of a stream for those who come later.
type memory struct {
	data     []frame         // set by @setDataFrame, in that order
	headers  []flash.Message // sequence headers and the like, in the order in which they came first
	pictures []flash.Message // since the last key frame, which is the first
	bytes    int             // of pictures
	overflow bool            // pictures holds the key frame alone, since there were too many
}

// frame is a data message by its handler's name.
type frame struct {
	handler string
	message flash.Message
}

// note keeps what is worth it and says how to treat the message, as it is to be passed on.
func (m *memory) note(msg flash.Message) (kind, flash.Message) {
	switch msg.Type {
	case flash.MessageData:
		return m.noteData(msg)
	case flash.MessageAudio:
		return m.noteSound(msg), msg
	case flash.MessageVideo:
		return m.notePicture(msg), msg
	}
	return kindNone, msg
}

// noteData obeys @setDataFrame and @clearDataFrame. What is set is also passed on, without that handler.
func (m *memory) noteData(msg flash.Message) (kind, flash.Message) {
	handler, args, err := msg.Data()
	if err != nil {
		return kindNone, msg
	}
	if handler != "@setDataFrame" && handler != "@clearDataFrame" {
		return kindData, plain(msg, handler, args)
	}
	if len(args) == 0 {
		return kindNone, msg
	}
	name, ok := args[0].(string)
	if !ok {
		return kindNone, msg
	}
	m.data = slices.DeleteFunc(m.data, func(f frame) bool { return f.handler == name })
	if handler == "@clearDataFrame" {
		return kindNone, msg
	}
	payload, err := flash.AppendData(nil, name, args[1:]...)
	if err != nil || len(payload) > maxGrowth*len(msg.Payload) {
		return kindNone, msg
	}
	msg.Payload = payload
	if len(m.data) < maxDataFrames && len(payload) <= maxDataFrame {
		kept := msg
		kept.Timestamp = 0
		m.data = append(m.data, frame{name, kept})
	}
	return kindData, msg
}

// plain has data in AMF0 alone, as far as that can hold it: some players know no other.
func plain(msg flash.Message, handler string, args []amf.Value) flash.Message {
	const switched = 0x11 // the marker of AMF3 inside AMF0; elsewhere it may be anything
	if !bytes.Contains(msg.Payload, []byte{switched}) {
		return msg
	}
	if payload, err := flash.AppendData(nil, handler, args...); err == nil && len(payload) <= maxGrowth*len(msg.Payload) {
		msg.Payload = payload
	}
	return msg
}

func (m *memory) noteSound(msg flash.Message) kind {
	tag, err := flash.ParseAudioTag(msg.Payload)
	if err != nil || !tag.Header() {
		return kindSound // also of a kind that we do not know: players may
	}
	m.keepHeader(msg, func(old flash.Message) bool {
		o, err := flash.ParseAudioTag(old.Payload)
		return err == nil && o.Packet == tag.Packet
	})
	return kindHeader
}

func (m *memory) notePicture(msg flash.Message) kind {
	tag, err := flash.ParseVideoTag(msg.Payload)
	switch {
	case err != nil:
		return kindPicture
	case tag.Header():
		m.keepHeader(msg, func(old flash.Message) bool {
			o, err := flash.ParseVideoTag(old.Payload)
			return err == nil && o.Packet == tag.Packet
		})
		if tag.Packet != flash.VideoMetadata {
			m.forgetPictures() // which were made for another header, or have ended
		}
		return kindHeader
	case tag.Key():
		m.forgetPictures()
		if len(msg.Payload) <= maxPictureBytes {
			m.pictures, m.bytes = append(m.pictures, msg), len(msg.Payload)
		}
		return kindKey
	case len(m.pictures) == 0:
	case len(m.pictures) == maxPictures || m.bytes+len(msg.Payload) > maxPictureBytes:
		clear(m.pictures[1:])
		m.pictures, m.overflow = m.pictures[:1], true
	case !m.overflow:
		m.pictures = append(m.pictures, msg)
		m.bytes += len(msg.Payload)
	}
	return kindPicture
}

func (m *memory) forgetPictures() {
	clear(m.pictures)
	m.pictures, m.bytes, m.overflow = m.pictures[:0], 0, false
}

// keepHeader keeps a header in place of its predecessor. The end of a sequence takes its beginning with it, and is not kept.
func (m *memory) keepHeader(msg flash.Message, same func(flash.Message) bool) {
	msg.Timestamp = 0
	i := slices.IndexFunc(m.headers, func(old flash.Message) bool { return old.Type == msg.Type && same(old) })
	switch {
	case endOfSequence(msg):
		m.headers = slices.DeleteFunc(m.headers, func(old flash.Message) bool { return old.Type == msg.Type })
	case len(msg.Payload) > maxHeader:
	case i >= 0:
		m.headers[i] = msg
	case len(m.headers) < maxHeaders:
		m.headers = append(m.headers, msg)
	}
}

func endOfSequence(msg flash.Message) bool {
	if msg.Type == flash.MessageAudio {
		tag, err := flash.ParseAudioTag(msg.Payload)
		return err == nil && tag.Packet == flash.AudioSequenceEnd
	}
	tag, err := flash.ParseVideoTag(msg.Payload)
	return err == nil && tag.Packet == flash.VideoSequenceEnd
}
