package media

import (
	"bytes"
	"image"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/media/h264"
)

func TestAPictureHasAsManyLinesAsAreWorthIt(t *testing.T) {
	for _, c := range []struct {
		source image.Point
		height int
		want   image.Point
	}{
		{image.Pt(1280, 720), 0, image.Pt(1280, 720)},
		{image.Pt(1280, 720), 720, image.Pt(1280, 720)},
		{image.Pt(1280, 720), 540, image.Pt(960, 540)},
		{image.Pt(1280, 720), 360, image.Pt(640, 360)},
		{image.Pt(640, 360), 720, image.Pt(640, 360)}, // never up
		{image.Pt(1920, 1080), 720, image.Pt(1280, 720)},
		{image.Pt(1366, 768), 540, image.Pt(960, 540)},
		{image.Pt(1280, 800), 360, image.Pt(576, 360)},
		{image.Pt(960, 720), 540, image.Pt(720, 540)},
		{image.Pt(720, 1280), 360, image.Pt(360, 640)}, // upright
		{image.Pt(854, 480), 361, image.Pt(640, 360)},  // even
		{image.Pt(1280, 720), 1, image.Pt(28, 16)},
		{image.Pt(64, 16), 8, image.Pt(64, 16)},
	} {
		if got := fitted(c.source, c.height); got != c.want {
			t.Errorf("%v with %d lines: %v, wanted %v", c.source, c.height, got, c.want)
		}
	}
}

func TestTapsGiveEachSampleItsWholeArea(t *testing.T) {
	for _, c := range [][2]int{{540, 720}, {960, 1280}, {270, 360}, {576, 640}, {320, 322}, {7, 11}, {2, 3}, {5, 5}, {1, 1}, {180, 359}} {
		taps := newTaps(c[0], c[1])
		whole := make([]float64, c[1]) // how much of each sample of the larger side is somewhere
		for i, first := range taps.first {
			sum := 0
			for k, share := range taps.share[i*taps.most:][:taps.most] {
				sum += int(share)
				whole[int(first)+k] += float64(share) * float64(c[1]) / float64(c[0]) / 256
			}
			if sum != 256 {
				t.Errorf("%v: sample %d has %d of 256", c, i, sum)
			}
		}
		if least, most := slices.Min(whole), slices.Max(whole); least < 0.97 || most > 1.03 {
			t.Errorf("%v: samples count %.3f to %.3f times", c, least, most)
		}
	}
}

// seen is what a receiver of a sender's full size makes of it.
type seen struct {
	sizes []image.Point // one behind the other
	dues  []time.Time
	keys  int
}

// followed sends a source of 30 pictures a second for the time that do takes, and decodes what comes.
func followed(t *testing.T, size image.Point, do func(*VideoSender)) (got seen) {
	t.Helper()
	dec, err := h264.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = dec.Close() }()
	synctest.Test(t, func(t *testing.T) {
		var order videoOrder
		src := &steadySource{interval: time.Second / 30, size: func(int) image.Point { return size }}
		s, err := NewVideoSender(VideoSenderConfig{Source: src, Send: func(e Encoded) {
			e.Data = bytes.Clone(e.Data)
			if v := order.judge(e, len(got.dues) == 0); v != unitNext {
				t.Errorf("picture %d is judged %d", len(got.dues), v)
			}
			img, err := dec.Decode(e.Data)
			if err != nil {
				t.Errorf("picture %d: %v", len(got.dues), err)
				return
			}
			order.shown(e)
			if n := len(got.sizes); n == 0 || got.sizes[n-1] != img.Rect.Size() {
				got.sizes = append(got.sizes, img.Rect.Size())
				if !e.Key {
					t.Error("a size begins without a key frame")
				}
			}
			if e.Key {
				got.keys++
			}
			got.dues = append(got.dues, e.Due)
		}})
		if err != nil {
			t.Fatal(err)
		}
		do(s)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return got
}

// high wishes for the full size with so many lines.
func high(height int) VideoWish {
	return VideoWish{Sizes: [Sizes]SizeWish{{Bitrate: 300_000, MaxLayer: TopLayer, Height: height}}}
}

func TestAnotherHeightBeginsWithAKeyFrameAndWithoutAGap(t *testing.T) {
	got := followed(t, image.Pt(640, 360), func(s *VideoSender) {
		for _, height := range []int{360, 270, 180, 360} {
			s.SetWish(high(height))
			time.Sleep(1500 * time.Millisecond)
		}
	})
	if want := []image.Point{{640, 360}, {480, 270}, {320, 180}, {640, 360}}; !slices.Equal(got.sizes, want) || got.keys != len(want) {
		t.Errorf("the sizes were %v with %d key frames, wanted %v", got.sizes, got.keys, want)
	}
	for i := 1; i < len(got.dues); i++ {
		if gap := got.dues[i].Sub(got.dues[i-1]); gap > 40*time.Millisecond {
			t.Errorf("between the pictures %d and %d are %v", i-1, i, gap)
		}
	}
}

func TestAWishThatFlapsCostsAKeyFrameASecond(t *testing.T) {
	got := followed(t, image.Pt(320, 240), func(s *VideoSender) {
		for n := range 60 {
			s.SetWish(high([]int{240, 120}[n%2]))
			time.Sleep(50 * time.Millisecond)
		}
	})
	if got.keys > 4 {
		t.Errorf("%d key frames in 3 s", got.keys)
	}
}

func TestKeyFramesOnRequestAreBounded(t *testing.T) {
	var k keyFrames
	start := time.Unix(1000, 0)
	var made []time.Duration
	for at := time.Duration(0); at <= 10*time.Second; at += 50 * time.Millisecond {
		if asked := at < 4*time.Second || at == 10*time.Second; asked && k.allow(start.Add(at)) {
			k.made(start.Add(at))
			made = append(made, at)
		}
	}
	want := []time.Duration{0, 300 * time.Millisecond, 600 * time.Millisecond, time.Second, 2 * time.Second, 3 * time.Second, 10 * time.Second}
	if !slices.Equal(made, want) {
		t.Errorf("asked for all the time: key frames at %v, wanted %v", made, want)
	}
}

func TestScalingKeepsWhatTheSizeCanShow(t *testing.T) {
	const w, h = 1280, 720
	wave := func(x, y float64) uint8 { return uint8(128 + 50*math.Sin(x*90) + 50*math.Cos(y*60)) }
	paint := func(w, h int) *image.YCbCr {
		img := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
		for y := range h {
			for x := range w {
				img.Y[y*img.YStride+x] = wave((float64(x)+0.5)/float64(w), (float64(y)+0.5)/float64(h))
			}
		}
		for i := range img.Cb {
			img.Cb[i], img.Cr[i] = 90, 160
		}
		return img
	}
	var s scaler
	source := paint(w, h)
	for _, size := range []image.Point{{960, 540}, {640, 360}, {576, 324}, {320, 180}, {1278, 718}} {
		got := s.shrink(source, size)
		if got == nil || got.Rect.Size() != size {
			t.Fatalf("%v became %v", size, got)
		}
		if q := lumaPSNR(paint(size.X, size.Y), got); q < 38 {
			t.Errorf("%v: PSNR %.1f dB of the same painted in that size", size, q)
		}
		if i := slices.IndexFunc(got.Cb, func(c uint8) bool { return c != 90 }); i >= 0 {
			t.Errorf("%v: one colour has become another, %d", size, got.Cb[i])
		}
	}
	if s.shrink(source, image.Pt(w+2, h)) != nil || s.shrink(source, image.Pt(w, 0)) != nil || s.shrink(source, image.Point{}) != nil {
		t.Error("a picture was made larger, or nothing")
	}
	if n := testing.AllocsPerRun(10, func() { s.shrink(source, image.Pt(960, 540)) }); n > 0 {
		t.Errorf("%v allocations a picture", n)
	}
}

// lumaPSNR compares two pictures of one size, in dB.
func lumaPSNR(a, b *image.YCbCr) float64 {
	sum := 0.0
	size := a.Rect.Size()
	for y := range size.Y {
		for x := range size.X {
			d := float64(a.Y[y*a.YStride+x]) - float64(b.Y[y*b.YStride+x])
			sum += d * d
		}
	}
	return 10 * math.Log10(255*255*float64(size.X*size.Y)/max(sum, 1e-9))
}

func BenchmarkScale720pTo540p(b *testing.B) { benchmarkScale(b, image.Pt(960, 540)) }
func BenchmarkScale720pTo360p(b *testing.B) { benchmarkScale(b, image.Pt(640, 360)) }

func benchmarkScale(b *testing.B, size image.Point) {
	var s scaler
	img := image.NewYCbCr(image.Rect(0, 0, 1280, 720), image.YCbCrSubsampleRatio420)
	b.ReportAllocs()
	for b.Loop() {
		s.shrink(img, size)
	}
}
