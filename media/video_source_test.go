package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/media/y4m"
)

// grey is a picture all of whose samples are v.
func grey(w, h int, v uint8) *image.YCbCr {
	img := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	for i := range img.Y {
		img.Y[i] = v
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = 128, 128
	}
	return img
}

// writeClip writes a clip of grey pictures 1, 2, 3 … and some bytes behind them.
func writeClip(t *testing.T, w, h, pictures, rate int, behind string) string {
	t.Helper()
	var file bytes.Buffer
	out, err := y4m.NewWriter(&file, y4m.Header{Width: w, Height: h, RateNum: rate, RateDen: 1})
	if err != nil {
		t.Fatal(err)
	}
	for n := range pictures {
		if err := out.Write(grey(w, h, uint8(n+1))); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	file.WriteString(behind)
	path := filepath.Join(t.TempDir(), "clip.y4m")
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func openVideo(t *testing.T, spec string) VideoSource {
	t.Helper()
	s, err := OpenVideo(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestAClipLoopsInRealTimeWithoutDrift(t *testing.T) {
	for _, behind := range []string{"", "FRAME\ncut"} {
		path := writeClip(t, 32, 16, 3, 30, behind)
		synctest.Test(t, func(t *testing.T) {
			s := openVideo(t, "file:"+path)
			start := time.Now()
			for n := range 100 {
				f, err := s.Read(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if want := start.Add(time.Duration(n) * time.Second / 30); f.Due.Sub(want).Abs() > time.Microsecond || time.Since(f.Due).Abs() > time.Microsecond {
					t.Fatalf("picture %d is due at %v and came at %v, wanted %v", n, f.Due.Sub(start), time.Since(start), want.Sub(start))
				}
				if got, want := f.Image.Y[0], uint8(n%3+1); got != want {
					t.Fatalf("picture %d is the clip's %d, wanted %d", n, got, want)
				}
			}
		})
	}
}

func TestALateReaderGetsTheNewestPictureOfAClip(t *testing.T) {
	path := writeClip(t, 32, 16, 7, 10, "")
	synctest.Test(t, func(t *testing.T) {
		s := openVideo(t, "file:"+path)
		read := func() VideoFrame {
			f, err := s.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		start := read().Due
		time.Sleep(1250 * time.Millisecond)
		f := read()
		if got := f.Due.Sub(start); got != 1200*time.Millisecond || f.Image.Y[0] != 12%7+1 {
			t.Errorf("at 1.25 s came the picture of %v, number %d; wanted 1.2 s, number 6", got, f.Image.Y[0])
		}
		if f = read(); f.Due.Sub(start) != 1300*time.Millisecond {
			t.Errorf("then came the picture of %v, wanted 1.3 s", f.Due.Sub(start))
		}
		time.Sleep(time.Hour) // the machine slept: no reading through an hour's pictures
		if f = read(); f.Image.Y[0] != 14%7+1 || time.Since(f.Due) != 0 {
			t.Errorf("after an hour came number %d, %v late; wanted the next one, number 1, now", f.Image.Y[0], time.Since(f.Due))
		}
	})
}

func TestAClipWithoutAWholePictureFails(t *testing.T) {
	s := openVideo(t, "file:"+writeClip(t, 32, 16, 0, 30, "FRAME\nabc"))
	if f, err := s.Read(t.Context()); err == nil {
		t.Errorf("came a picture of %v", f.Image.Rect)
	}
}

func TestTheTestPictureKeepsItsRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openVideo(t, "test:64x36@12.5")
		start := time.Now()
		var last []byte
		for n := range 50 {
			f, err := s.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if want := time.Duration(n) * 80 * time.Millisecond; (time.Since(start)-want).Abs() > time.Microsecond || f.Due.Sub(start.Add(want)).Abs() > time.Microsecond {
				t.Fatalf("picture %d came at %v, due at %v, wanted %v", n, time.Since(start), f.Due.Sub(start), want)
			}
			if f.Image.Rect.Size() != image.Pt(64, 36) {
				t.Fatalf("the picture is %v", f.Image.Rect)
			}
			if bytes.Equal(last, f.Image.Y) {
				t.Errorf("picture %d is the same as the one before", n)
			}
			last = f.Image.Y
		}
	})
}

func TestWaitingForAPictureCanBeCancelled(t *testing.T) {
	for _, spec := range []string{"test:64x36@1", "file:" + writeClip(t, 32, 16, 3, 1, "")} {
		synctest.Test(t, func(t *testing.T) {
			s := openVideo(t, spec)
			ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
			defer cancel()
			for n := 0; ; n++ {
				_, err := s.Read(ctx)
				if err == nil && n < 2 {
					continue
				}
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s, read %d: %v", spec, n, err)
				}
				break
			}
		})
	}
}

func TestVideoSpecs(t *testing.T) {
	clip := writeClip(t, 32, 16, 1, 30, "")
	for spec, say := range map[string]string{ // empty: fine
		"none":                "",
		"default":             "",
		"screen":              "",
		"device:video0":       "",
		"device:a:b":          "",
		"test":                "",
		"test:1280x720":       "",
		"test:320x180@15":     "",
		"test:@7.5":           "",
		"file:" + clip:        "",
		"":                    "unknown",
		"camera":              "unknown",
		"none:1":              "nothing may follow",
		"screen:1":            "nothing may follow",
		"device":              "ID is missing",
		"device:":             "ID is missing",
		"test:":               "WxH@FPS",
		"test:640":            "WxH@FPS",
		"test:640x":           "WxH@FPS",
		"test:640x360@":       "WxH@FPS",
		"test:640x360@NaN":    "WxH@FPS",
		"test:641x360":        "even",
		"test:6400x3600":      "even",
		"test:-64x36":         "even",
		"test:640x360@0":      "frame rate",
		"test:640x360@1000":   "frame rate",
		"file:":               "name is missing",
		"file:/no/such/clip":  "no such file",
		"file:" + t.TempDir(): "folder",
	} {
		err := CheckVideoSpec(spec)
		switch {
		case say == "" && err != nil:
			t.Errorf("%q: %v", spec, err)
		case say != "" && (err == nil || !strings.Contains(err.Error(), say)):
			t.Errorf("%q: %v, wanted something about %q", spec, err, say)
		}
		if say != "" {
			if s, err := OpenVideo(t.Context(), spec); err == nil {
				t.Errorf("%q was opened", spec)
				_ = s.Close()
			}
		}
	}
	if s, err := OpenVideo(t.Context(), "none"); s != nil || err != nil {
		t.Errorf("none: %v, %v", s, err)
	}
}

func TestClipsThatCannotBeSentAreRefused(t *testing.T) {
	for _, size := range []image.Point{{2000, 100}, {100, 1100}, {8, 8}} {
		if s, err := OpenVideo(t.Context(), "file:"+writeClip(t, size.X, size.Y, 1, 30, "")); err == nil {
			t.Errorf("a clip of %v was opened", size)
			_ = s.Close()
		}
	}
	garbage := filepath.Join(t.TempDir(), "x.y4m")
	if err := os.WriteFile(garbage, []byte("RIFF…"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenVideo(t.Context(), "file:"+garbage); !errors.Is(err, y4m.ErrFormat) {
		t.Errorf("garbage: %v", err)
	}
}

func TestOddPicturesAreCroppedToEven(t *testing.T) {
	for _, c := range []struct{ in, want image.Point }{{image.Pt(5, 7), image.Pt(4, 6)}, {image.Pt(4, 7), image.Pt(4, 6)}, {image.Pt(4, 6), image.Pt(4, 6)}} {
		if got := evenCrop(grey(c.in.X, c.in.Y, 1)).Rect.Size(); got != c.want {
			t.Errorf("%v became %v", c.in, got)
		}
	}
}

func TestTheTestPictureShowsItsNumber(t *testing.T) {
	p := newPatternSource(640, 360, 30)
	a, b := p.draw(123), p.draw(123)
	if !bytes.Equal(a.Y, b.Y) || !bytes.Equal(a.Cb, b.Cb) || !bytes.Equal(a.Cr, b.Cr) {
		t.Error("the same number gives two pictures")
	}
	// The last digit's dots, three pixels each, begin behind two dots of margin and five digits.
	read := func(img *image.YCbCr) (rows [7]uint8) {
		left, top := 20+3*(2+6*5), 44+3*2
		for row := range rows {
			for col := range 5 {
				if img.Y[img.YOffset(left+3*col+1, top+3*row+1)] > 128 {
					rows[row] |= 16 >> col
				}
			}
		}
		return rows
	}
	for n := range int64(10) {
		if got := read(p.draw(120 + n)); got != digits[n] {
			t.Errorf("picture %d shows %v as its last digit, wanted %v", 120+n, got, digits[n])
		}
	}
}

func TestTheTestPictureFitsAnySize(t *testing.T) {
	for _, size := range []image.Point{{16, 16}, {1920, 16}, {16, 1088}, {18, 500}, {176, 144}} {
		p := newPatternSource(size.X, size.Y, 30)
		for _, n := range []int64{0, 1, 359, 100_000, 99_999_999} {
			if got := p.draw(n).Rect.Size(); got != size {
				t.Errorf("%v became %v", size, got)
			}
		}
	}
}

func BenchmarkTestPicture(b *testing.B) {
	for _, size := range []image.Point{{640, 360}, {1280, 720}} {
		b.Run(fmt.Sprintf("%dx%d", size.X, size.Y), func(b *testing.B) {
			p := newPatternSource(size.X, size.Y, 30)
			n := int64(0)
			for b.Loop() {
				p.draw(n)
				n++
			}
		})
	}
}
