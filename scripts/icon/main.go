// Command icon draws Sundog's icon: a low winter sun with its halo and the two bright spots beside it.
//
//	go run ./scripts/icon theme/icon.png
package main

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
)

const (
	size   = 512  // pixels a side
	corner = 0.22 // radius of the ground's corners, as a part of its side
	margin = 0.02 // of nothing around the ground, so that no edge is cut

	sunX, sunY = 0.5, 0.47 // everything below is in parts of the side
	sunRadius  = 0.075
	haloRadius = 0.29
)

// rgb is light: 0 none, 1 full.
type rgb struct{ r, g, b float64 }

var (
	zenith  = rgb{0.055, 0.105, 0.190} // the sky overhead
	middle  = rgb{0.150, 0.270, 0.420}
	horizon = rgb{0.560, 0.680, 0.780} // ice haze
	snow    = rgb{0.800, 0.860, 0.910}

	warm  = rgb{1.000, 0.530, 0.170} // the halo's inner edge, and a sundog's sunward side
	pale  = rgb{0.960, 0.930, 0.860}
	light = rgb{1.000, 0.960, 0.860}
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: icon FILE.png")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "icon:", err)
		os.Exit(1)
	}
}

func write(name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if err := png.Encode(f, draw()); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

func draw() *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	for py := range size {
		for px := range size {
			x, y := (float64(px)+0.5)/size, (float64(py)+0.5)/size
			c := glow(sky(y), x, y)
			img.SetNRGBA(px, py, color.NRGBA{byte8(c.r), byte8(c.g), byte8(c.b), byte8(ground(x, y))})
		}
	}
	return img
}

// ground is how much of the pixel the round-cornered ground covers.
func ground(x, y float64) float64 {
	half := 0.5 - margin
	dx := math.Max(math.Abs(x-0.5)-(half-corner), 0)
	dy := math.Max(math.Abs(y-0.5)-(half-corner), 0)
	return clamp((corner-math.Hypot(dx, dy))*size + 0.5)
}

// sky darkens from the horizon up; snow lies below it.
func sky(y float64) rgb {
	const skyline = 0.82
	above := mix(mix(zenith, middle, smooth(0.05, 0.5, y)), horizon, smooth(0.40, skyline, y)*0.75)
	below := mix(snow, horizon, smooth(skyline, 1, y)*0.55)
	return mix(above, below, smooth(skyline-0.004, skyline+0.004, y))
}

// glow adds the sun and what ice crystals make of it.
func glow(c rgb, x, y float64) rgb {
	dx, dy := x-sunX, y-sunY
	d := math.Hypot(dx, dy)

	// The 22° halo: sharp and warm inside, fading outwards.
	out := d - haloRadius
	c = screen(c, warm, 0.55*bell(out, 0.012))
	c = screen(c, pale, 0.60*fade(out, 0.006, 0.045))

	// The parhelic circle, level with the sun, faint.
	c = screen(c, pale, 0.22*bell(dy, 0.008)*smooth(0.46, 0.30, math.Abs(dx)))

	// The sundogs: on the halo, level with the sun, their tails pointing away from it.
	away := math.Abs(dx) - haloRadius
	c = screen(c, warm, 1.00*bell(math.Hypot(away, dy*0.62), 0.042))
	c = screen(c, pale, 0.80*bell(math.Hypot(away-0.020, dy*0.75), 0.020))
	c = screen(c, pale, 0.55*fade(away, 0.02, 0.085)*bell(dy, 0.018))

	// The sun and its bloom.
	c = screen(c, warm, 0.55*bell(d, 0.17))
	c = screen(c, light, 0.85*bell(d, 0.085))
	return screen(c, light, smooth(sunRadius+0.012, sunRadius-0.012, d))
}

// screen adds light of one colour over another without ever passing full.
func screen(c, l rgb, amount float64) rgb {
	add := func(a, b float64) float64 { return 1 - (1-a)*(1-b*clamp(amount)) }
	return rgb{add(c.r, l.r), add(c.g, l.g), add(c.b, l.b)}
}

func mix(a, b rgb, t float64) rgb {
	return rgb{a.r + (b.r-a.r)*t, a.g + (b.g-a.g)*t, a.b + (b.b-a.b)*t}
}

func bell(d, width float64) float64 { return math.Exp(-d * d / (2 * width * width)) }

// fade rises over the width before, and falls over the width after, zero.
func fade(d, before, after float64) float64 {
	if d < 0 {
		return bell(d, before)
	}
	return math.Exp(-d / after)
}

// smooth goes from 0 at from to 1 at to.
func smooth(from, to, v float64) float64 {
	t := clamp((v - from) / (to - from))
	return t * t * (3 - 2*t)
}

func clamp(v float64) float64 { return math.Min(1, math.Max(0, v)) }

func byte8(v float64) uint8 { return uint8(math.Round(clamp(v) * 255)) }
