package measure

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

var small = Format{Width: 320, Height: 40, RateNum: 30, RateDen: 1}

// scene is a picture of changing stripes that carries the number n.
func scene(n int) []byte {
	frame := make([]byte, small.FrameSize())
	for i := range frame {
		frame[i] = byte(64 + (i+7*n)%97)
	}
	PutNumber(small, frame, n)
	return frame
}

// file is a Y4M file of these pictures.
func file(frames ...[]byte) []byte {
	var b bytes.Buffer
	b.WriteString(small.Header())
	for _, f := range frames {
		b.WriteString("FRAME\n")
		b.Write(f)
	}
	return b.Bytes()
}

// noisy changes every byte by up to ±amount.
func noisy(frame []byte, amount int) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	out := make([]byte, len(frame))
	for i, v := range frame {
		out[i] = byte(min(255, max(0, int(v)+random.IntN(2*amount+1)-amount)))
	}
	return out
}

func sentClip(t *testing.T, frames int) *Clip {
	t.Helper()
	all := make([][]byte, frames)
	for n := range all {
		all[n] = scene(n)
	}
	data := file(all...)
	clip, err := NewClip(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if clip.Frames != frames {
		t.Fatalf("the clip has %d frames, want %d", clip.Frames, frames)
	}
	return clip
}

func TestANumberIsReadAsItWasDrawn(t *testing.T) {
	for n := 0; n <= MaxNumber; n += 13 { // MaxNumber is one of them
		frame := make([]byte, small.FrameSize())
		PutNumber(small, frame, n)
		if got, ok := Number(small, noisy(frame, 50)); !ok || got != n {
			t.Fatalf("%d was drawn, %d read (certain: %v)", n, got, ok)
		}
	}
}

func TestNoNumberIsReadWhereNoneIs(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for name, fill := range map[string]func() byte{
		"black":     func() byte { return black },
		"white":     func() byte { return white },
		"grey":      func() byte { return 128 },
		"any noise": func() byte { return byte(random.Uint32()) },
	} {
		frame := make([]byte, small.FrameSize())
		for i := range frame {
			frame[i] = fill()
		}
		if n, ok := Number(small, frame); ok {
			t.Errorf("%s reads as number %d", name, n)
		}
	}
	tiny := Format{Width: 160, Height: 90}
	if _, ok := Number(tiny, make([]byte, tiny.FrameSize())); ok {
		t.Error("a picture that is too small for a number reads as one")
	}
}

func TestABlockReadWrongIsNoticed(t *testing.T) {
	frame := scene(1234)
	for y := range blockSide {
		for x := 3 * blockSide; x < 4*blockSide; x++ {
			v := &frame[y*small.Width+x]
			*v = white + black - *v
		}
	}
	if n, ok := Number(small, frame); ok {
		t.Errorf("a turned block reads as number %d", n)
	}
}

func TestComparePictures(t *testing.T) {
	const sent = 10
	other := func(n, as int) []byte { // the picture n under another number
		frame := scene(n + 40)
		PutNumber(small, frame, as)
		return frame
	}
	for _, c := range []struct {
		name     string
		received [][]byte
		want     Pictures
		psnrFrom float64
		psnrTo   float64
	}{
		{"all as sent", [][]byte{scene(0), scene(1), scene(2)}, Pictures{Received: 3, Distinct: 3, First: 0, Last: 2}, 100, 100},
		{"slightly coded", [][]byte{noisy(scene(4), 4), noisy(scene(5), 4)}, Pictures{Received: 2, Distinct: 2, First: 4, Last: 5}, 38, 45},
		{"badly coded", [][]byte{noisy(scene(4), 30)}, Pictures{Received: 1, Distinct: 1, First: 4, Last: 4}, 15, 26},
		{"another picture under the number", [][]byte{other(3, 3)}, Pictures{Received: 1, Distinct: 1, First: 3, Last: 3}, 5, 25},
		{"the same again and again", [][]byte{scene(1), scene(1), scene(1)}, Pictures{Received: 3, Distinct: 1, First: 1, Last: 1}, 100, 100},
		{"out of order", [][]byte{scene(1), scene(3), scene(2), scene(4)}, Pictures{Received: 4, Distinct: 4, Backwards: 1, First: 1, Last: 4}, 100, 100},
		{"a number never sent", [][]byte{scene(11), scene(0)}, Pictures{Received: 2, Unreadable: 1, Distinct: 1}, 100, 100},
		{"grey", [][]byte{bytes.Repeat([]byte{128}, small.FrameSize())}, Pictures{Received: 1, Unreadable: 1}, 0, 0},
		{"nothing", nil, Pictures{}, 0, 0},
	} {
		got, err := ComparePictures(sentClip(t, sent), bytes.NewReader(file(c.received...)))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if len(got.PSNR) != got.Distinct {
			t.Errorf("%s: %d distinct pictures, but PSNR of %d", c.name, got.Distinct, len(got.PSNR))
		}
		if got.Distinct > 0 {
			if m := Median(got.PSNR); m < c.psnrFrom || m > c.psnrTo {
				t.Errorf("%s: median PSNR %.1f dB, want %.0f to %.0f", c.name, m, c.psnrFrom, c.psnrTo)
			}
		}
		got.PSNR = nil
		if got.Received != c.want.Received || got.Unreadable != c.want.Unreadable || got.Distinct != c.want.Distinct ||
			got.Backwards != c.want.Backwards || got.First != c.want.First || got.Last != c.want.Last {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestABrokenPictureFileIsAnError(t *testing.T) {
	whole := file(scene(0), scene(1))
	otherSize := []byte("YUV4MPEG2 W640 H360 F30:1 C420\n")
	for name, data := range map[string][]byte{
		"empty":        nil,
		"no Y4M":       []byte("RIFF....WAVE\n"),
		"cut off":      whole[:len(whole)-10],
		"other size":   otherSize,
		"10 bits":      []byte("YUV4MPEG2 W320 H40 F30:1 C420p10\n"),
		"full colour":  []byte("YUV4MPEG2 W320 H40 F30:1 C444\n"),
		"no size":      []byte("YUV4MPEG2 F30:1\n"),
		"huge":         []byte("YUV4MPEG2 W999999 H999999\n"),
		"no number":    []byte("YUV4MPEG2 Wx H40\n"),
		"not a frame":  append([]byte(small.Header()), "FRAMX\n"...),
		"endless line": []byte("YUV4MPEG2 " + strings.Repeat("x", 1000)),
	} {
		if p, err := ComparePictures(sentClip(t, 3), bytes.NewReader(data)); err == nil {
			t.Errorf("%s: %+v and no error", name, p)
		}
	}
	if _, err := ComparePictures(sentClip(t, 3), bytes.NewReader(whole)); err != nil {
		t.Errorf("the whole file: %v", err)
	}
}

func TestAFrameOutsideTheClipIsAnError(t *testing.T) {
	clip, frame := sentClip(t, 3), make([]byte, small.FrameSize())
	for _, n := range []int{-1, 3, 1000} {
		if clip.Frame(n, frame) == nil {
			t.Errorf("frame %d of 3 was read", n)
		}
	}
	if err := clip.Frame(2, frame); err != nil || !bytes.Equal(frame, scene(2)) {
		t.Errorf("frame 2 is not what was written (%v)", err)
	}
}

func FuzzComparePictures(f *testing.F) {
	f.Add(file(scene(0), scene(2)))
	f.Add([]byte(small.Header() + "FRAME Ixyz\n"))
	sent := file(scene(0), scene(1), scene(2))
	f.Fuzz(func(t *testing.T, data []byte) {
		clip, err := NewClip(bytes.NewReader(sent), int64(len(sent)))
		if err != nil {
			t.Fatal(err)
		}
		p, _ := ComparePictures(clip, bytes.NewReader(data))
		if p.Distinct > p.Received || len(p.PSNR) != p.Distinct {
			t.Errorf("%+v makes no sense", p)
		}
	})
}
