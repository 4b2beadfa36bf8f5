package media

import (
	"image"
	"sync"
	"time"
)

// Screen keeps the newest picture for painting. The zero value is ready.
type Screen struct {
	mu     sync.Mutex // held while painting too: the picture's memory is used again after the next Put
	img    *image.YCbCr
	number uint64
	size   image.Point // of what was painted last
	drawn  time.Time   // when Draw was last called
	mirror bool
}

// Put replaces the picture. Other than 4:2:0 is ignored.
func (s *Screen) Put(f VideoFrame) {
	if !paintable(f.Image) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.img = f.Image
	s.number++
}

// needsPixels: while nobody draws, as in a window that is hidden, one old picture is enough. The first Draw after that still shows it.
func (s *Screen) needsPixels() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.img == nil || time.Since(s.drawn) < screenWatched
}

// Draw paints the newest picture, scaled and letterboxed, into dst and returns its number; if that is
// still last (and dst's size did not change) nothing is painted. 0: no picture yet, or none any more: then dst becomes all background,
// unless last is 0 too. mirror flips it left to right.
func (s *Screen) Draw(dst *image.RGBA, last uint64, mirror bool) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drawn = time.Now()
	size := dst.Rect.Size()
	if s.img == nil {
		if last != 0 {
			fillStage(dst, dst.Rect)
		}
		return 0
	}
	if s.number == last && size == s.size && mirror == s.mirror {
		return last
	}
	s.size, s.mirror = size, mirror
	box := letterbox(s.img.Rect.Size(), dst.Rect)
	fillAround(dst, box)
	paintPicture(dst, box, s.img, mirror)
	return s.number
}

// Clear forgets the picture.
func (s *Screen) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.img = nil
}

// Close is Clear.
func (s *Screen) Close() error {
	s.Clear()
	return nil
}

// paintable says that the planes are what the C code will read.
func paintable(img *image.YCbCr) bool {
	if img == nil || img.SubsampleRatio != image.YCbCrSubsampleRatio420 {
		return false
	}
	r := img.Rect
	if r.Dx() < 2 || r.Dy() < 2 || r.Min.X%2 != 0 || r.Min.Y%2 != 0 || r.Min.X < 0 || r.Min.Y < 0 {
		return false
	}
	cw, ch := (r.Dx()+1)/2, (r.Dy()+1)/2
	yEnd := img.YOffset(r.Min.X, r.Min.Y) + (r.Dy()-1)*img.YStride + r.Dx()
	cEnd := img.COffset(r.Min.X, r.Min.Y) + (ch-1)*img.CStride + cw
	return img.YStride >= r.Dx() && img.CStride >= cw && len(img.Y) >= yEnd && len(img.Cb) >= cEnd && len(img.Cr) >= cEnd
}
