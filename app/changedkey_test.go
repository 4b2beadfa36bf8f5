package app

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"sundog.dev/sundog/mesh"
)

func TestAChangedKeyIsToldInPlainWords(t *testing.T) {
	verified := noon.Add(-30 * 24 * time.Hour)
	for name, c := range map[string]struct {
		k           keyChange
		title, what string
		take        bool
	}{
		"we called":             {keyChange{name: "Ben", remembered: "aa", shown: "bb"}, "Ben shows another key", "Whoever answered does not have the key by which you know Ben.", true},
		"who was verified":      {keyChange{name: "Ben", remembered: "aa", shown: "bb", verified: verified}, "Ben shows another key", "You verified the former key on 12 February.", true},
		"they called":           {keyChange{name: "Ben", remembered: "aa", shown: "bb", how: changeCaller}, "Ben shows another key", "It did not ring.", true},
		"a directory says so":   {keyChange{name: "Ben", remembered: "aa", shown: "bb", how: changeListed, where: "example.org"}, "Ben shows another key", "The name Ben at example.org now belongs to another key", true},
		"an old program":        {keyChange{name: "Ben", remembered: "aa"}, "Ben cannot prove who it is", "could not show the key", false},
		"somebody of the lists": {keyChange{name: "Ben", shown: "bb"}, "This is not Ben", "the key of somebody else on your lists", false},
	} {
		got := changeTextOf(c.k, noon)
		if got.title != c.title || !strings.Contains(got.what, c.what) || (got.take != "") != c.take {
			t.Errorf("%s: %q, %q, %q", name, got.title, got.what, got.take)
		}
		for _, s := range []string{got.leave, got.leaves, got.once, got.onces, got.means, got.ask} {
			if s == "" {
				t.Errorf("%s: a choice says nothing: %+v", name, got)
			}
		}
	}
}

// stopped is a call that was stopped for another key.
func (d *desk) stopped() (*callWindow, *fakeCall) {
	d.Helper()
	w, call := d.callIn(mesh.Calling)
	call.set(func(c *fakeCall) {
		c.other = OtherIdentity{Name: "Ben", Remembered: keyOf("Ben"), Shown: keyOf("Mallory")}
		c.status.State, c.status.Reason, c.status.Sentence = mesh.Ended, mesh.IdentityChanged, "Ben shows another identity than before."
	})
	d.until("the sheet is there", func() bool { return w.sheet != nil })
	return w, call
}

// choose presses the button of a sheet that begins so.
func (d *desk) choose(s *sheet, text string) {
	d.Helper()
	var found *button
	walk(s.body, func(o *button) {
		if strings.HasPrefix(o.text, text) {
			found = o
		}
	})
	if found == nil {
		d.Fatalf("there is no button %q", text)
	}
	test.Tap(found)
}

func TestAStoppedCallOffersThreeChoices(t *testing.T) {
	t.Run("Enter does not call", func(t *testing.T) {
		d := newDesk(t, withPeople)
		w, _ := d.stopped()
		press(w.win, fyne.KeyReturn)
		if !w.closed || len(d.phone.calls()) > 0 {
			t.Error("the first choice is not to leave it")
		}
	})
	t.Run("Escape leaves the window, from which one may read again", func(t *testing.T) {
		d := newDesk(t, withPeople)
		w, _ := d.stopped()
		press(w.win, fyne.KeyEscape)
		if w.closed || w.sheet != nil || len(d.phone.calls()) > 0 {
			t.Fatal("Escape does more than closing the sheet")
		}
		test.Tap(w.stage.retry)
		if w.sheet == nil || len(d.phone.calls()) > 0 {
			t.Error("to call again does not ask what to do")
		}
	})
	t.Run("call once", func(t *testing.T) {
		d := newDesk(t, withPeople)
		w, _ := d.stopped()
		d.choose(w.sheet, "Call once")
		d.until("the new call's window is the only one", func() bool { return w.closed && len(d.ui.calls) == 1 })
		if len(d.phone.once) != 1 || d.phone.once[0] != keyOf("Mallory") {
			t.Errorf("called once with %v", d.phone.once)
		}
	})
	t.Run("use the new key", func(t *testing.T) {
		d := newDesk(t, func(p *fakePhone) {
			withPeople(p)
			p.people[0].ID = "Ben"
		})
		w, _ := d.stopped()
		d.choose(w.sheet, "It is really Ben")
		d.until("the new call's window is the only one", func() bool { return w.closed && len(d.ui.calls) == 1 })
		if p := d.phone.People()[0]; p.Identity != keyOf("Mallory") || p.Verified || len(d.phone.once) > 0 {
			t.Errorf("Ben is known as %+v", p)
		}
	})
}

func TestARequestUnderAContactsNameIsExplained(t *testing.T) {
	d := newDesk(t, func(p *fakePhone) {
		withPeople(p)
		withPretender(p)
	})
	w := d.ui.main
	line, ok := w.people.list.shown[1].(*requestLine)
	if !ok {
		t.Fatalf("the first row is a %T", w.people.list.shown[1])
	}
	if line.row.line != "Not the Ben Okoro you know: another key, 12:00" || line.row.tone != toneBad || line.choices[1].Visible() {
		t.Errorf("it says %q, and offers to accept: %v", line.row.line, line.choices[1].Visible())
	}
	test.Tap(line.choices[0])
	if w.sheet == nil {
		t.Fatal("nothing is explained")
	}
	d.choose(w.sheet, "Leave it")
	if w.sheet != nil || len(d.phone.calls()) > 0 {
		t.Error("it is not left")
	}
	test.Tap(line.choices[0])
	d.choose(w.sheet, "It is really Ben Okoro")
	d.until("the new key is known", func() bool { p, _ := w.person("ben"); return p.Identity == keyOf("Mallory") && !p.Verified })
}

func withPretender(p *fakePhone) {
	p.requests = []Request{{ID: "q", Name: "Ben Okoro", Colour: 7, Last: noon, Count: 1, Contact: "Ben Okoro", Identity: keyOf("Mallory")}}
}

func TestDetailsSaySinceWhenAndByWhichKey(t *testing.T) {
	since := noon.Add(-30 * 24 * time.Hour)
	for want, p := range map[string]Person{
		"Verified since 12 February":     {Verified: true, Since: since, Identity: "aa"},
		"Known by the key, not verified": {Identity: "aa"},
		"No key is known yet":            {},
		"Shows another key than before":  {Identity: "aa", Verified: true, Since: since, KeyChanged: true},
	} {
		if _, got := acquaintance(p, noon); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	d := newDesk(t, withPeople)
	d.doWith("ben", "Details…")
	d.pressed("Close")
	if d.ui.main.sheet != nil {
		t.Error("it stays")
	}
}
