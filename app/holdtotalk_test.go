package app

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"sundog.dev/sundog/mesh"
)

// keyGoes presses a key down or lets it go in a call's window, as the driver does while nothing has the focus.
func keyGoes(w *callWindow, down bool, key fyne.KeyName) {
	e := &fyne.KeyEvent{Name: key}
	free := w.win.Canvas().Focused() == nil
	switch {
	case free && down:
		w.keyDown(e)
	case free:
		w.keyUp(e)
	}
	if down {
		press(w.win, key)
	}
}

// hold presses a key and holds it so long that it repeats.
func hold(w *callWindow, key fyne.KeyName) {
	keyGoes(w, true, key)
	for range 3 {
		press(w.win, key)
	}
}

func TestWhoeverIsMutedIsHeardWhileTheyHoldSpace(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.callIn(mesh.InCall)
	muted := func(want bool, when string) {
		t.Helper()
		call.get(func(c *fakeCall) {
			if c.status.Muted != want {
				t.Errorf("%s: muted is %v", when, c.status.Muted)
			}
		})
		d.until(when+" it is shown", func() bool { return w.view.muted == want })
	}
	hold(w, fyne.KeyM)
	muted(true, "after a long press of M")
	if w.stage.banner.text == "" || w.bar.mute.name != "Unmute, or hold Space to talk" {
		t.Errorf("nothing tells of the key: %q, %q", w.stage.banner.text, w.bar.mute.name)
	}
	keyGoes(w, false, fyne.KeyM)

	hold(w, fyne.KeySpace)
	muted(false, "while Space is held")
	if w.bar.mute.caption != "Talking" {
		t.Errorf("the button says %q", w.bar.mute.caption)
	}
	keyGoes(w, false, fyne.KeySpace)
	muted(true, "after Space is let go")

	hold(w, fyne.KeySpace)
	test.Tap(w.bar.chat)
	d.until("it is muted, since the focus has gone", func() bool {
		d.pass(lookEvery)
		return !w.talking
	})
	muted(true, "with the focus in the chat")
	hold(w, fyne.KeySpace)
	muted(true, "while a space is typed")
	keyGoes(w, false, fyne.KeySpace)
	test.Tap(w.bar.chat)

	hold(w, fyne.KeySpace)
	press(w.win, fyne.KeyM)
	keyGoes(w, false, fyne.KeySpace)
	muted(false, "after M while Space was held")
	hold(w, fyne.KeySpace)
	keyGoes(w, false, fyne.KeySpace)
	muted(false, "after Space while they were heard anyway")
}

func TestTheKeysAreListed(t *testing.T) {
	d := newDesk(t, withPeople)
	w, _ := d.callIn(mesh.InCall)
	w.win.Canvas().Focus(w.bar.leave)
	w.win.Canvas().Focused().TypedRune('?')
	if w.sheet == nil {
		t.Fatal("? lists no keys")
	}
	press(w.win, fyne.KeyEscape)
	if w.sheet != nil {
		t.Error("Escape does not take the list away")
	}
	press(w.win, fyne.KeyF1)
	if w.sheet == nil {
		t.Error("F1 lists no keys")
	}
	press(w.win, fyne.KeyF1)
	if w.sheet != nil {
		t.Error("F1 does not take the list away")
	}
	question := w.openSheet("A question")
	w.typedRune('?')
	if w.sheet != question {
		t.Error("? closes a question that is open")
	}
}
