package h264

// #include "openh264.h"
import "C"

import (
	"bytes"
	"fmt"
	"image"
	"unsafe"
)

// pictureRing is how many pictures a decoder uses in turn: Decode promises that one stays untouched until the third next call.
const pictureRing = 3

type decoder struct {
	c       *C.sundog_decoder
	closed  bool
	in      Inspector
	waiting bool   // until a key frame comes
	buf     []byte // the unit, with only what the decoder needs
	sets    []byte // parameter sets in use
	ring    [pictureRing]*image.YCbCr

	unfiltered int // unfilteredMost
	next       int
}

// NewDecoder opens a decoder.
func NewDecoder() (Decoder, error) {
	d := &decoder{waiting: true, unfiltered: unfilteredMost}
	if err := d.open(); err != nil {
		return nil, err
	}
	return d, nil
}

func (d *decoder) open() error {
	if rv := C.sundog_dec_open(&d.c); rv != 0 {
		d.c = nil
		return fmt.Errorf("h264: opening the decoder: openh264 error %d", int(rv))
	}
	return nil
}

func (d *decoder) Decode(unit []byte) (*image.YCbCr, error) {
	size, err := d.Follow(unit)
	if err != nil {
		return nil, err
	}
	return d.copyOut(size.X, size.Y), nil
}

func (d *decoder) Follow(unit []byte) (size image.Point, err error) {
	if d.closed {
		return size, ErrClosed
	}
	info, err := d.in.Inspect(unit)
	if err != nil {
		d.waiting = true
		return size, fmt.Errorf("%w: %w", ErrNeedKeyFrame, err)
	}
	if d.waiting && !info.Key {
		return size, ErrNeedKeyFrame
	}
	d.waiting = true // until this unit has succeeded
	if err := d.prepare(info); err != nil {
		return size, fmt.Errorf("%w: %w", ErrNeedKeyFrame, err)
	}
	state := C.sundog_dec_decode(d.c, (*C.uchar)(unsafe.Pointer(&d.buf[0])), C.int(len(d.buf)))
	switch {
	case d.c.ready == 0:
		return size, fmt.Errorf("%w: no picture, openh264 state %#x", ErrNeedKeyFrame, int(state))
	case int(d.c.width) != info.Width || int(d.c.height) != info.Height || int(d.c.ystride) < info.Width || int(d.c.cstride) < (info.Width+1)/2:
		return size, fmt.Errorf("%w: the picture is %d×%d, announced %d×%d", ErrNeedKeyFrame, int(d.c.width), int(d.c.height), info.Width, info.Height)
	}
	// A picture that is ready counts as good whatever else state says: the library keeps old flags there.
	d.waiting = false
	return image.Pt(info.Width, info.Height), nil
}

// prepare puts the inspected unit into buf. When the parameter sets change it opens a new decoder, since changing them under
// a decoder at work is where openh264 has had its memory faults.
func (d *decoder) prepare(info Info) error {
	d.buf = d.buf[:0]
	for _, nal := range d.in.nals {
		if kind := nal[0] & 31; kind == nalSPS || kind == nalPPS {
			d.buf = append(append(d.buf, 0, 0, 0, 1), nal...)
		}
	}
	if sets := d.buf; info.Key && len(sets) > 0 && !bytes.Equal(sets, d.sets) {
		if len(d.sets) > 0 || d.c == nil {
			d.release()
			if err := d.open(); err != nil {
				return err
			}
		}
		d.sets = append(d.sets[:0], sets...)
	}
	if d.c == nil {
		return refuse("no decoder")
	}
	for _, nal := range d.in.nals {
		if kind := nal[0] & 31; kind == nalSlice || kind == nalIDR {
			d.buf = append(append(d.buf, 0, 0, 0, 1), nal...)
			if !info.Reference {
				leaveUnfiltered(d.buf[len(d.buf)-len(nal):], &d.in.slice, d.unfiltered)
			}
		}
	}
	return nil
}

func (d *decoder) copyOut(w, h int) *image.YCbCr {
	img := d.ring[d.next]
	if img == nil || img.Rect.Dx() != w || img.Rect.Dy() != h {
		img = image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
		d.ring[d.next] = img
	}
	d.next = (d.next + 1) % pictureRing
	C.sundog_dec_copy(d.c, (*C.uchar)(unsafe.Pointer(&img.Y[0])), (*C.uchar)(unsafe.Pointer(&img.Cb[0])), (*C.uchar)(unsafe.Pointer(&img.Cr[0])),
		C.int(img.YStride), C.int(img.CStride), C.int(w), C.int(h))
	return img
}

func (d *decoder) release() {
	if d.c != nil {
		C.sundog_dec_close(d.c)
		d.c = nil
	}
}

func (d *decoder) Close() error {
	d.closed = true
	d.release()
	return nil
}
