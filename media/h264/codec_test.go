package h264

import (
	"errors"
	"image"
	"math"
	"slices"
	"testing"
)

func TestAMovingPictureAt600KbitLooksGood(t *testing.T) {
	const frames = 120
	e, d := openEncoder(t, 640, 360, 600_000), openDecoder(t)
	bytes := 0
	var quality []float64
	for n := range frames {
		img := moving(640, 360, n)
		u := encode(t, e, img, false, n)
		if u.Key != (n == 0) {
			t.Errorf("picture %d: key frame %v", n, u.Key)
		}
		bytes += len(u.Data)
		shown, err := d.Decode(u.Data)
		if err != nil {
			t.Fatalf("picture %d: %v", n, err)
		}
		quality = append(quality, psnr(img, shown))
	}
	slices.Sort(quality)
	if median := quality[frames/2]; median < 32 {
		t.Errorf("the median PSNR-Y is %.1f dB, wanted 32", median)
	}
	if rate := float64(bytes) * 8 * 30 / frames; math.Abs(rate-600_000) > 0.15*600_000 {
		t.Errorf("%.0f kbit/s, wanted 600 within 15 %%", rate/1000)
	}
	t.Logf("PSNR-Y median %.1f dB, lowest %.1f; %.0f kbit/s", quality[frames/2], quality[0], float64(bytes)*8*30/frames/1000)
}

func TestAKeyFrameComesOnRequestOnly(t *testing.T) {
	e := openEncoder(t, 320, 180, 300_000)
	for n := range 60 {
		want := n == 0 || n == 20 || n == 21
		u := encode(t, e, moving(320, 180, n), want && n > 0, n)
		if u.Key != want {
			t.Errorf("picture %d: key frame %v, wanted %v", n, u.Key, want)
		}
		if u.Key {
			if _, err := openDecoder(t).Decode(u.Data); err != nil {
				t.Errorf("key frame %d alone: %v", n, err)
			}
		}
	}
}

func TestTheBitrateFollowsWithoutAKeyFrame(t *testing.T) {
	e := openEncoder(t, 320, 180, 200_000)
	measure := func(from int) (bits int) {
		for n := from; n < from+60; n++ {
			u := encode(t, e, moving(320, 180, n), false, n)
			if u.Key && n > 0 {
				t.Errorf("picture %d is a key frame", n)
			}
			if n >= from+30 { // the second second: the rate control has settled
				bits += 8 * len(u.Data)
			}
		}
		return bits
	}
	for i, want := range []int{200_000, 100_000, 150_000} {
		if err := e.SetBitrate(want); err != nil {
			t.Fatal(err)
		}
		if got := measure(60 * i); math.Abs(float64(got-want)) > 0.2*float64(want) {
			t.Errorf("told %d bit/s, came %d", want, got)
		}
	}
}

func TestTheBitrateHoldsAtHalfTheFrameRate(t *testing.T) {
	e := openEncoder(t, 320, 180, 100_000)
	if err := e.SetFrameRate(15); err != nil {
		t.Fatal(err)
	}
	bits := 0
	for n := range 60 {
		u := encode(t, e, moving(320, 180, n), false, 2*n)
		if n >= 15 {
			bits += 8 * len(u.Data)
		}
	}
	if got := float64(bits) / 3; math.Abs(got-100_000) > 0.2*100_000 {
		t.Errorf("%.0f bit/s at 15 pictures a second, wanted 100,000", got)
	}
}

func TestADecodedPictureStaysUntilTheThirdNextCall(t *testing.T) {
	d := openDecoder(t)
	units := clip(t, 64, 48, 8)
	var shown []*image.YCbCr
	var kept []byte
	for _, u := range units {
		img, err := d.Decode(u)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(shown); n >= 2 && string(shown[n-2].Y) != string(kept[:len(img.Y)]) {
			t.Fatalf("picture %d was overwritten two calls later", n-2)
		}
		if n := len(shown); n >= 1 {
			kept = append(kept[:0], shown[n-1].Y...)
		}
		shown = append(shown, img)
	}
}

func TestSizesMayChangeInAStream(t *testing.T) {
	d := openDecoder(t)
	for _, size := range []image.Point{{640, 360}, {320, 180}, {18, 16}, {1280, 720}, {640, 360}} {
		for n, u := range clip(t, size.X, size.Y, 3) {
			img, err := d.Decode(u)
			if err != nil {
				t.Fatalf("%v, picture %d: %v", size, n, err)
			}
			if img.Rect.Size() != size {
				t.Errorf("the picture is %v, wanted %v", img.Rect.Size(), size)
			}
			if q := psnr(moving(size.X, size.Y, n), img); q < 20 {
				t.Errorf("%v, picture %d: PSNR-Y %.1f dB", size, n, q)
			}
		}
	}
}

func TestWhatCannotBeEncodedIsRefused(t *testing.T) {
	for _, c := range []EncoderConfig{{Width: 641, Height: 360}, {Width: 8, Height: 8}, {Width: 1922, Height: 1080}, {}} {
		if e, err := NewEncoder(c); err == nil {
			t.Errorf("an encoder for %d×%d was opened", c.Width, c.Height)
			_ = e.Close()
		}
	}
	e := openEncoder(t, 64, 48, 100_000)
	short := moving(64, 48, 0)
	short.Cr = short.Cr[:len(short.Cr)-1]
	for name, img := range map[string]*image.YCbCr{
		"of another size":   moving(48, 64, 0),
		"in 4:4:4":          image.NewYCbCr(image.Rect(0, 0, 64, 48), image.YCbCrSubsampleRatio444),
		"with a cut plane":  short,
		"without any plane": {Rect: image.Rect(0, 0, 64, 48), SubsampleRatio: image.YCbCrSubsampleRatio420},
	} {
		if _, err := e.Encode(img, false, 0); err == nil {
			t.Errorf("a picture %s was taken", name)
		}
	}
	if u := encode(t, e, moving(64, 48, 0), false, 0); !u.Key {
		t.Error("the encoder does not go on after a refusal")
	}
}

func TestAPartOfAPictureIsEncodedAsItLooks(t *testing.T) {
	whole := moving(128, 96, 0)
	part := whole.SubImage(image.Rect(32, 16, 96, 64)).(*image.YCbCr)
	e, d := openEncoder(t, 64, 48, 1_000_000), openDecoder(t)
	img, err := d.Decode(encode(t, e, part, false, 0).Data)
	if err != nil {
		t.Fatal(err)
	}
	if q := psnr(copyOf(part), img); q < 28 {
		t.Errorf("PSNR-Y %.1f dB: another part was encoded", q)
	}
}

func copyOf(img *image.YCbCr) *image.YCbCr {
	out := image.NewYCbCr(image.Rectangle{Max: img.Rect.Size()}, img.SubsampleRatio)
	for y := range out.Rect.Dy() {
		copy(out.Y[y*out.YStride:][:out.Rect.Dx()], img.Y[img.YOffset(img.Rect.Min.X, img.Rect.Min.Y+y):])
	}
	return out
}

func TestAfterCloseEverythingSaysSo(t *testing.T) {
	e, d := openEncoder(t, 64, 48, 100_000), openDecoder(t)
	unit := encode(t, e, moving(64, 48, 0), false, 0)
	if err := errors.Join(e.Close(), d.Close()); err != nil {
		t.Fatal(err)
	}
	_, err := e.Encode(moving(64, 48, 0), false, 0)
	_, err2 := d.Decode(unit.Data)
	for _, err := range []error{err, err2, e.SetBitrate(1), e.SetFrameRate(1)} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	}
}

func benchmarkEncode(b *testing.B, w, h, bitrate int) {
	e := openEncoder(b, w, h, bitrate)
	var scene [60]*image.YCbCr
	for n := range scene {
		scene[n] = moving(w, h, n)
	}
	n := 0
	for b.Loop() {
		encode(b, e, scene[n%60], false, n)
		n++
	}
}

func BenchmarkEncode360p(b *testing.B) { benchmarkEncode(b, 640, 360, 650_000) }
func BenchmarkEncode720p(b *testing.B) { benchmarkEncode(b, 1280, 720, 1_500_000) }

func benchmarkDecode(b *testing.B, w, h int) {
	units := clip(b, w, h, 30)
	d := openDecoder(b)
	n := 0
	for b.Loop() {
		if _, err := d.Decode(units[n%30]); err != nil {
			b.Fatal(err)
		}
		n++
	}
}

func BenchmarkDecode360p(b *testing.B) { benchmarkDecode(b, 640, 360) }
func BenchmarkDecode720p(b *testing.B) { benchmarkDecode(b, 1280, 720) }

// BenchmarkDecodeKeyFrames has other parameter sets at each frame, as after losses, so a new decoder each.
func BenchmarkDecodeKeyFrames(b *testing.B) {
	e, d := openEncoder(b, 640, 360, 650_000), openDecoder(b)
	var units [8][]byte
	for n := range units {
		units[n] = encode(b, e, moving(640, 360, n), true, n).Data
	}
	n := 0
	for b.Loop() {
		if _, err := d.Decode(units[n%8]); err != nil {
			b.Fatal(err)
		}
		n++
	}
}
