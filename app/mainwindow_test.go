package app

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/theme"
)

func TestFirstStartAsksForANameAndThenShowsThePages(t *testing.T) {
	d := newDesk(t, func(p *fakePhone) { p.settings.Name = "" })
	w := d.ui.main.win
	if w.Title() != "Sundog" {
		t.Errorf("the window is called %q", w.Title())
	}
	name, ok := w.Canvas().Focused().(*field)
	if !ok {
		t.Fatalf("the focus is on %T, not on the name", w.Canvas().Focused())
	}
	press(w, fyne.KeyReturn)
	if d.ui.main.welcomed {
		t.Fatal("the welcome was left without a name")
	}
	test.Type(name, "  Anna  Berg")
	press(w, fyne.KeyReturn)
	d.until("the pages are shown", func() bool { return d.ui.main.welcomed })
	if got := d.phone.Settings().Name; got != "Anna Berg" {
		t.Errorf("the name was kept as %q", got)
	}
	if got := d.ui.main.header.self.who.text; got != "Anna Berg" {
		t.Errorf("the header shows %q", got)
	}
}

func TestAFirstNameThatCannotBeKeptIsToldAndMayBeTriedAgain(t *testing.T) {
	d := newDesk(t, func(p *fakePhone) { p.settings.Name, p.saveErr = "", sentence("The disk is full.") })
	w := d.ui.main.win
	name := w.Canvas().Focused().(*field)
	test.Type(name, "Anna")
	press(w, fyne.KeyReturn)
	d.phone.set(func(p *fakePhone) {})
	said := func() bool { return strings.Contains(test.RenderToMarkup(w.Canvas()), "The disk is full.") }
	d.until("the trouble is told", said)
	d.phone.set(func(p *fakePhone) { p.saveErr = nil })
	press(w, fyne.KeyReturn)
	d.until("the pages are shown", func() bool { return d.ui.main.welcomed })
}

func TestTheEmptyListSaysWhatToDoFirst(t *testing.T) {
	d := newDesk(t, onNetwork)
	p := d.ui.main.people
	if !p.empty.content.Visible() || !p.empty.second.Visible() {
		t.Fatal("without people the empty list offers nothing")
	}
	if !strings.Contains(p.empty.text.text, "People on this network") {
		t.Errorf("it says %q", p.empty.text.text)
	}
	d.ui.main.testCall()
	c := d.theCall()
	if !d.phone.calls()[0].test || c.win.Title() != "Sundog – Test call" {
		t.Errorf("the test call is not one: %q", c.win.Title())
	}
	d.phone.set(func(p *fakePhone) { p.people = []Person{{Name: "Ben", Nearby: true}} })
	d.until("the list is shown", func() bool { return !p.empty.content.Visible() })
}

func TestPresenceFollowsThePhone(t *testing.T) {
	d := newDesk(t, nil)
	d.phone.set(onNetwork)
	d.until("presence is told", func() bool { return d.ui.main.header.self.words.text == "Reachable on this network" })
}

func TestABurstOfChangesIsOneRefresh(t *testing.T) {
	d := newDesk(t, withPeople)
	for range 300 {
		d.phone.set(func(p *fakePhone) { p.people[0].Online = !p.people[0].Online })
	}
	d.phone.set(func(p *fakePhone) { p.people[0].Name = "Benjamin" })
	d.until("the last change is shown", func() bool { return d.ui.main.known[0].Name == "Benjamin" })
	if got := len(d.queue); got > 2 {
		t.Errorf("the UI thread is asked %d times more for one burst", got)
	}
}

func TestEnterInTheFieldCallsWhoIsTyped(t *testing.T) {
	d := newDesk(t, withPeople)
	w := d.ui.main.win
	if w.Canvas().Focused() != fyne.Focusable(d.ui.main.people.search) {
		t.Fatal("one cannot type at once")
	}
	test.Type(d.ui.main.people.search, "zoe")
	if got := d.ui.main.people.callIt.text; got != "Call zoe" {
		t.Errorf("the button says %q", got)
	}
	press(w, fyne.KeyReturn)
	c := d.theCall()
	if c.win.Title() != "Sundog – Call with zoe" || c.view.headline != "Calling zoe…" {
		t.Errorf("%q, %q", c.win.Title(), c.view.headline)
	}
	if d.ui.main.people.search.Text != "" {
		t.Error("the name is still in the field")
	}
}

func TestARowCallsByEnterAndByItsButtons(t *testing.T) {
	for how, c := range map[string]struct {
		call   func(*desk, *personLine)
		camera bool
	}{
		"Enter": {func(d *desk, l *personLine) {
			test.Tap(l)
			press(d.ui.main.win, fyne.KeyReturn)
		}, true},
		"picture": {func(_ *desk, l *personLine) { test.Tap(l.video) }, true},
		"voice":   {func(_ *desk, l *personLine) { test.Tap(l.voice) }, false},
	} {
		t.Run(how, func(t *testing.T) {
			d := newDesk(t, withPeople)
			c.call(d, d.ui.main.people.list.line("Dana"))
			d.theCall()
			if got := d.phone.calls()[0]; got.with.ID != "dana" || got.status.CameraOn != c.camera {
				t.Errorf("called %q, camera on: %v", got.with.ID, got.status.CameraOn)
			}
		})
	}
}

func TestACallThatCannotBeMadeIsToldUnderTheField(t *testing.T) {
	d := newDesk(t, func(p *fakePhone) {
		withPeople(p)
		p.callErr = sentence("Another call is going on. Hang up first.")
	})
	d.ui.main.callName("Dana")
	note := d.ui.main.people.note
	d.until("the sentence is shown", func() bool { return note.text == "Another call is going on. Hang up first." })
	test.Type(d.ui.main.people.search, "x")
	if note.text != "" {
		t.Error("the sentence stays while the next name is typed")
	}
}

func TestShortcutsWorkFromWithinTheField(t *testing.T) {
	d := newDesk(t, withPeople)
	d.ui.main.people.search.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.Key2, Modifier: fyne.KeyModifierControl})
	if !d.ui.main.recent.content.Visible() || d.ui.main.people.content.Visible() {
		t.Error("Ctrl+2 does not show the recent calls")
	}
	if got := len(d.ui.main.recent.list.items); got != 2 {
		t.Errorf("%d recent calls, want 2", got)
	}
}

func TestAServiceIsCheckedBeforeItIsKept(t *testing.T) {
	d := newDesk(t, nil)
	d.ui.main.show(pageSettings)
	f := d.ui.main.settings.service
	f.server.SetText("example.org")
	test.Tap(f.save)
	d.until("it is saved", func() bool { return f.note.text == "Saved. example.org answers." })
	s := d.phone.Settings()
	if s.Server != "rtmfp://example.org:1935" || s.Directory != "" {
		t.Errorf("kept %q and %q", s.Server, s.Directory)
	}
	if len(d.phone.tried) != 1 {
		t.Errorf("it was tried %d times", len(d.phone.tried))
	}
	if f.directory.Text != "" {
		t.Errorf("the derived directory is shown as one of its own: %q", f.directory.Text)
	}
}

func TestAWrongServiceIsToldInPlaceAndNotKept(t *testing.T) {
	d := newDesk(t, func(p *fakePhone) {
		p.try = func(context.Context, Settings) error {
			return sentence("Nothing answers at bad.example. Check the address.")
		}
	})
	d.ui.main.show(pageSettings)
	f := d.ui.main.settings.service
	f.server.SetText("http://bad.example")
	test.Tap(f.save)
	if !strings.Contains(f.note.text, "web address") {
		t.Errorf("a web address is answered by %q", f.note.text)
	}
	f.server.SetText("bad.example")
	test.Tap(f.save)
	d.until("the sentence is shown", func() bool { return f.note.text == "Nothing answers at bad.example. Check the address." })
	if got := d.phone.Settings().Server; got != "" {
		t.Errorf("%q was kept all the same", got)
	}
	if !f.save.Visible() || f.progress.Visible() {
		t.Error("one cannot try again")
	}
	f.server.SetText("bad.example2")
	if f.note.text != serviceWhy {
		t.Error("the sentence stays over another address")
	}
}

func TestACheckShowsThatItRunsAndCanBeCancelled(t *testing.T) {
	started := make(chan struct{})
	d := newDesk(t, func(p *fakePhone) {
		p.try = func(ctx context.Context, _ Settings) error {
			deadline, ok := ctx.Deadline()
			if left := time.Until(deadline); !ok || left > 8*time.Second {
				t.Errorf("the check may take %v", left)
			}
			close(started)
			<-ctx.Done()
			return ctx.Err()
		}
	})
	d.ui.main.show(pageSettings)
	f := d.ui.main.settings.service
	f.server.SetText("slow.example")
	test.Tap(f.save)
	<-started
	if !f.progress.Visible() || !f.stop.Visible() || f.note.text != "Trying slow.example…" {
		t.Errorf("nothing shows that it is being tried: %q", f.note.text)
	}
	test.Tap(f.stop)
	d.until("it has stopped", func() bool { return f.note.text == "Stopped. Nothing was changed." })
	if f.progress.Visible() || f.stop.Visible() || !f.save.Visible() {
		t.Error("it still looks busy")
	}
}

func TestAnEmptyServiceTakesItAway(t *testing.T) {
	d := newDesk(t, withPeople)
	d.ui.main.show(pageSettings)
	f := d.ui.main.settings.service
	if f.server.Text != "rtmfp://example.org:1935" || f.directory.Text != "" {
		t.Errorf("the form shows %q and %q", f.server.Text, f.directory.Text)
	}
	f.server.SetText("")
	test.Tap(f.save)
	d.until("it is saved", func() bool { return d.phone.Settings().Server == "" && strings.HasPrefix(f.note.text, "Saved.") })
}

func TestTheNameIsSavedWhenTheFieldIsLeft(t *testing.T) {
	d := newDesk(t, nil)
	d.ui.main.show(pageSettings)
	f := d.ui.main.settings.name
	d.ui.main.win.Canvas().Focus(f.name)
	f.name.SetText("Anna B.")
	d.ui.main.win.Canvas().Unfocus()
	d.until("the name is saved", func() bool { return f.note.text == "Saved." })
	if got := d.ui.main.header.self.who.text; got != "Anna B." || d.phone.Settings().Name != got {
		t.Errorf("the header shows %q", got)
	}
}

func TestDevicesAreListedAndChosen(t *testing.T) {
	d := newDesk(t, func(p *fakePhone) {
		p.devices = Devices{Mics: []Device{{"default", "System default"}, {"device:usb", "USB microphone"}}}
	})
	d.ui.main.show(pageSettings)
	f := d.ui.main.settings.devices
	d.until("the devices are listed", func() bool { return len(f.mic.choice.Options) == 2 })
	f.mic.choice.SetSelected("USB microphone")
	d.until("the choice is saved", func() bool { return d.phone.Settings().Mic == "device:usb" })
	f.camera.choice.SetSelected("Test picture")
	d.until("the choice is saved", func() bool { return d.phone.Settings().Camera == "test" })
}

func TestTheThemeChangesAtOnce(t *testing.T) {
	d := newDesk(t, nil)
	d.ui.main.show(pageSettings)
	test.Tap(d.ui.main.settings.look.parts[2])
	d.until("it is dark", func() bool { return theme.Now() == theme.Dark() })
	if got := d.phone.Settings().Theme; got != "dark" {
		t.Errorf("kept as %q", got)
	}
}

func TestWhomTheCommandLineNamesIsCalledOnceTheDirectoriesAnswer(t *testing.T) {
	d := newDesk(t, func(p *fakePhone) {
		withPeople(p)
		p.dirs[1].State = DirectoryConnecting
	})
	d.ui.first = []string{"Dana", "Emil", "Zoe"}
	d.ui.main.refresh()
	if len(d.ui.first) != 3 {
		t.Fatal("called while the service was not there yet")
	}
	d.phone.set(func(p *fakePhone) { p.dirs[1].State = DirectoryReachable })
	if c := d.theCall(); c.view.name != "Dana" {
		t.Errorf("called %q", c.view.name)
	}
	d.ui.main.refresh()
	d.settled()
	calls := d.phone.calls()
	if len(calls) != 1 {
		t.Errorf("called %d times", len(calls))
	}
	room := &fakeConference{call: calls[0], state: ConferenceState{MayAdd: true}}
	calls[0].set(func(c *fakeCall) { c.status.State, c.room = mesh.InCall, room })
	var added []string
	d.until("the others are added", func() bool {
		room.get(func(f *fakeConference) {
			added = nil
			for _, p := range f.added {
				added = append(added, p.Name)
			}
		})
		return len(added) == 2
	})
	if slices.Sort(added); !slices.Equal(added, []string{"Emil", "Zoe"}) {
		t.Errorf("added %q", added)
	}
}

func TestTheTabKeyGoesFromTheFieldDownToTheTabs(t *testing.T) {
	d := newDesk(t, func(p *fakePhone) {
		withPeople(p)
		withRequest(p)
	})
	c := d.ui.main.win.Canvas()
	c.Focus(d.ui.main.people.search)
	for i, want := range []string{
		"Ida Holm", "Accept", "Ignore", "Block", "Start a call of several", "Make a test call", "People", "Recent", "Settings",
		"Reachable on this network and through example.org", "Your link",
	} {
		c.FocusNext()
		named, ok := c.Focused().(fyne.Accessible)
		if !ok || named.AccessibilityLabel() != want {
			t.Errorf("after %d Tabs the focus is on %v, want %q", i+1, c.Focused(), want)
		}
	}
}
