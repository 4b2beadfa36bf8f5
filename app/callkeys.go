package app

import (
	"fyne.io/fyne/v2"

	"sundog.dev/sundog/mesh"
)

// key is a key in a call window that no text field has taken.
func (c *callWindow) key(e *fyne.KeyEvent) {
	c.poke()
	again := c.held.repeats(e.Name)
	switch e.Name {
	case fyne.KeyPageDown, fyne.KeyDown:
		c.turn(1, e.Name == fyne.KeyPageDown)
		return
	case fyne.KeyPageUp, fyne.KeyUp:
		c.turn(-1, e.Name == fyne.KeyPageUp)
		return
	}
	if c.writes() && isTyped(e.Name) { // its letter comes after the key, and goes where the focus is then
		c.chat.focus()
		return
	}
	if again { // what switches is not switched to and fro by a key that is held
		return
	}
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		if c.view.state == mesh.Ringing && c.u.now().Sub(c.opened) >= enterGuard {
			c.accept()
		}
	case fyne.KeyEscape:
		c.escape()
	case fyne.KeyW:
		c.toggleCompare()
	case fyne.KeyP:
		c.togglePeople()
	case fyne.KeyH:
		if c.view.conference && inCall(c.view.state) {
			c.people.raise()
		}
	case fyne.KeyM:
		c.toggleMute()
	case fyne.KeyV:
		c.toggleCamera()
	case fyne.KeyS:
		c.toggleShare()
	case fyne.KeyA:
		c.addPeople()
	case fyne.KeyC:
		if c.chat.isOpen() {
			c.chat.focus()
		} else {
			c.toggleChat()
		}
		c.chat.entry.swallow()
	case fyne.Key1, fyne.Key2, fyne.Key3, fyne.Key4, fyne.Key5, fyne.Key6, fyne.Key7, fyne.Key8, fyne.Key9:
		c.pinNumber(int(e.Name[0] - '0'))
	case fyne.KeyG:
		c.toggleSpeaker()
	case fyne.KeyF1:
		c.showKeys()
	case fyne.KeyF11, fyne.KeyF:
		c.toggleFullScreen()
	}
}

// turn scrolls what is open.
func (c *callWindow) turn(way float32, page bool) {
	switch {
	case c.sheet != nil:
		turnPage(c.sheet.scroll, way, page)
	case c.compare.isOpen():
		turnPage(c.compare.scroll, way, page)
	case c.chat.isOpen():
		c.chat.turn(way, page)
	case c.people.isOpen():
		turnPage(c.people.scroll, way, page)
	}
}

// writes reports whether letters are meant for the chat though nothing has the focus: a click beside its field has taken it away.
// Then an S must not show the screen to everybody.
func (c *callWindow) writes() bool {
	return c.chat.isOpen() && !c.chat.escaped && c.sheet == nil && c.win.Canvas().Focused() == nil
}

// isTyped reports whether a key gives a letter.
func isTyped(key fyne.KeyName) bool { return len([]rune(key)) == 1 || key == fyne.KeySpace }

// escape leaves what is outermost. It never hangs up a call that stands.
func (c *callWindow) escape() {
	switch {
	case c.sheet != nil:
		c.sheet.close()
	case c.compare.isOpen():
		c.compare.escape()
	case c.win.FullScreen():
		c.toggleFullScreen()
	case c.view.state == mesh.Ringing, c.view.state == mesh.Calling, c.view.state == mesh.Ended:
		c.hangUp()
	case c.chat.isOpen():
		c.toggleChat()
	case c.people.isOpen():
		if !c.people.escape() {
			c.togglePeople()
		}
	}
}
