package main

import (
	"context"
	"fmt"
	"image"
	"strings"
	"time"
)

// Places in a call's window as it opens, with the panel of people at its right.
var (
	threeTiles   = []image.Rectangle{image.Rect(20, 100, 320, 190), image.Rect(335, 100, 635, 190), image.Rect(180, 280, 470, 370)}
	peoplePanel  = image.Rect(660, 50, 945, 430)
	peopleButton = image.Pt(500, 475) // in a call of two, with the panel closed
	shareLit     = image.Rect(265, 440, 320, 500)
	raiseButton  = image.Pt(700, 508)
	addButton    = image.Pt(830, 508)
	moreOfThird  = image.Pt(920, 183) // what can be done with the second other
	removeOf     = image.Pt(850, 288) // below
)

const (
	// aHand is how much of the panel a raised hand fills, at least; nothing else there has its colour.
	aHand = 0.0003
	// aScreen is how much of the picture changes when a screen takes the place of a camera, at least.
	aScreen = 0.3
)

// checkWindowConfer makes a call of two into one of three and uses what there is in it.
func checkWindowConfer(ctx context.Context, b *bench) error {
	w, err := b.openWindows(ctx)
	if err != nil {
		return err
	}
	defer w.close()
	// Nobody speaks, so that no halo has the colour of a hand.
	if err := w.firstStarts(ctx, append(w.signedIn(), "--mic", "silence")...); err != nil {
		return err
	}
	for _, u := range w.both() {
		if err := u.reachable(ctx); err != nil {
			return err
		}
	}
	carol, err := b.answerer(ctx, "carol", w.service, "--accept", "anyone", "--camera", "test:640x360@15", "--mic", "silence")
	if err != nil {
		return err
	}
	defer carol.stop()
	return w.steps(ctx, windowStep{"a conference", func(ctx context.Context) error { return w.confer(ctx, carol) }})
}

func (w *windows) confer(ctx context.Context, carol *program) error {
	out, in, err := w.call(ctx, "0-ringing")
	if err != nil {
		return err
	}
	if err := out.showsMotion(ctx, callStage); err != nil {
		return err
	}
	if err := w.addThird(ctx, out, in, carol); err != nil {
		return fmt.Errorf("adding a third: %w", err)
	}
	if err := w.raiseHand(ctx, out, in); err != nil {
		return fmt.Errorf("a raised hand: %w", err)
	}
	if err := w.removeThird(ctx, out, carol); err != nil {
		return fmt.Errorf("taking the third out: %w", err)
	}
	if err := w.shareScreen(ctx, out, in); err != nil {
		return fmt.Errorf("sharing the screen: %w", err)
	}
	if err := out.hangUp(ctx, "conference"); err != nil {
		return err
	}
	return in.leave(ctx)
}

// addThird adds somebody from the panel of people.
func (w *windows) addThird(ctx context.Context, out, in *window, carol *program) error {
	if err := out.stir(ctx); err != nil {
		return err
	}
	for _, at := range []image.Point{peopleButton, addButton} {
		if err := out.click(ctx, at); err != nil {
			return err
		}
		if err := pause(ctx, 500*time.Millisecond); err != nil {
			return err
		}
	}
	out.u.keepShot(ctx, "1-adding")
	if err := out.write(ctx, carol.name); err != nil {
		return err
	}
	if err := out.press(ctx, "Return"); err != nil { // looks the name up
		return err
	}
	if err := pause(ctx, 2*time.Second); err != nil {
		return err
	}
	if err := out.press(ctx, "Return"); err != nil { // takes the only one who was found
		return err
	}
	asked := time.Now()
	for _, side := range []struct {
		w     *window
		other string
	}{{out, in.u.name}, {in, out.u.name}} {
		_, err := side.w.u.screen.window(ctx, side.w.u.program, "Call with "+side.other+" and "+carol.name, windowWait)
		w.report.holds(side.w.u.name+"’s window is with both of the others", err == nil, fmt.Sprint(err))
		if err != nil {
			return err
		}
	}
	w.report.note("after %.1f s", time.Since(asked).Seconds())
	for i, tile := range threeTiles {
		err := out.showsMotion(ctx, tile)
		w.report.holds(fmt.Sprintf("%s sees tile %d of three move", out.u.name, i+1), err == nil, fmt.Sprint(err))
	}
	if err := out.click(ctx, addButton); err != nil { // done adding
		return err
	}
	if err := pause(ctx, time.Second); err != nil {
		return err
	}
	out.u.keepShot(ctx, "2-three")
	return nil
}

// raiseHand raises a hand on one side and looks for it on the other.
func (w *windows) raiseHand(ctx context.Context, out, in *window) error {
	if err := in.press(ctx, "p"); err != nil {
		return err
	}
	if err := pause(ctx, time.Second); err != nil {
		return err
	}
	hand := func() (bool, error) {
		img, err := in.look(ctx)
		return err == nil && share(img, peoplePanel, accent, sameColour) >= aHand, err
	}
	before, err := hand()
	if err != nil {
		return err
	}
	w.report.holds("nobody has raised a hand at first", !before, "its colour is there already")
	if err := out.click(ctx, raiseButton); err != nil {
		return err
	}
	err = until(ctx, windowWait, "the hand", hand)
	w.report.holds(out.u.name+" raises a hand, and "+in.u.name+" sees it", err == nil, fmt.Sprint(err))
	in.u.keepShot(ctx, "3-hand")
	return err
}

// removeThird takes the third out, by the panel's menu and the question that follows.
func (w *windows) removeThird(ctx context.Context, out *window, carol *program) error {
	for _, at := range []image.Point{moreOfThird, removeOf} {
		if err := out.click(ctx, at); err != nil {
			return err
		}
		if err := pause(ctx, 500*time.Millisecond); err != nil {
			return err
		}
	}
	out.u.keepShot(ctx, "4-removing")
	if err := out.clickButton(ctx, danger); err != nil { // larger than the round one
		return err
	}
	removed, err := carol.waitFor(ctx, windowWait, "the end", named("ended"))
	w.report.holds("she whom "+out.u.name+" takes out is told", err == nil && strings.Contains(removed.Reason, "removed"), fmt.Sprint(err, removed.Reason))
	if err != nil {
		return err
	}
	err = until(ctx, windowWait, "a call of two again", func() (bool, error) {
		names := strings.Join(out.u.titles(ctx), ", ")
		return !strings.Contains(names, carol.name), nil
	})
	w.report.holds("the window’s title is without her", err == nil, fmt.Sprint(err))
	return err
}

// shareScreen shows the screen to the other side, and takes it back.
func (w *windows) shareScreen(ctx context.Context, out, in *window) error {
	lit := func() (bool, error) {
		img, err := out.look(ctx)
		return err == nil && share(img, shareLit, accent, sameColour) > 0.3, err
	}
	if err := in.press(ctx, "p"); err != nil { // the panel away
		return err
	}
	if err := pause(ctx, time.Second); err != nil {
		return err
	}
	before, err := in.look(ctx)
	if err != nil {
		return err
	}
	if err := out.press(ctx, "s"); err != nil { // which asks
		return err
	}
	if err := pause(ctx, time.Second); err != nil {
		return err
	}
	shares, err := lit()
	w.report.holds("a key alone does not share the screen", err == nil && !shares, fmt.Sprint(err))
	out.u.keepShot(ctx, "5-asked")
	if err := out.press(ctx, "Tab", "Return"); err != nil { // to the second choice
		return err
	}
	err = until(ctx, windowWait, "the button", lit)
	w.report.holds(out.u.name+" shares the screen, and the button says so", err == nil, fmt.Sprint(err))
	err = in.changes(ctx, before, callStage, aScreen, 2*windowWait)
	w.report.holds(in.u.name+" sees another picture", err == nil, fmt.Sprint(err))
	out.u.keepShot(ctx, "6-screen")
	if err := out.press(ctx, "s"); err != nil {
		return err
	}
	err = until(ctx, windowWait, "the button as before", func() (bool, error) {
		is, err := lit()
		return !is, err
	})
	w.report.holds("and takes it back", err == nil, fmt.Sprint(err))
	return err
}
