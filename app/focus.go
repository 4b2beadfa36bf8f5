package app

import (
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

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
	switch o := o.(type) {
	case *fyne.Container:
		return slices.ContainsFunc(o.Objects, func(inner fyne.CanvasObject) bool { return holds(inner, what) })
	case *container.Scroll:
		return holds(o.Content, what)
	}
	return false
}

// visit is a stay of the key focus in what opens and closes again.
type visit struct {
	before fyne.Focusable // what had it; nil: nothing
	first  fyne.Focusable // what got it; nil: nothing
}

// begin gives the focus to first, unless that is nil.
func (v *visit) begin(c fyne.Canvas, first fyne.Focusable) {
	v.before, v.first = c.Focused(), first
	if first != nil {
		c.Focus(first)
	}
}

// end takes the focus out of what closes: to where it was, or to what opens it, for whoever has gone about in it by the keys.
func (v *visit) end(c fyne.Canvas, closed fyne.CanvasObject, opener fyne.Focusable) {
	switch has := c.Focused(); {
	case has == nil || !holds(closed, has):
	case v.before != nil:
		c.Focus(v.before)
	case has == v.first:
		c.Unfocus()
	default:
		c.Focus(opener)
	}
	*v = visit{}
}
