// Package h264 encodes and decodes H.264 for live calls: one picture in, one access unit out at once, and back.
//
// The codec is the openh264 library that github.com/pion/mediadevices carries as a static archive, so nothing is
// installed. What comes from the network is parsed in Go first (see [Inspector]): only a plain Constrained Baseline shape within our
// limits ever reaches the C++ decoder.
//
//	enc, err := h264.NewEncoder(h264.EncoderConfig{Width: 640, Height: 360, Bitrate: 650_000, FrameRate: 30})
//	unit, err := enc.Encode(picture, false, due)
//	dec, err := h264.NewDecoder()
//	shown, err := dec.Decode(unit.Data)
//	if errors.Is(err, h264.ErrNeedKeyFrame) { … ask the sender … }
//
// The package knows nothing of networks, clocks or windows. [Encoder] and [Decoder] are interfaces, so that a separate process can stand in.
package h264

import (
	"image"
	"time"
)

// Unit is one encoded picture: an access unit as an Annex B byte stream. Data is valid until the encoder's next call.
type Unit struct {
	Data []byte
	Key  bool // an IDR picture, with its parameter sets before it
	// Layer is the temporal layer, 0 to MaxLayers-1: no picture is predicted from one of a higher layer, and those of the highest are
	// predicted from by none. Layer 0 alone has a quarter of the pictures of three layers, 0 and 1 half of them:
	//
	//	layer 2     2     2     2     2
	//	layer 1        1           1
	//	layer 0  0           0           0
	Layer int
}

// Encoder turns pictures into access units, without delay. It belongs to one goroutine.
type Encoder interface {
	// Encode takes a 4:2:0 picture of the size that the encoder was opened for; at is its time, counted from any fixed moment.
	// key makes it a key frame.
	Encode(img *image.YCbCr, key bool, at time.Duration) (Unit, error)
	// SetBitrate changes the target, bit/s.
	SetBitrate(bitsPerSecond int) error
	// SetFrameRate tells how many pictures a second come; the bitrate is spread over them.
	SetFrameRate(framesPerSecond float64) error
	// SetQuantizer sets that of the next pictures, 1 (as good as the original) to MaxQuantizer, of an encoder that was opened with one.
	SetQuantizer(q int) error
	Close() error
}

// Decoder turns access units into pictures, in decoding order, without delay. It belongs to one goroutine.
type Decoder interface {
	// Decode returns the picture of an access unit, 4:2:0. It stays untouched until the third next call.
	// After an error decoding can go on with a key frame only; every error wraps ErrNeedKeyFrame.
	Decode(unit []byte) (*image.YCbCr, error)
	// Follow decodes as Decode does, but gives no picture out, only its size: for pictures that nobody looks at it saves the copy.
	Follow(unit []byte) (size image.Point, err error)
	Close() error
}

type codecError string

func (e codecError) Error() string { return string(e) }

// Errors that callers may act on.
const (
	// ErrNeedKeyFrame: this unit gives no picture, and none will come before a key frame.
	ErrNeedKeyFrame = codecError("h264: a key frame is needed")
	// ErrRefused: the unit is outside of what we let the decoder see (see params.go). It comes wrapped together with ErrNeedKeyFrame.
	ErrRefused = codecError("h264: refused")
	// ErrClosed: the encoder or decoder was closed.
	ErrClosed = codecError("h264: closed")
)
