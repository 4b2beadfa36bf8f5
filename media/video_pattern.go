package media

import (
	"context"
	"image"
	"math"
	"time"

	"sundog.dev/sundog/media/spare"
	"sundog.dev/sundog/media/y4m"
)

// patternSource is the test picture: a winter sky over colour bars, a sun with its halo and two sundogs that wander across, a clock's second hand,
// a box that bounces on the bars, and the picture's number. Picture n is always the same.
type patternSource struct {
	pace videoPacer
	w, h int
	base *image.YCbCr
	halo haloSprite

	spare.Pictures
}

func newPatternSource(w, h int, rate float64) *patternSource {
	p := &patternSource{w: w, h: h, base: image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420), Pictures: spare.New()}
	p.pace.clip = y4m.Header{Width: w, Height: h, RateNum: int(math.Round(rate * 1000)), RateDen: 1000}
	p.paintBase()
	p.halo = newHaloSprite(h * 3 / 8)
	return p
}

func (p *patternSource) FrameRate() float64 { return p.pace.clip.Rate() }

func (p *patternSource) Read(ctx context.Context) (VideoFrame, error) {
	if err := ctx.Err(); err != nil {
		return VideoFrame{}, err
	}
	n, due := p.pace.pick(time.Now())
	img := p.draw(n)
	if err := waitUntil(ctx, due); err != nil {
		return VideoFrame{}, err
	}
	return VideoFrame{Image: img, Due: due}, nil
}

func (p *patternSource) Close() error { return nil }

// ycc is a colour in BT.601, 16..235.
type ycc struct{ y, cb, cr uint8 }

func rgb(r, g, b float64) ycc {
	return ycc{
		uint8(16.5 + (65.738*r+129.057*g+25.064*b)/256),
		uint8(128.5 + (-37.945*r-74.494*g+112.439*b)/256),
		uint8(128.5 + (112.439*r-94.154*g-18.285*b)/256),
	}
}

var (
	patternWhite = rgb(246, 248, 251)
	patternDark  = rgb(11, 16, 23)
	patternWarm  = rgb(246, 160, 77)
)

// paintBase paints what does not move: sky, bars, the clock's face.
func (p *patternSource) paintBase() {
	horizon := p.barsTop()
	for y := 0; y < horizon; y += 2 {
		t := float64(y) / float64(horizon)
		fill(p.base, image.Rect(0, y, p.w, y+2), rgb(24+150*t*t, 52+138*t, 96+116*t))
	}
	bars := [...]ycc{
		rgb(191, 191, 191), rgb(191, 191, 0), rgb(0, 191, 191), rgb(0, 191, 0), rgb(191, 0, 191), rgb(191, 0, 0), rgb(0, 0, 191), patternDark,
	}
	for i, c := range bars {
		fill(p.base, image.Rect(i*p.w/len(bars)&^1, horizon, p.w, p.h), c)
	}
	at, r := p.clock()
	for y := -r; y <= r; y++ {
		for x := -r; x <= r; x++ {
			switch d := math.Hypot(float64(x), float64(y)) / float64(r); {
			case d > 1:
			case d > 0.88:
				dot(p.base, at.X+x, at.Y+y, patternWhite)
			default:
				dot(p.base, at.X+x, at.Y+y, patternDark)
			}
		}
	}
}

func (p *patternSource) barsTop() int { return p.h * 7 / 8 &^ 1 }

// patternTop is where number and clock begin: below what a window writes over a picture's upper edge.
func (p *patternSource) patternTop() int { return p.h / 8 }

// clock is the middle and the radius of the clock's face.
func (p *patternSource) clock() (image.Point, int) {
	r := p.h / 9
	return image.Pt(p.w-r-p.h/18, r+p.patternTop()), r
}

// draw makes picture n.
func (p *patternSource) draw(n int64) *image.YCbCr {
	img := p.Take(p.base.Rect.Size())
	copy(img.Y, p.base.Y)
	copy(img.Cb, p.base.Cb)
	copy(img.Cr, p.base.Cr)
	t := p.pace.clip.FrameTime(n).Seconds()

	// The sun goes there and back in 24 s, a little up and down.
	sun := image.Pt(int(float64(p.w)*(0.5-0.32*math.Cos(t*2*math.Pi/24))), int(float64(p.h)*(0.44+0.05*math.Sin(t*2*math.Pi/7))))
	p.halo.draw(img, sun, p.barsTop())

	// The second hand turns once a minute, the short one once a second.
	at, r := p.clock()
	hand(img, at, 0.8*float64(r), t/60, max(r/20, 1), patternWhite)
	hand(img, at, 0.5*float64(r), t, max(r/20, 1), patternWarm)

	// The box goes over the bars in 5 s.
	side := (p.h - p.barsTop()) / 2
	x := int(float64(p.w-side)*(0.5-0.5*math.Cos(t*2*math.Pi/10))) &^ 1
	y := p.barsTop() + side/2
	fill(img, image.Rect(x, y, x+side, y+side), patternWhite)

	p.drawNumber(img, n)
	return img
}

// fill paints a rectangle, clipped to the picture; chroma goes in steps of two.
func fill(img *image.YCbCr, r image.Rectangle, c ycc) {
	if r = r.Intersect(img.Rect); r.Empty() {
		return
	}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		line := img.Y[img.YOffset(r.Min.X, y):][:r.Dx()]
		for i := range line {
			line[i] = c.y
		}
	}
	cx, cw := r.Min.X/2, (r.Max.X+1)/2-r.Min.X/2
	for y := r.Min.Y / 2; y < (r.Max.Y+1)/2; y++ {
		at := y*img.CStride + cx
		for i := range cw {
			img.Cb[at+i], img.Cr[at+i] = c.cb, c.cr
		}
	}
}

func dot(img *image.YCbCr, x, y int, c ycc) {
	if !image.Pt(x, y).In(img.Rect) {
		return
	}
	img.Y[img.YOffset(x, y)] = c.y
	i := img.COffset(x, y)
	img.Cb[i], img.Cr[i] = c.cb, c.cr
}

// hand draws a clock's hand; turn is in whole turns from the top.
func hand(img *image.YCbCr, at image.Point, length, turn float64, width int, c ycc) {
	sin, cos := math.Sincos(turn * 2 * math.Pi)
	for d := 0.0; d < length; d += 0.5 {
		x, y := at.X+int(math.Round(sin*d)), at.Y-int(math.Round(cos*d))
		for i := range width {
			for j := range width {
				dot(img, x+i-width/2, y+j-width/2, c)
			}
		}
	}
}
