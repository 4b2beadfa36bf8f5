package media

import (
	"image"
	"testing"
	"time"

	"sundog.dev/sundog/media/h264"
)

// hexGlyphs are small letters of 5×7 dots, one row a byte.
var hexGlyphs = [16][7]byte{
	{0x0e, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0e},
	{0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e},
	{0x0e, 0x11, 0x01, 0x02, 0x04, 0x08, 0x1f},
	{0x1f, 0x02, 0x04, 0x02, 0x01, 0x11, 0x0e},
	{0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02},
	{0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e},
	{0x06, 0x08, 0x10, 0x1e, 0x11, 0x11, 0x0e},
	{0x1f, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08},
	{0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e},
	{0x0e, 0x11, 0x11, 0x0f, 0x01, 0x02, 0x0c},
	{0x0e, 0x11, 0x11, 0x11, 0x1f, 0x11, 0x11},
	{0x1e, 0x11, 0x11, 0x1e, 0x11, 0x11, 0x1e},
	{0x0e, 0x11, 0x10, 0x10, 0x10, 0x11, 0x0e},
	{0x1c, 0x12, 0x11, 0x11, 0x11, 0x12, 0x1c},
	{0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x1f},
	{0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x10},
}

// textPage is a screen full of small letters, as a programmer's or an office's is, and which they are.
type textPage struct {
	img     *image.YCbCr
	letters []byte
}

const (
	textWidth, textHeight = 1280, 720
	cellWidth, cellHeight = 8, 14
	textColumns, textRows = textWidth / cellWidth, textHeight / cellHeight
)

func newTextPage(seed uint32) textPage {
	p := textPage{img: image.NewYCbCr(image.Rect(0, 0, textWidth, textHeight), image.YCbCrSubsampleRatio420), letters: make([]byte, textColumns*textRows)}
	for i := range p.img.Y {
		p.img.Y[i] = 225
	}
	for i := range p.img.Cb {
		p.img.Cb[i], p.img.Cr[i] = 128, 128
	}
	for row := range textRows {
		long := 0
		for column := range textColumns {
			seed = seed*1664525 + 1013904223
			if column == 0 {
				long = int(seed>>16) % textColumns
			}
			if column >= long || row%7 == 6 || seed>>28 < 2 {
				p.letters[row*textColumns+column] = 255 // nothing there
				continue
			}
			p.put(column, row, byte(seed>>24&15))
		}
	}
	return p
}

func (p *textPage) put(column, row int, letter byte) {
	p.letters[row*textColumns+column] = letter
	for y, dots := range hexGlyphs[letter] {
		for x := range 5 {
			v := byte(225)
			if dots>>(4-x)&1 == 1 {
				v = 40
			}
			p.img.Y[(row*cellHeight+3+y)*p.img.YStride+column*cellWidth+1+x] = v
		}
	}
}

// legible is how much of the letters can be told apart in a picture of the page of any size, 0 to 1.
func (p *textPage) legible(img *image.YCbCr) float64 {
	at := func(x, y int) float64 { // of the page, bilinear
		fx := (float64(x)+0.5)*float64(img.Rect.Dx())/textWidth - 0.5
		fy := (float64(y)+0.5)*float64(img.Rect.Dy())/textHeight - 0.5
		x0, y0 := max(int(fx), 0), max(int(fy), 0)
		x1, y1 := min(x0+1, img.Rect.Dx()-1), min(y0+1, img.Rect.Dy()-1)
		ax, ay := max(fx-float64(x0), 0), max(fy-float64(y0), 0)
		v := func(x, y int) float64 { return float64(img.Y[y*img.YStride+x]) }
		return (v(x0, y0)*(1-ax)+v(x1, y0)*ax)*(1-ay) + (v(x0, y1)*(1-ax)+v(x1, y1)*ax)*ay
	}
	right, all := 0, 0
	for i, letter := range p.letters {
		if letter == 255 {
			continue
		}
		all++
		var dots [35]float64
		mean := 0.0
		for k := range dots {
			dots[k] = at(i%textColumns*cellWidth+1+k%5, i/textColumns*cellHeight+3+k/5)
			mean += dots[k] / 35
		}
		best, bestFit := 0, 0.0
		for g := range hexGlyphs {
			ink := 0.0
			for k := range dots {
				ink += float64(hexGlyphs[g][k/5] >> (4 - k%5) & 1)
			}
			fit, norm := 0.0, 0.0
			for k := range dots {
				w := float64(hexGlyphs[g][k/5]>>(4-k%5)&1) - ink/35
				fit += w * (mean - dots[k])
				norm += w * w
			}
			if fit = fit * fit / norm; fit > bestFit {
				best, bestFit = g, fit
			}
		}
		if best == int(letter) {
			right++
		}
	}
	return float64(right) / float64(all)
}

// screenRead is how a shared screen was seen.
type screenRead struct {
	first, soon, late float64 // the part of the letters that can be read 1.5, 2.5 and 3.5 s after the page changed
	used, rate        float64 // of the wished bits, and pictures a second
}

// readScreen encodes pages of text that change each four seconds, while somebody types if that is said. What is sent arrives when its bits have passed.
func readScreen(t *testing.T, size image.Point, bitrate int, types bool) (r screenRead) {
	t.Helper()
	const pages, each, fps = 2, 4, 30
	var s scaler
	e := &sizeEncoder{open: h264.NewEncoder, sharp: true}
	defer func() { _ = e.close() }()
	dec, err := h264.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = dec.Close() }()
	type coming struct {
		img *image.YCbCr
		at  time.Time
	}
	var way []coming
	shown := grey(size.X, size.Y, 128)
	due := time.Unix(1000, 0)
	arrives := due
	bits, count := 0, 0
	for page := range pages {
		p := newTextPage(uint32(page)*77 + 5)
		for n := range each * fps {
			if types && n%3 == 0 {
				p.put(n/3%textColumns, 20, byte(n&15))
			}
			for len(way) > 0 && !way[0].at.After(due) {
				shown, way = way[0].img, way[1:]
			}
			switch n {
			case 15 * fps / 10:
				r.first += p.legible(shown) / pages
			case 25 * fps / 10:
				r.soon += p.legible(shown) / pages
			case 35 * fps / 10:
				r.late += p.legible(shown) / pages
			}
			if !e.waits(due) {
				if err := e.encode(s.shrink(p.img, size), due, SizeWish{Bitrate: bitrate, MaxLayer: TopLayer}, fps, func(u Encoded) {
					img, err := dec.Decode(u.Data)
					if err != nil {
						t.Fatal(err)
					}
					if arrives.Before(due) {
						arrives = due
					}
					arrives = arrives.Add(time.Duration(float64(8*len(u.Data)) / float64(bitrate) * float64(time.Second)))
					way = append(way, coming{copyPicture(nil, img), arrives})
					bits += 8 * len(u.Data)
					count++
				}); err != nil {
					t.Fatal(err)
				}
			}
			due = due.Add(time.Second / fps)
		}
	}
	r.used, r.rate = float64(bits)/pages/each/float64(bitrate), float64(count)/pages/each
	return r
}

func TestAPageOfTextIsReadSoonAndThenSharp(t *testing.T) {
	for _, c := range []struct {
		size              image.Point
		bitrate           int
		types             bool
		first, soon, late float64 // at least
	}{
		{image.Pt(1280, 720), 900_000, false, 0.99, 0.99, 0.99},
		{image.Pt(1280, 720), 400_000, true, 0.9, 0.99, 0.99},
		{image.Pt(1280, 720), 225_000, false, 0.7, 0.95, 0.97},
		{image.Pt(1280, 720), 225_000, true, 0.7, 0.95, 0.97},
	} {
		r := readScreen(t, c.size, c.bitrate, c.types)
		t.Logf("%v at %d kbit/s: %+.2v", c.size, c.bitrate/1000, r)
		if r.first < c.first || r.soon < c.soon || r.late < c.late {
			t.Errorf("%v at %d kbit/s, typing %v: wanted to read %v, %v, %v, got %+.2v", c.size, c.bitrate/1000, c.types, c.first, c.soon, c.late, r)
		}
		if r.used > 1.2 {
			t.Errorf("%v at %d kbit/s: %.2f times the bits were sent that were wished", c.size, c.bitrate/1000, r.used)
		}
	}
}

// Why the size is the last to go: with enough bits for twice its size it cannot be read.
func TestATextMadeSmallerCannotBeRead(t *testing.T) {
	if r := readScreen(t, image.Pt(640, 360), 900_000, false); r.late > 0.8 {
		t.Errorf("%+v", r)
	}
}

// A screen on which nothing moves costs next to nothing.
func TestAScreenAtRest(t *testing.T) {
	p := newTextPage(5)
	sent, late := 0, 0
	e := &sizeEncoder{open: h264.NewEncoder, sharp: true}
	defer func() { _ = e.close() }()
	for n := range 300 {
		due := time.Unix(1000, 0).Add(time.Duration(n) * time.Second / 30)
		if e.waits(due) {
			continue
		}
		if err := e.encode(p.img, due, SizeWish{Bitrate: 900_000, MaxLayer: TopLayer}, 30, func(u Encoded) {
			if sent++; n >= 150 {
				late++
				if len(u.Data) > 200 {
					t.Errorf("picture %d has %d bytes", n, len(u.Data))
				}
			}
		}); err != nil {
			t.Fatal(err)
		}
	}
	if late < 20 || late > 30 {
		t.Errorf("%d pictures in the last 5 s of %d, wanted 5 a second", late, sent)
	}
}
