package app

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"sundog.dev/sundog/mesh"
)

// inRoom opens the panel of people in a call with n others.
func (d *desk) inRoom(n int) (*callWindow, *fakeCall, *fakeConference) {
	d.Helper()
	w, call := d.callIn(mesh.InCall)
	room := d.room(call)
	call.set(func(c *fakeCall) { c.room = room })
	d.withCrowd(w, call, crowd(n))
	d.until("the panel can be opened", func() bool { return w.bar.people.Visible() })
	test.Tap(w.bar.people)
	return w, call, room
}

func TestWhatThePhoneCannotDoIsNotThere(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.callIn(mesh.InCall)
	if w.bar.people.Visible() || w.stage.top.view.Visible() || w.bar.uplink.Visible() {
		t.Error("a call of two on a phone without conferences has what only those need")
	}
	d.withCrowd(w, call, crowd(3))
	test.Tap(w.bar.people)
	if !w.people.isOpen() || w.people.add.Visible() || w.people.link.Visible() || w.people.hand.Visible() || w.people.links.Visible() || w.people.grid.Visible() {
		t.Error("the panel offers what cannot be done")
	}
	if len(w.people.rows.Objects) != 4 {
		t.Errorf("%d rows for four people", len(w.people.rows.Objects))
	}
}

func TestThePanelOpensAloneAndClosesByEscape(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call, _ := d.inRoom(3)
	press(w.win, fyne.KeyC)
	if w.people.isOpen() || !w.chat.isOpen() {
		t.Error("it stays beside the chat")
	}
	press(w.win, fyne.KeyEscape) // out of the field
	press(w.win, fyne.KeyP)
	if !w.people.isOpen() || w.chat.isOpen() {
		t.Error("P does not open it in the chat’s place")
	}
	press(w.win, fyne.KeyW)
	if w.people.isOpen() || !w.compare.isOpen() {
		t.Error("it stays beside the words to compare")
	}
	press(w.win, fyne.KeyP)
	if !w.people.isOpen() || w.compare.isOpen() {
		t.Error("the words stay beside it")
	}
	w.win.Canvas().Unfocus()
	press(w.win, fyne.KeyEscape)
	if w.people.isOpen() || call.hungUp != 0 {
		t.Error("Escape does not just close it")
	}
}

func TestTheHandGoesUpAndDown(t *testing.T) {
	d := newDesk(t, withPeople)
	w, _, room := d.inRoom(2)
	for _, up := range []bool{true, false} {
		test.Tap(w.people.hand)
		d.until("the hand is seen", func() bool { return w.people.view.may.Hand == up && w.people.view.rows[0].hand == up })
		room.get(func(f *fakeConference) {
			if f.state.Hand != up {
				t.Errorf("the phone has it %v", f.state.Hand)
			}
		})
	}
	press(w.win, fyne.KeyH)
	d.until("H raises it too", func() bool { return w.people.view.may.Hand })
}

func TestSomebodyIsBlockedOnlyAfterAQuestion(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.callIn(mesh.InCall)
	room := d.room(call)
	call.set(func(c *fakeCall) { c.room = room })
	d.withCrowd(w, call, crowd(3))
	w.togglePeople()
	w.people.choose("Ben")
	test.Tap(find[*button](t, w.people.rows, func(b *button) bool { return b.text == "Block…" }))
	room.get(func(f *fakeConference) {
		if len(f.blocked) != 0 {
			t.Error("nobody asks")
		}
	})
	test.Tap(find[*button](t, w.people.rows, func(b *button) bool { return b.text == "Block" }))
	d.until("Ben is blocked", func() (blocked bool) {
		room.get(func(f *fakeConference) { blocked = len(f.blocked) == 1 && f.blocked[0] == "Ben" })
		return blocked
	})
}

func TestSomebodyIsRemovedOnlyAfterAQuestion(t *testing.T) {
	d := newDesk(t, withPeople)
	w, _, room := d.inRoom(4)
	w.people.ask("Dana", false)
	room.get(func(f *fakeConference) {
		if len(f.removed) != 0 {
			t.Fatal("one click removes")
		}
	})
	test.Tap(find[*button](t, w.people.rows, func(b *button) bool { return b.text == "Remove" }))
	d.until("she is removed", func() bool {
		gone := false
		room.get(func(f *fakeConference) { gone = len(f.removed) == 1 && f.removed[0] == "Dana" })
		return gone
	})
	if w.people.leaving != "" {
		t.Error("it still asks")
	}
}

func TestPeopleAreAddedFromTheListsAndByName(t *testing.T) {
	d := newDesk(t, withPeople)
	w, _, room := d.inRoom(2)
	test.Tap(w.people.add)
	if w.win.Canvas().Focused() != fyne.Focusable(w.people.adding.search) {
		t.Fatal("one cannot type at once")
	}
	added := func() (got Person) {
		room.get(func(f *fakeConference) {
			if len(f.added) > 0 {
				got = f.added[len(f.added)-1]
			}
		})
		return got
	}
	test.Type(w.people.adding.search, "emil")
	press(w.win, fyne.KeyReturn)
	d.until("Emil is called", func() bool { return added().ID == "emil" })
	test.Type(w.people.adding.search, "Zoe")
	press(w.win, fyne.KeyReturn)
	d.until("Zoe is found", func() bool { return len(w.people.adding.found.Objects) == 1 })
	press(w.win, fyne.KeyReturn)
	d.until("Zoe is called", func() bool { return added().Name == "Zoe" })
	room.set(func(f *fakeConference) { f.err = sentence("The call is full: nine people is the most.") })
	test.Type(w.people.adding.search, "dana")
	press(w.win, fyne.KeyReturn)
	d.until("the refusal is told", func() bool { return w.people.said.text == "The call is full: nine people is the most." })
}

func TestTheCallsLinkIsCopied(t *testing.T) {
	d := newDesk(t, withPeople)
	w, _, _ := d.inRoom(2)
	test.Tap(w.people.link)
	d.until("it is copied", func() bool { return d.app.Clipboard().Content() == "sundog:?room=Ben" })
}

func TestTheUplinkIsToldUnderTheBar(t *testing.T) {
	d := newDesk(t, withPeople)
	w, _, room := d.inRoom(2)
	if !w.bar.uplink.Visible() || w.bar.uplink.text != "Your uplink carries 4 people at 360p · 1.6 Mbit/s" {
		t.Errorf("it says %q", w.bar.uplink.text)
	}
	room.set(func(f *fakeConference) {
		f.state.Uplink = "Your uplink carries 2 people at 360p, 1 at 180p, 1 with sound only · 1.6 Mbit/s"
	})
	d.until("what fits of a longer one is told, from its beginning", func() bool {
		return w.bar.uplink.text == "Uplink: 2 people at 360p, 1 at 180p, 1 with sound only"
	})
	room.set(func(f *fakeConference) { f.state.Uplink = "" })
	d.until("it goes", func() bool { return !w.bar.uplink.Visible() })
}

// find is the first object of that kind in a container.
func find[T fyne.CanvasObject](t *testing.T, in fyne.CanvasObject, is func(T) bool) (found T) {
	t.Helper()
	there := false
	var look func(fyne.CanvasObject)
	look = func(o fyne.CanvasObject) {
		if x, ok := o.(T); ok && is(x) && !there {
			found, there = x, true
		}
		if c, ok := o.(*fyne.Container); ok {
			for _, o := range c.Objects {
				look(o)
			}
		}
	}
	look(in)
	if !there {
		t.Fatal("it is not there")
	}
	return found
}

func TestWhatIsUnderThePointerStaysWhileTheOthersChange(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call, _ := d.inRoom(4)
	w.people.ask("Dana", false)
	isRemove := func(b *button) bool { return b.text == "Remove" }
	before, more := find[*button](t, w.people.rows, isRemove), w.people.mores["Ben"]
	call.set(func(c *fakeCall) { c.members[0].Quality = 1 })
	d.until("the panel shows it", func() bool { return w.people.view.rows[1].quality == 1 })
	if find[*button](t, w.people.rows, isRemove) != before || w.people.mores["Ben"] != more {
		t.Error("the buttons are made anew: a click on one is lost")
	}
}
