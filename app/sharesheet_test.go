package app

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"sundog.dev/sundog/mesh"
)

// shares reports what the call was told of the screen.
func shares(c *fakeCall) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.status.Sharing
}

func TestAKeyOrAClickAloneDoesNotShowTheScreen(t *testing.T) {
	for what, begin := range map[string]func(*callWindow){
		"key":    func(w *callWindow) { press(w.win, fyne.KeyS) },
		"button": func(w *callWindow) { test.Tap(w.bar.share) },
	} {
		t.Run(what, func(t *testing.T) {
			d := newDesk(t, withPeople)
			w, call := d.callIn(mesh.InCall)
			for _, typed := range []fyne.KeyName{fyne.KeyE, fyne.KeyE, fyne.KeySpace, fyne.KeyY, fyne.KeyO, fyne.KeyU, fyne.KeyReturn} {
				if w.sheet == nil {
					begin(w)
				}
				press(w.win, typed)
			}
			if w.bar.share.disabled || shares(call) {
				t.Fatal("whoever types a line shows their screen")
			}
			for w.sheet != nil {
				press(w.win, fyne.KeyEscape)
			}
			begin(w)
			d.choose(w.sheet, "Share")
			d.until("the screen is shown", func() bool { return w.view.sharing })
			if w.sheet != nil || !strings.Contains(w.notice.text, "sees your screen now") {
				t.Errorf("it says %q", w.notice.text)
			}
			d.until("it can be stopped", func() bool { return !w.bar.share.disabled })
			begin(w) // which asks nothing
			d.until("the screen is not shown any more", func() bool { return !w.view.sharing })
		})
	}
}

func TestNothingIsAskedOfACallThatIsOver(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.callIn(mesh.InCall)
	press(w.win, fyne.KeyS)
	if w.sheet == nil {
		t.Fatal("nothing is asked")
	}
	call.set(func(c *fakeCall) { c.status.State, c.status.Sentence = mesh.Ended, "The call has ended." })
	d.until("the end is shown", func() bool { return w.stage.ended.Visible() })
	if w.sheet != nil {
		t.Error("the question stays")
	}
}
