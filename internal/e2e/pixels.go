package main

import (
	"image"
	"image/color"
)

// Colours by which the checks find things in a window: those of the dark theme, which the stage always has.
var (
	accent  = color.NRGBA{0xF6, 0xA0, 0x4D, 0xFF}
	good    = color.NRGBA{0x5C, 0xC9, 0x96, 0xFF}
	warning = color.NRGBA{0xE8, 0xB8, 0x4A, 0xFF}
	light   = color.NRGBA{0xE9, 0xEE, 0xF5, 0xFF} // text, and what is switched on
	danger  = color.NRGBA{0xF2, 0x74, 0x6B, 0xFF}
)

const (
	// sameColour is how far a channel may be from a colour that is looked for: the edges of shapes are mixed.
	sameColour = 12
	// sameInText is the same for letters, which are hardly more than edges.
	sameInText = 24
	// otherColour is how much a channel must change to count: painting is exact, picture coding is not.
	otherColour = 24
)

func channels(c color.Color) [3]int {
	r, g, b, _ := c.RGBA()
	return [3]int{int(r >> 8), int(g >> 8), int(b >> 8)}
}

func distance(a, b color.Color) int {
	x, y := channels(a), channels(b)
	d := 0
	for i := range x {
		d = max(d, x[i]-y[i], y[i]-x[i])
	}
	return d
}

// share is the part of an area that has a colour, each channel within so much, 0 to 1.
func share(img image.Image, area image.Rectangle, c color.Color, within int) float64 {
	area = area.Intersect(img.Bounds())
	if area.Empty() {
		return 0
	}
	n := 0
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			if distance(img.At(x, y), c) <= within {
				n++
			}
		}
	}
	return float64(n) / float64(area.Dx()*area.Dy())
}

// changed is the part of an area that differs between two pictures of a window, 0 to 1.
func changed(a, b image.Image, area image.Rectangle) float64 {
	area = area.Intersect(a.Bounds()).Intersect(b.Bounds())
	if area.Empty() {
		return 0
	}
	n := 0
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			if distance(a.At(x, y), b.At(x, y)) >= otherColour {
				n++
			}
		}
	}
	return float64(n) / float64(area.Dx()*area.Dy())
}

// shape finds the largest connected shape of a colour that is at least side pixels wide and high: a button.
func shape(img image.Image, c color.Color, side int) (image.Rectangle, bool) {
	bounds := img.Bounds()
	width := bounds.Dx()
	seen := make([]bool, width*bounds.Dy())
	var best image.Rectangle
	most := 0
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			if seen[(y-bounds.Min.Y)*width+x-bounds.Min.X] {
				continue
			}
			box, n := flood(img, seen, image.Pt(x, y), c)
			if n > most && box.Dx() >= side && box.Dy() >= side {
				best, most = box, n
			}
		}
	}
	return best, most > 0
}

// flood visits all that is connected with a point and has the colour, and returns its bounds and number of pixels.
func flood(img image.Image, seen []bool, from image.Point, c color.Color) (box image.Rectangle, pixels int) {
	bounds := img.Bounds()
	queue := []image.Point{from}
	for len(queue) > 0 {
		p := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if !p.In(bounds) {
			continue
		}
		at := (p.Y-bounds.Min.Y)*bounds.Dx() + p.X - bounds.Min.X
		if seen[at] {
			continue
		}
		seen[at] = true
		if distance(img.At(p.X, p.Y), c) > sameColour {
			continue
		}
		box = box.Union(image.Rect(p.X, p.Y, p.X+1, p.Y+1))
		pixels++
		queue = append(queue, p.Add(image.Pt(1, 0)), p.Add(image.Pt(-1, 0)), p.Add(image.Pt(0, 1)), p.Add(image.Pt(0, -1)))
	}
	return box, pixels
}
