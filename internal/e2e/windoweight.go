package main

import (
	"context"
	"fmt"
	"image"
	"slices"
	"time"
)

// A window of eight moving pictures, and what must hold of it.
const (
	eightWidth, eightHeight = 1280, 760
	// eightRate is the pictures a second that the others' cameras give, and that each tile must show at least most of.
	eightRate  = 24
	eightLeast = 15.0
	// eightMeasured is how long the pictures are counted.
	eightMeasured = 15 * time.Second
	// eightCPU is what the window's program may use with eight moving pictures, in processors, where there is no graphics card: sound
	// and picture of seven people, and the painting.
	eightCPU = 1.0
	// eightReacts is how soon the screen must answer a click (Nielsen's limit of what feels immediate is 100 ms).
	eightReacts = 100 * time.Millisecond
	eightClicks = 15
)

// eightTiles are the places of the counters in the tiles, as the window lays them out: what stands there changes with each picture.
// The last tile is one's own picture, mirrored.
func eightTiles() (counters []image.Rectangle) {
	for i, left := range []int{142, 476, 810, 142, 476, 810, 309} {
		at := image.Pt(left+12, []int{64, 255, 446}[i/3]+22)
		counters = append(counters, image.Rectangle{at, at.Add(image.Pt(60, 20))})
	}
	return append(counters, image.Rect(898, 467, 962, 488))
}

// eightMute is the button to mute, where the pointer has brought up the bar.
var eightMute = image.Rect(468, 650, 512, 690)

// checkWindowEight has one window show eight moving pictures.
func checkWindowEight(ctx context.Context, b *bench) error {
	screen, err := b.startDisplay(ctx, eightWidth+20, eightHeight+20)
	if err != nil {
		return err
	}
	defer screen.stop()
	s, err := b.startService(ctx)
	if err != nil {
		return err
	}
	defer s.stop()
	camera := fmt.Sprintf("test:640x360@%d", eightRate)
	var flags []string
	var first *program
	for i := range 7 {
		name := fmt.Sprintf("peer%d", i+1)
		p, err := b.answerer(ctx, name, s, "--accept", "anyone", "--camera", camera, "--mic", "silence")
		if err != nil {
			return err
		}
		defer p.stop()
		flags = append(flags, "--call", name)
		if first == nil {
			first = p
		}
	}
	me := &user{b: b, screen: screen, name: "Alice"}
	args := append([]string{"--camera", camera, "--mic", "silence", "--speaker", "null"}, flags...)
	if me.program, err = b.app(me.name, screen.env, s, args...); err != nil {
		return err
	}
	defer me.program.stop()
	w, err := me.callWindow(ctx, "Call with .* and four others", 30*time.Second)
	if err != nil {
		return err
	}
	if _, err := screen.xdotool(ctx, "windowsize", "--sync", w.id, fmt.Sprint(eightWidth), fmt.Sprint(eightHeight)); err != nil {
		return err
	}
	eye, err := openEye(w)
	if err != nil {
		return err
	}
	defer eye.close()
	tiles := eightTiles()
	err = until(ctx, 30*time.Second, "eight moving pictures", func() (bool, error) {
		rates, err := eye.count(tiles, time.Second)
		return err == nil && slices.Min(rates) > 1, err
	})
	me.keepShot(ctx, "1-eight")
	if err != nil {
		return err
	}
	used, err := me.program.cpuTime()
	if err != nil {
		return err
	}
	rates, err := eye.count(tiles, eightMeasured)
	if err != nil {
		return err
	}
	after, err := me.program.cpuTime()
	if err != nil {
		return err
	}
	for i, r := range rates {
		b.report.atLeast(fmt.Sprintf("pictures painted in tile %d", i+1), r, eightLeast, "/s")
	}
	b.report.atMost("processors that the window uses", (after-used).Seconds()/eightMeasured.Seconds(), eightCPU, "")
	if err := b.reactions(ctx, w, eye); err != nil {
		return err
	}
	return b.outOfSight(ctx, w, eye, first)
}

// onlySound is the most that somebody sends who is asked for no picture: sound that is silent, and what keeps the session. In kbit/s.
const onlySound = 100

// outOfSight takes the window off the screen, as minimising it does, and brings it back. Meanwhile nobody need send it pictures.
func (b *bench) outOfSight(ctx context.Context, w *window, eye *eye, other *program) error {
	sends := func() float64 {
		told := other.all(func(e event) bool { return e.Event == "stats" && e.Peer == w.u.name })
		if len(told) == 0 {
			return 0
		}
		return told[len(told)-1].SendKbps
	}
	b.report.note("in sight: %.0f kbit/s are sent to it by one of them", sends())
	if _, err := w.u.screen.xdotool(ctx, "windowunmap", "--sync", w.id); err != nil {
		return err
	}
	err := until(ctx, windowWait, "no picture is sent", func() (bool, error) { return sends() < onlySound, nil })
	b.report.holds("a window that nobody sees is sent no pictures", err == nil, fmt.Sprint(err))
	if _, err := w.u.screen.xdotool(ctx, "windowmap", "--sync", w.id); err != nil {
		return err
	}
	back := time.Now()
	err = until(ctx, windowWait, "eight moving pictures", func() (bool, error) {
		rates, err := eye.count(eightTiles(), 500*time.Millisecond)
		return err == nil && slices.Min(rates) > 1, err
	})
	b.report.holds("and all of them once it is back", err == nil, fmt.Sprint(err))
	b.report.note("after %.1f s", time.Since(back).Seconds())
	return nil
}

// reactions measures how soon a click is answered meanwhile.
func (b *bench) reactions(ctx context.Context, w *window, eye *eye) error {
	if err := w.stir(ctx); err != nil {
		return err
	}
	middle := eightMute.Min.Add(eightMute.Size().Div(2))
	if _, err := w.u.screen.xdotool(ctx, "mousemove", "--window", w.id, fmt.Sprint(middle.X), fmt.Sprint(middle.Y)); err != nil {
		return err
	}
	time.Sleep(time.Second)
	var times []time.Duration
	for range eightClicks {
		took, err := eye.reaction(eightMute, 2*time.Second)
		if err != nil {
			return err
		}
		times = append(times, took)
		time.Sleep(400 * time.Millisecond)
	}
	w.u.keepShot(ctx, "2-clicked")
	b.report.atMost("from a click to its sight, in the middle", float64(median(times).Milliseconds()), float64(eightReacts.Milliseconds()), "ms")
	b.report.atMost("from a click to its sight, at worst", float64(slices.Max(times).Milliseconds()), 2*float64(eightReacts.Milliseconds()), "ms")
	return nil
}
