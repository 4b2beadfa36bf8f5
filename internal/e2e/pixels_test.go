package main

import (
	"image"
	"image/color"
	"image/draw"
	"testing"
)

// painted is a dark window with filled rectangles.
func painted(fills map[image.Rectangle]color.Color) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, 200, 100))
	draw.Draw(img, img.Bounds(), image.NewUniform(color.NRGBA{0x10, 0x16, 0x1F, 0xFF}), image.Point{}, draw.Src)
	for r, c := range fills {
		draw.Draw(img, r, image.NewUniform(c), image.Point{}, draw.Src)
	}
	return img
}

func TestAButtonIsFoundByItsColour(t *testing.T) {
	button, dot := image.Rect(20, 30, 80, 60), image.Rect(100, 10, 108, 18)
	bar := image.Rect(0, 95, 200, 98)
	img := painted(map[image.Rectangle]color.Color{
		button: accent, dot: accent, bar: accent,
		image.Rect(120, 20, 190, 80): color.NRGBA{0xF6, 0xC0, 0x4D, 0xFF}, // nearly, but not, the colour
	})
	if got, ok := shape(img, accent, 20); !ok || got != button {
		t.Errorf("found %v (%v), want %v", got, ok, button)
	}
	if got, ok := shape(img, danger, 5); ok {
		t.Errorf("found %v of a colour that is not there", got)
	}
	if got, ok := shape(img, accent, 70); ok {
		t.Errorf("found %v, larger than any", got)
	}
}

func TestWhatChangedIsMeasured(t *testing.T) {
	half := image.Rect(0, 0, 100, 100)
	before, after := painted(nil), painted(map[image.Rectangle]color.Color{half: accent})
	for _, c := range []struct {
		area image.Rectangle
		want float64
	}{
		{before.Bounds(), 0.5},
		{half, 1},
		{image.Rect(100, 0, 200, 100), 0},
		{image.Rect(50, 0, 150, 100), 0.5},
		{image.Rect(300, 0, 400, 100), 0},
	} {
		if got := changed(before, after, c.area); got != c.want {
			t.Errorf("%v of %v changed, want %v", got, c.area, c.want)
		}
		if got := changed(after, after, c.area); got != 0 {
			t.Errorf("%v of %v differs from itself", got, c.area)
		}
		if got := share(after, c.area, accent, sameColour); got != c.want {
			t.Errorf("%v of %v is accent, want %v", got, c.area, c.want)
		}
	}
}
