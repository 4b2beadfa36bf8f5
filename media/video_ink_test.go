package media

import (
	"image"
	"testing"
	"time"
)

// stripes is a picture with as much ink everywhere, in another one's memory, so that its rectangle does not begin at 0.
func stripes(w, h int) *image.YCbCr {
	whole := image.NewYCbCr(image.Rect(0, 0, w+10, h+6), image.YCbCrSubsampleRatio420)
	for i := range whole.Y {
		whole.Y[i] = uint8(i % whole.YStride % 2 * 200)
	}
	return whole.SubImage(image.Rect(4, 2, w+4, h+2)).(*image.YCbCr)
}

func TestTheInkOfWhatHasChanged(t *testing.T) {
	var m inkMap
	img := stripes(70, 40) // the last column and line of blocks are not whole
	first := m.compare(img, false)
	if first[inkChanged] == 0 {
		t.Fatal("all of the first picture has changed")
	}
	m.coded(40)
	if got := m.compare(img, false); got != (inkSums{40: first[inkChanged]}) {
		t.Errorf("the same picture: %v, wanted all in class 40", got)
	}
	m.coded(44)
	if got := m.compare(img, false); got[40] != first[inkChanged] {
		t.Errorf("a coarser coding made it coarser: %v", got)
	}
	img.Y[img.YOffset(4+69, 2+39)] ^= 1 // the last sample
	got := m.compare(img, false)
	if got[inkChanged] == 0 || got[40] == 0 || got[inkChanged] > first[inkChanged]/10 {
		t.Errorf("one sample has changed: %v", got)
	}
	m.coded(30)
	if got := m.compare(img, false); got[30] == 0 || got[inkChanged] != 0 {
		t.Errorf("after a finer coding: %v, wanted all in class 30", got)
	}
	if got := m.compare(img, true); got[30] != 0 || got[inkChanged] == 0 {
		t.Errorf("a key frame: %v, wanted all as changed", got)
	}
	if got := m.compare(stripes(64, 48), false); got[inkChanged] == 0 {
		t.Errorf("another size: %v", got)
	}
}

func TestOnlyWhatCanBeSeenIsEncodedAgain(t *testing.T) {
	img := stripes(640, 360)
	at := time.Unix(1000, 0)
	var s sharpener
	last := textCoarsest + 1
	for steps := 0; ; steps++ {
		q := s.choose(img, false, at, 300_000)
		if s.rests {
			break
		}
		if q >= last || q < textFinest || steps > 10 {
			t.Fatalf("step %d: quantizer %d after %d", steps, q, last)
		}
		s.encoded(int(s.expected/8), at)
		last = q
		at = at.Add(textTyping)
		s.shown = at
	}
	if last > textSharp {
		t.Errorf("it stays at %d", last)
	}
	// Somebody types: that is not made wait by what becomes finer.
	img.Y[img.YOffset(300, 100)] ^= 255
	if q := s.choose(img, false, at, 300_000); q < last-textLeastStep || q > textSharp {
		t.Errorf("a letter comes with quantizer %d where the page has %d", q, last)
	}
}

// A page comes as quickly as it can be sharp, or else as it can be read without effort, or else as it can be read.
func TestHowLongANewPageTakes(t *testing.T) {
	img := stripes(640, 360)
	var whole sharpener
	whole.choose(img, false, time.Unix(1000, 0), 1_000_000)
	for _, c := range []struct {
		about    string
		bitrate  float64 // that passes it in textFluent with quantizer 36, by this factor
		finest   int
		coarsest int
	}{
		{"many bits", 3, textFinest, textSharp - 1},
		{"enough bits", 0.5, textSharp, textSharp},
		{"few bits", 0.15, textSharp, textLegible},
		{"fewer bits", 0.09, textLegible, textLegible},
		{"hardly any", 0.03, textCoarsest, textCoarsest},
	} {
		var s sharpener
		bitrate := c.bitrate * whole.bits(textSharp) / textFluent.Seconds()
		if q := s.choose(img, false, time.Unix(1000, 0), int(bitrate)); q < c.finest || q > c.coarsest {
			t.Errorf("%s: quantizer %d, wanted %d to %d", c.about, q, c.finest, c.coarsest)
		}
	}
}
