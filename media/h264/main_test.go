package h264

import (
	"image"
	"math"
	"sync"
	"testing"
	"time"
)

// margin is how far the scene may sway.
const margin = 16

// scenes holds each size's background, which is slow to make.
var scenes sync.Map

// scene is a soft, lit background with large squares and fine grain, wider and higher than the picture by margin on every side.
func scene(w, h int) []uint8 {
	size := image.Pt(w, h)
	if s, ok := scenes.Load(size); ok {
		return s.([]uint8)
	}
	ww, hh := w+2*margin, h+2*margin
	s := make([]uint8, ww*hh)
	for i := range s {
		x, y := i%ww, i/ww
		v := 70 + x*60/w + y*40/h + int((uint32(x*7919)^uint32(y*104729))*2654435761>>28)
		if (x/24+y/24)%2 == 0 {
			v += 14
		}
		s[i] = uint8(v)
	}
	scenes.Store(size, s)
	return s
}

// moving is picture n of a scene that a phone may see: the background sways like a held camera's, and a head-like disc moves before it.
func moving(w, h, n int) *image.YCbCr {
	img := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	back := scene(w, h)
	sway := int(12 * math.Sin(float64(n)/9))
	for y := range h {
		at := (y+margin+sway/2)*(w+2*margin) + margin + sway
		copy(img.Y[y*img.YStride:][:w], back[at:])
	}
	cx, cy, r := w/2+int(float64(w)/5*math.Sin(float64(n)/11)), h/2+int(float64(h)/9*math.Cos(float64(n)/7)), h/4
	for dy := -r; dy <= r; dy++ {
		for dx := -r; dx <= r; dx++ {
			if d := dx*dx + dy*dy; d < r*r && image.Pt(cx+dx, cy+dy).In(img.Rect) {
				img.Y[(cy+dy)*img.YStride+cx+dx] = uint8(190 - d*60/(r*r) + int((uint32(dx*7919)^uint32(dy*104729))*2654435761>>29))
			}
		}
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = uint8(118+20*(i%img.CStride)/w), uint8(132+20*(i/img.CStride)/h)
	}
	return img
}

func psnr(a, b *image.YCbCr) float64 {
	sum := 0
	for y := range a.Rect.Dy() {
		p, q := a.Y[y*a.YStride:][:a.Rect.Dx()], b.Y[y*b.YStride:][:a.Rect.Dx()]
		for x, v := range p {
			d := int(v) - int(q[x])
			sum += d * d
		}
	}
	if sum == 0 {
		return math.Inf(1)
	}
	return 10 * math.Log10(255*255*float64(a.Rect.Dx()*a.Rect.Dy())/float64(sum))
}

func openEncoder(t testing.TB, w, h, bitrate int) Encoder {
	t.Helper()
	e, err := NewEncoder(EncoderConfig{Width: w, Height: h, Bitrate: bitrate, FrameRate: 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func openDecoder(t testing.TB) Decoder {
	t.Helper()
	d, err := NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func encode(t testing.TB, e Encoder, img *image.YCbCr, key bool, n int) Unit {
	t.Helper()
	u, err := e.Encode(img, key, time.Duration(n)*time.Second/30)
	if err != nil {
		t.Fatal(err)
	}
	return Unit{Data: append([]byte(nil), u.Data...), Key: u.Key, Layer: u.Layer}
}

// clip is a short stream, a key frame first.
func clip(t testing.TB, w, h, frames int) [][]byte {
	t.Helper()
	e := openEncoder(t, w, h, 300_000)
	units := make([][]byte, frames)
	for n := range units {
		units[n] = encode(t, e, moving(w, h, n), false, n).Data
	}
	return units
}
