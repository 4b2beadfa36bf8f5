package flash

// Audio tag header (FLV): four bits of sound format, two of rate, one of sample size, one of channels. In Enhanced RTMP the
// format is 9, the other four bits are a packet type, and a FourCC follows.
const (
	soundExHeader = 9

	rateShift    = 2
	sixteenBits  = 0x02
	stereo       = 0x01
	aacSequence  = 0
	aacRaw       = 1
	rateBaseline = 5512 // Hz; each further rate is twice the one before
)

// Sound formats of FLV, the codecs that Flash knew.
const (
	SoundLinearPCM    = 0
	SoundADPCM        = 1
	SoundMP3          = 2
	SoundLittlePCM    = 3
	SoundNellymoser16 = 4 // 16 kHz, one channel
	SoundNellymoser8  = 5 // 8 kHz, one channel
	SoundNellymoser   = 6
	SoundG711ALaw     = 7
	SoundG711MuLaw    = 8
	SoundAAC          = 10
	SoundSpeex        = 11 // 16 kHz, one channel
	SoundMP3At8       = 14 // 8 kHz
)

// AudioPacket is a packet type of Enhanced RTMP. Bodies with a sound format of FLV are AudioCodedFrames, but for AAC's sequence
// header.
type AudioPacket uint8

// The packet types of audio.
const (
	AudioSequenceStart AudioPacket = 0 // what a decoder needs first
	AudioCodedFrames   AudioPacket = 1
	AudioSequenceEnd   AudioPacket = 2
	AudioMultichannel  AudioPacket = 4 // which channels there are

	audioMultitrack = 5
	audioModEx      = 7
)

// AudioTag is the body of an audio message (type 8), of FLV or of Enhanced RTMP, taken apart as far as its header goes.
type AudioTag struct {
	Packet AudioPacket
	FourCC string // of Enhanced RTMP; "" for a sound format of FLV
	Format uint8  // the sound format of FLV, if FourCC is ""

	// What FLV's header says of a sound format. It is not true of all: AAC, Speex and Nellymoser at 8 or 16 kHz have fixed
	// values there. Rate is in Hz (5512, 11025, 22050, 44100), Bits 8 or 16.
	Rate     int
	Bits     int
	Channels int

	// TimestampOffset refines the message's timestamp, in ns below 1,000,000 (Enhanced RTMP).
	TimestampOffset uint32
	// Tracks are those of a multitrack message; FourCC and Data are then empty.
	Tracks []MediaTrack
	Data   []byte // it aliases the body
}

// Header reports whether the body must not be lost: what tells decoders how to read what follows, or that it ends.
func (a AudioTag) Header() bool { return a.Packet != AudioCodedFrames }

// ParseAudioTag reads the header of an audio message's body. What does not add up is ErrMalformedMedia, a packet type that
// Enhanced RTMP leaves open ErrUnsupportedMedia.
func ParseAudioTag(body []byte) (AudioTag, error) {
	if len(body) == 0 {
		return AudioTag{}, ErrMalformedMedia
	}
	if body[0]>>4 == soundExHeader {
		return parseEnhancedAudio(body[0]&0x0f, body[1:])
	}
	h := body[0]
	a := AudioTag{
		Packet: AudioCodedFrames, Format: h >> 4, Rate: rateBaseline, Bits: 8, Channels: 1, Data: body[1:],
	}
	if n := h >> rateShift & 3; n > 0 {
		a.Rate = 11025 << (n - 1)
	}
	if h&sixteenBits != 0 {
		a.Bits = 16
	}
	if h&stereo != 0 {
		a.Channels = 2
	}
	if a.Format == SoundAAC {
		if len(a.Data) == 0 {
			return AudioTag{}, ErrMalformedMedia
		}
		if a.Data[0] == aacSequence {
			a.Packet = AudioSequenceStart
		}
		a.Data = a.Data[1:]
	}
	return a, nil
}

func parseEnhancedAudio(packet uint8, b []byte) (AudioTag, error) {
	packet, offset, b, err := takeModifiers(packet, audioModEx, b)
	if err != nil {
		return AudioTag{}, err
	}
	a := AudioTag{TimestampOffset: offset}
	if packet == audioMultitrack {
		if packet, a.Tracks, err = takeTracks(b, audioMultitrack); err != nil {
			return AudioTag{}, err
		}
	} else if a.FourCC, a.Data, err = takeFourCC(b); err != nil {
		return AudioTag{}, err
	}
	switch a.Packet = AudioPacket(packet); a.Packet {
	case AudioSequenceStart, AudioCodedFrames, AudioSequenceEnd, AudioMultichannel:
		return a, nil
	}
	return AudioTag{}, ErrUnsupportedMedia
}

// AppendAudioTag appends the body of an audio message. A FourCC that has not four bytes, or a rate, size or number of channels
// that FLV has not, is ErrMalformedMedia.
func AppendAudioTag(b []byte, a AudioTag) ([]byte, error) {
	if a.FourCC == "" && a.Tracks == nil {
		return appendPlainAudio(b, a)
	}
	packet := uint8(a.Packet)
	if a.Tracks != nil {
		packet = audioMultitrack
	}
	out := append(b, soundExHeader<<4|packet)
	if a.TimestampOffset != 0 {
		out = appendModifier(append(b, soundExHeader<<4|audioModEx), a.TimestampOffset, packet)
	}
	if a.Tracks != nil {
		out, err := appendTracks(out, uint8(a.Packet), a.Tracks)
		if err != nil {
			return b, err
		}
		return out, nil
	}
	if len(a.FourCC) != fourCCSize {
		return b, ErrMalformedMedia
	}
	return append(append(out, a.FourCC...), a.Data...), nil
}

func appendPlainAudio(b []byte, a AudioTag) ([]byte, error) {
	if a.Format > 0x0f || a.Format == soundExHeader {
		return b, ErrMalformedMedia
	}
	h := a.Format << 4
	switch a.Rate {
	case rateBaseline:
	case 11025, 22050, 44100:
		h |= map[int]byte{11025: 1, 22050: 2, 44100: 3}[a.Rate] << rateShift
	default:
		return b, ErrMalformedMedia
	}
	switch {
	case a.Bits == 16:
		h |= sixteenBits
	case a.Bits != 8:
		return b, ErrMalformedMedia
	}
	switch {
	case a.Channels == 2:
		h |= stereo
	case a.Channels != 1:
		return b, ErrMalformedMedia
	}
	out := append(b, h)
	if a.Format == SoundAAC {
		kind := byte(aacRaw)
		if a.Packet == AudioSequenceStart {
			kind = aacSequence
		}
		out = append(out, kind)
	}
	return append(out, a.Data...), nil
}
