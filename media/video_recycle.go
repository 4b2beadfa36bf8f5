package media

import (
	"image"
	"sync/atomic"
)

// recycler is a source that can paint into its pictures again once nobody looks at them: a third of a megabyte for each picture otherwise, which is most of what a
// phone leaves to the garbage collector.
type recycler interface{ recycle(img *image.YCbCr) }

// sparePictures are pictures that nobody looks at any more. Take and recycle may be called by several goroutines.
type sparePictures chan *image.YCbCr

// maxSparePictures: one that is painted, one that waits for the encoder, one in it and one on the screen.
const maxSparePictures = 4

func newSparePictures() sparePictures { return make(sparePictures, maxSparePictures) }

// take is a picture of that size, with anything in it.
func (s sparePictures) take(size image.Point) *image.YCbCr {
	select {
	case img := <-s:
		if img.Rect.Size() == size {
			return img
		}
	default:
	}
	return image.NewYCbCr(image.Rectangle{Max: size}, image.YCbCrSubsampleRatio420)
}

func (s sparePictures) recycle(img *image.YCbCr) {
	select {
	case s <- img:
	default:
	}
}

// heldFrame is a source's picture on its way through a sender, with those who still look at it.
type heldFrame struct {
	VideoFrame
	source  *image.YCbCr // as it came, uncut
	users   atomic.Int32
	recycle func(*image.YCbCr) // nil: the source makes new ones
}

// release is called by each user once.
func (h *heldFrame) release() {
	if h.users.Add(-1) == 0 && h.recycle != nil {
		h.recycle(h.source)
	}
}
