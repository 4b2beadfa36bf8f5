package app

import (
	"image/color"
	"slices"

	"fyne.io/fyne/v2"

	"sundog.dev/sundog/theme"
)

// keyFocus is whether a widget has the key focus, for those who paint that. Who has it may be scrolled into view.
type keyFocus struct {
	focused  bool
	revealed func() // may be nil
}

func (k *keyFocus) revealedBy(show func()) { k.revealed = show }

// gained is FocusGained of a widget that extends one of Fyne's.
func (k *keyFocus) gained(base fyne.Focusable) {
	k.focused = true
	base.FocusGained()
	k.reveal()
}

// lost is FocusLost of such a widget.
func (k *keyFocus) lost(base fyne.Focusable) {
	k.focused = false
	base.FocusLost()
}

// reveal scrolls into view what has got the focus.
func (k *keyFocus) reveal() {
	if k.revealed != nil {
		k.revealed()
	}
}

// frame is the stroke of a ground, of that colour while the widget has the focus, and none else.
func (k *keyFocus) frame(c color.Color) (color.Color, float32) {
	if k.focused {
		return c, theme.FocusWidth
	}
	return color.Transparent, 0
}

// firstFocusable is the first thing in sight in o that takes the key focus; nil: nothing does.
func firstFocusable(o fyne.CanvasObject) fyne.Focusable {
	if !o.Visible() {
		return nil
	}
	if f, ok := o.(fyne.Focusable); ok {
		return f
	}
	if c, ok := o.(*fyne.Container); ok {
		for _, inner := range c.Objects {
			if f := firstFocusable(inner); f != nil {
				return f
			}
		}
	}
	return nil
}

// holds reports whether something that takes the key focus is in o.
func holds(o fyne.CanvasObject, what fyne.Focusable) bool {
	if f, ok := o.(fyne.Focusable); ok && f == what {
		return true
	}
	c, ok := o.(*fyne.Container)
	return ok && slices.ContainsFunc(c.Objects, func(inner fyne.CanvasObject) bool { return holds(inner, what) })
}
