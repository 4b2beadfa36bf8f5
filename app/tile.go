package app

import (
	"image"
	"sync/atomic"

	"fyne.io/fyne/v2/canvas"

	"sundog.dev/sundog/theme"
)

// tile is one moving picture: a raster that is painted at its own size in pixels off the UI thread, in two buffers.
//
//	call loop:  draw → back          UI thread:  swap: back ⇄ front, raster paints front
//
// The call loop draws only while no swap is pending, so each buffer has one owner at any moment. Only *image.RGBA
// without padding is handed to the driver: that is uploaded as it is.
type tile struct {
	raster *canvas.Raster
	front  *image.RGBA // UI thread
	waits  bool        // to be painted; UI thread
	back   *image.RGBA // call loop
	want   atomic.Uint64
	number uint64 // of the picture drawn last; call loop
	drawn  pixels // its size; call loop
}

// pixels is a tile's size on the screen, and the radius of its corners.
type pixels struct{ w, h, corner int }

func (p pixels) packed() uint64 { return uint64(p.w)<<40 | uint64(p.h)<<16 | uint64(p.corner) }

func unpacked(v uint64) pixels {
	return pixels{w: int(v >> 40), h: int(v >> 16 & 0xFFFFFF), corner: int(v & 0xFFFF)}
}

// maxTile bounds a tile's buffers, in pixels each way: an 8K screen.
const maxTile = 7680

// firstSize is drawn at until the tile is shown and its true size known.
var firstSize = pixels{w: 320, h: 180, corner: 0}

func newTile() *tile {
	t := &tile{}
	t.want.Store(firstSize.packed())
	t.raster = canvas.NewRaster(t.paint)
	return t
}

// paint gives the front buffer to the driver, on the UI thread, and remembers the size that was asked for.
func (t *tile) paint(w, h int) image.Image {
	t.waits = false
	if w > 0 && h > 0 && w <= maxTile && h <= maxTile {
		p := pixels{w: w, h: h}
		if width := t.raster.Size().Width; width > 0 {
			p.corner = int(theme.Corner * float32(w) / width)
		}
		t.want.Store(p.packed())
	}
	if t.front == nil {
		return image.NewRGBA(image.Rect(0, 0, 1, 1))
	}
	return t.front
}

// draw lets source paint a picture that is newer than the last one, or that one again at a new size, into the back
// buffer. It reports whether there is something to swap. It belongs to the call loop.
func (t *tile) draw(source func(dst *image.RGBA, last uint64) uint64) bool {
	size, last := unpacked(t.want.Load()), t.number
	if size != t.drawn {
		last = 0
	}
	if t.back == nil || t.back.Rect.Dx() != size.w || t.back.Rect.Dy() != size.h {
		t.back = sized(t.back, size.w, size.h)
	}
	number := source(t.back, last)
	if number == 0 || number == last {
		t.number = number
		return false
	}
	roundCorners(t.back, size.corner)
	t.number, t.drawn = number, size
	return true
}

// sized is a picture of that size without padding, in the memory of the former one where that is enough and not far too much.
func sized(former *image.RGBA, w, h int) *image.RGBA {
	bytes := 4 * w * h
	if former == nil || cap(former.Pix) < bytes || cap(former.Pix) > spareTile*bytes {
		return image.NewRGBA(image.Rect(0, 0, w, h))
	}
	return &image.RGBA{Pix: former.Pix[:bytes], Stride: 4 * w, Rect: image.Rect(0, 0, w, h)}
}

// spareTile is how many times the memory that it needs a tile may keep: a large tile that has become one of many gives it back.
const spareTile = 4

// empty reports whether there is no picture. It belongs to the call loop.
func (t *tile) empty() bool { return t.number == 0 }

// swap shows what was drawn. It belongs to the UI thread.
func (t *tile) swap() {
	t.front, t.back = t.back, t.front
	if t.raster.Visible() { // else it is painted when it is shown
		t.waits = true
		t.raster.Refresh()
	}
}

// setShown shows or hides the raster, with what was drawn while it was hidden. It belongs to the UI thread.
func (t *tile) setShown(shown bool) {
	if t.raster.Visible() != shown {
		t.waits = false
		setShown(t.raster, shown)
		t.raster.Refresh()
	}
}

// roundCorners makes the corners of a picture see-through, with smooth edges. Colours are premultiplied.
func roundCorners(m *image.RGBA, radius int) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	radius = min(radius, w/2, h/2)
	for y := range radius {
		for x := range radius {
			cover := coverage(radius, x, y)
			if cover == 255 {
				continue
			}
			for _, at := range [4]int{
				y*m.Stride + 4*x, y*m.Stride + 4*(w-1-x),
				(h-1-y)*m.Stride + 4*x, (h-1-y)*m.Stride + 4*(w-1-x),
			} {
				for i := at; i < at+4; i++ {
					m.Pix[i] = uint8(uint16(m.Pix[i]) * cover / 255)
				}
			}
		}
	}
}

// coverage is how much of the pixel x, y from a corner lies within the rounding, 0 to 255, from 4×4 samples.
func coverage(radius, x, y int) uint16 {
	const samples = 4
	r := radius * samples * 2
	var inside uint16
	for sy := range samples {
		for sx := range samples {
			dx := r - (x*samples+sx)*2 - 1
			dy := r - (y*samples+sy)*2 - 1
			if dx*dx+dy*dy <= r*r {
				inside++
			}
		}
	}
	return inside * 255 / (samples * samples)
}
