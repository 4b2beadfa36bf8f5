package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"os"
	"path/filepath"
	"time"
)

var (
	// plate is the ground of the pictures that people compare.
	plate = color.NRGBA{0xD3, 0xDB, 0xE6, 0xFF}
	// comparePanel is where they are compared, in a window as it opens.
	comparePanel = image.Rect(472, 60, 952, 470)
)

const (
	wordsAbove  = 52 // how far above the pictures the words begin, in pixels
	platesHigh  = 52
	markInTitle = 0.004 // of callTitle that a mark covers, at least
)

// checkWindowTrust lets two people compare words, and then shows one of them another key under the other's name.
func checkWindowTrust(ctx context.Context, b *bench) error {
	w, err := b.openWindows(ctx)
	if err != nil {
		return err
	}
	defer w.close()
	if err := w.firstStarts(ctx, w.signedIn()...); err != nil {
		return err
	}
	return w.steps(
		ctx,
		windowStep{"comparing words", w.compareWords},
		windowStep{"the marks in the lists", w.verifiedContacts},
		windowStep{"somebody else begins as Bob", w.anotherBob},
		windowStep{"a changed key", w.changedKey},
	)
}

// anotherBob has somebody else have Bob's name from now on: Bob's program with a profile of its own, on a service that has forgotten him.
func (w *windows) anotherBob(ctx context.Context) error {
	w.bob.quit()
	if err := os.Rename(filepath.Join(w.dir, "profile-Bob"), filepath.Join(w.dir, "profile-former")); err != nil {
		return err
	}
	w.service.stop()
	if err := w.forgetServices(); err != nil {
		return err
	}
	// A button under the pointer has another colour than the one that is looked for.
	if _, err := w.screen.xdotool(ctx, "mousemove", "1990", "1290"); err != nil {
		return err
	}
	if err := w.startService(ctx); err != nil {
		return err
	}
	return w.bob.firstStart(ctx, w.signedIn()...)
}

// forgetServices takes away what services have kept.
func (b *bench) forgetServices() error {
	folders, err := filepath.Glob(filepath.Join(b.dir, "service-*"))
	for _, folder := range folders {
		err = errors.Join(err, os.RemoveAll(folder))
	}
	return err
}

// compareWords is a call in which both open the panel, see the same words, and say so.
func (w *windows) compareWords(ctx context.Context) error {
	for _, u := range w.both() {
		if err := u.reachable(ctx); err != nil {
			return err
		}
	}
	out, in, err := w.call(ctx, "1-ringing")
	if err != nil {
		return err
	}
	var words [2]*image.RGBA
	for i, side := range []*window{out, in} {
		if err := side.press(ctx, "w"); err != nil {
			return err
		}
		err := until(ctx, 2*windowWait, "words and pictures", func() (bool, error) {
			img, err := side.look(ctx)
			if err != nil {
				return false, err
			}
			words[i] = wordsIn(img)
			return words[i] != nil, nil
		})
		w.report.holds(side.u.name+" sees words to compare", err == nil, fmt.Sprint(err))
		if err != nil {
			return err
		}
	}
	w.alice.keepShot(ctx, "2-words")
	w.report.equals("both see the same words and pictures: part that differs", changed(words[0], words[1], words[0].Rect), 0.0)
	for _, side := range []*window{out, in} {
		img, err := side.look(ctx)
		if err != nil {
			return err
		}
		w.report.equals(side.u.name+" sees no mark before", share(img, callTitle, good, sameColour) >= markInTitle, false)
		if err := side.clickButton(ctx, accent); err != nil {
			return err
		}
		err = side.has(ctx, "the mark of somebody verified", callTitle, good, sameColour, markInTitle, windowWait)
		w.report.holds(side.u.name+" clicks “They match”, and the other is marked as verified", err == nil, fmt.Sprint(err))
	}
	if err := pause(ctx, 500*time.Millisecond); err != nil {
		return err
	}
	w.alice.keepShot(ctx, "3-match")
	if err := out.hangUp(ctx, "verified call"); err != nil {
		return err
	}
	return in.leave(ctx)
}

// firstName is where the first name of a list is that was narrowed to one person, without the face and its light.
var firstName = image.Rect(62, 165, 250, 200)

// verifiedContacts looks for the mark behind the names in the lists.
func (w *windows) verifiedContacts(ctx context.Context) error {
	const withMark = 0.004
	for _, pair := range [][2]*user{{w.alice, w.bob}, {w.bob, w.alice}} {
		u := pair[0]
		if err := u.seeks(ctx, pair[1].name); err != nil {
			return err
		}
		var seen float64
		err := until(ctx, windowWait, "the mark in the list", func() (bool, error) {
			img, err := u.main.look(ctx)
			if err != nil {
				return false, err
			}
			seen = share(img, firstName, good, sameColour)
			return seen >= withMark, nil
		})
		w.report.holds(u.name+"’s list marks "+pair[1].name+" as verified", err == nil, fmt.Sprintf("%v; green covers %.4f", err, seen))
	}
	w.alice.keepShot(ctx, "4-contacts")
	return w.alice.main.press(ctx, "ctrl+a", "BackSpace")
}

// changedKey calls somebody who shows another key than before.
func (w *windows) changedKey(ctx context.Context) error {
	for _, u := range w.both() {
		if err := u.reachable(ctx); err != nil {
			return err
		}
	}
	if err := pause(ctx, 2*time.Second); err != nil { // the directory tells
		return err
	}
	alice := w.alice
	if err := alice.seeks(ctx, w.bob.name); err != nil {
		return err
	}
	if err := alice.main.press(ctx, "Return"); err != nil {
		return err
	}
	// The sheet is in the main window where the directory has told before the call, and else in the call's.
	err := until(ctx, 2*windowWait, "a sheet with a red title", func() (bool, error) {
		img, err := alice.main.look(ctx)
		if err != nil {
			return false, err
		}
		if share(img, image.Rect(16, 16, 364, 120), danger, sameInText) > 0.004 {
			return true, nil
		}
		ids, _ := screenWindows(ctx, alice)
		for _, id := range ids {
			img, err := alice.screen.shot(ctx, id)
			if err == nil && share(img, image.Rect(300, 40, 660, 160), danger, sameInText) > 0.002 {
				return true, nil
			}
		}
		return false, nil
	})
	alice.keepShot(ctx, "5-changed-key")
	w.report.holds("Bob’s name with another key: a sheet says so", err == nil, fmt.Sprint(err))
	for _, title := range w.bob.titles(ctx) {
		w.report.equals("nobody rings at whoever has the name now: windows", title, "Sundog")
	}
	return nil
}

// screenWindows are the call windows of somebody's app.
func screenWindows(ctx context.Context, u *user) ([]string, error) {
	return u.screen.xdotool(ctx, "search", "--all", "--onlyvisible", "--pid", fmt.Sprint(u.program.cmd.Process.Pid), "--name", "Call with")
}

// wordsIn is the part of a window with the words and pictures to compare; nil: there is none.
func wordsIn(img image.Image) *image.RGBA {
	for y := comparePanel.Min.Y + wordsAbove; y < comparePanel.Max.Y-platesHigh; y++ {
		line := image.Rect(comparePanel.Min.X, y, comparePanel.Max.X, y+1)
		if share(img, line, plate, sameColour) < 0.5 {
			continue
		}
		part := image.NewRGBA(image.Rect(0, 0, comparePanel.Dx(), wordsAbove+platesHigh))
		draw.Draw(part, part.Rect, img, image.Pt(comparePanel.Min.X, y-wordsAbove), draw.Src)
		return part
	}
	return nil
}
