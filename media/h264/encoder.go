package h264

// #cgo CFLAGS: -O2
// #include "openh264.h"
import "C"

import (
	"fmt"
	"image"
	"time"
	"unsafe"

	// Its static archive holds the library that openh264.h declares.
	_ "github.com/pion/mediadevices/pkg/codec/openh264"
)

// EncoderConfig is what an encoder is opened for.
type EncoderConfig struct {
	Width, Height int     // even
	Bitrate       int     // bit/s; held to MinBitrate..MaxBitrate
	FrameRate     float64 // pictures a second; held to 1..MaxFrameRate
	Layers        int     // temporal layers, 1 to MaxLayers; 0: 1
	// Quantizer, 1 to 51, is that of all pictures until SetQuantizer says another: the bitrate is in the caller's hands then. 0: that of each block
	// follows the bitrate.
	Quantizer int
}

type encoder struct {
	c             *C.sundog_encoder
	width, height int
	quantizer     int // 0: it follows the bitrate
	buf           []byte
}

// NewEncoder opens an encoder in real-time camera mode: Constrained Baseline, one slice a picture, key frames only on request, no frame skipped. The
// search for motion is openh264's quick one, which saves a fifth of the time for 0.0 to 0.2 dB; with a quantizer of the caller's, as for text, the middle
// one, which takes 3 % fewer bits, and no more time of the few pictures that there are.
func NewEncoder(cfg EncoderConfig) (Encoder, error) {
	if cfg.Width < MinWidth || cfg.Height < MinHeight || cfg.Width > MaxWidth || cfg.Height > MaxHeight || cfg.Width%2 != 0 || cfg.Height%2 != 0 {
		return nil, fmt.Errorf("h264: cannot encode %d×%d: the sides must be even, at least %d×%d and at most %d×%d",
			cfg.Width, cfg.Height, MinWidth, MinHeight, MaxWidth, MaxHeight)
	}
	if cfg.Layers < 0 || cfg.Layers > MaxLayers {
		return nil, fmt.Errorf("h264: cannot encode %d temporal layers: at most %d", cfg.Layers, MaxLayers)
	}
	if cfg.Quantizer < 0 || cfg.Quantizer > MaxQuantizer {
		return nil, fmt.Errorf("h264: cannot encode with quantizer %d: at most %d", cfg.Quantizer, MaxQuantizer)
	}
	e := &encoder{width: cfg.Width, height: cfg.Height, quantizer: cfg.Quantizer}
	complexity := C.int(C.oh_complexity_lo)
	if cfg.Quantizer > 0 {
		complexity = C.oh_complexity_mid
	}
	rv := C.sundog_enc_open(&e.c, C.int(cfg.Width), C.int(cfg.Height), C.float(holdRate(cfg.FrameRate)), C.int(holdBitrate(cfg.Bitrate)),
		C.int(max(cfg.Layers, 1)), complexity, C.int(cfg.Quantizer))
	if rv != 0 {
		return nil, fmt.Errorf("h264: opening the encoder for %d×%d: openh264 error %d", cfg.Width, cfg.Height, int(rv))
	}
	return e, nil
}

func holdBitrate(b int) int { return min(max(b, MinBitrate), MaxBitrate) }

func holdRate(r float64) float64 { return min(max(r, 1), MaxFrameRate) }

func (e *encoder) Encode(img *image.YCbCr, key bool, at time.Duration) (Unit, error) {
	if e.c == nil {
		return Unit{}, ErrClosed
	}
	y, cb, cr, err := e.planes(img)
	if err != nil {
		return Unit{}, err
	}
	force := C.int(0)
	if key {
		force = 1
	}
	rv := C.sundog_enc_encode(e.c, y, cb, cr, C.int(img.YStride), C.int(img.CStride), C.int(e.width), C.int(e.height),
		force, C.longlong(at.Milliseconds()))
	if rv != 0 {
		return Unit{}, fmt.Errorf("h264: encoding: openh264 error %d", int(rv))
	}
	size := int(e.c.size)
	if size == 0 {
		return Unit{}, nil
	}
	if cap(e.buf) < size {
		e.buf = make([]byte, 2*size)
	}
	e.buf = e.buf[:size]
	C.sundog_enc_copy(e.c, (*C.uchar)(unsafe.Pointer(&e.buf[0])))
	return Unit{Data: e.buf, Key: e.c.frame_type == C.oh_frame_idr, Layer: int(e.c.temporal_layer)}, nil
}

// planes checks the picture's shape, since C believes what it is told.
func (e *encoder) planes(img *image.YCbCr) (y, cb, cr *C.uchar, err error) {
	r := img.Rect
	if r.Dx() != e.width || r.Dy() != e.height || img.SubsampleRatio != image.YCbCrSubsampleRatio420 || r.Min.X%2 != 0 || r.Min.Y%2 != 0 {
		return nil, nil, nil, fmt.Errorf("h264: the encoder is open for %d×%d 4:2:0, the picture is %v %v", e.width, e.height, r, img.SubsampleRatio)
	}
	yo, co := img.YOffset(r.Min.X, r.Min.Y), img.COffset(r.Min.X, r.Min.Y)
	cEnd := co + (e.height/2-1)*img.CStride + e.width/2
	if img.YStride < e.width || img.CStride < e.width/2 || len(img.Y) < yo+(e.height-1)*img.YStride+e.width || len(img.Cb) < cEnd || len(img.Cr) < cEnd {
		return nil, nil, nil, fmt.Errorf("h264: the picture's planes are shorter than %d×%d", e.width, e.height)
	}
	return (*C.uchar)(unsafe.Pointer(&img.Y[yo])), (*C.uchar)(unsafe.Pointer(&img.Cb[co])), (*C.uchar)(unsafe.Pointer(&img.Cr[co])), nil
}

func (e *encoder) SetBitrate(bitsPerSecond int) error {
	if e.c == nil {
		return ErrClosed
	}
	if rv := C.sundog_enc_set_bitrate(e.c, C.int(holdBitrate(bitsPerSecond))); rv != 0 {
		return fmt.Errorf("h264: setting %d bit/s: openh264 error %d", bitsPerSecond, int(rv))
	}
	return nil
}

func (e *encoder) SetFrameRate(framesPerSecond float64) error {
	if e.c == nil {
		return ErrClosed
	}
	if rv := C.sundog_enc_set_rate(e.c, C.float(holdRate(framesPerSecond))); rv != 0 {
		return fmt.Errorf("h264: setting %.2f frames/s: openh264 error %d", framesPerSecond, int(rv))
	}
	return nil
}

func (e *encoder) SetQuantizer(q int) error {
	switch {
	case e.c == nil:
		return ErrClosed
	case e.quantizer == 0 || q < 1 || q > MaxQuantizer:
		return fmt.Errorf("h264: setting quantizer %d of an encoder that was opened with %d", q, e.quantizer)
	case q == e.quantizer:
		return nil
	}
	if rv := C.sundog_enc_set_qp(e.c, C.int(q)); rv != 0 {
		return fmt.Errorf("h264: setting quantizer %d: openh264 error %d", q, int(rv))
	}
	e.quantizer = q
	return nil
}

func (e *encoder) Close() error {
	if e.c != nil {
		C.sundog_enc_close(e.c)
		e.c = nil
	}
	return nil
}
