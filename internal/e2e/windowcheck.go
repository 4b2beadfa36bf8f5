package main

import (
	"context"
	"fmt"
	"image"
	"strings"
	"time"
)

// Areas of the windows, in pixels.
var (
	mainWhole  = image.Rect(0, 0, 380, 640)
	mainHeader = image.Rect(60, 30, 380, 84)
	callStage  = image.Rect(150, 100, 720, 380) // the remote picture, without what lies over it
	callOwn    = image.Rect(770, 440, 940, 530)
	callMute   = image.Rect(290, 440, 340, 500) // its button
	callBanner = image.Rect(150, 50, 810, 120)
	callMiddle = image.Rect(250, 150, 710, 400)
	chatLines  = image.Rect(660, 70, 945, 470)
)

const (
	// moving is how much of a picture with something moving in it changes in half a second, at least.
	moving = 0.004
	// aLine is how much of the chat a line fills, at least.
	aLine = 0.003
	// windowWait is how long a window may take to react to a person.
	windowWait = 8 * time.Second
)

// checkWindow uses two apps as two new users would.
func checkWindow(ctx context.Context, b *bench) error {
	screen, err := b.startDisplay(ctx, 2000, 1300)
	if err != nil {
		return err
	}
	defer screen.stop()
	// Users type the service's host only, so it has the usual ports, on a loopback address of its own.
	host, err := quietHost()
	if err != nil {
		return err
	}
	s, err := b.startServiceAt(ctx, host+":1935", host+":8035")
	if err != nil {
		return err
	}
	defer s.stop()

	alice := &user{b: b, screen: screen, name: "Alice", place: image.Pt(0, 0)}
	bob := &user{b: b, screen: screen, name: "Bob", place: image.Pt(0, 620)}
	for i, u := range []*user{alice, bob} {
		// Not on this network, so that only the service lets them find each other.
		if err := b.firstStart(ctx, u, image.Pt(1000+i*420, 0), "--directory", "service"); err != nil {
			return err
		}
		defer u.program.stop()
	}
	alice.keepShot(ctx, "1-first-start")
	for _, step := range []struct {
		name string
		run  func() error
	}{
		{"the test call", func() error { return b.testCall(ctx, alice) }},
		{"a wrong service address", func() error { return b.wrongAddress(ctx, alice) }},
		{"Alice signs in", func() error { return b.signIn(ctx, alice, host) }},
		{"Bob signs in", func() error { return b.signIn(ctx, bob, host) }},
		{"a call between two windows", func() error { return b.windowCall(ctx, alice, bob) }},
		{"calls with a headless phone", func() error { return b.windowAndHeadless(ctx, s, alice, bob) }},
	} {
		if err := step.run(); err != nil {
			alice.keepShot(ctx, "failed")
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	for _, u := range []*user{alice, bob} {
		b.quit(u)
	}
	if err := b.windowsOnOneNetwork(ctx, screen); err != nil {
		return fmt.Errorf("two windows without a service: %w", err)
	}
	return nil
}

// firstStart starts the app for somebody who never had it, and gives the name that it asks for.
func (b *bench) firstStart(ctx context.Context, u *user, at image.Point, flags ...string) error {
	var err error
	if u.program, err = b.app(u.name, u.screen.env, nil, demoSources(flags...)...); err != nil {
		return err
	}
	id, err := u.screen.window(ctx, u.program, "^Sundog$", soon)
	if err != nil {
		return err
	}
	u.main = &window{u: u, id: id}
	if err := until(ctx, soon, "a painted window", func() (bool, error) {
		img, err := u.main.look(ctx)
		return err == nil && share(img, mainWhole, accent, sameColour) > 0.01, err
	}); err != nil {
		return err
	}
	b.report.atMost(u.name+": from start to painted window", time.Since(u.program.started).Seconds(), 3, "s")
	if err := u.screen.place(ctx, id, at.X, at.Y); err != nil {
		return err
	}
	before, err := u.main.look(ctx)
	if err != nil {
		return err
	}
	if err := u.main.write(ctx, u.name); err != nil {
		return err
	}
	if err := u.main.press(ctx, "Return"); err != nil {
		return err
	}
	err = u.main.changes(ctx, before, mainHeader, 0.02, windowWait)
	b.report.holds(u.name+" gives a name and comes to the list", err == nil, fmt.Sprint(err))
	return err
}

// testCall makes the test call with one click.
func (b *bench) testCall(ctx context.Context, u *user) error {
	if err := u.main.clickButton(ctx, accent); err != nil {
		return err
	}
	clicked := time.Now()
	w, err := u.callWindow(ctx, "Test call", windowWait)
	if err != nil {
		return err
	}
	err = until(ctx, windowWait, "a moving picture", func() (bool, error) {
		m, err := w.moves(ctx, callStage)
		return m >= moving, err
	})
	b.report.holds("test call: one click brings a moving picture", err == nil, fmt.Sprint(err))
	b.report.note("after %.1f s", time.Since(clicked).Seconds())
	u.keepShot(ctx, "2-test-call")
	return b.hangUpByClick(ctx, w, "test call")
}

// hangUpByClick clicks on the red button.
func (b *bench) hangUpByClick(ctx context.Context, w *window, what string) error {
	if err := w.stir(ctx); err != nil {
		return err
	}
	if err := w.clickButton(ctx, danger); err != nil {
		return err
	}
	err := until(ctx, windowWait, "the call window is gone", func() (bool, error) { return !w.shown(ctx), nil })
	b.report.holds(what+": the red button hangs up", err == nil, fmt.Sprint(err))
	return err
}

// wrongAddress enters a service where there is none.
func (b *bench) wrongAddress(ctx context.Context, u *user) error {
	if err := b.toServiceForm(ctx, u); err != nil {
		return err
	}
	if err := u.main.write(ctx, "127.77.255.254"); err != nil {
		return err
	}
	if err := u.main.press(ctx, "Return"); err != nil {
		return err
	}
	entered := time.Now()
	err := until(ctx, 15*time.Second, "a red sentence", func() (bool, error) {
		img, err := u.main.look(ctx)
		return err == nil && share(img, mainWhole, danger, sameInText) > 0.0003, err
	})
	b.report.holds("a wrong service address is told in the window", err == nil, fmt.Sprint(err))
	b.report.atMost("a wrong service address is told within", time.Since(entered).Seconds(), 8, "s")
	u.keepShot(ctx, "3-wrong-address")
	return err
}

// toServiceForm goes to the service's address in Settings by the Tab key: past the own name and link, the name's field, and
// the two choices for this network.
func (b *bench) toServiceForm(ctx context.Context, u *user) error {
	if err := u.main.press(ctx, "ctrl+3"); err != nil {
		return err
	}
	time.Sleep(500 * time.Millisecond)
	return u.main.press(ctx, "Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "ctrl+a")
}

// signIn enters the service and waits until the header says reachable.
func (b *bench) signIn(ctx context.Context, u *user, host string) error {
	if err := b.toServiceForm(ctx, u); err != nil {
		return err
	}
	if err := u.main.write(ctx, host); err != nil {
		return err
	}
	if err := u.main.press(ctx, "Return"); err != nil {
		return err
	}
	err := until(ctx, 2*windowWait, "the header's green dot", func() (bool, error) {
		img, err := u.main.look(ctx)
		return err == nil && share(img, mainHeader, good, sameColour) > 0.001, err
	})
	b.report.holds(u.name+" enters the service and is reachable", err == nil, fmt.Sprint(err))
	u.keepShot(ctx, "4-signed-in")
	return err
}

// quit ends an app by SIGTERM.
func (b *bench) quit(u *user) {
	u.program.stop()
	b.report.equals(u.name+"'s app, told to end: exit status", u.program.exit(), 0)
	log := u.program.logText()
	b.report.holds(u.name+"'s app never touched a window from outside its main thread",
		!strings.Contains(log, "Error in Fyne call thread"), u.program.tail())
	b.report.holds(u.name+"'s app did not panic", !strings.Contains(log, "panic:") && !strings.Contains(log, "goroutine "), u.program.tail())
}
