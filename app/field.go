package app

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// field is a line to type in. Keys that are not for typing go to its owner.
type field struct {
	widget.Entry
	keyFocus
	escaped  func()
	shortcut func(fyne.Shortcut)  // shortcuts of the window; may be nil
	keys     func(*fyne.KeyEvent) // function keys; may be nil
	left     func()               // the focus went away; may be nil
	down     func()               // the Down key; may be nil
	onFocus  func(bool)           // may be nil
	turned   turning              // Page up and Page down; may be nil
	deaf     time.Time            // letters before this belong to the key that moved the focus here
}

func newField(hint string, submitted func(string)) *field {
	f := &field{}
	f.ExtendBaseWidget(f)
	f.PlaceHolder = hint
	f.OnSubmitted = submitted
	f.Scroll = fyne.ScrollHorizontalOnly
	return f
}

// TypedKey is called by the driver.
func (f *field) TypedKey(e *fyne.KeyEvent) {
	switch {
	case e.Name == fyne.KeyEscape && f.escaped != nil:
		f.escaped()
	case e.Name == fyne.KeyF11 && f.keys != nil:
		f.keys(e)
	case e.Name == fyne.KeyDown && f.down != nil:
		f.down()
	case e.Name == fyne.KeyPageUp && f.turned != nil:
		f.turned(-1, true)
	case e.Name == fyne.KeyPageDown && f.turned != nil:
		f.turned(1, true)
	default:
		f.Entry.TypedKey(e)
	}
}

// TypedRune is called by the driver.
func (f *field) TypedRune(r rune) {
	if time.Now().Before(f.deaf) {
		f.deaf = time.Time{}
		return
	}
	f.Entry.TypedRune(r)
}

// swallow ignores the letter of a key that has just moved the focus here: the driver delivers it after the key.
func (f *field) swallow() { f.deaf = time.Now().Add(swallowWithin) }

// swallowWithin is far longer than the driver takes from a key to its letter, and shorter than anyone types.
const swallowWithin = 30 * time.Millisecond

// TypedShortcut is called by the driver.
func (f *field) TypedShortcut(s fyne.Shortcut) {
	if _, ours := s.(*desktop.CustomShortcut); ours && f.shortcut != nil {
		f.shortcut(s)
		return
	}
	f.Entry.TypedShortcut(s)
}

// FocusGained is called by the driver.
func (f *field) FocusGained() {
	f.gained(&f.Entry)
	if f.onFocus != nil {
		f.onFocus(true)
	}
}

// FocusLost is called by the driver.
func (f *field) FocusLost() {
	f.lost(&f.Entry)
	if f.onFocus != nil {
		f.onFocus(false)
	}
	if f.left != nil {
		f.left()
	}
}
