package main

import (
	"fmt"
	"hash/maphash"
	"image"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
)

// eye looks at small areas of a window many times a second, which a program that takes whole pictures of it cannot, and touches it
// where the pointer is. It has a connection of its own to the X server.
type eye struct {
	x      *xgb.Conn
	window xproto.Drawable
	seed   maphash.Seed
}

// openEye looks at a window.
func openEye(w *window) (*eye, error) {
	number := ""
	for _, one := range w.u.screen.env {
		if display, ok := strings.CutPrefix(one, "DISPLAY="); ok {
			number = display
		}
	}
	id, err := strconv.ParseUint(w.id, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("a window's number: %w", err)
	}
	x, err := xgb.NewConnDisplay(number)
	if err != nil {
		return nil, fmt.Errorf("the X server: %w", err)
	}
	if err := xtest.Init(x); err != nil {
		x.Close()
		return nil, fmt.Errorf("the X server's test extension: %w", err)
	}
	return &eye{x: x, window: xproto.Drawable(id), seed: maphash.MakeSeed()}, nil
}

func (e *eye) close() { e.x.Close() }

// see is what areas show now, each as one number.
func (e *eye) see(areas []image.Rectangle) ([]uint64, error) {
	asked := make([]xproto.GetImageCookie, 0, len(areas)) // all, and then the answers: it is one way to the server and back
	for _, a := range areas {
		asked = append(asked, xproto.GetImage(e.x, xproto.ImageFormatZPixmap, e.window, int16(a.Min.X), int16(a.Min.Y), uint16(a.Dx()), uint16(a.Dy()), ^uint32(0)))
	}
	seen := make([]uint64, 0, len(areas))
	for _, cookie := range asked {
		answer, err := cookie.Reply()
		if err != nil {
			return nil, fmt.Errorf("an area of a window: %w", err)
		}
		seen = append(seen, maphash.Bytes(e.seed, answer.Data))
	}
	return seen, nil
}

// glance is how often areas are looked at: far more often than the screen changes.
const glance = 8 * time.Millisecond

// count is how many times a second each area changes.
func (e *eye) count(areas []image.Rectangle, during time.Duration) ([]float64, error) {
	times := make([]float64, len(areas))
	before, err := e.see(areas)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	tick := time.NewTicker(glance)
	defer tick.Stop()
	for time.Since(began) < during {
		<-tick.C
		now, err := e.see(areas)
		if err != nil {
			return nil, err
		}
		for i := range now {
			if now[i] != before[i] {
				times[i]++
			}
		}
		before = now
	}
	took := time.Since(began).Seconds()
	for i := range times {
		times[i] /= took
	}
	return times, nil
}

// reaction clicks where the pointer is, and returns how long it takes until an area changes.
func (e *eye) reaction(area image.Rectangle, timeout time.Duration) (time.Duration, error) {
	areas := []image.Rectangle{area}
	before, err := e.see(areas)
	if err != nil {
		return 0, err
	}
	const left = 1
	clicked := time.Now()
	for _, what := range []byte{xproto.ButtonPress, xproto.ButtonRelease} {
		if err := xtest.FakeInputChecked(e.x, what, left, 0, xproto.WindowNone, 0, 0, 0).Check(); err != nil {
			return 0, fmt.Errorf("a click: %w", err)
		}
	}
	for time.Since(clicked) < timeout {
		now, err := e.see(areas)
		if err != nil {
			return 0, err
		}
		if now[0] != before[0] {
			return time.Since(clicked), nil
		}
		time.Sleep(time.Millisecond)
	}
	return timeout, nil
}

// median is the middle one of several times.
func median(times []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[len(sorted)/2]
}
