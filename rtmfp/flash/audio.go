package flash

import (
	"encoding/binary"
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
	b = append(b, soundExHeader<<4|byte(AudioCodedFrames))
	b = append(b, FourCCOpus...)
	return append(b, packet...)
}

// AppendAudioOpusHeader appends the E-RTMP body that begins a sequence of Opus
// packets: the identification header of RFC 7845 §5.1, for 1 or 2 channels.
func AppendAudioOpusHeader(b []byte, channels int) []byte {
	b = append(b, soundExHeader<<4|byte(AudioSequenceStart))
	b = append(b, FourCCOpus...)
	b = append(b, opusHeadMagic...)
	b = append(b, opusHeadVersion, byte(channels))
	b = binary.LittleEndian.AppendUint16(b, opusPreSkip)
	b = binary.LittleEndian.AppendUint32(b, opusRate)
	return append(b, 0, 0, 0) // no gain, mapping family 0
}

// ParseAudio parses the body of an audio message. Of E-RTMP it takes single
// tracks, of any FourCC; multitrack bodies are ErrUnsupportedMedia. Legacy
// codecs come with an empty FourCC and their format in Codec. ParseAudioTag tells more.
func ParseAudio(body []byte) (Audio, error) {
	tag, err := ParseAudioTag(body)
	switch {
	case err != nil:
		return Audio{}, err
	case tag.FourCC == "" && tag.Tracks == nil:
		return Audio{Codec: tag.Format, Data: body[1:]}, nil
	case tag.Tracks != nil || tag.Packet == AudioMultichannel:
		return Audio{}, ErrUnsupportedMedia
	case tag.Packet != AudioCodedFrames:
		return Audio{FourCC: tag.FourCC}, nil
	case len(tag.Data) == 0:
		return Audio{}, ErrMalformedMedia
	}
	return Audio{FourCC: tag.FourCC, Data: tag.Data}, nil
}
