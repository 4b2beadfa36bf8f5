// Package spare keeps pictures that nobody looks at any more, so that others are painted into their memory: a third of a megabyte for each one of
// a camera and more than one for each of a screen otherwise, which is most of what a phone leaves to the garbage collector.
//
//	s := spare.New()
//	img := s.Take(image.Pt(640, 360)) // and paint it
//	s.Recycle(img)                    // once it was encoded and shown
package spare

import "image"

// Pictures are at most Most 4:2:0 pictures that may be painted over. Its methods may be called by several goroutines and never block. nil keeps none.
type Pictures chan *image.YCbCr

// Most are kept: one that is painted, one that waits for the encoder, one in it and one on the screen.
const Most = 4

// New is without any yet.
func New() Pictures { return make(Pictures, Most) }

// Take is a picture of that size, with anything in it, whose rectangle begins at 0.
func (p Pictures) Take(size image.Point) *image.YCbCr {
	whole := image.Rectangle{Max: size}
	select {
	case img := <-p:
		if img.Rect == whole {
			return img
		}
	default:
	}
	return image.NewYCbCr(whole, image.YCbCrSubsampleRatio420)
}

// Recycle takes a picture that Take gave and that nobody looks at any more. Those beyond Most are left to the garbage collector.
func (p Pictures) Recycle(img *image.YCbCr) {
	select {
	case p <- img:
	default:
	}
}
