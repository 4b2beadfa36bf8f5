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
		c.compare.turn(1, e.Name == fyne.KeyPageDown)
		return
	case fyne.KeyPageUp, fyne.KeyUp:
		c.compare.turn(-1, e.Name == fyne.KeyPageUp)
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
		c.togglePeople()
	}
}
