package media

import (
	"image"
	"sync/atomic"
)

// recycler is a source that can paint into its pictures again once nobody looks at them.
type recycler interface{ Recycle(img *image.YCbCr) }

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
