package app

import (
	"context"
	"image"
	"time"
)

// codeScan looks for a code in what the own camera sees. The call's loop gives it pictures (look); a goroutine reads them (run),
// since that may take longer than the loop has, and tells what the first code says. Pictures that come meanwhile are left out.
type codeScan struct {
	found func(text string) // on the goroutine of run
	full  chan *image.RGBA  // pictures to be read
	free  chan *image.RGBA
	next  time.Time // the earliest for another picture; call loop
	last  uint64    // the number of the picture before; call loop
}

const (
	// scanEvery is how often a picture is looked at: soon enough for whoever holds a code before the camera, and little work.
	scanEvery = 250 * time.Millisecond
	// scanWidth and scanHeight are the size of the pictures: a code of 45 modules that fills a third of it has 4 pixels for each.
	scanWidth  = 960
	scanHeight = 540
	// scanGivesUp is how long a code is looked for, and scanWantsPicture how long a camera may take to bring a picture.
	scanGivesUp      = time.Minute
	scanWantsPicture = 6 * time.Second
)

func newCodeScan(found func(text string)) *codeScan {
	s := &codeScan{found: found, full: make(chan *image.RGBA, 1), free: make(chan *image.RGBA, 1)}
	s.free <- image.NewRGBA(image.Rect(0, 0, scanWidth, scanHeight))
	return s
}

// look takes the newest picture, unless the one before is still being read. source paints mirrored.
func (s *codeScan) look(source func(dst *image.RGBA, last uint64) uint64, now time.Time) {
	if now.Before(s.next) {
		return
	}
	select {
	case picture := <-s.free:
		number := source(picture, s.last)
		if number == 0 || number == s.last {
			s.free <- picture
			return
		}
		s.next, s.last = now.Add(scanEvery), number
		s.full <- picture
	default:
	}
}

// run reads pictures until one shows a code, or the context is done.
func (s *codeScan) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case picture := <-s.full:
			mirror(picture)
			if text, found := readCode(picture); found {
				s.found(text)
				return
			}
			s.free <- picture
		}
	}
}
