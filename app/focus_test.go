package app

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

// takers is what is in sight in o and takes the key focus.
func takers(o fyne.CanvasObject) (found []fyne.Focusable) {
	if !o.Visible() {
		return nil
	}
	switch o := o.(type) {
	case *fyne.Container:
		for _, inner := range o.Objects {
			found = append(found, takers(inner)...)
		}
	case *container.Scroll:
		return takers(o.Content)
	case fyne.Focusable:
		return []fyne.Focusable{o}
	}
	return found
}

func TestTheTabKeyReachesAllThatIsInSightAndNothingElse(t *testing.T) {
	for what, open := range map[string]func(*callWindow){
		"a call of several": func(w *callWindow) { w.people.close() },
		"the people":        func(w *callWindow) { w.people.choose("Dana") },
		"adding people":     func(w *callWindow) { w.people.addMore(true) },
		"a question":        func(w *callWindow) { w.people.ask("Dana", false) },
		"the chat":          func(w *callWindow) { w.toggleChat() },
		"words to compare":  func(w *callWindow) { w.toggleCompare() },
	} {
		t.Run(what, func(t *testing.T) {
			d := newDesk(t, withPeople)
			w, _, room := d.inRoom(3)
			room.set(func(f *fakeConference) { f.state.Files = someFiles() })
			d.until("there are files", func() bool { return len(w.chat.files) > 0 })
			open(w)
			wanted, reached := takers(w.stage.content), map[fyne.Focusable]bool{}
			c := w.win.Canvas()
			c.Unfocus()
			for range 3 * len(wanted) {
				c.FocusNext()
				has := c.Focused()
				reached[has] = true
				if !slices.Contains(wanted, has) {
					t.Fatalf("%T has the focus, which is not in sight", has)
				}
			}
			for _, f := range wanted {
				if !reached[f] {
					t.Errorf("%T %v is not reached", f, f.(fyne.CanvasObject).Position())
				}
			}
			if len(wanted) < 8 {
				t.Errorf("there are %d things", len(wanted))
			}
		})
	}
}

func TestWhatClosesGivesTheKeyFocusBack(t *testing.T) {
	for what, c := range map[string]struct {
		opener func(*callWindow) fyne.Focusable
		within func(*callWindow) fyne.Focusable
		open   func(*callWindow)
	}{
		"the people":       {func(w *callWindow) fyne.Focusable { return w.bar.people }, func(w *callWindow) fyne.Focusable { return w.people.shut }, (*callWindow).togglePeople},
		"the chat":         {func(w *callWindow) fyne.Focusable { return w.bar.chat }, func(w *callWindow) fyne.Focusable { return w.chat.attach }, (*callWindow).toggleChat},
		"words to compare": {func(w *callWindow) fyne.Focusable { return w.stage.top.words }, func(w *callWindow) fyne.Focusable { return w.compare.shut }, (*callWindow).toggleCompare},
	} {
		t.Run(what, func(t *testing.T) {
			d := newDesk(t, withPeople)
			w, _, _ := d.inRoom(3)
			w.people.close()
			canvas := w.win.Canvas()
			// Whoever opens it by the keys is back where they were.
			canvas.Focus(c.opener(w))
			press(w.win, fyne.KeyReturn)
			canvas.Focus(c.within(w))
			c.open(w)
			if canvas.Focused() != c.opener(w) {
				t.Errorf("the focus goes to %T", canvas.Focused())
			}
			// Whoever opens it by a letter, and has gone about in it, is at what opens it.
			canvas.Unfocus()
			c.open(w)
			before := canvas.Focused()
			canvas.Focus(w.people.hand)
			if what != "the people" {
				canvas.Focus(c.within(w))
			}
			other := canvas.Focused()
			c.open(w)
			if want := c.opener(w); other != before && canvas.Focused() != want {
				t.Errorf("the focus goes to %T, want %T", canvas.Focused(), want)
			}
			// The pointer has no focus to give back, and the bar hides again.
			canvas.Unfocus()
			c.open(w)
			c.open(w)
			if canvas.Focused() != nil {
				t.Errorf("%T has the focus, which nobody has given it", canvas.Focused())
			}
		})
	}
}

func TestWhoHasAddedPeopleByTheKeysIsBackAtTheButton(t *testing.T) {
	d := newDesk(t, func(p *fakePhone) {
		withPeople(p)
		p.people = append(p.people, Person{ID: "zoe", Name: "Zoe", Contact: true, Online: true})
	})
	w, _, _ := d.inRoom(2)
	c := w.win.Canvas()
	c.Focus(w.people.add)
	press(w.win, fyne.KeyReturn)
	press(w.win, fyne.KeyDown)
	if _, chooses := c.Focused().(*choiceLine); !chooses {
		t.Fatalf("%T has the focus", c.Focused())
	}
	press(w.win, fyne.KeyEscape)
	if w.people.adding.content.Visible() || c.Focused() != fyne.Focusable(w.people.add) {
		t.Errorf("%T has the focus", c.Focused())
	}
	test.Tap(w.people.add)
	press(w.win, fyne.KeyEscape)
	if !w.people.isOpen() {
		t.Error("Escape closes more than the field")
	}
}
