package y4m

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"io"
	"strings"
	"testing"
	"time"
)

// picture makes a picture whose every sample depends on its place and on n.
func picture(w, h, n int) *image.YCbCr {
	img := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	for i := range img.Y {
		img.Y[i] = byte(i*7 + n)
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = byte(i*3+n), byte(i*5-n)
	}
	return img
}

func equal(a, b *image.YCbCr) bool {
	return bytes.Equal(a.Y, b.Y) && bytes.Equal(a.Cb, b.Cb) && bytes.Equal(a.Cr, b.Cr)
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	for _, size := range []image.Point{{64, 36}, {7, 5}, {1, 1}, {640, 360}} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			var file bytes.Buffer
			w, err := NewWriter(&file, Header{size.X, size.Y, 30000, 1001})
			if err != nil {
				t.Fatal(err)
			}
			for n := range 3 {
				if err := w.Write(picture(size.X, size.Y, n)); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			r, err := NewReader(bytes.NewReader(file.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			if want := (Header{size.X, size.Y, 30000, 1001}); r.Header() != want {
				t.Fatalf("header %+v, want %+v", r.Header(), want)
			}
			img := r.Header().NewImage()
			for round := range 2 {
				for n := range 3 {
					if err := r.Read(img); err != nil {
						t.Fatal(round, n, err)
					}
					if !equal(img, picture(size.X, size.Y, n)) {
						t.Fatalf("round %d: picture %d differs", round, n)
					}
				}
				if err := r.Read(img); !errors.Is(err, io.EOF) {
					t.Fatalf("behind the last picture: %v, want EOF", err)
				}
				if err := r.Rewind(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestASubPictureIsWrittenAsItLooks(t *testing.T) {
	var file bytes.Buffer
	whole := picture(32, 16, 0)
	w, err := NewWriter(&file, Header{8, 4, 1, 1})
	if err != nil {
		t.Fatal(err)
	}
	part := whole.SubImage(image.Rect(4, 2, 12, 6)).(*image.YCbCr)
	if err := errors.Join(w.Write(part), w.Flush()); err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(&file)
	if err != nil {
		t.Fatal(err)
	}
	img := r.Header().NewImage()
	if err := r.Read(img); err != nil {
		t.Fatal(err)
	}
	for y := range 4 {
		for x := range 8 {
			if img.YCbCrAt(x, y) != whole.YCbCrAt(x+4, y+2) {
				t.Fatalf("sample %d,%d differs", x, y)
			}
		}
	}
}

func TestHeaders(t *testing.T) {
	for _, c := range []struct {
		line string
		want Header // zero: refused
	}{
		{"YUV4MPEG2 W640 H360 F30:1 Ip A1:1 C420jpeg XYSCSS=420JPEG XCOLORRANGE=LIMITED", Header{640, 360, 30, 1}},
		{"YUV4MPEG2 W640 H360 F25:1 Ip A0:0 C420mpeg2", Header{640, 360, 25, 1}},
		{"YUV4MPEG2 H2 W4  F30000:1001 C420paldv", Header{4, 2, 30000, 1001}},
		{"YUV4MPEG2 W4 H2 F15:1 C420", Header{4, 2, 15, 1}},
		{"YUV4MPEG2 W4 H2 F15:1", Header{4, 2, 15, 1}},
		{"YUV4MPEG2 W4 H2 F15:1 C444", Header{}},
		{"YUV4MPEG2 W4 H2 F15:1 C420p10", Header{}},
		{"YUV4MPEG2 W4 H2 F15:1 It", Header{}},
		{"YUV4MPEG2 W4 H2", Header{}},
		{"YUV4MPEG2 W4 F15:1", Header{}},
		{"YUV4MPEG2 W4 H2 F0:1", Header{}},
		{"YUV4MPEG2 W4 H2 F1:0", Header{}},
		{"YUV4MPEG2 W4 H2 F2000:1", Header{}},
		{"YUV4MPEG2 W4 H2 F1", Header{}},
		{"YUV4MPEG2 W100000 H100000 F30:1", Header{}},
		{"YUV4MPEG2 W-4 H2 F30:1", Header{}},
		{"YUV4MPEG W4 H2 F30:1", Header{}},
		{"RIFF", Header{}},
		{"YUV4MPEG2 W4 H2 F30:1 X" + strings.Repeat("x", MaxHeaderBytes), Header{}},
	} {
		r, err := NewReader(strings.NewReader(c.line + "\n"))
		switch {
		case c.want == (Header{}) && !errors.Is(err, ErrFormat):
			t.Errorf("%.60q was read (%v)", c.line, err)
		case c.want != (Header{}) && err != nil:
			t.Errorf("%.60q: %v", c.line, err)
		case c.want != (Header{}) && r.Header() != c.want:
			t.Errorf("%.60q: %+v, want %+v", c.line, r.Header(), c.want)
		}
	}
}

func TestACutPictureIsAnUnexpectedEnd(t *testing.T) {
	for _, tail := range []string{"FRA", "FRAME\n", "FRAME\nabc"} {
		for name, read := range map[string]func(*Reader) error{
			"Read": func(r *Reader) error { return r.Read(r.Header().NewImage()) },
			"Skip": func(r *Reader) error { return r.Skip() },
		} {
			r, err := NewReader(strings.NewReader("YUV4MPEG2 W4 H2 F1:1\n" + tail))
			if err != nil {
				t.Fatal(err)
			}
			if err := read(r); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s after %q: %v, want an unexpected end", name, tail, err)
			}
		}
	}
}

func TestFrameTimesDoNotDrift(t *testing.T) {
	h := Header{RateNum: 30000, RateDen: 1001}
	if got, want := h.FrameTime(30000*3600), 1001*3600*time.Second; got != want {
		t.Errorf("picture 30000·3600 of 29.97 a second is due at %v, want %v", got, want)
	}
	if got, want := (Header{RateNum: 30, RateDen: 1}).FrameTime(1), time.Second/30; got != want {
		t.Errorf("picture 1 of 30 a second is due at %v, want %v", got, want)
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("YUV4MPEG2 W4 H2 F30:1 C420jpeg\nFRAME\n12345678abcd"))
	f.Add([]byte("YUV4MPEG2 W1 H1 F30000:1001\nFRAME Ip\n123FRAME\n123"))
	f.Add([]byte("YUV4MPEG2 W9999 H9999 F1:1\nFRAME\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := NewReader(bytes.NewReader(data))
		if err != nil {
			return
		}
		h := r.Header()
		if h.Width > MaxWidth || h.Height > MaxHeight || h.Rate() > MaxFrameRate {
			t.Fatalf("a header beyond the limits: %+v", h)
		}
		if h.FrameBytes() > int64(len(data)) {
			return // a picture cannot follow
		}
		img := h.NewImage()
		for range 4 {
			if r.Read(img) != nil {
				return
			}
		}
	})
}
