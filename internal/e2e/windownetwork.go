package main

import (
	"context"
	"fmt"
	"image"
	"path/filepath"
	"strings"
	"time"
)

// listArea is where the first row of a list is that was narrowed to one person.
var listArea = image.Rect(0, 130, 380, 260)

// foundWithin is how long somebody on this network may take to appear, in seconds.
const foundWithin = 3.0

// windowsOnOneNetwork lets two windows that know no service see and call each other, and gives a link to one of them.
func (w *windows) windowsOnOneNetwork(ctx context.Context) error {
	ida, jon := w.newUser("Ida", 0), w.newUser("Jon", 1)
	for _, u := range []*user{ida, jon} {
		if err := u.firstStart(ctx); err != nil {
			return err
		}
		defer u.program.stop()
	}
	entered := time.Now()
	err := ida.listsOnThisNetwork(ctx, jon.name)
	w.report.holds("without a service, a window lists who else is on this network", err == nil, fmt.Sprint(err))
	if err != nil {
		return err
	}
	w.report.atMost("somebody new on this network is listed after", time.Since(entered).Seconds(), foundWithin, "s")
	ida.keepShot(ctx, "13-on-this-network")
	if err := w.networkCall(ctx, ida, jon); err != nil {
		return err
	}
	if err := w.openedLink(ctx, ida); err != nil {
		return err
	}
	for _, u := range []*user{ida, jon} {
		u.quit()
	}
	return nil
}

// listsOnThisNetwork types a name and waits until the list has it, with the light of somebody who is there. While it
// has not, there is a large button to call that name instead.
func (u *user) listsOnThisNetwork(ctx context.Context, name string) error {
	if err := u.seeks(ctx, name); err != nil {
		return err
	}
	return until(ctx, windowWait, name+" in the list", func() (bool, error) {
		img, err := u.main.look(ctx)
		return err == nil && share(img, mainWhole, accent, sameColour) < 0.02 && share(img, listArea, good, sameColour) > 0.0003, err
	})
}

// networkCall calls by Enter in the field, which still holds the name.
func (w *windows) networkCall(ctx context.Context, ida, jon *user) error {
	out, err := ida.callsWhomIsSought(ctx, jon.name)
	if err != nil {
		return err
	}
	ring, err := jon.isCalled(ctx, ida.name)
	if err != nil {
		return err
	}
	in, err := jon.accepts(ctx, ring, ida.name)
	if err != nil {
		return err
	}
	for _, side := range []*window{out, in} {
		err := side.showsMotion(ctx, callStage)
		w.report.holds("without a service, "+side.u.name+" sees the other's picture move", err == nil, fmt.Sprint(err))
	}
	ida.keepShot(ctx, "14-call-without-service")
	return out.hangUp(ctx, "call without a service")
}

// openedLink starts the program once more with a link, as a desktop does that opens one: the window that is there asks what to do.
func (w *windows) openedLink(ctx context.Context, u *user) error {
	second, err := start("opener", u.screen.env, filepath.Join(w.programs, "sundog"),
		"--profile", filepath.Join(w.dir, "profile-"+u.name), "sundog:Zoe%20Lind?v=1&at=rtmfp://127.77.255.254")
	if err != nil {
		return err
	}
	defer second.stop()
	status, err := second.wait(ctx, soon)
	w.report.holds("a link that is opened goes to the window that is there", err == nil && status == 0, fmt.Sprint(status, err))
	err = u.main.has(ctx, "a button to call", mainWhole, accent, sameColour, 0.015, windowWait)
	w.report.holds("the window asks what to do with the link", err == nil, fmt.Sprint(err))
	if err := pause(ctx, 500*time.Millisecond); err != nil {
		return err
	}
	u.keepShot(ctx, "15-opened-link")
	calls := 0
	for _, title := range u.titles(ctx) {
		if strings.Contains(title, "Call with") {
			calls++
		}
	}
	w.report.equals("a link that is opened calls nobody by itself: calls", calls, 0)
	return u.main.press(ctx, "Escape")
}
