package app

import (
	"context"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// deedsOf are the texts of a person's menu.
func (d *desk) deedsOf(id string) []string {
	d.Helper()
	p, known := d.ui.main.person(id)
	if !known {
		d.Fatalf("nobody is %q", id)
	}
	var texts []string
	for _, deed := range d.ui.main.personDeeds(p) {
		texts = append(texts, deed.text)
	}
	return texts
}

// doWith chooses from a person's menu.
func (d *desk) doWith(id, text string) {
	d.Helper()
	p, _ := d.ui.main.person(id)
	for _, deed := range d.ui.main.personDeeds(p) {
		if deed.text == text {
			deed.do()
			return
		}
	}
	d.Fatalf("the menu has no %q but %v", text, d.deedsOf(id))
}

// pressed presses the button of a sheet that says so.
func (d *desk) pressed(text string) {
	d.Helper()
	var found *button
	if d.ui.main.sheet != nil {
		walk(d.ui.main.sheet.body, func(o *button) {
			if o.text == text {
				found = o
			}
		})
	}
	if found == nil {
		d.Fatalf("there is no button %q", text)
	}
	test.Tap(found)
}

func TestTheMenuOffersWhatCanBeDone(t *testing.T) {
	d := newDesk(t, func(p *fakePhone) {
		withPeople(p)
		p.people[1].KeyChanged = true
	})
	for id, want := range map[string][]string{
		"ben":  {"Call", "Call without picture", "Rename…", "Copy their link", "Remove", "Block", "Details…"},
		"emil": {"Call", "Call without picture", "Add to contacts", "Copy their link", "Block", "Details…"},
		"dana": {"See what has changed…", "Rename…", "Copy their link", "Remove", "Block", "Details…"},
	} {
		if got := d.deedsOf(id); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", id, got, want)
		}
	}
}

func TestPeopleAreAddedRenamedBlockedAndRemoved(t *testing.T) {
	d := newDesk(t, withPeople)
	w := d.ui.main
	listed := func(heading, name string) func() bool {
		return func() bool {
			lines := outline(w.people.list.items)
			from := slices.Index(lines, heading)
			at := slices.Index(lines, "- "+name)
			return from >= 0 && at > from
		}
	}
	test.Type(w.people.search, "Zoe")
	test.Tap(w.people.addIt)
	d.until("Zoe is listed", listed("Contacts", "Zoe"))
	d.doWith("dana", "Rename…")
	name := w.win.Canvas().Focused().(*field)
	name.SetText("Dana from the choir")
	press(w.win, fyne.KeyReturn)
	d.until("she is called so", listed("Contacts", "Dana from the choir"))
	d.until("the sheet is gone", func() bool { return w.sheet == nil })
	d.doWith("dana", "Block")
	gone := func() bool { return !slices.Contains(outline(w.people.list.items), "- Dana from the choir") }
	d.until("she is gone", gone)
	d.until("it is told", func() bool { return strings.Contains(w.people.note.text, "is blocked") })
	w.show(pageSettings)
	if got := w.settings.blocked.shown; len(got) != 1 || got[0].ID != "dana" {
		t.Fatalf("Settings lists %v", got)
	}
	test.Tap(unblock(w.settings.blocked.content))
	d.until("she is back", listed("Contacts", "Dana from the choir"))
	d.until("Settings lists nobody", func() bool { return len(w.settings.blocked.shown) == 0 })
	press(w.win, fyne.KeyEscape)
	w.show(pagePeople)
	press(w.win, fyne.KeyDown)
	press(w.win, fyne.KeyDelete)
	d.until("the first is gone", func() bool { return !slices.Contains(outline(w.people.list.items), "- Emil") })
}

// unblock is the first button in there.
func unblock(o fyne.CanvasObject) (first *button) {
	walk(o, func(b *button) {
		if first == nil {
			first = b
		}
	})
	return first
}

func TestARequestIsAnswered(t *testing.T) {
	for text, want := range map[string]Answer{"Accept": AcceptRequest, "Ignore": IgnoreRequest, "Block": BlockRequest} {
		d := newDesk(t, func(p *fakePhone) {
			withPeople(p)
			withRequest(p)
		})
		l := d.ui.main.people.list
		request, ok := l.shown[1].(*requestLine)
		if !ok {
			t.Fatalf("the first row is a %T", l.shown[1])
		}
		for _, o := range request.answers.Objects {
			if b := o.(*button); b.text == text {
				test.Tap(b)
			}
		}
		d.until("the request is gone", func() bool { return len(d.ui.main.requests) == 0 })
		if got, answered := d.phone.answers["q"]; !answered || got != want {
			t.Errorf("%s: answered %v, %d", text, answered, got)
		}
	}
}

func TestANameThatIsNotListedIsLookedUp(t *testing.T) {
	d := newDesk(t, func(p *fakePhone) {
		withPeople(p)
		p.find = func(_ context.Context, name string) ([]Person, error) {
			if name == "Bob" {
				return twoBobs, nil
			}
			return nil, sentence("Nobody by the name " + name + " is registered at example.org. Check the spelling, or ask for their link.")
		}
	})
	w := d.ui.main
	test.Type(w.people.search, "Zoe")
	press(w.win, fyne.KeyReturn)
	d.until("it is told that she is not there", func() bool { return strings.HasPrefix(w.people.note.text, "Nobody by the name Zoe") })
	if len(d.phone.calls()) > 0 {
		t.Error("somebody was called")
	}
	w.people.search.SetText("Bob")
	press(w.win, fyne.KeyReturn)
	d.until("one is asked whom", func() bool { return w.sheet != nil })
	second := w.sheet.body.Objects[1].(*fyne.Container).Objects[1].(*choiceLine)
	if second.row.line != "Your contact, at example.org, verified, away" {
		t.Errorf("the second is told by %q", second.row.line)
	}
	test.Tap(second)
	d.theCall()
	if got := d.phone.calls()[0].with.ID; got != "2" {
		t.Errorf("called %q", got)
	}
}

func TestASearchShowsThatItRunsAndCanBeCancelled(t *testing.T) {
	started := make(chan struct{})
	d := newDesk(t, func(p *fakePhone) {
		withPeople(p)
		p.find = func(ctx context.Context, _ string) ([]Person, error) {
			close(started)
			<-ctx.Done()
			return nil, ctx.Err()
		}
	})
	p := d.ui.main.people
	test.Type(p.search, "Zoe")
	press(d.ui.main.win, fyne.KeyReturn)
	<-started
	if !p.progress.Visible() || !p.stop.Visible() || p.note.text != "Looking for Zoe…" {
		t.Errorf("nothing shows that she is looked for: %q", p.note.text)
	}
	press(d.ui.main.win, fyne.KeyEscape)
	d.until("it has stopped", func() bool { return p.note.text == "" && !p.progress.Visible() })
	if len(d.phone.calls()) > 0 {
		t.Error("somebody was called")
	}
}

func TestALinkCallsOrAdds(t *testing.T) {
	for _, b := range []string{"call", "add", "Enter"} {
		d := newDesk(t, withPeople)
		pasteZoe(d)
		p := d.ui.main.people
		if p.callIt.text != "Call Zoe Lind" || !p.linked.Visible() || !p.addIt.Visible() {
			t.Fatalf("the link offers %q", p.callIt.text)
		}
		switch b {
		case "call":
			test.Tap(p.callIt)
		case "Enter":
			press(d.ui.main.win, fyne.KeyReturn)
		default:
			test.Tap(p.addIt)
			d.until("she is a contact", func() bool { _, known := d.ui.main.person("zoe"); return known })
			continue
		}
		d.theCall()
		if got := d.phone.calls()[0].with.ID; got != "zoe" {
			t.Errorf("called %q", got)
		}
	}
}

func TestALinkThatTheDesktopOpensAsksFirst(t *testing.T) {
	d := newDesk(t, withPeople)
	pasteZoe(d)
	d.ui.main.people.search.SetText("")
	d.ui.main.openLink("sundog:?n=Zoe")
	if len(d.phone.calls()) > 0 {
		t.Fatal("it calls at once")
	}
	d.pressed("Call")
	d.theCall()
	if d.ui.main.sheet != nil {
		t.Error("the sheet is still there")
	}
	d.ui.main.openLink("sundog:broken")
	d.pressed("Close")
}

func TestAnotherIdentityIsToldBeforeAnyCall(t *testing.T) {
	d := newDesk(t, func(p *fakePhone) {
		withPeople(p)
		p.people[0].KeyChanged = true
	})
	w := d.ui.main
	w.callName("ben okoro")
	if len(d.phone.calls()) > 0 || w.sheet == nil {
		t.Fatal("Ben is called without a word")
	}
	press(w.win, fyne.KeyEscape)
	if w.sheet != nil || len(d.phone.calls()) > 0 {
		t.Fatal("Escape does not keep it stopped")
	}
	w.callName("ben okoro")
	d.pressed("It is really Ben Okoro: use the new key")
	d.until("the new identity is known", func() bool { p, _ := w.person("ben"); return !p.KeyChanged })
	if len(d.phone.calls()) > 0 {
		t.Error("Ben was called")
	}
}

func TestTheOwnLinkIsShownAndCopied(t *testing.T) {
	d := newDesk(t, withPeople)
	test.Tap(d.ui.main.header.link)
	d.pressed("Copy link")
	if got := d.app.Clipboard().Content(); !strings.HasPrefix(got, "sundog:") {
		t.Errorf("the clipboard holds %q", got)
	}
	press(d.ui.main.win, fyne.KeyEscape)
	if d.ui.main.sheet != nil {
		t.Error("Escape does not close it")
	}
}

func TestTheCodeIsSavedWithItsQuietZone(t *testing.T) {
	dir := t.TempDir()
	l := fakeLink("sundog:x", Person{})
	path, err := writeCode(dir, l.QR)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(path, dir) {
		t.Errorf("saved as %s", path)
	}
	img := codeImage(l.QR, savedModule)
	if got, want := img.Bounds().Dx(), (len(l.QR)+2*quietZone)*savedModule; got != want {
		t.Errorf("it is %d wide, want %d", got, want)
	}
	for y, row := range l.QR {
		for x, dark := range row {
			r, _, _, _ := img.At((x+quietZone)*savedModule+5, (y+quietZone)*savedModule+5).RGBA()
			if dark != (r == 0) {
				t.Fatalf("module %d, %d is wrong", x, y)
			}
		}
	}
}

func TestTheAccountIsTriedBeforeItIsKept(t *testing.T) {
	d := newDesk(t, func(p *fakePhone) {
		withPeople(p)
		p.try = func(_ context.Context, s Settings) error {
			if s.XMPPPassword != "right" {
				return sentence("xmpp.example does not know that user and password. Check both.")
			}
			return nil
		}
	})
	d.ui.main.show(pageSettings)
	f := d.ui.main.settings.xmpp
	f.account.SetText("anna")
	test.Tap(f.save)
	if !strings.Contains(f.note.text, "user@example.org") {
		t.Errorf("half an account is answered by %q", f.note.text)
	}
	f.account.SetText(" Anna@XMPP.example ")
	test.Tap(f.save)
	if !strings.Contains(f.note.text, "password") {
		t.Errorf("no password is answered by %q", f.note.text)
	}
	f.password.SetText("wrong")
	test.Tap(f.save)
	d.until("it is told", func() bool { return strings.HasPrefix(f.note.text, "xmpp.example does not know") })
	if d.phone.Settings().XMPP != "" {
		t.Error("it was kept all the same")
	}
	f.password.SetText("right")
	press(d.ui.main.win, fyne.KeyReturn)
	test.Tap(f.save)
	d.until("it is saved", func() bool { return f.note.text == "Saved. You are signed in as Anna@xmpp.example." })
	if s := d.phone.Settings(); s.XMPP != "Anna@xmpp.example" || s.XMPPPassword != "right" {
		t.Errorf("kept %q, %q", s.XMPP, s.XMPPPassword)
	}
	f.account.SetText("")
	test.Tap(f.save)
	d.until("it is gone", func() bool { return d.phone.Settings().XMPP == "" && d.phone.Settings().XMPPPassword == "" })
}

func TestBeingSeenOnThisNetworkIsTurnedOffAndOn(t *testing.T) {
	d := newDesk(t, onNetwork)
	d.ui.main.show(pageSettings)
	f := d.ui.main.settings.network
	test.Tap(f.onOff.parts[1])
	d.until("it is off", func() bool { return d.phone.Settings().Hidden && f.note.text == networkOffText })
	test.Tap(f.onOff.parts[0])
	d.until("it is on", func() bool { return !d.phone.Settings().Hidden && f.note.text == networkOnText })
}

func TestAnAccountNeedsAService(t *testing.T) {
	d := newDesk(t, onNetwork)
	d.ui.main.show(pageSettings)
	f := d.ui.main.settings.xmpp
	f.account.SetText("anna@example.org")
	f.password.SetText("secret")
	test.Tap(f.save)
	if !strings.HasPrefix(f.note.text, "Enter a service above first") || len(d.phone.tried) > 0 {
		t.Errorf("it says %q", f.note.text)
	}
}

func TestWhoMayCallIsChosen(t *testing.T) {
	d := newDesk(t, onNetwork)
	d.ui.main.show(pageSettings)
	f := d.ui.main.settings.callers
	for i, want := range []Callers{AnyCaller, ContactsCall, OnlyVerifiedCall, NobodyCalls} {
		test.Tap(f.who.parts[i])
		d.until("it is "+string(want), func() bool { return d.phone.Settings().Callers == want && f.note.text == callersText[want] })
	}
	test.Tap(f.old.parts[1])
	d.until("old programs are allowed", func() bool { return d.phone.Settings().OldPrograms && f.oldNote.text == oldAllowedText })
	test.Tap(f.old.parts[0])
	d.until("they are refused", func() bool { return !d.phone.Settings().OldPrograms && f.oldNote.text == oldRefusedText })
}

func TestXMPPAccountsAreReadAsTyped(t *testing.T) {
	for typed, want := range map[string]string{
		"":                       "",
		" anna@example.org ":     "anna@example.org",
		"xmpp:anna@Example.ORG":  "anna@example.org",
		"anna@example.org/phone": "",
		"anna":                   "",
		"@example.org":           "",
		"anna@":                  "",
		"a b@example.org":        "",

		"a@Example.org?host=127.0.0.1:5222": "a@example.org?host=127.0.0.1:5222",
		"a@example.org?host=":               "",
	} {
		got, err := parseAccount(typed)
		if got != want || (err != nil) != (want == "" && typed != "") {
			t.Errorf("%q is read as %q, %v", typed, got, err)
		}
	}
}
