package opus

import (
	"fmt"

	"github.com/pion/opus"
)

// Decoder turns packets into frames of 20 ms, 48 kHz mono (a stereo packet is mixed down). It has no concealment:
// a lost packet is simply not decoded. It is not safe for concurrent use.
type Decoder struct {
	dec  opus.Decoder
	zero bool // the last packet was silence, and so was all that came out
}

// NewDecoder makes a decoder.
func NewDecoder() (*Decoder, error) {
	dec, err := opus.NewDecoderWithOutput(SampleRate, 1)
	if err != nil {
		return nil, fmt.Errorf("opus: creating a decoder: %w", err)
	}
	return &Decoder{dec: dec}, nil
}

// Decode decodes one packet, which holds exactly 20 ms. After an error (ErrEmpty, ErrTooLong, ErrDuration,
// ErrMalformed) pcm is undefined, and the decoder goes on with the next packet.
func (d *Decoder) Decode(packet []byte, pcm *[FrameSamples]int16) (err error) {
	if err := Check(packet); err != nil {
		return err
	}
	silence := silent(packet)
	if silence && d.zero {
		*pcm = [FrameSamples]int16{}
		return nil
	}
	// None is known, but a panic in here must never take a call down: the bytes are a stranger's.
	defer func() {
		if r := recover(); r != nil {
			d.zero, err = false, fmt.Errorf("%w: %v", ErrMalformed, r)
			if e := d.dec.Init(SampleRate, 1); e != nil {
				err = fmt.Errorf("%w; starting the decoder again: %w", err, e)
			}
		}
	}()
	d.zero = false
	n, err := d.dec.DecodeToInt16(packet, pcm[:])
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if n != FrameSamples {
		return fmt.Errorf("%w: %d samples", ErrDuration, n)
	}
	d.zero = silence && *pcm == [FrameSamples]int16{}
	return nil
}

// silent reports whether a packet is one frame of the transform codec that says of itself that it is silence (RFC 6716 §4.3, the silence flag, whose
// improbable value all ones begin). The sound before it rings on in the first such frame. Those behind it decode to nothing and
// leave the decoder as it was, but are dear: what rings on there is so small that processors calculate with it thirty times as slowly, and
// never ends. A muted microphone would cost more than a voice.
func silent(packet []byte) bool {
	const firstTransform = 16 // configuration
	return len(packet) >= 3 && packet[0]>>3 >= firstTransform && packet[0]&3 == 0 && packet[1] == 0xff && packet[2] >= 0xfe
}
