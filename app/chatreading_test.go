package app

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"sundog.dev/sundog/theme"
)

// lines are n lines of somebody, from a number on.
func linesFrom(first, n int) (lines []ChatLine) {
	for i := range n {
		lines = append(lines, ChatLine{From: "Ben", Text: fmt.Sprintf("Line %d, which is long enough to be broken into two", first+i)})
	}
	return lines
}

// hears has the call tell of these lines.
func (d *desk) hears(w *callWindow, call *fakeCall, lines []ChatLine) {
	d.Helper()
	call.set(func(c *fakeCall) { c.chat = lines })
	d.until("the lines are there", func() bool {
		return len(w.chat.shown) == len(lines) && w.chat.shown[len(lines)-1] == lines[len(lines)-1]
	})
}

func TestTheChatFollowsUnlessSomebodyReadsAbove(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call, _ := d.inChat(2)
	d.hears(w, call, linesFrom(0, 30))
	if !w.chat.atEnd() {
		t.Fatal("the newest line is not to be seen")
	}
	w.win.Resize(fyne.NewSize(700, 420)) // where lines are broken elsewhere
	if !w.chat.atEnd() {
		t.Error("nor in a window of another size")
	}
	press(w.win, fyne.KeyPageUp) // in the field
	at := w.chat.scroll.Offset
	if w.chat.atEnd() || !w.chat.reading {
		t.Fatal("Page up does not go back")
	}
	d.hears(w, call, linesFrom(0, 31))
	if w.chat.scroll.Offset != at || !w.chat.belowLine.Visible() {
		t.Errorf("a new line moves what is read from %v to %v; told of: %v", at, w.chat.scroll.Offset, w.chat.belowLine.Visible())
	}
	test.Tap(w.chat.below)
	if !w.chat.atEnd() || w.chat.belowLine.Visible() {
		t.Error("what is new is not shown, or still told of")
	}
	press(w.win, fyne.KeyPageUp)
	d.hears(w, call, append(linesFrom(0, 31), ChatLine{Text: "Mine", Mine: true}))
	if !w.chat.atEnd() {
		t.Error("one’s own line is out of sight")
	}
	press(w.win, fyne.KeyPageUp)
	w.toggleChat()
	d.hears(w, call, append(linesFrom(0, 31), ChatLine{Text: "Mine", Mine: true}, ChatLine{From: "Ben", Text: "One more"}))
	w.toggleChat()
	if !w.chat.atEnd() || w.chat.belowLine.Visible() {
		t.Error("the chat does not open at its end")
	}
}

func TestAFloodOfLinesKeepsFilesThatWaitAndWhatIsRead(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call, _ := d.inChat(2, someFiles()...)
	d.hears(w, call, linesFrom(0, chatKept-5))
	w.chat.turn(-1, true)
	top := func() (text string) {
		for _, o := range w.chat.lines.Objects {
			if b, ok := o.(*bubble); ok && o.Position().Y >= w.chat.scroll.Offset.Y {
				return b.line.Text
			}
		}
		return ""
	}
	before := top()
	d.hears(w, call, linesFrom(0, chatKept+50))
	if n := len(w.chat.lines.Objects) - 1; n != chatKept {
		t.Errorf("%d lines are kept", n)
	}
	if after := top(); after != before {
		t.Errorf("%q was read, now %q", before, after)
	}
	shown := func(id string) bool {
		for _, o := range w.chat.lines.Objects {
			if o == fyne.CanvasObject(w.chat.files[id].content) {
				return true
			}
		}
		return false
	}
	if !shown("1") || shown("2") || !shown("3") {
		t.Error("files that go on or wait for an answer are gone, or one that is done is kept")
	}
}

func TestLettersGoIntoTheChatWhereAClickHasTakenTheFocus(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call, room := d.inChat(2, someFiles()...)
	w.win.Canvas().Unfocus() // as a click on a line does
	press(w.win, fyne.KeyS)
	for _, r := range "see" {
		if f := w.win.Canvas().Focused(); f != nil {
			f.TypedRune(r)
		}
	}
	d.settled()
	if call.status.Sharing || w.chat.entry.Text != "see" {
		t.Errorf("S shares the screen: %v; the field holds %q", call.status.Sharing, w.chat.entry.Text)
	}
	press(w.win, fyne.KeyEscape)
	press(w.win, fyne.KeyM)
	d.until("M mutes for whoever has left the field", func() bool { return w.view.muted })
	test.Tap(w.chat.files["3"].save)
	d.until("it is saved", func() (saved bool) {
		room.get(func(f *fakeConference) { saved = len(f.saved) == 1 })
		return saved
	})
	if w.win.Canvas().Focused() != fyne.Focusable(w.chat.entry) {
		t.Error("after a button of a file one cannot go on writing")
	}
}

func TestWhatMattersOfALongNameIsNotCut(t *testing.T) {
	const long = "A person with an extraordinarily long name"
	for _, c := range []struct{ begin, kept string }{{long, " · muted"}, {"An extraordinarily long name of a program.", "pdf.exe"}} {
		l := newLabel(theme.Stage, "", 14, asText).shortened()
		l.setKeeping(c.begin, c.kept)
		got := fittedTo(l.text, l.kept, 150, l.size, l.style())
		if want := "…" + c.kept; len(got) < len(want)+3 || got[len(got)-len(want):] != want {
			t.Errorf("%q, want its end to be %q", got, want)
		}
		if wide := fyne.MeasureText(got, l.size, l.style()).Width; wide > 150 {
			t.Errorf("%q is %.0f wide", got, wide)
		}
	}
	if got := fittedTo(long+" · muted", " · muted", 60, 14, fyne.TextStyle{}); got[0] != 'A' {
		t.Errorf("where there is hardly room, %q leaves out who it is", got)
	}
	for name, want := range map[string]string{
		"The holiday pictures of last year.tar.gz": "ar.tar.gz",
		"An invoice that looks like a.pdf.exe":     " a.pdf.exe",
		"plan.pdf":                                 "",
		"A name without any ending at all, really": "",
	} {
		if begin, end := beforeEnding(name); end != want || begin+end != name {
			t.Errorf("%q is kept of %s, want %q", end, name, want)
		}
	}
}
