package camera

// #cgo CFLAGS: -O3
// #include "convert.h"
import "C"

import (
	"fmt"
	"image"
	"unsafe"

	"sundog.dev/sundog/media/spare"
)

type convertFunc func(image.Image) (*image.YCbCr, error)

// converter makes 4:2:0 pictures with even sides of a driver's pictures, in memory of their own.
type converter struct {
	fullRange           bool // YCbCr comes as 0..255, as in JPEG
	maxWidth, maxHeight int  // RGBA pictures are scaled down to fit; others are refused when larger
	spare               spare.Pictures
}

func (c converter) convert(src image.Image) (*image.YCbCr, error) {
	switch img := src.(type) {
	case *image.RGBA:
		return c.fromRGBA(img)
	case *image.YCbCr:
		return c.fromYCbCr(img)
	default:
		return nil, fmt.Errorf("pictures of type %T cannot be used", src)
	}
}

// fit is the largest even size of w×h's shape within the converter's limits.
func (c converter) fit(w, h int) (int, int) {
	fw, fh := w, h
	if fw > c.maxWidth {
		fw, fh = c.maxWidth, h*c.maxWidth/w
	}
	if fh > c.maxHeight {
		fw, fh = w*c.maxHeight/h, c.maxHeight
	}
	return max(fw&^1, 2), max(fh&^1, 2)
}

func (c converter) fromRGBA(src *image.RGBA) (*image.YCbCr, error) {
	w, h := src.Rect.Dx(), src.Rect.Dy()
	if w < 2 || h < 2 || len(src.Pix) < src.PixOffset(src.Rect.Min.X, src.Rect.Min.Y)+(h-1)*src.Stride+4*w {
		return nil, fmt.Errorf("a picture of %d×%d", w, h)
	}
	dw, dh := c.fit(w, h)
	dst := c.spare.Take(image.Pt(dw, dh))
	ok := C.sundog_rgba_to_i420((*C.uchar)(unsafe.Pointer(&src.Pix[src.PixOffset(src.Rect.Min.X, src.Rect.Min.Y)])), C.int(src.Stride), C.int(w), C.int(h),
		(*C.uchar)(unsafe.Pointer(&dst.Y[0])), (*C.uchar)(unsafe.Pointer(&dst.Cb[0])), (*C.uchar)(unsafe.Pointer(&dst.Cr[0])), C.int(dw), C.int(dh))
	if ok == 0 {
		return nil, fmt.Errorf("no memory for a picture of %d×%d", dw, dh)
	}
	return dst, nil
}

func (c converter) fromYCbCr(src *image.YCbCr) (*image.YCbCr, error) {
	r := src.Rect
	w, h := r.Dx()&^1, r.Dy()&^1
	if w < 2 || h < 2 || w > c.maxWidth || h > c.maxHeight {
		return nil, fmt.Errorf("a picture of %d×%d", r.Dx(), r.Dy())
	}
	down, across := 1, 1 // chroma samples per two luma samples
	switch src.SubsampleRatio {
	case image.YCbCrSubsampleRatio420:
	case image.YCbCrSubsampleRatio422:
		down = 2
	case image.YCbCrSubsampleRatio440:
		across = 2
	case image.YCbCrSubsampleRatio444:
		down, across = 2, 2
	default:
		return nil, fmt.Errorf("pictures of %v cannot be used", src.SubsampleRatio)
	}
	dst := c.spare.Take(image.Pt(w, h))
	for y := range h {
		copy(dst.Y[y*dst.YStride:][:w], src.Y[src.YOffset(r.Min.X, r.Min.Y+y):])
	}
	from := src.COffset(r.Min.X, r.Min.Y)
	for y := range h / 2 {
		at := from + y*down*src.CStride
		averageChroma(dst.Cb[y*dst.CStride:][:w/2], src.Cb[at:], src.CStride, down, across)
		averageChroma(dst.Cr[y*dst.CStride:][:w/2], src.Cr[at:], src.CStride, down, across)
	}
	if c.fullRange {
		narrow(dst)
	}
	return dst, nil
}

// averageChroma makes one line: each sample the mean of down×across of src.
func averageChroma(dst, src []byte, stride, down, across int) {
	below := (down - 1) * stride
	right := across - 1
	for x := range dst {
		i := x * across
		dst[x] = byte((int(src[i]) + int(src[i+right]) + int(src[i+below]) + int(src[i+below+right]) + 2) / 4)
	}
}

// narrowLuma and narrowChroma take 0..255 to 16..235 and 16..240.
var narrowLuma, narrowChroma = func() (l, c [256]byte) {
	for i := range 256 {
		l[i] = byte(16 + (i*219+127)/255)
		c[i] = byte(128 + (float64(i)-128)*224/255 + 0.5)
	}
	return l, c
}()

func narrow(img *image.YCbCr) {
	for i, v := range img.Y {
		img.Y[i] = narrowLuma[v]
	}
	for i, v := range img.Cb {
		img.Cb[i] = narrowChroma[v]
	}
	for i, v := range img.Cr {
		img.Cr[i] = narrowChroma[v]
	}
}
