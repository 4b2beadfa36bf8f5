package media

// #cgo CFLAGS: -O3
// #include "video_ink.h"
import "C"

import (
	"image"
	"unsafe"
)

const (
	inkBlock   = 16 // samples on each side, as a macroblock's
	inkChanged = C.sundog_changed
	inkClasses = inkChanged + 1
)

// inkSums are how much there is to draw in the blocks of a picture that were coded alike: by the quantizer of the last coding, 0 to 51, or
// inkChanged. Ink is the sum of the differences between neighbours, which the bits of a text follow closely.
type inkSums [inkClasses]uint64

// inkMap remembers the picture that was encoded last, and how fine each of its blocks is. The zero value remembers none.
type inkMap struct {
	size   image.Point
	before []byte   // its luma
	stands []uint8  // the class of each block
	ink    []uint32 // in each block
}

// compare sorts the blocks of the next picture, which is 4:2:0, into classes; afresh takes all for changed. Then coded has to be called.
func (m *inkMap) compare(img *image.YCbCr, afresh bool) (sums inkSums) {
	if size := img.Rect.Size(); size != m.size {
		blocks := ((size.X + inkBlock - 1) / inkBlock) * ((size.Y + inkBlock - 1) / inkBlock)
		m.size, m.before = size, make([]byte, size.X*size.Y)
		m.stands, m.ink = make([]uint8, blocks), make([]uint32, blocks)
		afresh = true
	}
	C.sundog_ink((*C.uchar)(unsafe.Pointer(&img.Y[img.YOffset(img.Rect.Min.X, img.Rect.Min.Y)])), C.int(img.YStride), C.int(m.size.X), C.int(m.size.Y),
		(*C.uchar)(unsafe.Pointer(&m.before[0])), (*C.uint8_t)(unsafe.Pointer(&m.stands[0])), (*C.uint32_t)(unsafe.Pointer(&m.ink[0])),
		(*C.uint64_t)(unsafe.Pointer(&sums[0])))
	if afresh {
		all := uint64(0)
		for i := range m.stands {
			m.stands[i] = inkChanged
			all += uint64(m.ink[i])
		}
		sums = inkSums{inkChanged: all}
	}
	return sums
}

// coded says with which quantizer the picture compared last was encoded: blocks that were finer stay so.
func (m *inkMap) coded(quantizer int) {
	for i, s := range m.stands {
		if int(s) > quantizer {
			m.stands[i] = uint8(quantizer)
		}
	}
}
