package media

// #include "video_pattern.h"
import "C"

import (
	"image"
	"math"
)

// haloSprite is the sun's light: how much of white and of warm colour goes over the sky, 0..255 each, for every pixel around the sun.
type haloSprite struct {
	radius int
	luma   []uint8 // (2r)², towards the sun's luma
	chroma []uint8 // r², towards the warm colour
}

// newHaloSprite draws the disc, its glow, the 22° ring and a sundog at either side.
func newHaloSprite(r int) haloSprite {
	s := haloSprite{radius: r, luma: make([]uint8, 4*r*r), chroma: make([]uint8, r*r)}
	for y := range 2 * r {
		for x := range 2 * r {
			dx, dy := (float64(x-r)+0.5)/float64(r), (float64(y-r)+0.5)/float64(r)
			d := math.Hypot(dx, dy)
			light := 0.95 / (1 + math.Exp((d-0.12)*80))            // the disc
			light += 0.5 * math.Exp(-d*6)                          // the glow
			light += 0.22 * math.Exp(-math.Pow((d-0.78)/0.05, 2))  // the ring
			dogX := math.Abs(dx) - 0.78                            // the sundogs
			light += 0.75 * math.Exp(-(dogX*dogX*180 + dy*dy*140)) //
			light *= math.Max(0, math.Min(1, (1-d)/0.15))          // nothing at the sprite's edge
			s.luma[y*2*r+x] = uint8(255 * math.Max(0, math.Min(1, light)))
		}
	}
	for y := range r {
		for x := range r {
			i := 2*y*2*r + 2*x
			sum := int(s.luma[i]) + int(s.luma[i+1]) + int(s.luma[i+2*r]) + int(s.luma[i+2*r+1])
			s.chroma[y*r+x] = uint8(sum / 4 * 3 / 4)
		}
	}
	return s
}

// draw lays the light over the picture around at, above bottom.
func (s haloSprite) draw(img *image.YCbCr, at image.Point, bottom int) {
	sun := rgb(255, 244, 225)
	warm := rgb(255, 200, 120)
	r := s.radius
	x0, y0 := (at.X-r)&^1, (at.Y-r)&^1
	box := image.Rect(x0, y0, x0+2*r, y0+2*r&^1).Intersect(image.Rect(0, 0, img.Rect.Dx(), bottom))
	if box.Empty() {
		return
	}
	over(img.Y[img.YOffset(box.Min.X, box.Min.Y):], img.YStride, s.luma[(box.Min.Y-y0)*2*r+box.Min.X-x0:], 2*r, box.Dx(), box.Dy(), sun.y)
	c, light := img.COffset(box.Min.X, box.Min.Y), s.chroma[(box.Min.Y-y0)/2*r+(box.Min.X-x0)/2:]
	w, h := box.Dx()/2, min(box.Dy()/2, r-(box.Min.Y-y0)/2)
	over(img.Cb[c:], img.CStride, light, r, w, h, warm.cb)
	over(img.Cr[c:], img.CStride, light, r, w, h, warm.cr)
}

// over moves a box of samples towards a value, by light/255. Both planes hold w×h samples, lines of dstride and lstride apart.
func over(dst []uint8, dstride int, light []uint8, lstride, w, h int, to uint8) {
	if w <= 0 || h <= 0 || len(dst) < (h-1)*dstride+w || len(light) < (h-1)*lstride+w {
		return // C would believe it
	}
	C.sundog_over((*C.uchar)(&dst[0]), C.int(dstride), (*C.uchar)(&light[0]), C.int(lstride), C.int(w), C.int(h), C.int(to))
}

// digits are five columns by seven rows, one row a number, the leftmost column its highest bit.
var digits = [10][7]uint8{
	{14, 17, 19, 21, 25, 17, 14},
	{4, 12, 4, 4, 4, 4, 14},
	{14, 17, 1, 2, 4, 8, 31},
	{31, 2, 4, 2, 1, 17, 14},
	{2, 6, 10, 18, 31, 2, 2},
	{31, 16, 30, 1, 1, 17, 14},
	{6, 8, 16, 30, 17, 17, 14},
	{31, 1, 2, 4, 8, 8, 8},
	{14, 17, 17, 14, 17, 17, 14},
	{14, 17, 17, 15, 1, 2, 12},
}

// numberDigits is how many digits the picture's number shows: nine hours at 30 a second.
const numberDigits = 6

// drawNumber writes the picture's number into the upper left corner, white on dark.
func (p *patternSource) drawNumber(img *image.YCbCr, n int64) {
	dotSize := max(p.h/120, 1)
	left, top := p.h/18&^1, p.patternTop()&^1
	fill(img, image.Rect(left, top, left+(dotSize*(6*numberDigits+3)+1)&^1, top+(dotSize*11+1)&^1), patternDark)
	for i := numberDigits - 1; i >= 0; i-- {
		x := left + dotSize*(2+6*i)
		for row, line := range digits[n%10] {
			for col := range 5 {
				if line&(16>>col) == 0 {
					continue
				}
				r := image.Rect(x+col*dotSize, top+dotSize*(2+row), x+(col+1)*dotSize, top+dotSize*(3+row))
				fillLuma(img, r, patternWhite.y)
			}
		}
		n /= 10
	}
}

// fillLuma leaves the colour alone, so that fine signs need no even places.
func fillLuma(img *image.YCbCr, r image.Rectangle, luma uint8) {
	r = r.Intersect(img.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			img.Y[img.YOffset(x, y)] = luma
		}
	}
}
