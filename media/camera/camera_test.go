package camera

import (
	"context"
	"errors"
	"image"
	"image/color"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/mediadevices/pkg/driver"
	"github.com/pion/mediadevices/pkg/frame"
	"github.com/pion/mediadevices/pkg/io/video"
	"github.com/pion/mediadevices/pkg/prop"
	"go.uber.org/goleak"

	"sundog.dev/sundog/media/spare"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// steady is a driver's reader: a picture each interval, always in the same memory, all of it the number of the picture.
func steady(interval time.Duration, img *image.RGBA, calls *atomic.Int64) video.Reader {
	return video.ReaderFunc(func() (image.Image, func(), error) {
		time.Sleep(interval)
		n := calls.Add(1)
		for i := range img.Pix {
			img.Pix[i] = uint8(10 * n)
		}
		return img, func() {}, nil
	})
}

func runSteady(interval time.Duration) (*Source, *atomic.Int64, *atomic.Bool) {
	calls, closed := new(atomic.Int64), new(atomic.Bool)
	c := converter{maxWidth: 1280, maxHeight: 720}
	s := run(steady(interval, image.NewRGBA(image.Rect(0, 0, 8, 8)), calls), func() error { closed.Store(true); return nil }, c.convert, 30, c.spare)
	return s, calls, closed
}

func TestPicturesAreCopiedAndTheNewestIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _, closed := runSteady(33 * time.Millisecond)
		first, err := s.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		kept := first.Image.Y[0]
		time.Sleep(500 * time.Millisecond)
		second, err := s.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if first.Image.Y[0] != kept {
			t.Error("the picture changed after it was read")
		}
		if age := time.Since(second.At); age > 33*time.Millisecond {
			t.Errorf("a picture %v old was read", age)
		}
		if err := errors.Join(s.Close(), s.Close()); err != nil || !closed.Load() {
			t.Errorf("%v, driver closed: %v", err, closed.Load())
		}
	})
}

func TestPicturesThatNobodyReadsAreNotThrownAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := converter{maxWidth: 99, maxHeight: 99, spare: spare.New()}
		made := map[*image.YCbCr]bool{}
		var calls atomic.Int64
		s := run(steady(33*time.Millisecond, image.NewRGBA(image.Rect(0, 0, 8, 8)), &calls), func() error { return nil }, func(src image.Image) (*image.YCbCr, error) {
			img, err := c.convert(src)
			made[img] = true
			return img, err
		}, 30, c.spare)
		for range 10 {
			time.Sleep(time.Second) // of 30 pictures one is read
			p, err := s.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			s.Recycle(p.Image)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if len(made) > spare.Most {
			t.Errorf("%d pictures in memory of %d, wanted %d", len(made), calls.Load(), spare.Most)
		}
	})
}

func TestADriverWithoutPaceIsSlowedDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, calls, _ := runSteady(0)
		time.Sleep(time.Second)
		if n := calls.Load(); n < 30 || n > 45 {
			t.Errorf("%d pictures in a second", n)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestAFailingDriverEndsTheSource(t *testing.T) {
	unplugged := errors.New("unplugged")
	for name, read := range map[string]video.ReaderFunc{
		"errors":            func() (image.Image, func(), error) { return nil, nil, unplugged },
		"panics":            func() (image.Image, func(), error) { panic(unplugged) },
		"an unusable image": func() (image.Image, func(), error) { return image.NewGray16(image.Rect(0, 0, 8, 8)), func() {}, nil },
	} {
		synctest.Test(t, func(t *testing.T) {
			closed := false
			s := run(read, func() error { closed = true; return nil }, converter{maxWidth: 99, maxHeight: 99}.convert, 30, nil)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if _, err := s.Read(ctx); err == nil || errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v", name, err)
			}
			if !closed {
				t.Errorf("%s: the driver was not closed", name)
			}
			if err := s.Close(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

func TestOneBadPictureIsNotTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		s := run(video.ReaderFunc(func() (image.Image, func(), error) {
			if n++; n%3 != 0 {
				return nil, nil, io.ErrUnexpectedEOF
			}
			return image.NewRGBA(image.Rect(0, 0, 8, 8)), func() {}, nil
		}), func() error { return nil }, converter{maxWidth: 99, maxHeight: 99}.convert, 30, nil)
		for range 5 {
			if _, err := s.Read(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestAHangingDriverDoesNotHoldClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang, closed := make(chan struct{}), make(chan struct{})
		s := run(video.ReaderFunc(func() (image.Image, func(), error) {
			<-hang
			return nil, nil, io.EOF
		}), func() error { close(closed); return nil }, converter{}.convert, 30, nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.Read(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("reading: %v", err)
		}
		if err := s.Close(); !errors.Is(err, ErrStuck) {
			t.Errorf("closing: %v", err)
		}
		close(hang)
		<-closed // the driver is closed after all
	})
}

func mode(w, h int, rate float32, f frame.Format) prop.Media {
	return prop.Media{Video: prop.Video{Width: w, Height: h, FrameRate: rate, FrameFormat: f}}
}

func TestTheModeNearestToACallsIsChosen(t *testing.T) {
	for name, c := range map[string]struct {
		modes []prop.Media
		want  int // index; -1: none
	}{
		"640×360 when there":            {[]prop.Media{mode(1920, 1080, 30, "YUYV"), mode(640, 480, 30, "YUYV"), mode(640, 360, 30, "YUYV"), mode(320, 240, 30, "YUYV")}, 2},
		"640×480 otherwise":             {[]prop.Media{mode(1920, 1080, 30, "YUYV"), mode(640, 480, 30, "YUYV"), mode(320, 240, 30, "YUYV")}, 1},
		"raw before JPEG":               {[]prop.Media{mode(640, 480, 30, frame.FormatMJPEG), mode(640, 480, 30, "YUYV")}, 1},
		"JPEG before 10 a second":       {[]prop.Media{mode(640, 480, 10, "YUYV"), mode(640, 480, 30, frame.FormatMJPEG)}, 1},
		"30 before 60":                  {[]prop.Media{mode(640, 480, 60, "YUYV"), mode(640, 480, 30, "YUYV")}, 1},
		"a rate that is not told":       {[]prop.Media{mode(640, 480, 5, "YUYV"), mode(640, 480, 0, "YUYV")}, 1},
		"720p before 160×120":           {[]prop.Media{mode(160, 120, 30, "YUYV"), mode(1280, 720, 30, "YUYV")}, 1},
		"no depth camera, nothing huge": {[]prop.Media{mode(640, 480, 30, frame.FormatZ16), mode(3840, 2160, 30, "YUYV"), mode(0, 0, 30, "YUYV")}, -1},
		"nothing":                       {nil, -1},
	} {
		got, ok := choose(c.modes, false)
		switch {
		case ok != (c.want >= 0):
			t.Errorf("%s: chose something: %v", name, ok)
		case ok && got != c.modes[c.want]:
			t.Errorf("%s: chose %d×%d %v at %v", name, got.Width, got.Height, got.FrameFormat, got.FrameRate)
		}
	}
}

func TestScreensAreScaledToFit(t *testing.T) {
	c := converter{maxWidth: screenWidth, maxHeight: screenHeight}
	for _, x := range []struct{ in, want image.Point }{
		{image.Pt(1920, 1080), image.Pt(1280, 720)},
		{image.Pt(1280, 720), image.Pt(1280, 720)},
		{image.Pt(1366, 768), image.Pt(1280, 718)},
		{image.Pt(1080, 1920), image.Pt(404, 720)},
		{image.Pt(801, 601), image.Pt(800, 600)},
		{image.Pt(3840, 1080), image.Pt(1280, 360)},
		{image.Pt(5000, 2), image.Pt(1280, 2)},
	} {
		src := image.NewRGBA(image.Rectangle{Max: x.in})
		for i := 0; i < len(src.Pix); i += 4 {
			src.Pix[i], src.Pix[i+1], src.Pix[i+2], src.Pix[i+3] = 255, 0, 0, 255
		}
		got, err := c.convert(src)
		if err != nil {
			t.Fatal(err)
		}
		if got.Rect.Size() != x.want {
			t.Errorf("%v became %v, wanted %v", x.in, got.Rect.Size(), x.want)
		}
		for i, y := range got.Y {
			if y < 80 || y > 83 {
				t.Fatalf("%v: luma %d of red is %d", x.in, i, y)
			}
		}
		for i := range got.Cb {
			if got.Cb[i] < 89 || got.Cb[i] > 91 || got.Cr[i] < 239 || got.Cr[i] > 241 {
				t.Fatalf("%v: chroma %d of red is %d, %d", x.in, i, got.Cb[i], got.Cr[i])
			}
		}
	}
}

func TestScalingKeepsBrightness(t *testing.T) {
	src := image.NewRGBA(image.Rect(0, 0, 1920, 1080))
	for y := range 1080 {
		for x := range 1920 {
			v := uint8(255 * ((x + y) % 2))
			src.SetRGBA(x, y, color.RGBA{v, v, v, 255})
		}
	}
	got, err := converter{maxWidth: 1280, maxHeight: 720}.convert(src)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, y := range got.Y {
		sum += int(y)
	}
	if mean := sum / len(got.Y); mean < 123 || mean > 128 {
		t.Errorf("a fine checkerboard's mean luma is %d, wanted 125", mean)
	}
}

func TestEveryChromaShapeBecomes420(t *testing.T) {
	for _, ratio := range []image.YCbCrSubsampleRatio{image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio444} {
		src := image.NewYCbCr(image.Rect(0, 0, 17, 9), ratio)
		for i := range src.Y {
			src.Y[i] = uint8(i)
		}
		for y := range 9 {
			for x := range 17 {
				o := src.COffset(x, y)
				src.Cb[o], src.Cr[o] = uint8(40+x/2*2), uint8(60+y/2*2)
			}
		}
		got, err := converter{maxWidth: 99, maxHeight: 99}.convert(src)
		if err != nil {
			t.Fatal(err)
		}
		if got.SubsampleRatio != image.YCbCrSubsampleRatio420 || got.Rect != image.Rect(0, 0, 16, 8) {
			t.Fatalf("%v became %v %v", ratio, got.Rect, got.SubsampleRatio)
		}
		for y := range 8 {
			for x := range 16 {
				if a, b := got.YCbCrAt(x, y), (color.YCbCr{Y: uint8(y*17 + x), Cb: uint8(40 + x/2*2), Cr: uint8(60 + y/2*2)}); a != b {
					t.Fatalf("%v: at %d,%d is %v, wanted %v", ratio, x, y, a, b)
				}
			}
		}
	}
}

func TestFullRangeIsNarrowed(t *testing.T) {
	src := image.NewYCbCr(image.Rect(0, 0, 4, 2), image.YCbCrSubsampleRatio422)
	copy(src.Y, []uint8{0, 255, 128, 64})
	for i := range src.Cb {
		src.Cb[i], src.Cr[i] = 0, 255
	}
	got, err := converter{fullRange: true, maxWidth: 99, maxHeight: 99}.convert(src)
	if err != nil {
		t.Fatal(err)
	}
	if got.Y[0] != 16 || got.Y[1] != 235 || got.Y[2] != 126 || got.Y[3] != 71 || got.Cb[0] != 16 || got.Cr[0] != 240 {
		t.Errorf("%v %v %v", got.Y[:4], got.Cb, got.Cr)
	}
}

func TestPicturesThatCannotBeUsedAreErrors(t *testing.T) {
	c := converter{maxWidth: 99, maxHeight: 99}
	for name, img := range map[string]image.Image{
		"too large": image.NewYCbCr(image.Rect(0, 0, 200, 20), image.YCbCrSubsampleRatio420), "4:1:0": image.NewYCbCr(image.Rect(0, 0, 20, 20), image.YCbCrSubsampleRatio410),
		"empty": image.NewRGBA(image.Rectangle{}), "cut": &image.RGBA{Pix: make([]byte, 9), Stride: 32, Rect: image.Rect(0, 0, 8, 8)}, "depth": image.NewGray16(image.Rect(0, 0, 8, 8)),
	} {
		if _, err := c.convert(img); err == nil {
			t.Errorf("a picture %s was converted", name)
		}
	}
}

func TestEnumerationSurvivesItsDrivers(t *testing.T) {
	if _, err := enumerate(driver.Camera, func() { panic("no such bus") }); err == nil || !strings.Contains(err.Error(), "no such bus") {
		t.Errorf("a driver that panics: %v", err)
	}
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		if _, err := enumerate(driver.Camera, func() { <-hang }); err == nil {
			t.Error("a driver that hangs: no error")
		}
		close(hang)
		synctest.Wait()
	})
	found, err := Devices()
	if err != nil {
		t.Error(err)
	}
	for _, d := range found {
		if d.ID == "" || d.Label == "" {
			t.Errorf("a camera without name: %+v", d)
		}
	}
	if _, err := Open(t.Context(), "no such camera"); err == nil || !strings.Contains(err.Error(), "no such camera") {
		t.Errorf("opening a camera that is not there: %v", err)
	}
	if len(found) == 0 {
		if _, err := Open(t.Context(), ""); !errors.Is(err, ErrNone) {
			t.Errorf("opening the best camera without any: %v", err)
		}
	}
}

func TestAPictureThatCameBackIsPaintedOver(t *testing.T) {
	rgba := image.NewRGBA(image.Rect(0, 0, 40, 20))
	for i := range rgba.Pix {
		rgba.Pix[i] = uint8(7 * i)
	}
	ycbcr := image.NewYCbCr(image.Rect(0, 0, 40, 20), image.YCbCrSubsampleRatio422)
	for i := range ycbcr.Y {
		ycbcr.Y[i] = uint8(5 * i)
	}
	for _, src := range []image.Image{rgba, ycbcr} {
		c := converter{maxWidth: 99, maxHeight: 99}
		want, err := c.convert(src)
		if err != nil {
			t.Fatal(err)
		}
		s := &Source{spare: spare.New()}
		c.spare = s.spare
		s.Recycle(image.NewYCbCr(image.Rect(0, 0, 20, 20), image.YCbCrSubsampleRatio420)) // of another size: of no use
		used := image.NewYCbCr(image.Rect(0, 0, 40, 20), image.YCbCrSubsampleRatio420)
		for i := range used.Y {
			used.Y[i] = 99
		}
		s.Recycle(used)
		if first, err := c.convert(src); err != nil || first == used {
			t.Fatal("a picture of another size was used", err)
		}
		got, err := c.convert(src)
		if err != nil || got != used {
			t.Fatal("the memory was not used again", err)
		}
		if string(got.Y) != string(want.Y) || string(got.Cb) != string(want.Cb) || string(got.Cr) != string(want.Cr) {
			t.Errorf("%T: what was there before shows", src)
		}
	}
}

func BenchmarkScreen1080pTo720p(b *testing.B) {
	src := image.NewRGBA(image.Rect(0, 0, 1920, 1080))
	c := converter{maxWidth: screenWidth, maxHeight: screenHeight, spare: spare.New()}
	s := &Source{spare: c.spare}
	b.ReportAllocs()
	for b.Loop() {
		img, err := c.convert(src)
		if err != nil {
			b.Fatal(err)
		}
		s.Recycle(img)
	}
}
