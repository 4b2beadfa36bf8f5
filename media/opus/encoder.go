package opus

/*
#include <stdint.h>

// The part of libopus's interface that is used here (opus.h, opus_defines.h of version 1.3.1).
typedef struct OpusEncoder OpusEncoder;
OpusEncoder *opus_encoder_create(int32_t rate, int channels, int application, int *error);
int32_t opus_encode(OpusEncoder *enc, const int16_t *pcm, int samples, unsigned char *data, int32_t max);
int opus_encoder_ctl(OpusEncoder *enc, int request, ...);
void opus_encoder_destroy(OpusEncoder *enc);

// cgo cannot call variadic functions.
static int sundog_opus_set(OpusEncoder *enc, int request, int32_t value) {
	return opus_encoder_ctl(enc, request, value);
}
*/
import "C"

import (
	"errors"
	"fmt"

	// Links libopus.
	_ "github.com/pion/mediadevices/pkg/codec/opus"
)

// Values of opus_defines.h.
const (
	// Not "VoIP": that application filters speech for intelligibility at low rates, which costs fidelity. At 32 kbit/s
	// the correlation of decoded with original speech is 0.98 with this one, 0.96 with "VoIP"
	// and 0.98 with the low-delay one, which cannot carry FEC and is worse at 24 kbit/s.
	applicationAudio = 2049

	setBitrate    = 4002
	setVBR        = 4006
	setComplexity = 4010
	setInbandFEC  = 4012
	setPacketLoss = 4014
	setDTX        = 4016
	setSignal     = 4024

	signalAuto  = -1000 // OPUS_AUTO
	signalMusic = 3002
)

// Errors of the encoder.
var (
	ErrBitrate = errors.New("opus: the bit rate is out of range")
	ErrClosed  = errors.New("opus: the encoder is closed")
)

// EncoderConfig says how to encode. The zero value is 32 kbit/s without FEC and DTX.
type EncoderConfig struct {
	Bitrate int // bit/s, MinBitrate to MaxBitrate; 0: DefaultBitrate
	// FEC adds a coarse copy of each frame to the next packet. Our own decoder ignores it; other people's use it.
	FEC bool
	// LossPercent is the loss that FEC is dimensioned for, 0..100.
	LossPercent int
	// DTX sends next to nothing while there is silence.
	DTX bool
}

// Encoder turns frames of 20 ms into packets. It is not safe for concurrent use.
type Encoder struct {
	enc    *C.OpusEncoder
	packet [MaxPacketBytes]byte
}

// NewEncoder makes an encoder; Close frees it.
func NewEncoder(cfg EncoderConfig) (*Encoder, error) {
	if cfg.Bitrate == 0 {
		cfg.Bitrate = DefaultBitrate
	}
	if cfg.Bitrate < MinBitrate || cfg.Bitrate > MaxBitrate {
		return nil, fmt.Errorf("%w: %d bit/s is not between %d and %d", ErrBitrate, cfg.Bitrate, MinBitrate, MaxBitrate)
	}
	var status C.int
	enc := C.opus_encoder_create(SampleRate, 1, applicationAudio, &status)
	if enc == nil || status != 0 {
		return nil, fmt.Errorf("opus: creating an encoder: %w", codecError(status))
	}
	e := &Encoder{enc: enc}
	for _, s := range []struct{ request, value int }{
		{setBitrate, cfg.Bitrate},
		{setVBR, 1},
		{setComplexity, complexity},
		{setInbandFEC, number(cfg.FEC)},
		{setPacketLoss, min(max(cfg.LossPercent, 0), 100)},
		{setDTX, number(cfg.DTX)},
	} {
		if err := e.set(s.request, s.value); err != nil {
			e.Close()
			return nil, err
		}
	}
	return e, nil
}

// SetBitrate changes the target, bit/s.
func (e *Encoder) SetBitrate(bitsPerSecond int) error {
	if bitsPerSecond < MinBitrate || bitsPerSecond > MaxBitrate {
		return fmt.Errorf("%w: %d bit/s is not between %d and %d", ErrBitrate, bitsPerSecond, MinBitrate, MaxBitrate)
	}
	return e.set(setBitrate, bitsPerSecond)
}

// SetLight has the transform codec (CELT) used for speech too, and saves the search for speech in the signal. At 32 kbit/s encoding then costs 3 ms of
// CPU per second of sound instead of 12, and decoding 2 to 3 as otherwise; the bit rate is what was set, where it
// is about 25 kbit/s otherwise, and synthetic speech comes out as near to the original as before. Listeners may prefer the usual choice at 32 kbit/s.
func (e *Encoder) SetLight(light bool) error {
	if light {
		return e.set(setSignal, signalMusic)
	}
	return e.set(setSignal, signalAuto)
}

// Encode encodes one frame. The packet is valid until the next Encode or Close.
func (e *Encoder) Encode(pcm *[FrameSamples]int16) ([]byte, error) {
	if e.enc == nil {
		return nil, ErrClosed
	}
	n := C.opus_encode(e.enc, (*C.int16_t)(&pcm[0]), FrameSamples, (*C.uchar)(&e.packet[0]), MaxPacketBytes)
	if n < 0 {
		return nil, fmt.Errorf("opus: encoding: %w", codecError(n))
	}
	return e.packet[:n], nil
}

// Close frees the encoder. It may be called twice.
func (e *Encoder) Close() {
	if e.enc != nil {
		C.opus_encoder_destroy(e.enc)
		e.enc = nil
	}
}

func (e *Encoder) set(request, value int) error {
	if e.enc == nil {
		return ErrClosed
	}
	if status := C.sundog_opus_set(e.enc, C.int(request), C.int32_t(value)); status != 0 {
		return fmt.Errorf("opus: setting %d to %d: %w", request, value, codecError(status))
	}
	return nil
}

// codecError is a status of libopus (opus_defines.h, OPUS_BAD_ARG to OPUS_ALLOC_FAIL).
type codecError int

// Error says what libopus complains about.
func (e codecError) Error() string {
	switch e {
	case -1:
		return "libopus: bad argument"
	case -2:
		return "libopus: buffer too small"
	case -3:
		return "libopus: internal error"
	case -4:
		return "libopus: invalid packet"
	case -5:
		return "libopus: not implemented"
	case -6:
		return "libopus: invalid state"
	case -7:
		return "libopus: out of memory"
	}
	return fmt.Sprintf("libopus: status %d", int(e))
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}
