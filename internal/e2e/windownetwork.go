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
func (b *bench) windowsOnOneNetwork(ctx context.Context, screen *display) error {
	ida := &user{b: b, screen: screen, name: "Ida", place: image.Pt(0, 0)}
	jon := &user{b: b, screen: screen, name: "Jon", place: image.Pt(0, 620)}
	for i, u := range []*user{ida, jon} {
		if err := b.firstStart(ctx, u, image.Pt(1000+i*420, 0)); err != nil {
			return err
		}
		defer u.program.stop()
	}
	entered := time.Now()
	err := ida.listsOnThisNetwork(ctx, jon.name)
	b.report.holds("without a service, a window lists who else is on this network", err == nil, fmt.Sprint(err))
	if err != nil {
		return err
	}
	b.report.atMost("somebody new on this network is listed after", time.Since(entered).Seconds(), foundWithin, "s")
	ida.keepShot(ctx, "13-on-this-network")
	if err := b.networkCall(ctx, ida, jon); err != nil {
		return err
	}
	if err := b.openedLink(ctx, ida); err != nil {
		return err
	}
	for _, u := range []*user{ida, jon} {
		b.quit(u)
	}
	return nil
}

// listsOnThisNetwork types a name and waits until the list has it, with the light of somebody who is there. While it
// has not, there is a large button to call that name instead.
func (u *user) listsOnThisNetwork(ctx context.Context, name string) error {
	if err := u.main.press(ctx, "ctrl+1", "ctrl+a"); err != nil {
		return err
	}
	if err := u.main.write(ctx, name); err != nil {
		return err
	}
	return until(ctx, windowWait, name+" in the list", func() (bool, error) {
		img, err := u.main.look(ctx)
		return err == nil && share(img, mainWhole, accent, sameColour) < 0.02 && share(img, listArea, good, sameColour) > 0.0003, err
	})
}

// networkCall calls by Enter in the field, which still holds the name.
func (b *bench) networkCall(ctx context.Context, ida, jon *user) error {
	if err := ida.main.press(ctx, "Return"); err != nil {
		return err
	}
	out, err := ida.callWindow(ctx, "Call with "+jon.name, windowWait)
	if err != nil {
		return err
	}
	in, err := jon.callWindow(ctx, ida.name+" is calling", windowWait)
	b.report.holds("without a service, the other window rings", err == nil, fmt.Sprint(err))
	if err != nil {
		return err
	}
	time.Sleep(time.Second) // a person looks before answering
	if err := in.clickButton(ctx, good); err != nil {
		return err
	}
	if in, err = jon.callWindow(ctx, "Call with "+ida.name, windowWait); err != nil {
		return err
	}
	for _, w := range []*window{out, in} {
		err := until(ctx, windowWait, "a moving picture", func() (bool, error) {
			m, err := w.moves(ctx, callStage)
			return m >= moving, err
		})
		b.report.holds("without a service, "+w.u.name+" sees the other's picture move", err == nil, fmt.Sprint(err))
	}
	ida.keepShot(ctx, "14-call-without-service")
	return b.hangUpByClick(ctx, out, "call without a service")
}

// openedLink starts the program once more with a link, as a desktop does that opens one: the window that is there asks what to do.
func (b *bench) openedLink(ctx context.Context, u *user) error {
	second, err := start("opener", u.screen.env, filepath.Join(b.programs, "sundog"),
		"--profile", filepath.Join(b.dir, "profile-"+u.name), "sundog:Zoe%20Lind?v=1&at=rtmfp://127.77.255.254")
	if err != nil {
		return err
	}
	defer second.stop()
	status, err := second.wait(ctx, soon)
	b.report.holds("a link that is opened goes to the window that is there", err == nil && status == 0, fmt.Sprint(status, err))
	err = until(ctx, windowWait, "a button to call", func() (bool, error) {
		img, err := u.main.look(ctx)
		return err == nil && share(img, mainWhole, accent, sameColour) > 0.015, err
	})
	b.report.holds("the window asks what to do with the link", err == nil, fmt.Sprint(err))
	time.Sleep(500 * time.Millisecond)
	u.keepShot(ctx, "15-opened-link")
	calls := 0
	for _, title := range u.screen.titles(ctx, fmt.Sprint(u.program.cmd.Process.Pid)) {
		if strings.Contains(title, "Call with") {
			calls++
		}
	}
	b.report.equals("a link that is opened calls nobody by itself: calls", calls, 0)
	return u.main.press(ctx, "Escape")
}
