package app

import (
	"context"
	"image"
	"image/color"
	"image/draw"
	"strings"
	"testing"
	"time"
)

// seenCode is a camera's picture of somebody who holds a code: grey, the code in the middle, each module so many pixels wide.
func seenCode(text string, module int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, scanWidth, scanHeight))
	draw.Draw(m, m.Rect, image.NewUniform(color.Gray{0x60}), image.Point{}, draw.Src)
	code := codeImage(codeOf(text), module)
	at := image.Pt((scanWidth-code.Bounds().Dx())/2, (scanHeight-code.Bounds().Dy())/2)
	draw.Draw(m, code.Bounds().Add(at), code, image.Point{}, draw.Src)
	return m
}

func TestACodeIsReadFromAPicture(t *testing.T) {
	text := "sundog-compare:1:" + ownKey
	for _, module := range []int{3, 5, 8} {
		m := seenCode(text, module)
		if got, found := readCode(m); !found || got != text {
			t.Errorf("modules of %d pixels: read %q, %v", module, got, found)
		}
		mirror(m)
		mirror(m)
		if got, found := readCode(m); !found || got != text {
			t.Errorf("modules of %d pixels, mirrored twice: read %q, %v", module, got, found)
		}
	}
	if text, found := readCode(image.NewRGBA(image.Rect(0, 0, 320, 180))); found {
		t.Errorf("an empty picture says %q", text)
	}
	if codeOf(strings.Repeat("x", 5000)) != nil {
		t.Error("a text that no code can hold has one")
	}
}

func TestMirrorTurnsLeftAndRight(t *testing.T) {
	m := image.NewRGBA(image.Rect(0, 0, 3, 2))
	m.Set(0, 1, color.White)
	mirror(m)
	if _, _, _, a := m.At(0, 1).RGBA(); a != 0 {
		t.Error("the left pixel is still there")
	}
	if r, _, _, _ := m.At(2, 1).RGBA(); r == 0 {
		t.Error("the right pixel is not there")
	}
}

func TestAScanTellsTheFirstCodeAndLeavesPicturesOutWhileItReads(t *testing.T) {
	told := make(chan string, 1)
	s := newCodeScan(func(text string) { told <- text })
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	drawn := 0
	camera := func(show *image.RGBA) func(*image.RGBA, uint64) uint64 {
		return func(dst *image.RGBA, last uint64) uint64 {
			drawn++
			copy(dst.Pix, show.Pix)
			mirror(dst)
			return last + 1
		}
	}
	nothing := camera(image.NewRGBA(image.Rect(0, 0, scanWidth, scanHeight)))
	s.look(nothing, noon)
	s.look(nothing, noon.Add(scanEvery))
	if drawn != 1 {
		t.Fatalf("%d pictures were taken while one waits", drawn)
	}
	done := make(chan struct{})
	go func() {
		s.run(ctx)
		close(done)
	}()
	seen := camera(seenCode("hello", 8))
	for at := noon.Add(time.Hour); ; at = at.Add(scanEvery) {
		select {
		case text := <-told:
			if text != "hello" {
				t.Errorf("it says %q", text)
			}
			<-done
			return
		default:
			s.look(seen, at)
		}
	}
}

func FuzzReadCode(f *testing.F) {
	small := seenCode("hello", 4).SubImage(image.Rect(scanWidth/2-64, scanHeight/2-64, scanWidth/2+64, scanHeight/2+64))
	grey := image.NewGray(image.Rect(0, 0, 128, 128))
	draw.Draw(grey, grey.Rect, small, small.Bounds().Min, draw.Src)
	f.Add(grey.Pix)
	f.Add(make([]byte, 128*128))
	f.Fuzz(func(t *testing.T, pix []byte) {
		m := image.NewRGBA(image.Rect(0, 0, 128, 128))
		for i := range min(len(pix), 128*128) {
			m.Set(i%128, i/128, color.Gray{pix[i]})
		}
		if text, found := readCode(m); !found && text != "" {
			t.Errorf("nothing was found, and it says %q", text)
		}
	})
}
