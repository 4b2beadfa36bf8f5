package app

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/mesh/trust"
)

func TestTheyMatch(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.comparing(room(someone("Ben", trust.FirstSeen)), wideCall)
	test.Tap(w.compare.match)
	d.until("it is verified", func() bool { return w.compare.view.stage == compareDone })
	if call.confirmed != 1 || w.view.mark != verifiedMark || w.stage.grid.tiles[0].badge.mark != verifiedMark || w.stage.top.mark.mark != verifiedMark {
		t.Errorf("confirmed %d times, mark %d", call.confirmed, w.view.mark)
	}
	if !strings.HasPrefix(w.compare.lead.text, "This is Ben, and nobody sits in between.") || w.compare.match.Visible() {
		t.Errorf("it says %q", w.compare.lead.text)
	}
}

func TestTheyDifferAndAreComparedOnceMore(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.comparing(room(someone("Ben", trust.Known)), someCall)
	test.Tap(w.compare.differ)
	d.until("what to do is said", func() bool { return w.compare.again.Visible() && w.compare.leave.Visible() })
	if w.compare.words.Visible() || w.compare.match.Visible() || call.denied != 1 {
		t.Error("words that differ can still be confirmed")
	}
	press(w.win, fyne.KeyReturn) // the focus is on what to do first
	d.until("new words are being made", func() bool { return w.compare.view.stage == compareWaits && w.compare.dots.Visible() })
	if call.again != 1 {
		t.Errorf("begun %d times", call.again)
	}
	call.set(func(c *fakeCall) { c.proof = room(someone("Ben", trust.Known)) })
	d.until("they are there", func() bool { return w.compare.words.Visible() && w.compare.match.Visible() })
}

func TestAfterDifferentWordsOneHangsUp(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.comparing(room(someone("Ben", trust.Known)), someCall)
	test.Tap(w.compare.differ)
	d.until("what to do is said", func() bool { return w.compare.leave.Visible() })
	test.Tap(w.compare.leave)
	if call.hungUp != 1 || !w.closed {
		t.Error("it was not hung up")
	}
}

func TestEnterNeverConfirmsByItself(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.comparing(room(someone("Ben", trust.Known)), wideCall)
	press(w.win, fyne.KeyReturn)
	press(w.win, fyne.KeySpace)
	if call.confirmed != 0 {
		t.Error("Enter right after opening says that the words match")
	}
}

func TestTheKeysOfComparing(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.callIn(mesh.InCall)
	press(w.win, fyne.KeyW)
	if !w.compare.isOpen() || w.win.Canvas().Focused() != fyne.Focusable(w.compare.shut) {
		t.Fatal("W does not open the panel, with the focus in it")
	}
	for _, want := range []fyne.Focusable{w.compare.codes.show, w.compare.codes.scan, w.compare.more, w.compare.match, w.compare.differ} {
		w.win.Canvas().FocusNext()
		if got := w.win.Canvas().Focused(); got != want {
			t.Fatalf("Tab goes to %v", got)
		}
	}
	press(w.win, fyne.KeyM)
	d.until("it is muted", func() bool { return w.view.muted })
	w.win.Canvas().Focus(w.compare.codes.show)
	press(w.win, fyne.KeyReturn)
	if w.compare.page != showPage || !w.compare.codes.qr.Visible() {
		t.Fatal("Enter does not show the code")
	}
	press(w.win, fyne.KeyEscape)
	if w.compare.page != wordsPage || !w.compare.isOpen() {
		t.Fatal("Escape does not go back to the words")
	}
	press(w.win, fyne.KeyPageDown)
	press(w.win, fyne.KeyEscape)
	if w.compare.isOpen() || call.hungUp != 0 {
		t.Error("Escape does not close the panel, and nothing else")
	}
}

func TestTheChatAndThePanelTakeTurns(t *testing.T) {
	d := newDesk(t, withPeople)
	w, _ := d.callIn(mesh.InCall)
	w.toggleChat()
	test.Tap(w.stage.top.words)
	if w.chat.isOpen() || !w.compare.isOpen() {
		t.Error("the chat stays under the panel")
	}
	w.toggleChat()
	if !w.chat.isOpen() || w.compare.isOpen() {
		t.Error("the panel stays under the chat")
	}
}

func TestTheTestCallHasNothingToCompare(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.callIn(mesh.InCall)
	call.test = true
	call.set(func(c *fakeCall) { c.far.Quality = 2 })
	d.until("it is a test call", func() bool { return w.view.test })
	press(w.win, fyne.KeyW)
	if w.compare.isOpen() || w.stage.top.compare.Visible() {
		t.Error("one may compare words with the echo")
	}
}

func TestWhatCannotBeSaidIsTold(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.comparing(room(someone("Ben", trust.Known)), someCall)
	test.Tap(w.compare.codes.scan)
	call.set(func(c *fakeCall) {
		c.codeErr = sentence("This code is of another comparison. Both of you should see the same words.")
		c.picture, c.local = seenCode("another", 8), 7
	})
	d.pass(time.Second)
	d.until("it is told", func() bool {
		return w.compare.codes.note.text == "This code is of another comparison. Both of you should see the same words."
	})
	if !w.compare.codes.retry.Visible() || w.view.mark == verifiedMark {
		t.Error("one cannot scan again")
	}
	call.set(func(c *fakeCall) { c.codeErr = nil })
	test.Tap(w.compare.codes.retry)
	d.pass(time.Second)
	d.until("it matches", func() bool { return w.compare.view.stage == compareDone && w.compare.page == wordsPage })
}

func TestTheirCodeIsScanned(t *testing.T) {
	d := newDesk(t, withPeople)
	v := room(someone("Ben", trust.Known))
	w, call := d.comparing(v, someCall)
	call.set(func(c *fakeCall) { c.picture, c.local = seenCode(v.Code, 8), 9 })
	test.Tap(w.compare.codes.scan)
	d.until("the code is read", func() bool { return w.compare.view.stage == compareDone })
	call.get(func(c *fakeCall) {
		if len(c.codes) != 1 || c.codes[0] != v.Code {
			t.Errorf("read %q", c.codes)
		}
	})
	d.until("it is said", func() bool { return w.compare.said.text == "The codes match." })
	if w.loop.scan.Load() != nil {
		t.Error("the scan goes on")
	}
}

func TestAScanWithoutAPictureOrACodeEndsWithASentence(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.comparing(room(someone("Ben", trust.Known)), someCall)
	call.set(func(c *fakeCall) { c.local = 0 })
	test.Tap(w.compare.codes.scan)
	d.pass(scanWantsPicture + time.Second)
	d.until("it is told that there is no picture", func() bool { return strings.HasPrefix(w.compare.codes.note.text, "No picture comes from your camera") })
	call.set(func(c *fakeCall) { c.local = 5 })
	test.Tap(w.compare.codes.retry)
	d.until("there is a picture", func() bool { return w.compare.codes.seen })
	d.pass(scanGivesUp + time.Second)
	d.until("it is told that there is no code", func() bool { return strings.HasPrefix(w.compare.codes.note.text, "No code was seen") })
}

func TestACameraThatIsOffIsTurnedOnFromThere(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.comparing(room(someone("Ben", trust.Known)), someCall)
	call.set(func(c *fakeCall) { c.status.CameraOn = false })
	d.until("the camera is off", func() bool { return !w.view.cameraOn })
	test.Tap(w.compare.codes.scan)
	if w.compare.codes.note.text != "Your camera is off." || !w.compare.codes.camera.Visible() {
		t.Fatalf("it says %q", w.compare.codes.note.text)
	}
	test.Tap(w.compare.codes.camera)
	d.until("it is on", func() bool {
		return w.view.cameraOn && !w.compare.codes.camera.Visible() && w.compare.codes.note.text == aimText
	})
}

func TestTheEndOfACallEndsTheComparison(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.comparing(room(someone("Ben", trust.Known)), someCall)
	test.Tap(w.compare.codes.scan)
	call.set(func(c *fakeCall) { c.status.State = mesh.Ended })
	d.until("it has ended", func() bool { return w.view.state == mesh.Ended })
	if w.compare.isOpen() || w.loop.scan.Load() != nil {
		t.Error("the panel stays")
	}
}

func TestExpertsCopyWhatTheySee(t *testing.T) {
	d := newDesk(t, withPeople)
	w, _ := d.comparing(room(someone("Ben", trust.Known)), someCall)
	test.Tap(w.compare.more)
	var copies []*iconButton
	walk(w.compare.experts, func(o *iconButton) {
		copies = append(copies, o)
	})
	if len(copies) != 6 {
		t.Fatalf("%d values can be copied", len(copies))
	}
	test.Tap(copies[1])
	if got := d.app.Clipboard().Content(); got != keyOf("Ben") {
		t.Errorf("copied %q", got)
	}
	if w.compare.said.text != "Copied: Identity key." {
		t.Errorf("it says %q", w.compare.said.text)
	}
	if copies[1].name != "Copy: Identity key" {
		t.Errorf("a screen reader says %q", copies[1].name)
	}
	test.Tap(w.compare.more)
	if w.compare.experts.Visible() {
		t.Error("the details stay")
	}
}

func TestLinesOverTheStageAreWhole(t *testing.T) {
	const long = "No camera was found, so you are not seen. No microphone was found, so you are not heard. No loudspeaker was found, so you hear nothing."
	for _, size := range []fyne.Size{wideCall, leastCall} {
		d := newDesk(t, withPeople)
		w, call := d.callIn(mesh.InCall)
		w.win.Resize(size)
		call.set(func(c *fakeCall) { c.status.Sentence = long })
		d.until("it is told", func() bool { return w.stage.banner.text == long })
		if got := strings.Join(w.stage.banner.lines, " "); got != long {
			t.Errorf("%v: it reads %q", size, got)
		}
		if bottom := w.stage.bannerP.Position().Y + w.stage.bannerP.Size().Height; bottom > size.Height*2/3 || w.stage.bannerP.Size().Height < w.stage.bannerP.MinSize().Height {
			t.Errorf("%v: it is %v high", size, w.stage.bannerP.Size().Height)
		}
	}
}
