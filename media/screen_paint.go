package media

// #cgo CFLAGS: -O3
// #include "screen_paint.h"
import "C"

import (
	"image"
	"unsafe"
)

// stageRed and so on are the colour behind video, #0B1017.
const stageRed, stageGreen, stageBlue = 0x0B, 0x10, 0x17

// letterbox is the largest place in dst with the picture's shape, in the middle. Bars of one pixel are not worth it: then it is all of dst.
func letterbox(picture image.Point, dst image.Rectangle) image.Rectangle {
	w, h := dst.Dx(), dst.Dy()
	if w <= 0 || h <= 0 {
		return image.Rectangle{}
	}
	bw, bh := w, (w*picture.Y+picture.X/2)/picture.X
	if bh > h {
		bw, bh = (h*picture.X+picture.Y/2)/picture.Y, h
	}
	if w-bw <= 2 {
		bw = w
	}
	if h-bh <= 2 {
		bh = h
	}
	bw, bh = max(bw, 1), max(bh, 1)
	at := dst.Min.Add(image.Pt((w-bw)/2, (h-bh)/2))
	return image.Rectangle{Min: at, Max: at.Add(image.Pt(bw, bh))}
}

// fillAround paints what is not box in the colour of the stage.
func fillAround(dst *image.RGBA, box image.Rectangle) {
	r := dst.Rect
	fillStage(dst, image.Rect(r.Min.X, r.Min.Y, r.Max.X, box.Min.Y))
	fillStage(dst, image.Rect(r.Min.X, box.Max.Y, r.Max.X, r.Max.Y))
	fillStage(dst, image.Rect(r.Min.X, box.Min.Y, box.Min.X, box.Max.Y))
	fillStage(dst, image.Rect(box.Max.X, box.Min.Y, r.Max.X, box.Max.Y))
}

func fillStage(dst *image.RGBA, r image.Rectangle) {
	if r = r.Intersect(dst.Rect); r.Empty() {
		return
	}
	first := dst.Pix[dst.PixOffset(r.Min.X, r.Min.Y):][:4*r.Dx()]
	for i := 0; i < len(first); i += 4 {
		first[i], first[i+1], first[i+2], first[i+3] = stageRed, stageGreen, stageBlue, 0xFF
	}
	for y := r.Min.Y + 1; y < r.Max.Y; y++ {
		copy(dst.Pix[dst.PixOffset(r.Min.X, y):], first)
	}
}

// paintPicture scales a paintable picture into box, which lies in dst.
func paintPicture(dst *image.RGBA, box image.Rectangle, img *image.YCbCr, mirror bool) {
	if box.Empty() {
		return
	}
	r := img.Rect
	y, c := img.YOffset(r.Min.X, r.Min.Y), img.COffset(r.Min.X, r.Min.Y)
	flip := C.int(0)
	if mirror {
		flip = 1
	}
	C.sundog_paint((*C.uchar)(unsafe.Pointer(&dst.Pix[dst.PixOffset(box.Min.X, box.Min.Y)])), C.int(dst.Stride), C.int(box.Dx()), C.int(box.Dy()),
		(*C.uchar)(unsafe.Pointer(&img.Y[y])), (*C.uchar)(unsafe.Pointer(&img.Cb[c])), (*C.uchar)(unsafe.Pointer(&img.Cr[c])),
		C.int(img.YStride), C.int(img.CStride), C.int(r.Dx()), C.int(r.Dy()), flip)
}
