package media

// #cgo CFLAGS: -O3
// #include "video_scale.h"
import "C"

import (
	"image"
	"unsafe"
)

// scaler makes smaller pictures: halves as long as that is not too small, and then each sample of the area that it covers, edges included, so that text
// stays even. It uses its memory again, and belongs to one goroutine.
type scaler struct {
	halves []*image.YCbCr
	last   *image.YCbCr
	from   image.Point // the size that the taps are for, with last's
	luma   [2]taps     // across, down
	chroma [2]taps
	sum    []uint16 // a line, summed up
}

// shrink gives the picture in a smaller size with even sides, as fitted and SmallSizeOf work them out. It is valid until the next call; nil: the picture's
// planes are too short, or it is smaller itself.
func (s *scaler) shrink(img *image.YCbCr, want image.Point) *image.YCbCr {
	if !paintable(img) || want.X < 2 || want.Y < 2 {
		return nil
	}
	for n := 0; ; n++ {
		size := image.Pt(img.Rect.Dx()/4*2, img.Rect.Dy()/4*2)
		if size.X < want.X || size.Y < want.Y {
			break
		}
		if n == len(s.halves) {
			s.halves = append(s.halves, nil)
		}
		s.halves[n] = pictureOf(s.halves[n], size)
		halve(s.halves[n], img)
		img = s.halves[n]
	}
	switch size := img.Rect.Size(); {
	case size == want:
		return img
	case want.X > size.X || want.Y > size.Y:
		return nil
	}
	s.reduce(img, want)
	return s.last
}

// pictureOf is img if it has that size, or a new picture.
func pictureOf(img *image.YCbCr, size image.Point) *image.YCbCr {
	if img != nil && img.Rect.Size() == size {
		return img
	}
	return image.NewYCbCr(image.Rectangle{Max: size}, image.YCbCrSubsampleRatio420)
}

// planes calls do for each plane of a picture, with where it begins in the other one, whose rectangle need not begin at 0.
func planes(dst, src *image.YCbCr, do func(d []byte, dstride int, s []byte, sstride int, chroma bool)) {
	from := src.Rect.Min
	y, c := src.YOffset(from.X, from.Y), src.COffset(from.X, from.Y)
	do(dst.Y, dst.YStride, src.Y[y:], src.YStride, false)
	do(dst.Cb, dst.CStride, src.Cb[c:], src.CStride, true)
	do(dst.Cr, dst.CStride, src.Cr[c:], src.CStride, true)
}

// halve makes each 2×2 samples of src one of dst, whose sides are even and at most half of src's.
func halve(dst, src *image.YCbCr) {
	size := dst.Rect.Size()
	planes(dst, src, func(d []byte, dstride int, s []byte, sstride int, chroma bool) {
		w, h := size.X, size.Y
		if chroma {
			w, h = w/2, h/2
		}
		C.sundog_halve((*C.uchar)(unsafe.Pointer(&d[0])), C.int(dstride), (*C.uchar)(unsafe.Pointer(&s[0])), C.int(sstride), C.int(w), C.int(h))
	})
}

// reduce makes last of a picture that is at most about twice as large on each side.
func (s *scaler) reduce(src *image.YCbCr, want image.Point) {
	size := image.Pt(src.Rect.Dx()&^1, src.Rect.Dy()&^1)
	if s.last == nil || s.last.Rect.Size() != want || s.from != size {
		s.last, s.from = pictureOf(s.last, want), size
		s.luma = [2]taps{newTaps(want.X, size.X), newTaps(want.Y, size.Y)}
		s.chroma = [2]taps{newTaps(want.X/2, size.X/2), newTaps(want.Y/2, size.Y/2)}
		s.sum = make([]uint16, size.X)
	}
	planes(s.last, src, func(d []byte, dstride int, p []byte, sstride int, chroma bool) {
		w, h, from, t := want.X, want.Y, size.X, &s.luma
		if chroma {
			w, h, from, t = w/2, h/2, from/2, &s.chroma
		}
		C.sundog_reduce((*C.uchar)(unsafe.Pointer(&d[0])), C.int(dstride), C.int(w), C.int(h),
			(*C.uchar)(unsafe.Pointer(&p[0])), C.int(sstride), C.int(from),
			(*C.int32_t)(unsafe.Pointer(&t[0].first[0])), (*C.uint16_t)(unsafe.Pointer(&t[0].share[0])), C.int(t[0].most),
			(*C.int32_t)(unsafe.Pointer(&t[1].first[0])), (*C.uint16_t)(unsafe.Pointer(&t[1].share[0])), C.int(t[1].most),
			(*C.uint16_t)(unsafe.Pointer(&s.sum[0])))
	})
}

// taps are what n samples are made of: each one of most samples of the larger side, from first on, by their shares of 256.
type taps struct {
	first []int32
	share []uint16
	most  int
}

// newTaps spreads m samples over n ≤ m.
func newTaps(n, m int) taps {
	t := taps{first: make([]int32, n), most: min((m+n-1)/n+1, m)}
	t.share = make([]uint16, n*t.most)
	for i := range n {
		from, to := i*m, (i+1)*m // in 1/n samples
		first := min(from/n, m-t.most)
		t.first[i] = int32(first)
		share := t.share[i*t.most:][:t.most]
		left, largest := 256, 0
		for k := range share {
			at := (first + k) * n
			share[k] = uint16(max(0, min(at+n, to)-max(at, from)) * 256 / m)
			left -= int(share[k])
			if share[k] > share[largest] {
				largest = k
			}
		}
		share[largest] += uint16(left) // what rounding took
	}
	return t
}
