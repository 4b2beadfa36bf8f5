package flash

import (
	"encoding/binary"
)

// Audio tag header (FLV) and its extension by Enhanced RTMP: four bits of sound
// format, 9 meaning that the other four bits are a packet type and a FourCC follows.
const (
	soundExHeader = 9

	audioSequenceStart = 0
	audioCodedFrames   = 1
	audioSequenceEnd   = 2
	audioModEx         = 7

	fourCCOpus = "Opus"
)

// Identification header of Opus (RFC 7845 §5.1).
const (
	opusHeadMagic   = "OpusHead"
	opusHeadVersion = 1
	opusPreSkip     = 312 // samples: libopus' look-ahead at 48 kHz
	opusRate        = 48000
)

// ErrMalformedMedia says that the body of an audio or video message is not what its head promises.
const ErrMalformedMedia = flashError("flash: malformed audio or video message")

// ErrUnsupportedMedia says that the body is of a kind that we do not speak.
const ErrUnsupportedMedia = flashError("flash: unsupported kind of audio or video message")

// Audio is a parsed audio message body.
type Audio struct {
	FourCC string // "Opus"; "" for a legacy codec
	Codec  uint8  // the sound format of a legacy codec: 2 MP3, 4–6 Nellymoser, 10 AAC, 11 Speex …
	Data   []byte // one packet, which aliases the body; empty for sequence headers
}

// AppendAudioOpus appends the E-RTMP body of an audio message with one Opus packet.
func AppendAudioOpus(b, packet []byte) []byte {
	b = append(b, soundExHeader<<4|audioCodedFrames)
	b = append(b, fourCCOpus...)
	return append(b, packet...)
}

// AppendAudioOpusHeader appends the E-RTMP body that begins a sequence of Opus
// packets: the identification header of RFC 7845 §5.1, for 1 or 2 channels.
func AppendAudioOpusHeader(b []byte, channels int) []byte {
	b = append(b, soundExHeader<<4|audioSequenceStart)
	b = append(b, fourCCOpus...)
	b = append(b, opusHeadMagic...)
	b = append(b, opusHeadVersion, byte(channels))
	b = binary.LittleEndian.AppendUint16(b, opusPreSkip)
	b = binary.LittleEndian.AppendUint32(b, opusRate)
	return append(b, 0, 0, 0) // no gain, mapping family 0
}

// ParseAudio parses the body of an audio message. Of E-RTMP it takes single
// tracks, of any FourCC; multitrack bodies are ErrUnsupportedMedia. Legacy
// codecs come with an empty FourCC and their format in Codec.
func ParseAudio(body []byte) (Audio, error) {
	if len(body) == 0 {
		return Audio{}, ErrMalformedMedia
	}
	format, packetType, rest := body[0]>>4, body[0]&0x0f, body[1:]
	if format != soundExHeader {
		return Audio{Codec: format, Data: rest}, nil
	}
	var err error
	for packetType == audioModEx {
		if packetType, rest, err = skipModEx(rest); err != nil {
			return Audio{}, err
		}
	}
	switch packetType {
	case audioSequenceStart, audioCodedFrames, audioSequenceEnd:
	default:
		return Audio{}, ErrUnsupportedMedia
	}
	if len(rest) < 4 {
		return Audio{}, ErrMalformedMedia
	}
	a := Audio{FourCC: string(rest[:4])}
	if packetType == audioCodedFrames {
		a.Data = rest[4:]
		if len(a.Data) == 0 {
			return Audio{}, ErrMalformedMedia
		}
	}
	return a, nil
}

// skipModEx passes over one modifier of E-RTMP (a size less one in one byte, or
// 0xff and two bytes; data; then four bits of kind and the next packet type).
func skipModEx(b []byte) (packetType byte, rest []byte, err error) {
	if len(b) < 1 {
		return 0, nil, ErrMalformedMedia
	}
	size := int(b[0]) + 1
	b = b[1:]
	if size == 256 {
		if len(b) < 2 {
			return 0, nil, ErrMalformedMedia
		}
		size = int(binary.BigEndian.Uint16(b)) + 1
		b = b[2:]
	}
	if len(b) < size+1 {
		return 0, nil, ErrMalformedMedia
	}
	return b[size] & 0x0f, b[size+1:], nil
}
