package app

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"sundog.dev/sundog/mesh"
)

func TestAnIncomingCallRingsAndIsAcceptedByEnter(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.callIn(mesh.Ringing)
	if w.win.Title() != "Sundog – Ben is calling" || !w.stage.answer.Visible() {
		t.Errorf("it does not ring: %q", w.win.Title())
	}
	press(w.win, fyne.KeyReturn)
	if call.accepted != 0 {
		t.Fatal("Enter accepts although the window came up this moment, under somebody's typing")
	}
	d.pass(enterGuard)
	press(w.win, fyne.KeyReturn)
	d.until("the call goes on", func() bool { return w.view.state == mesh.Connecting })
	if w.win.Title() != "Sundog – Call with Ben" || w.stage.answer.Visible() {
		t.Errorf("it still rings: %q", w.win.Title())
	}
}

func TestAnIncomingCallIsDeclinedByEscapeAndTheWindowGoes(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.callIn(mesh.Ringing)
	press(w.win, fyne.KeyEscape)
	if call.hungUp != 1 || len(d.ui.calls) != 0 {
		t.Errorf("hung up %d times, %d windows", call.hungUp, len(d.ui.calls))
	}
}

func TestACallerWhoGivesUpIsToldAndCanBeCalledBack(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.callIn(mesh.Ringing)
	call.set(func(c *fakeCall) { c.status.State, c.status.Sentence = mesh.Ended, "Ben stopped calling." })
	d.until("the end is told", func() bool { return w.stage.middle.headline.text == "Ben stopped calling." })
	if w.stage.retry.text != "Call back" || !w.stage.ended.Visible() || w.bar.content.Visible() {
		t.Errorf("the button says %q", w.stage.retry.text)
	}
	test.Tap(w.stage.retry)
	d.until("the new call's window is the only one", func() bool { return len(d.ui.calls) == 1 && w.closed })
	if got := d.phone.calls()[0].name; got != "Ben" {
		t.Errorf("called %q", got)
	}
}

func TestACallAgainThatFailsLeavesTheUserWhereItCanBeTriedAgain(t *testing.T) {
	d := newDesk(t, withPeople)
	w, _ := d.callIn(mesh.Ended)
	d.phone.set(func(p *fakePhone) { p.callErr = sentence("The service does not answer.") })
	test.Tap(w.stage.retry)
	d.until("the trouble is told", func() bool { return w.stage.banner.text == "The service does not answer." })
	if w.stage.retry.disabled || w.closed {
		t.Error("one cannot try again")
	}
}

func TestTheFarPictureIsShownAndItsAbsenceIsSaid(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.callIn(mesh.InCall)
	if w.stage.grid.picture() {
		t.Fatal("a picture is shown before there is one")
	}
	call.set(func(c *fakeCall) { c.remote, c.local = 1, 1 })
	d.until("both pictures are shown", func() bool {
		return w.stage.grid.picture() && w.stage.own.picture.raster.Visible()
	})
	if w.stage.middle.content.Visible() {
		t.Error("the avatar lies over the picture")
	}
	call.set(func(c *fakeCall) { c.far.Video = false })
	d.until("the absence is said", func() bool {
		return w.stage.middle.content.Visible() && w.stage.middle.detail.text == "Ben’s camera is off"
	})
	call.set(func(c *fakeCall) { c.status.CameraOn = false })
	d.until("the own camera is told to be off", func() bool { return w.stage.own.off.Visible() })
}

func TestTheKeysOfACall(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.callIn(mesh.InCall)
	press(w.win, fyne.KeyM)
	d.until("it is muted", func() bool { return w.view.muted && w.bar.mute.caption == "Unmute" })
	press(w.win, fyne.KeyV)
	d.until("the camera is off", func() bool { return !w.view.cameraOn && w.bar.camera.off && !w.bar.camera.disabled })
	press(w.win, fyne.KeyF11)
	if !w.win.FullScreen() {
		t.Error("F11 does not fill the screen")
	}
	press(w.win, fyne.KeyEscape)
	if w.win.FullScreen() || call.hungUp != 0 {
		t.Error("Escape does not just leave full screen")
	}
	press(w.win, fyne.KeyEscape)
	if call.hungUp != 0 {
		t.Error("Escape hangs up a call that stands")
	}
	press(w.win, fyne.KeyC)
	if w.win.Canvas().Focused() != fyne.Focusable(w.chat.entry) {
		t.Fatal("C does not go to the chat")
	}
	w.chat.entry.TypedRune('c')
	if w.chat.entry.Text != "" {
		t.Errorf("the key's own letter was typed: %q", w.chat.entry.Text)
	}
	w.chat.entry.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyH, Modifier: fyne.KeyModifierControl | fyne.KeyModifierShift})
	if call.hungUp != 1 || !w.closed {
		t.Error("Ctrl+Shift+H does not hang up from within the chat")
	}
}

func TestPlainLettersDoNothingInATextField(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.callIn(mesh.InCall)
	test.Tap(w.bar.chat)
	test.Type(w.chat.entry, "mv")
	press(w.win, fyne.KeyM)
	press(w.win, fyne.KeyV)
	call.get(func(c *fakeCall) {
		if c.status.Muted || !c.status.CameraOn {
			t.Error("letters typed in the chat switched microphone or camera")
		}
	})
	if w.chat.entry.Text != "mv" {
		t.Errorf("typed %q", w.chat.entry.Text)
	}
}

func TestKeysWorkWhileAButtonHasTheFocus(t *testing.T) {
	d := newDesk(t, withPeople)
	w, _ := d.callIn(mesh.InCall)
	w.win.Canvas().Focus(w.bar.chat)
	press(w.win, fyne.KeyM)
	d.until("it is muted", func() bool { return w.view.muted })
	press(w.win, fyne.KeySpace)
	if !w.chat.isOpen() {
		t.Error("Space does not press the button that has the focus")
	}
}

func TestChatBothWays(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.callIn(mesh.InCall)
	call.set(func(c *fakeCall) { c.chat = append(c.chat, ChatLine{From: "Ben", Text: "Hello"}) })
	d.until("a new line is announced", func() bool { return w.bar.chat.dot && w.stage.banner.text == "Ben: Hello" })
	test.Tap(w.bar.chat)
	if w.bar.chat.dot {
		t.Error("the dot stays though the chat is open")
	}
	test.Type(w.chat.entry, "Hi Ben")
	press(w.win, fyne.KeyReturn)
	d.until("the own line is shown", func() bool { return len(w.chat.shown) == 2 })
	if w.chat.entry.Text != "" || !w.chat.shown[1].Mine {
		t.Errorf("after sending: %q, %+v", w.chat.entry.Text, w.chat.shown)
	}
	call.set(func(c *fakeCall) { c.chatErr = sentence("The line could not be sent; the connection is broken.") })
	test.Type(w.chat.entry, "lost?")
	press(w.win, fyne.KeyReturn)
	if w.chat.entry.Text != "lost?" || w.stage.banner.text == "" {
		t.Error("a line that could not be sent is lost, or nothing is said")
	}
}

func TestAChatLineStaysSmall(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.callIn(mesh.InCall)
	test.Tap(w.bar.chat)
	w.chat.entry.SetText(string(make([]byte, 0)) + longLine(maxChat+1))
	w.chat.send()
	call.get(func(c *fakeCall) {
		if len(c.chat) != 0 {
			t.Error("a line beyond the limit was sent")
		}
	})
}

func longLine(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = 'x'
	}
	return string(b)
}

func TestABrokenConnectionIsToldAndCanBeHungUp(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.callIn(mesh.InCall)
	call.set(func(c *fakeCall) {
		c.status.State, c.status.Why = mesh.Reconnecting, "Nothing was heard from Ben for 7 s; trying again."
	})
	d.until("the banner tells why", func() bool {
		return w.stage.bannerP.Visible() && w.stage.banner.text == "Nothing was heard from Ben for 7 s; trying again."
	})
	if !w.stage.dots.Visible() || !w.bar.leave.Visible() {
		t.Error("nothing shows that it is being tried, or one cannot hang up")
	}
	test.Tap(w.bar.leave)
	if call.hungUp != 1 || !w.closed {
		t.Error("it was not hung up")
	}
}

func TestTroubleWithTheCameraIsToldForAWhile(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.callIn(mesh.InCall)
	call.set(func(c *fakeCall) { c.status.Sentence = "No camera was found." })
	d.until("it is told", func() bool { return w.stage.banner.text == "No camera was found." })
	d.pass(noticeStays)
	d.until("it goes away", func() bool { return !w.stage.bannerP.Visible() })
}

func TestTheBarHidesAfterAWhileAndComesBack(t *testing.T) {
	d := newDesk(t, withPeople)
	w, _ := d.callIn(mesh.InCall)
	if !w.bar.content.Visible() {
		t.Fatal("the bar is not there at first")
	}
	w.bar.mute.MouseIn(nil)
	d.pass(barStays)
	d.pass(time.Second)
	d.until("the timer has moved on", func() bool { return w.view.timer == "12:45" })
	if !w.bar.content.Visible() {
		t.Error("the bar hides under the pointer")
	}
	w.bar.mute.MouseOut()
	d.pass(barStays)
	d.until("the bar hides", func() bool { return !w.bar.content.Visible() && !w.stage.top.left.Visible() })
	w.stage.ground.MouseMoved(nil)
	if !w.bar.content.Visible() {
		t.Error("the pointer does not bring the bar back")
	}
	w.win.Canvas().Focus(w.bar.leave)
	d.pass(2 * barStays)
	d.until("the timer has moved on", func() bool { return w.view.timer == "12:54" })
	if !w.bar.content.Visible() {
		t.Error("the bar hides while one of its buttons has the focus")
	}
}

func TestClosingTheWindowHangsUp(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.callIn(mesh.Calling)
	if w.bar.leave.caption != "Cancel" || w.bar.mute.Visible() {
		t.Errorf("while calling the bar offers %q", w.bar.leave.caption)
	}
	w.hangUp()
	w.hangUp()
	if call.hungUp != 1 || len(d.ui.calls) != 0 {
		t.Errorf("hung up %d times, %d windows", call.hungUp, len(d.ui.calls))
	}
}

func TestClosingTheAppHangsUpAndLeavesNothingRunning(t *testing.T) {
	d := newDesk(t, withPeople)
	_, call := d.callIn(mesh.InCall)
	d.ui.close()
	call.get(func(c *fakeCall) {
		if c.hungUp != 1 {
			t.Errorf("hung up %d times", c.hungUp)
		}
	})
}

func TestAnotherCallMayRingMeanwhile(t *testing.T) {
	d := newDesk(t, withPeople)
	_, call := d.callIn(mesh.InCall)
	call.set(func(c *fakeCall) { c.status.State = mesh.Reconnecting })
	d.phone.incoming <- newFakeCall("Dana", mesh.Ringing)
	d.until("two windows are open", func() bool { return len(d.ui.calls) == 2 })
}

func TestCallingAgainGoesTheSameWay(t *testing.T) {
	d := newDesk(t, withPeople)
	tries := 0
	dial := func() (Call, error) {
		tries++
		return newFakeCall("Ben", mesh.Ended), nil
	}
	d.ui.startCall(dial, func() {}, func(string) {})
	w := d.theCall()
	test.Tap(w.stage.retry)
	d.until("another window is there", func() bool { return w.closed && len(d.ui.calls) == 1 })
	if len(d.phone.calls()) != 0 || tries != 2 {
		t.Errorf("dialled %d times, and otherwise %d", tries, len(d.phone.calls()))
	}
}
