package h264

import (
	"image"
	"math"
	"testing"
	"time"
)

// moving is picture n of a scene that a phone may see: a soft, lit background with fine grain that sways like a held camera, and a
// head-like disc that moves before it.
func moving(w, h, n int) *image.YCbCr {
	img := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	sway := int(12 * math.Sin(float64(n)/9))
	cx, cy := w/2+int(float64(w)/5*math.Sin(float64(n)/11)), h/2+int(float64(h)/9*math.Cos(float64(n)/7))
	r2 := (h / 4) * (h / 4)
	for y := range h {
		for x := range w {
			wx, wy := x+sway+64, y+sway/2+64
			v := 70 + wx*60/w + wy*40/h + int((uint32(wx*7919)^uint32(wy*104729))*2654435761>>28)
			if (wx/24+wy/24)%2 == 0 {
				v += 14
			}
			if dx, dy := x-cx, y-cy; dx*dx+dy*dy < r2 {
				v = 190 - (dx*dx+dy*dy)*60/r2 + int((uint32(dx*7919)^uint32(dy*104729))*2654435761>>29)
			}
			img.Y[y*img.YStride+x] = uint8(v)
		}
	}
	for y := range h / 2 {
		for x := range w / 2 {
			img.Cb[y*img.CStride+x] = uint8(118 + 20*x/w)
			img.Cr[y*img.CStride+x] = uint8(132 + 20*y/h)
		}
	}
	return img
}

func psnr(a, b *image.YCbCr) float64 {
	sum := 0.0
	for y := range a.Rect.Dy() {
		for x := range a.Rect.Dx() {
			d := float64(a.Y[y*a.YStride+x]) - float64(b.Y[y*b.YStride+x])
			sum += d * d
		}
	}
	if sum == 0 {
		return math.Inf(1)
	}
	return 10 * math.Log10(255*255*float64(a.Rect.Dx()*a.Rect.Dy())/sum)
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
	return Unit{Data: append([]byte(nil), u.Data...), Key: u.Key}
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
