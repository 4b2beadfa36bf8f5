package app

import (
	"image"
	"image/color"
	"testing"
)

// source paints pictures of one colour, with the number it is told.
type source struct {
	number uint64
	asked  []image.Point
}

func (s *source) draw(dst *image.RGBA, last uint64) uint64 {
	s.asked = append(s.asked, dst.Rect.Size())
	if s.number == 0 || s.number == last {
		return s.number
	}
	for i := range dst.Pix {
		dst.Pix[i] = 0xFF
	}
	return s.number
}

func TestATileIsPaintedAtItsOwnSizeInPixels(t *testing.T) {
	tl := newTile()
	s := &source{number: 1}
	if !tl.draw(s.draw) {
		t.Fatal("the first picture was not drawn")
	}
	tl.swap()
	tl.paint(640, 360)
	if !tl.draw(s.draw) {
		t.Fatal("at a new size the same picture was not drawn again")
	}
	tl.swap()
	m, ok := tl.paint(640, 360).(*image.RGBA)
	if !ok || m.Rect.Dx() != 640 || m.Rect.Dy() != 360 || m.Stride != 4*640 {
		t.Errorf("the driver gets %T of %v, stride %d", m, m.Rect, m.Stride)
	}
}

func TestAnUnchangedPictureIsNotPaintedAgain(t *testing.T) {
	tl, s := newTile(), &source{number: 7}
	if !tl.draw(s.draw) {
		t.Fatal("the first picture was not drawn")
	}
	tl.swap()
	if tl.draw(s.draw) {
		t.Error("an unchanged picture is painted again")
	}
	s.number = 8
	if !tl.draw(s.draw) {
		t.Error("a newer picture is not painted")
	}
}

func TestATileWithoutPictureIsEmpty(t *testing.T) {
	tl, s := newTile(), &source{}
	if tl.draw(s.draw) || !tl.empty() {
		t.Error("no picture counts as one")
	}
	s.number = 1
	tl.draw(s.draw)
	if tl.empty() {
		t.Error("a picture does not count")
	}
	s.number = 0
	if tl.draw(s.draw) || !tl.empty() {
		t.Error("a picture that is gone still counts")
	}
}

func TestATileReusesItsMemoryUnlessThatIsFarTooMuch(t *testing.T) {
	for _, c := range []struct {
		what   string
		w, h   int
		reuses bool
	}{
		{"the same size", 640, 360, true},
		{"a little smaller", 600, 338, true},
		{"half as wide", 320, 180, true},
		{"one of nine in a strip", 80, 45, false},
		{"larger", 1280, 720, false},
	} {
		former := image.NewRGBA(image.Rect(0, 0, 640, 360))
		m := sized(former, c.w, c.h)
		if m.Rect.Dx() != c.w || m.Rect.Dy() != c.h || m.Stride != 4*c.w || len(m.Pix) != 4*c.w*c.h {
			t.Errorf("%s: %v, stride %d, %d bytes", c.what, m.Rect, m.Stride, len(m.Pix))
		}
		if reuses := &m.Pix[0] == &former.Pix[0]; reuses != c.reuses {
			t.Errorf("%s: reused %v", c.what, reuses)
		}
	}
}

func TestTheTwoBuffersAreNeverTheSame(t *testing.T) {
	tl, s := newTile(), &source{}
	for range 5 {
		s.number++
		if !tl.draw(s.draw) {
			t.Fatal("a new picture was not drawn")
		}
		if tl.front == tl.back {
			t.Fatal("the call loop draws where the driver reads")
		}
		tl.swap()
	}
}

func TestTheDriverCannotAskForAHugeTile(t *testing.T) {
	tl, s := newTile(), &source{number: 1}
	tl.paint(1<<20, 1<<20)
	tl.draw(s.draw)
	if got := s.asked[0]; got.X != firstSize.w {
		t.Errorf("a tile of %v was made", got)
	}
}

func TestCornersAreRoundAndTheRestIsUntouched(t *testing.T) {
	m := image.NewRGBA(image.Rect(0, 0, 40, 30))
	for i := range m.Pix {
		m.Pix[i] = 0xFF
	}
	roundCorners(m, 10)
	white := color.RGBA{0xFF, 0xFF, 0xFF, 0xFF}
	for _, p := range []image.Point{{0, 0}, {39, 0}, {0, 29}, {39, 29}} {
		if got := m.RGBAAt(p.X, p.Y); got.A != 0 || got.R != 0 {
			t.Errorf("the corner %v is %v", p, got)
		}
	}
	for _, p := range []image.Point{{20, 0}, {0, 15}, {10, 10}, {39, 15}, {20, 29}} {
		if got := m.RGBAAt(p.X, p.Y); got != white {
			t.Errorf("inside, %v is %v", p, got)
		}
	}
	if got := m.RGBAAt(3, 2); got.A == 0 || got.A == 0xFF || got.R != got.A {
		t.Errorf("the edge is not smooth, or not premultiplied: %v", got)
	}
	tiny := image.NewRGBA(image.Rect(0, 0, 3, 1))
	roundCorners(tiny, 10)
}
