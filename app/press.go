package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// touchable is what can be pressed with the pointer. It is embedded by widgets that draw it.
type touchable struct {
	widget.BaseWidget
	name     string // for screen readers
	tapped   func()
	onHover  func(bool)
	hovered  bool
	disabled bool
}

var (
	_ fyne.Tappable      = (*touchable)(nil)
	_ desktop.Hoverable  = (*touchable)(nil)
	_ desktop.Cursorable = (*touchable)(nil)
	_ fyne.Accessible    = (*touchable)(nil)
)

// Tapped is called by the driver.
func (t *touchable) Tapped(*fyne.PointEvent) { t.press() }

func (t *touchable) press() {
	if !t.disabled && t.tapped != nil {
		t.tapped()
	}
}

// MouseIn is called by the driver.
func (t *touchable) MouseIn(*desktop.MouseEvent) { t.hover(true) }

// MouseMoved is called by the driver.
func (t *touchable) MouseMoved(*desktop.MouseEvent) {}

// MouseOut is called by the driver.
func (t *touchable) MouseOut() { t.hover(false) }

func (t *touchable) hover(on bool) {
	t.hovered = on
	if t.onHover != nil {
		t.onHover(on)
	}
	t.Refresh()
}

// Cursor is the pointing hand, where there is something to press.
func (t *touchable) Cursor() desktop.Cursor {
	if t.disabled {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}

// AccessibilityLabel is the name for screen readers.
func (t *touchable) AccessibilityLabel() string { return t.name }

// AccessibilityRole is that of a button.
func (t *touchable) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

func (t *touchable) setEnabled(on bool) {
	if t.disabled == on {
		t.disabled = !on
		t.Refresh()
	}
}

// pressable is a touchable that also takes the key focus: Enter and Space press it, other keys go to keys.
type pressable struct {
	touchable
	keyFocus
	onFocus func(bool)
	keys    func(*fyne.KeyEvent) // may be nil
	escaped func()               // Escape; may be nil
}

var _ fyne.Focusable = (*pressable)(nil)

// FocusGained is called by the driver.
func (p *pressable) FocusGained() { p.focus(true) }

// FocusLost is called by the driver.
func (p *pressable) FocusLost() { p.focus(false) }

func (p *pressable) focus(on bool) {
	p.focused = on
	if p.onFocus != nil {
		p.onFocus(on)
	}
	if on {
		p.reveal()
	}
	p.Refresh()
}

// TypedRune is called by the driver. A letter is for the window: what a button understands comes to TypedKey.
func (p *pressable) TypedRune(r rune) {
	if c := p.canvas(); c != nil && c.OnTypedRune() != nil {
		c.OnTypedRune()(r)
	}
}

// TypedKey is called by the driver.
func (p *pressable) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		p.press()
	case fyne.KeyEscape:
		if p.escaped != nil {
			p.escaped()
			return
		}
		fallthrough
	default:
		if p.keys != nil {
			p.keys(e)
		}
	}
}

func (p *pressable) escapes(do func()) { p.escaped = do }
