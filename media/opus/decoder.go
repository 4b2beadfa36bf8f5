package opus

import (
	"fmt"

	"github.com/pion/opus"
)

// Decoder turns packets into frames of 20 ms, 48 kHz mono (a stereo packet is mixed down). It has no concealment:
// a lost packet is simply not decoded. It is not safe for concurrent use.
type Decoder struct {
	dec opus.Decoder
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
	// None is known, but a panic in here must never take a call down: the bytes are a stranger's.
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", ErrMalformed, r)
			if e := d.dec.Init(SampleRate, 1); e != nil {
				err = fmt.Errorf("%w; starting the decoder again: %w", err, e)
			}
		}
	}()
	n, err := d.dec.DecodeToInt16(packet, pcm[:])
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if n != FrameSamples {
		return fmt.Errorf("%w: %d samples", ErrDuration, n)
	}
	return nil
}
