package app

import (
	"slices"

	"fyne.io/fyne/v2"
)

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
