package media

import (
	"bytes"
	"image"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/media/h264"
)

func TestTheSmallSizeIsAFractionOfTheFullOne(t *testing.T) {
	for _, c := range []struct {
		full, small image.Point
		ok          bool
	}{
		{image.Pt(640, 360), image.Pt(320, 180), true},
		{image.Pt(1280, 720), image.Pt(320, 180), true},
		{image.Pt(1920, 1080), image.Pt(320, 180), true},
		{image.Pt(960, 540), image.Pt(320, 180), true},
		{image.Pt(1366, 768), image.Pt(320, 180), true},
		{image.Pt(1280, 800), image.Pt(320, 200), true},
		{image.Pt(640, 480), image.Pt(320, 240), true},
		{image.Pt(360, 640), image.Pt(180, 320), true},
		{image.Pt(322, 182), image.Pt(320, 180), true},
		{image.Pt(320, 180), image.Pt(320, 180), false},
		{image.Pt(64, 48), image.Pt(64, 48), false},
		{image.Pt(1920, 32), image.Pt(320, 6), false},
	} {
		if small, ok := SmallSizeOf(c.full); small != c.small || ok != c.ok {
			t.Errorf("of %v: %v %v, wanted %v %v", c.full, small, ok, c.small, c.ok)
		}
	}
}

func TestATileSaysWhichSizeItNeeds(t *testing.T) {
	for _, c := range []struct {
		tile image.Point
		now  Size
		want Size
	}{
		{image.Pt(160, 90), FullSize, SmallSize},
		{image.Pt(320, 180), FullSize, SmallSize},
		{image.Pt(380, 214), FullSize, SmallSize},
		{image.Pt(400, 225), FullSize, FullSize},
		{image.Pt(400, 225), SmallSize, SmallSize}, // no flapping at the edge
		{image.Pt(500, 281), SmallSize, FullSize},
		{image.Pt(180, 320), FullSize, SmallSize},
		{image.Pt(1280, 720), SmallSize, FullSize},
		{image.Pt(0, 0), FullSize, SmallSize},
	} {
		if got := SizeForTile(c.tile, c.now); got != c.want {
			t.Errorf("a tile of %v, size %d so far: %d, wanted %d", c.tile, c.now, got, c.want)
		}
	}
}

func TestASmallPictureLooksLikeTheFullOne(t *testing.T) {
	var h scaler
	for _, full := range []image.Point{{640, 360}, {1280, 720}, {960, 540}, {854, 480}, {322, 182}, {640, 480}, {360, 640}} {
		img := image.NewYCbCr(image.Rect(0, 0, full.X+4, full.Y+4), image.YCbCrSubsampleRatio420)
		for i := range img.Y {
			x, y := i%img.YStride, i/img.YStride
			img.Y[i] = uint8(128 + 60*math.Sin(float64(x)/float64(full.X)*6) + 60*math.Cos(float64(y)/float64(full.Y)*5))
		}
		for i := range img.Cb {
			img.Cb[i], img.Cr[i] = uint8(i%img.CStride*200/full.X), uint8(i/img.CStride*200/full.Y)
		}
		part := img.SubImage(image.Rect(2, 2, full.X+2, full.Y+2)).(*image.YCbCr)
		want, ok := SmallSizeOf(full)
		if !ok {
			t.Fatal(full)
		}
		small := h.shrink(part, want)
		if small == nil || small.Rect.Size() != want {
			t.Fatalf("%v became %v, wanted %v", full, small, want)
		}
		for y := range want.Y {
			for x := range want.X {
				fx, fy := 2+(2*x+1)*full.X/want.X/2, 2+(2*y+1)*full.Y/want.Y/2
				a, b := small.YCbCrAt(x, y), img.YCbCrAt(fx, fy)
				if diff(a.Y, b.Y) > 4 || diff(a.Cb, b.Cb) > 4 || diff(a.Cr, b.Cr) > 4 {
					t.Fatalf("%v: at %d,%d there is %v, in the full picture %v", full, x, y, a, b)
				}
			}
		}
	}
	if h.shrink(&image.YCbCr{Rect: image.Rect(0, 0, 640, 360), SubsampleRatio: image.YCbCrSubsampleRatio420}, image.Pt(320, 180)) != nil {
		t.Error("a picture without planes was shrunk")
	}
}

func diff(a, b uint8) int { return max(int(a)-int(b), int(b)-int(a)) }

// sizesSent runs a sender of real pictures for some seconds and returns what it sent, without the data, after the first second.
func sizesSent(t *testing.T, spec string, wish VideoWish) (sent []Encoded, stats VideoSent) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		src, err := OpenVideo(t.Context(), spec)
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		s, err := NewVideoSender(VideoSenderConfig{Source: src, Send: func(e Encoded) {
			mu.Lock()
			defer mu.Unlock()
			e.Data = make([]byte, len(e.Data))
			sent = append(sent, e)
		}})
		if err != nil {
			t.Fatal(err)
		}
		s.SetWish(wish)
		time.Sleep(3*time.Second + 10*time.Millisecond)
		s.Stats()
		mu.Lock()
		sent = sent[:0]
		mu.Unlock()
		time.Sleep(3 * time.Second)
		stats = s.Stats()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return sent, stats
}

func TestOnlyWhatIsWantedIsSent(t *testing.T) {
	for name, c := range map[string]struct {
		spec string
		wish VideoWish
		fps  [Sizes]float64
	}{
		"the full size":        {"test:384x216@20", VideoWish{Sizes: [Sizes]SizeWish{{Bitrate: 55_000, MaxLayer: 2}, {}}}, [Sizes]float64{20, 0}},
		"both":                 {"test:384x216@20", VideoWish{Sizes: [Sizes]SizeWish{{Bitrate: 55_000, MaxLayer: 2}, {Bitrate: 50_000, MaxLayer: 2}}}, [Sizes]float64{20, 20}},
		"the small size":       {"test:384x216@20", VideoWish{Sizes: [Sizes]SizeWish{{}, {Bitrate: 50_000, MaxLayer: 2}}}, [Sizes]float64{0, 20}},
		"half the rate":        {"test:384x216@20", VideoWish{Sizes: [Sizes]SizeWish{{Bitrate: 50_000, MaxLayer: 1}, {Bitrate: 20_000, MaxLayer: 0}}}, [Sizes]float64{10, 5}},
		"20 of 30 pictures":    {"test:384x216@30", VideoWish{FrameRate: 20, Sizes: [Sizes]SizeWish{{Bitrate: 55_000, MaxLayer: 2}, {}}}, [Sizes]float64{20, 0}},
		"nothing":              {"test:384x216@20", VideoWish{}, [Sizes]float64{}},
		"a source that is one": {"test:320x180@20", VideoWish{Sizes: [Sizes]SizeWish{{Bitrate: 60_000, MaxLayer: 2}, {Bitrate: 50_000, MaxLayer: 2}}}, [Sizes]float64{20, 0}},
		"values out of range":  {"test:384x216@20", VideoWish{FrameRate: -1, Sizes: [Sizes]SizeWish{{Bitrate: -5, MaxLayer: 9}, {Bitrate: 50_000, MaxLayer: 9}}}, [Sizes]float64{0, 20}},
	} {
		t.Run(name, func(t *testing.T) {
			sent, stats := sizesSent(t, c.spec, c.wish)
			var count [Sizes]float64
			var bits [Sizes]float64
			for _, e := range sent {
				count[e.Size]++
				bits[e.Size] += float64(8 * len(e.Data))
				if e.Layer > max(c.wish.Sizes[e.Size].MaxLayer, 0) || e.Needed != (e.Layer < TopLayer) {
					t.Errorf("a picture of layer %d of size %d, needed: %v", e.Layer, e.Size, e.Needed)
				}
			}
			for i := range count {
				if fps := count[i] / 3; math.Abs(fps-c.fps[i]) > 0.6 {
					t.Errorf("size %d: %.1f pictures a second, wanted %.0f", i, fps, c.fps[i])
				}
				want := float64(max(c.wish.Sizes[i].Bitrate, 0))
				if rate := bits[i] / 3; c.fps[i] > 0 && math.Abs(rate-want) > 0.25*want {
					t.Errorf("size %d: %.0f bit/s, wanted %.0f", i, rate, want)
				}
				told := 0.0
				for _, b := range stats.Sizes[i].Bitrates {
					told += b
				}
				if math.Abs(told-bits[i]/3) > 1 || math.Abs(stats.Sizes[i].FPS-count[i]/3) > 0.01 {
					t.Errorf("size %d: told %+v, sent %.0f bit/s", i, stats.Sizes[i], bits[i]/3)
				}
			}
		})
	}
}

func TestKeyFramesAreThoseOfTheSizeThatWasAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := &steadySource{interval: 50 * time.Millisecond, size: func(int) image.Point { return image.Pt(640, 360) }}
		var keys [Sizes][]int
		n := 0
		s, err := NewVideoSender(VideoSenderConfig{Source: src, Send: func(e Encoded) {
			if e.Size == FullSize {
				n++
			}
			if e.Key {
				keys[e.Size] = append(keys[e.Size], n)
				if !bytes.Contains(e.Data, []byte{0, 0, 1, 0x67}) || e.Layer != 0 || !e.Needed {
					t.Errorf("a key frame of size %d without parameter sets, or of an upper layer (%d)", e.Size, e.Layer)
				}
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		full := SizeWish{Bitrate: 300_000, MaxLayer: TopLayer}
		both := VideoWish{Sizes: [Sizes]SizeWish{full, {Bitrate: 90_000, MaxLayer: TopLayer}}}
		for _, do := range []func(){
			func() { s.SetWish(both) }, func() { s.RequestKeyFrame(SmallSize) }, func() { s.RequestKeyFrame(FullSize) },
			func() { s.SetWish(VideoWish{Sizes: [Sizes]SizeWish{full, {}}}) }, func() { s.SetWish(both) }, func() { s.RequestKeyFrame(Sizes) },
		} {
			do()
			time.Sleep(510 * time.Millisecond)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if want := [Sizes][]int{{1, 21}, {1, 11, 41}}; !equalLists(keys, want) {
			t.Errorf("key frames at the pictures %v, wanted %v", keys, want)
		}
	})
}

func equalLists(a, b [Sizes][]int) bool {
	for i := range a {
		if len(a[i]) != len(b[i]) {
			return false
		}
		for j, v := range a[i] {
			if d := v - b[i][j]; d < -1 || d > 1 {
				return false
			}
		}
	}
	return true
}

func TestSharesOfTheLayersAreMeasured(t *testing.T) {
	var s layerShares
	if s.upTo(0) != shareBase || s.upTo(1) != shareMiddle || s.upTo(2) != 1 || s.upTo(-1) != shareBase {
		t.Error("unknown shares are not the usual ones")
	}
	for n := range 400 {
		layer := [...]int{0, 2, 1, 2}[n%4]
		s.add(h264.Unit{Layer: layer, Data: make([]byte, [...]int{5000, 3000, 1000}[layer])})
		s.add(h264.Unit{Key: true, Data: make([]byte, 100_000)})
	}
	if base, middle := s.upTo(0), s.upTo(1); math.Abs(base-0.5) > 0.04 || math.Abs(middle-0.8) > 0.04 {
		t.Errorf("shares of %.2f and %.2f, wanted 0.5 and 0.8", base, middle)
	}
}
