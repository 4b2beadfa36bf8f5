package media

// #include "video_scale.h"
import "C"

import (
	"image"
	"unsafe"
)

// halver makes pictures of a half, a quarter and so on of each side. It uses its memory again.
type halver struct {
	steps []*image.YCbCr
}

// shrink gives the picture in the size that is wanted, which SmallSizeOf has worked out. It is valid until the next call; nil: the picture's planes are too short.
func (h *halver) shrink(img *image.YCbCr, want image.Point) *image.YCbCr {
	for n := 0; img.Rect.Size() != want; n++ {
		if !paintable(img) {
			return nil
		}
		size := image.Pt(img.Rect.Dx()/4*2, img.Rect.Dy()/4*2)
		if n == len(h.steps) {
			h.steps = append(h.steps, nil)
		}
		if h.steps[n] == nil || h.steps[n].Rect.Size() != size {
			h.steps[n] = image.NewYCbCr(image.Rectangle{Max: size}, image.YCbCrSubsampleRatio420)
		}
		halve(h.steps[n], img)
		img = h.steps[n]
	}
	return img
}

// halve makes each 2×2 samples of src one of dst, whose sides are even and at most half of src's.
func halve(dst, src *image.YCbCr) {
	size, from := dst.Rect.Size(), src.Rect.Min
	y, c := src.YOffset(from.X, from.Y), src.COffset(from.X, from.Y)
	plane := func(d []byte, dstride int, s []byte, sstride int, w, h int) {
		C.sundog_halve((*C.uchar)(unsafe.Pointer(&d[0])), C.int(dstride), (*C.uchar)(unsafe.Pointer(&s[0])), C.int(sstride), C.int(w), C.int(h))
	}
	plane(dst.Y, dst.YStride, src.Y[y:], src.YStride, size.X, size.Y)
	plane(dst.Cb, dst.CStride, src.Cb[c:], src.CStride, size.X/2, size.Y/2)
	plane(dst.Cr, dst.CStride, src.Cr[c:], src.CStride, size.X/2, size.Y/2)
}
