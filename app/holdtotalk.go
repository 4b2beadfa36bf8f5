package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// heldKeys are the keys that are down in a call's window. A key that is held repeats itself: the driver tells of that as of a key
// typed anew, and only what went before tells the two apart.
type heldKeys map[fyne.KeyName]bool // whether it has been typed since it went down

// down is told that a key has gone down, and up that it has come up.
func (h heldKeys) down(key fyne.KeyName) { h[key] = false }
func (h heldKeys) up(key fyne.KeyName)   { delete(h, key) }

// repeats reports, of a key that is typed, whether it was typed already since it went down.
func (h heldKeys) repeats(key fyne.KeyName) bool {
	typed, held := h[key]
	if held {
		h[key] = true
	}
	return typed
}

// keyDown is a key going down in a call's window. Where a button has the focus it passes on what it does not use itself; a text
// field passes on nothing.
func (c *callWindow) keyDown(e *fyne.KeyEvent) {
	c.poke()
	c.held.down(e.Name)
	if e.Name == fyne.KeySpace && !c.writes() {
		c.talk(true)
	}
}

// keyUp is a key coming up, wherever the focus has gone meanwhile. A window that loses the focus is told it of all keys that are
// down.
func (c *callWindow) keyUp(e *fyne.KeyEvent) {
	c.held.up(e.Name)
	if e.Name == fyne.KeySpace {
		c.talk(false)
	}
}

// talk lets somebody who is muted be heard for as long as they hold Space.
func (c *callWindow) talk(on bool) {
	stands := inCall(c.view.state)
	if on == c.talking || on && (!stands || !c.view.muted || c.sheet != nil) {
		return
	}
	c.hush() // that they are muted
	c.talking, c.view.talking = on, on
	if stands {
		c.setMuted(!on)
	}
}

// talkEnds ends talk where the focus has gone to what does not tell that a key comes up.
func (c *callWindow) talkEnds() {
	if c.talking && c.win.Canvas().Focused() != nil {
		c.talk(false)
	}
}

// canvasWith is that of the window in which what has is true of has the key focus; nil: none.
func canvasWith(has func(fyne.Focusable) bool) fyne.Canvas {
	for _, w := range fyne.CurrentApp().Driver().AllWindows() {
		if f := w.Canvas().Focused(); f != nil && has(f) {
			return w.Canvas()
		}
	}
	return nil
}

// canvas is that in which p has the key focus. What has the focus is the widget that holds p.
func (p *pressable) canvas() fyne.Canvas {
	return canvasWith(func(f fyne.Focusable) bool {
		o, ok := f.(interface{ pressed() *pressable })
		return ok && o.pressed() == p
	})
}

func (p *pressable) pressed() *pressable { return p }

// KeyDown is called by the driver. What presses the button is left to TypedKey, and all else to the window.
func (p *pressable) KeyDown(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		return
	}
	if c, ok := p.canvas().(desktop.Canvas); ok && c.OnKeyDown() != nil {
		c.OnKeyDown()(e)
	}
}

// KeyUp is called by the driver.
func (p *pressable) KeyUp(e *fyne.KeyEvent) { passKeyUp(p.canvas(), e) }

// KeyUp is called by the driver. The key may have gone down before the field had the focus.
func (f *field) KeyUp(e *fyne.KeyEvent) {
	f.Entry.KeyUp(e)
	passKeyUp(canvasWith(func(o fyne.Focusable) bool { return o == fyne.Focusable(f) }), e)
}

func passKeyUp(to fyne.Canvas, e *fyne.KeyEvent) {
	if c, ok := to.(desktop.Canvas); ok && c.OnKeyUp() != nil {
		c.OnKeyUp()(e)
	}
}
