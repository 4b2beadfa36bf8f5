// Package y4m reads and writes YUV4MPEG2 streams (.y4m) of 8 bit 4:2:0 pictures: uncompressed video with one line of header,
// which ffmpeg and most players know.
//
//	r, err := y4m.NewReader(file)
//	img := r.Header().NewImage()
//	for r.Read(img) == nil { … }
//
// Pictures pass through untouched; chroma siting (jpeg, mpeg2, paldv) and colour range are noted nowhere but in the header.
package y4m

import (
	"errors"
	"fmt"
	"image"
	"time"
)

// Limits of what a header may claim, so that a file cannot make us take memory at will.
const (
	// MaxWidth and MaxHeight: 4K. A picture of that size takes 12 MB.
	MaxWidth  = 4096
	MaxHeight = 2304
	// MaxHeaderBytes bounds the first line; ffmpeg's has about 80 bytes.
	MaxHeaderBytes = 1024
	// MaxFrameHeaderBytes bounds the line before each picture; it is nearly always "FRAME".
	MaxFrameHeaderBytes = 256
	// MaxFrameRate, pictures a second: high-speed cameras stay below.
	MaxFrameRate = 1000
	// MinFrameRate: one picture in 1000 s; slower is a photograph.
	MinFrameRate = 0.001
)

// ErrFormat says that the stream is not a Y4M that we can read. Errors wrap it and say why.
var ErrFormat = errors.New("y4m: bad stream")

func bad(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrFormat, fmt.Sprintf(format, args...))
}

// Header is the first line of a stream.
type Header struct {
	Width, Height    int
	RateNum, RateDen int // pictures per second, as a fraction
}

// Rate is the pictures per second.
func (h Header) Rate() float64 { return float64(h.RateNum) / float64(h.RateDen) }

// FrameTime is when picture n is due, counted from picture 0, without drift.
func (h Header) FrameTime(n int64) time.Duration {
	num, den := int64(h.RateNum), int64(h.RateDen)
	// Whole seconds first, so that nothing overflows within days.
	whole := n / num * den
	rest := n % num * den
	return time.Duration(whole)*time.Second + time.Duration(float64(rest)/float64(num)*float64(time.Second))
}

// NewImage makes a picture of the header's size.
func (h Header) NewImage() *image.YCbCr {
	return image.NewYCbCr(image.Rect(0, 0, h.Width, h.Height), image.YCbCrSubsampleRatio420)
}

// FrameBytes is the size of one picture in the stream, in bytes, without its header line.
func (h Header) FrameBytes() int64 {
	cw, ch := (h.Width+1)/2, (h.Height+1)/2
	return int64(h.Width)*int64(h.Height) + 2*int64(cw)*int64(ch)
}

func (h Header) check() error {
	switch {
	case h.Width < 1 || h.Height < 1 || h.Width > MaxWidth || h.Height > MaxHeight:
		return bad("pictures of %d×%d; at most %d×%d can be read", h.Width, h.Height, MaxWidth, MaxHeight)
	case h.RateNum < 1 || h.RateDen < 1 || h.RateNum > 1<<30 || h.RateDen > 1<<30 || h.Rate() > MaxFrameRate || h.Rate() < MinFrameRate:
		return bad("a frame rate of %d:%d", h.RateNum, h.RateDen)
	}
	return nil
}
