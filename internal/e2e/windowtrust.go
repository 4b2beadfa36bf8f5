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
	// callTitle is the name of whom one speaks with, with its mark.
	callTitle = image.Rect(16, 16, 240, 56)
)

const (
	wordsAbove  = 52 // how far above the pictures the words begin, in pixels
	platesHigh  = 52
	markInTitle = 0.004 // of callTitle that a mark covers, at least
)

// checkWindowTrust lets two people compare words, and then shows one of them another key under the other's name.
func checkWindowTrust(ctx context.Context, b *bench) error {
	screen, err := b.startDisplay(ctx, 2000, 1300)
	if err != nil {
		return err
	}
	defer screen.stop()
	host, err := quietHost()
	if err != nil {
		return err
	}
	s, err := b.startServiceAt(ctx, host+":1935", host+":8035")
	if err != nil {
		return err
	}
	defer func() { s.stop() }()
	alice := &user{b: b, screen: screen, name: "Alice", place: image.Pt(0, 0)}
	bob := &user{b: b, screen: screen, name: "Bob", place: image.Pt(0, 620)}
	for i, u := range []*user{alice, bob} {
		if err := b.firstStart(ctx, u, image.Pt(1000+i*420, 0), "--directory", "service", "--server", "rtmfp://"+host); err != nil {
			return err
		}
		defer func() { u.program.stop() }()
	}
	if err := b.compareWords(ctx, alice, bob); err != nil {
		alice.keepShot(ctx, "failed")
		return fmt.Errorf("comparing words: %w", err)
	}
	// Somebody else has the name from now on: Bob's program with a profile of its own, on a service that has forgotten him.
	b.quit(bob)
	if err := os.Rename(filepath.Join(b.dir, "profile-Bob"), filepath.Join(b.dir, "profile-former")); err != nil {
		return err
	}
	s.stop()
	if err := b.forgetServices(); err != nil {
		return err
	}
	// A button under the pointer has another colour than the one that is looked for.
	if _, err := screen.xdotool(ctx, "mousemove", "1990", "1290"); err != nil {
		return err
	}
	if s, err = b.startServiceAt(ctx, host+":1935", host+":8035"); err != nil {
		return err
	}
	if err := b.firstStart(ctx, bob, image.Pt(1420, 0), "--directory", "service", "--server", "rtmfp://"+host); err != nil {
		bob.keepShot(ctx, "failed")
		return fmt.Errorf("somebody else begins as Bob: %w", err)
	}
	if err := b.changedKey(ctx, alice, bob); err != nil {
		alice.keepShot(ctx, "failed")
		return fmt.Errorf("a changed key: %w", err)
	}
	b.quit(bob)
	b.quit(alice)
	return nil
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
func (b *bench) compareWords(ctx context.Context, alice, bob *user) error {
	for _, u := range []*user{alice, bob} {
		if err := u.reachable(ctx); err != nil {
			return err
		}
	}
	out, err := b.dial(ctx, alice, bob.name)
	if err != nil {
		return err
	}
	in, err := bob.callWindow(ctx, alice.name+" is calling", windowWait)
	if err != nil {
		return err
	}
	time.Sleep(time.Second) // a person looks before answering
	alice.keepShot(ctx, "1-ringing")
	if err := in.clickButton(ctx, good); err != nil {
		return err
	}
	if in, err = bob.callWindow(ctx, "Call with "+alice.name, windowWait); err != nil {
		return err
	}
	var words [2]*image.RGBA
	for i, w := range []*window{out, in} {
		if err := w.press(ctx, "w"); err != nil {
			return err
		}
		err := until(ctx, 2*windowWait, "words and pictures", func() (bool, error) {
			img, err := w.look(ctx)
			if err != nil {
				return false, err
			}
			words[i] = wordsIn(img)
			return words[i] != nil, nil
		})
		b.report.holds(w.u.name+" sees words to compare", err == nil, fmt.Sprint(err))
		if err != nil {
			return err
		}
	}
	alice.keepShot(ctx, "2-words")
	b.report.equals("both see the same words and pictures: part that differs", changed(words[0], words[1], words[0].Rect), 0.0)
	for _, w := range []*window{out, in} {
		img, err := w.look(ctx)
		if err != nil {
			return err
		}
		b.report.equals(w.u.name+" sees no mark before", share(img, callTitle, good, sameColour) >= markInTitle, false)
		if err := w.clickButton(ctx, accent); err != nil {
			return err
		}
		err = until(ctx, windowWait, "the mark of somebody verified", func() (bool, error) {
			img, err := w.look(ctx)
			return err == nil && share(img, callTitle, good, sameColour) >= markInTitle, err
		})
		b.report.holds(w.u.name+" clicks “They match”, and the other is marked as verified", err == nil, fmt.Sprint(err))
	}
	time.Sleep(500 * time.Millisecond)
	alice.keepShot(ctx, "3-match")
	if err := b.hangUpByClick(ctx, out, "verified call"); err != nil {
		return err
	}
	if in.shown(ctx) {
		time.Sleep(time.Second)
		_ = in.press(ctx, "Escape") // it may go by itself
	}
	return b.verifiedContacts(ctx, alice, bob)
}

// firstName is where the first name of a list is that was narrowed to one person, without the face and its light.
var firstName = image.Rect(62, 165, 250, 200)

// verifiedContacts looks for the mark behind the names in the lists.
func (b *bench) verifiedContacts(ctx context.Context, alice, bob *user) error {
	const withMark = 0.004
	for _, pair := range [][2]*user{{alice, bob}, {bob, alice}} {
		u := pair[0]
		if err := u.main.press(ctx, "ctrl+1", "ctrl+a"); err != nil {
			return err
		}
		if err := u.main.write(ctx, pair[1].name); err != nil {
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
		b.report.holds(u.name+"’s list marks "+pair[1].name+" as verified", err == nil, fmt.Sprintf("%v; green covers %.4f", err, seen))
	}
	alice.keepShot(ctx, "4-contacts")
	return alice.main.press(ctx, "ctrl+a", "BackSpace")
}

// changedKey calls somebody who shows another key than before.
func (b *bench) changedKey(ctx context.Context, alice, bob *user) error {
	for _, u := range []*user{bob, alice} {
		if err := u.reachable(ctx); err != nil {
			return err
		}
	}
	time.Sleep(2 * time.Second) // the directory tells
	if err := alice.main.press(ctx, "ctrl+1", "ctrl+a"); err != nil {
		return err
	}
	if err := alice.main.write(ctx, bob.name); err != nil {
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
	b.report.holds("Bob’s name with another key: a sheet says so", err == nil, fmt.Sprint(err))
	for _, title := range bob.screen.titles(ctx, fmt.Sprint(bob.program.cmd.Process.Pid)) {
		b.report.equals("nobody rings at whoever has the name now: windows", title, "Sundog")
	}
	return nil
}

// screenWindows are the call windows of somebody's app.
func screenWindows(ctx context.Context, u *user) ([]string, error) {
	return u.screen.xdotool(ctx, "search", "--all", "--onlyvisible", "--pid", fmt.Sprint(u.program.cmd.Process.Pid), "--name", "Call with")
}

// reachable waits until the header says so.
func (u *user) reachable(ctx context.Context) error {
	return until(ctx, 3*windowWait, "the header’s green dot of "+u.name, func() (bool, error) {
		img, err := u.main.look(ctx)
		return err == nil && share(img, mainHeader, good, sameColour) > 0.001, err
	})
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
