package media

import (
	"fmt"
	"image"
	"image/color"
	"testing"
)

// painted says what Draw makes of a picture.
func painted(img *image.YCbCr, w, h int, mirror bool) *image.RGBA {
	var s Screen
	s.Put(VideoFrame{Image: img})
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	s.Draw(dst, 0, mirror)
	return dst
}

func near(a, b color.RGBA, by int) bool {
	d := func(x, y uint8) bool { return int(x)-int(y) <= by && int(y)-int(x) <= by }
	return d(a.R, b.R) && d(a.G, b.G) && d(a.B, b.B) && a.A == b.A
}

func TestColoursAreBT601WithLimitedRange(t *testing.T) {
	for _, c := range []struct {
		y, cb, cr uint8
		want      color.RGBA
	}{
		{16, 128, 128, color.RGBA{0, 0, 0, 255}},
		{235, 128, 128, color.RGBA{255, 255, 255, 255}},
		{0, 128, 128, color.RGBA{0, 0, 0, 255}},
		{255, 128, 128, color.RGBA{255, 255, 255, 255}},
		{81, 90, 240, color.RGBA{255, 0, 0, 255}},
		{145, 54, 34, color.RGBA{0, 255, 0, 255}},
		{41, 240, 110, color.RGBA{0, 0, 255, 255}},
		{126, 128, 128, color.RGBA{128, 128, 128, 255}},
	} {
		img := grey(16, 16, c.y)
		for i := range img.Cb {
			img.Cb[i], img.Cr[i] = c.cb, c.cr
		}
		for _, size := range []int{16, 31, 5} {
			if got := painted(img, size, size, false).RGBAAt(size/2, size/2); !near(got, c.want, 2) {
				t.Errorf("%d,%d,%d at %d² became %v, wanted %v", c.y, c.cb, c.cr, size, got, c.want)
			}
		}
	}
}

func TestAPictureIsLetterboxedOnTheStage(t *testing.T) {
	stage, white := color.RGBA{0x0B, 0x10, 0x17, 255}, color.RGBA{255, 255, 255, 255}
	for _, c := range []struct {
		picture, dst image.Point
		box          image.Rectangle
	}{
		{image.Pt(64, 36), image.Pt(64, 64), image.Rect(0, 14, 64, 50)},
		{image.Pt(64, 36), image.Pt(100, 36), image.Rect(18, 0, 82, 36)},
		{image.Pt(64, 36), image.Pt(128, 72), image.Rect(0, 0, 128, 72)},
		{image.Pt(64, 48), image.Pt(32, 20), image.Rect(2, 0, 29, 20)},
		{image.Pt(64, 36), image.Pt(1, 1), image.Rect(0, 0, 1, 1)},
		{image.Pt(64, 36), image.Pt(63, 36), image.Rect(0, 0, 63, 36)},
	} {
		dst := painted(grey(c.picture.X, c.picture.Y, 235), c.dst.X, c.dst.Y, false)
		for y := range c.dst.Y {
			for x := range c.dst.X {
				want := stage
				if image.Pt(x, y).In(c.box) {
					want = white
				}
				if got := dst.RGBAAt(x, y); got != want {
					t.Fatalf("%v in %v: at %d,%d is %v, wanted %v", c.picture, c.dst, x, y, got, want)
				}
			}
		}
	}
}

// halves is black at the left and white at the right.
func halves(w, h int) *image.YCbCr {
	img := grey(w, h, 16)
	for y := range h {
		for x := w / 2; x < w; x++ {
			img.Y[y*img.YStride+x] = 235
		}
	}
	return img
}

func TestMirrorFlipsLeftToRight(t *testing.T) {
	for _, size := range []image.Point{{64, 36}, {128, 72}, {20, 11}, {320, 180}} {
		plain, flipped := painted(halves(64, 36), size.X, size.Y, false), painted(halves(64, 36), size.X, size.Y, true)
		for x := range size.X {
			if a, b := plain.RGBAAt(x, size.Y/2), flipped.RGBAAt(size.X-1-x, size.Y/2); a != b {
				t.Fatalf("%v: column %d is %v, mirrored %v", size, x, a, b)
			}
		}
		if plain.RGBAAt(1, 1).R > 10 || plain.RGBAAt(size.X-2, 1).R < 245 {
			t.Errorf("%v: the halves are %v and %v", size, plain.RGBAAt(1, 1), plain.RGBAAt(size.X-2, 1))
		}
	}
}

func TestAFineTextureMadeSmallBecomesItsMean(t *testing.T) {
	img := grey(640, 360, 16)
	for i := range img.Y {
		if (i%640+i/640)%2 == 0 {
			img.Y[i] = 235
		}
	}
	dst := painted(img, 160, 90, false)
	for y := range 90 {
		for x := range 160 {
			if got := dst.RGBAAt(x, y); !near(got, color.RGBA{127, 127, 127, 255}, 3) {
				t.Fatalf("at %d,%d is %v", x, y, got)
			}
		}
	}
}

func TestAGradientStaysEvenAtAnySize(t *testing.T) {
	img := grey(64, 36, 0)
	for y := range 36 {
		for x := range 64 {
			img.Y[y*img.YStride+x] = uint8(16 + x*3)
		}
	}
	for _, w := range []int{64, 65, 100, 200, 40, 20} {
		dst := painted(img, w, w*36/64, false)
		last := -1
		for x := range w {
			v := int(dst.RGBAAt(x, 3).R)
			if v < last || last >= 0 && v-last > 255*3*64/w/200+8 {
				t.Fatalf("%d wide: column %d is %d after %d", w, x, v, last)
			}
			last = v
		}
	}
}

func TestDrawPaintsOnlyWhatIsNew(t *testing.T) {
	var s Screen
	dst := image.NewRGBA(image.Rect(0, 0, 32, 18))
	if n := s.Draw(dst, 0, false); n != 0 || dst.Pix[3] != 0 {
		t.Errorf("without a picture: number %d, something painted: %v", n, dst.Pix[3] != 0)
	}
	s.Put(VideoFrame{Image: grey(32, 18, 235)})
	first := s.Draw(dst, 0, false)
	if first == 0 || dst.Pix[0] != 255 {
		t.Fatalf("the first picture: number %d, %v", first, dst.Pix[:4])
	}
	dst.Pix[0] = 7
	if n := s.Draw(dst, first, false); n != first || dst.Pix[0] != 7 {
		t.Errorf("nothing new: number %d, painted again: %v", n, dst.Pix[0] != 7)
	}
	if n := s.Draw(dst, first, true); n != first || dst.Pix[0] != 255 {
		t.Errorf("now mirrored: number %d, not painted: %v", n, dst.Pix[0] != 255)
	}
	larger := image.NewRGBA(image.Rect(0, 0, 64, 36))
	if n := s.Draw(larger, first, true); n != first || larger.Pix[0] != 255 {
		t.Errorf("another size: number %d, not painted: %v", n, larger.Pix[0] != 255)
	}
	s.Put(VideoFrame{Image: grey(32, 18, 16)})
	second := s.Draw(dst, first, false)
	if second == first || dst.Pix[0] != 0 {
		t.Errorf("the second picture: number %d after %d, %v", second, first, dst.Pix[:4])
	}
	s.Clear()
	if n := s.Draw(dst, second, false); n != 0 || dst.Pix[0] != stageRed {
		t.Errorf("cleared: number %d, %v", n, dst.Pix[:4])
	}
	s.Put(VideoFrame{Image: grey(32, 18, 16)})
	if n := s.Draw(dst, second, false); n == second || n == 0 {
		t.Errorf("a picture after Clear has the number %d again", n)
	}
}

func TestDrawStaysWithinAPartOfAnImage(t *testing.T) {
	whole := image.NewRGBA(image.Rect(0, 0, 40, 30))
	part := whole.SubImage(image.Rect(5, 6, 37, 24)).(*image.RGBA)
	var s Screen
	s.Put(VideoFrame{Image: grey(64, 36, 235)})
	s.Draw(part, 0, false)
	for y := range 30 {
		for x := range 40 {
			if got, want := whole.RGBAAt(x, y).A == 255, image.Pt(x, y).In(part.Rect); got != want {
				t.Fatalf("at %d,%d painted: %v, wanted %v", x, y, got, want)
			}
		}
	}
}

func TestScreenIgnoresWhatItCannotPaint(t *testing.T) {
	short := grey(32, 18, 0)
	short.Y = short.Y[:100]
	for name, img := range map[string]*image.YCbCr{
		"nothing": nil, "4:4:4": image.NewYCbCr(image.Rect(0, 0, 32, 18), image.YCbCrSubsampleRatio444), "a cut plane": short, "one pixel": grey(1, 1, 0),
	} {
		var s Screen
		s.Put(VideoFrame{Image: img})
		if n := s.Draw(image.NewRGBA(image.Rect(0, 0, 8, 8)), 0, false); n != 0 {
			t.Errorf("%s was painted", name)
		}
	}
}

func BenchmarkDraw(b *testing.B) {
	for _, c := range []struct{ from, to image.Point }{
		{image.Pt(640, 360), image.Pt(640, 360)},
		{image.Pt(640, 360), image.Pt(960, 540)},
		{image.Pt(640, 360), image.Pt(1280, 720)},
		{image.Pt(640, 360), image.Pt(320, 180)},
		{image.Pt(1280, 720), image.Pt(640, 360)},
		{image.Pt(1280, 720), image.Pt(1280, 720)},
	} {
		for _, mirror := range []bool{false, true} {
			b.Run(fmt.Sprintf("%d-to-%d/mirror=%v", c.from.Y, c.to.Y, mirror), func(b *testing.B) {
				var s Screen
				s.Put(VideoFrame{Image: newPatternSource(c.from.X, c.from.Y, 30).draw(0)})
				dst := image.NewRGBA(image.Rectangle{Max: c.to})
				for b.Loop() {
					s.Draw(dst, 0, mirror)
				}
			})
		}
	}
}
