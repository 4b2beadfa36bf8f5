package app

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
)

func TestAQuestionIsAnsweredByTheKeys(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call, room := d.inRoom(4)
	c := w.win.Canvas()
	deed := func(text string) *button {
		return find[*button](t, w.people.rows, func(b *button) bool { return b.text == text })
	}
	more := w.people.mores["Dana"]
	c.Focus(more)
	press(w.win, fyne.KeyReturn)
	c.Focus(deed("Remove…"))
	press(w.win, fyne.KeyReturn)
	if c.Focused() != fyne.Focusable(deed("Keep")) {
		t.Fatal("the question has not the focus, on what leaves things as they are")
	}
	press(w.win, fyne.KeyEscape)
	if w.people.leaving != "" || !w.people.isOpen() || w.people.chosen != "Dana" || c.Focused() != fyne.Focusable(more) {
		t.Error("Escape does not just take the question back")
	}
	press(w.win, fyne.KeyEscape)
	if w.people.chosen != "" || !w.people.isOpen() {
		t.Error("Escape does not just take back what can be done")
	}
	w.people.ask("Dana", false)
	c.Focus(deed("Remove"))
	press(w.win, fyne.KeyReturn)
	d.until("she is removed", func() (gone bool) {
		room.get(func(f *fakeConference) { gone = len(f.removed) == 1 })
		return gone
	})
	call.set(func(c *fakeCall) { c.members = crowd(2) })
	d.until("her row is gone", func() bool { return w.people.mores["Dana"] == nil && len(w.people.view.rows) == 3 })
	if c.Focused() != fyne.Focusable(w.people.hand) {
		t.Errorf("the focus is on %T, which is not there any more", c.Focused())
	}
	press(w.win, fyne.KeyEscape)
	if w.people.isOpen() {
		t.Error("Escape does not close the panel then")
	}
}

func TestWhoLeavesWhileTheyAreAskedAboutIsNotAskedAboutAgain(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call, _ := d.inRoom(4)
	w.people.ask("Dana", true)
	call.set(func(c *fakeCall) { c.members = crowd(2) })
	d.until("she is gone", func() bool { return len(w.people.view.rows) == 3 })
	call.set(func(c *fakeCall) { c.members = crowd(4) })
	d.until("she is back", func() bool { return len(w.people.view.rows) == 5 })
	if w.people.leaving != "" {
		t.Error("a question stands that nobody has asked now")
	}
}

func TestTheFocusIsScrolledIntoViewInThePanelOfPeople(t *testing.T) {
	d := newDesk(t, withPeople)
	w, _, _ := d.inRoom(8)
	for _, to := range []fyne.Focusable{w.people.mores["Hanna"], w.people.link, w.people.mores["Ben"]} {
		w.win.Canvas().Focus(to)
		driver := fyne.CurrentApp().Driver()
		o := to.(fyne.CanvasObject)
		top := driver.AbsolutePositionForObject(o).Y - driver.AbsolutePositionForObject(w.people.scroll).Y
		if top < 0 || top+o.Size().Height > w.people.scroll.Size().Height {
			t.Errorf("%T has the focus at %.0f of %.0f", to, top, w.people.scroll.Size().Height)
		}
	}
	w.win.Canvas().Unfocus()
	w.people.scroll.ScrollToTop()
	press(w.win, fyne.KeyPageDown)
	if w.people.scroll.Offset.Y == 0 {
		t.Error("Page down does not scroll it")
	}
}

func TestPeopleToAddAreChosenByTheKeys(t *testing.T) {
	d := newDesk(t, func(p *fakePhone) {
		withPeople(p)
		p.people = append(p.people,
			Person{ID: "dan", Name: "Danielle", Contact: true, Online: true}, Person{ID: "b", Name: "Bad Bob", Contact: true, Blocked: true})
	})
	w, _, room := d.inRoom(2)
	adding := w.people.adding
	press(w.win, fyne.KeyA)
	focused := func() string {
		if l, ok := w.win.Canvas().Focused().(*choiceLine); ok {
			return l.row.name
		}
		return ""
	}
	adding.search.SetText("dan")
	press(w.win, fyne.KeyReturn)
	if adding.note.text != "Several people match. Choose one." || focused() != "Danielle" {
		t.Errorf("it says %q, %q has the focus", adding.note.text, focused())
	}
	press(w.win, fyne.KeyDown)
	if focused() != "Dana" {
		t.Errorf("Down goes to %q", focused())
	}
	press(w.win, fyne.KeyUp)
	press(w.win, fyne.KeyUp)
	if w.win.Canvas().Focused() != fyne.Focusable(adding.search) {
		t.Error("Up does not go back to the field")
	}
	adding.search.SetText("dana")
	press(w.win, fyne.KeyReturn)
	d.until("Dana is called", func() (called bool) {
		room.get(func(f *fakeConference) { called = len(f.added) == 1 && f.added[0].ID == "dana" })
		return called
	})
	for typed, want := range map[string]string{
		"Carla  vance": "Carla Vance is in the call already.",
		"bad bob":      "Bad Bob is blocked. Unblock them in Settings to add them.",
	} {
		adding.search.SetText(typed)
		if typed == "bad bob" {
			press(w.win, fyne.KeyReturn)
		}
		if adding.note.text != want {
			t.Errorf("%q: it says %q", typed, adding.note.text)
		}
	}
	room.set(func(f *fakeConference) { f.err = sentence("The call is full: nine people is the most.") })
	adding.search.SetText("emil")
	press(w.win, fyne.KeyReturn)
	d.until("the refusal is told", func() bool { return w.people.said.Visible() })
	adding.search.SetText("z")
	if w.people.said.Visible() {
		t.Error("it is still told while somebody else is typed")
	}
}

func TestWhoeverGoesByTheKeysIsToldOnceThatThereAreMore(t *testing.T) {
	d := newDesk(t, withPeople)
	w, _, _ := d.inRoom(2)
	w.win.Canvas().Focus(w.bar.mute)
	if w.banner().text != "Press ? to see what each key does." {
		t.Errorf("it says %q", w.banner().text)
	}
	w.hush()
	w.win.Canvas().Focus(w.bar.camera)
	if w.banner().text != "" {
		t.Error("it is said again")
	}
}

func TestTheKeyFocusOnStockWidgetsIsSeen(t *testing.T) {
	d := newDesk(t, withPeople)
	w, _, _ := d.inRoom(2)
	w.people.choose("Ben")
	slider := find[*volumeSlider](t, w.people.rows, func(*volumeSlider) bool { return true })
	for what, o := range map[string]interface {
		fyne.Widget
		fyne.Focusable
	}{"volume": slider, "to whom one writes": w.chat.whom} {
		framed := func() bool {
			for _, part := range test.WidgetRenderer(o).Objects() {
				switch part := part.(type) {
				case *canvas.Circle:
					if part.StrokeWidth > 0 {
						return true
					}
				case *canvas.Rectangle:
					if part.StrokeWidth > 0 {
						return true
					}
				}
			}
			return false
		}
		before := framed()
		o.FocusGained()
		o.Refresh()
		with := framed()
		o.FocusLost()
		o.Refresh()
		if before || !with || framed() {
			t.Errorf("%s: before %v, with the focus %v, after %v", what, before, with, framed())
		}
	}
}
