package app

import (
	"testing"

	"fyne.io/fyne/v2"
)

func TestWhoeverGoesByKeysSeesWhereTheyAre(t *testing.T) {
	d := newDesk(t, withPeople)
	page := d.ui.main
	page.show(pageSettings)
	scroll, c := page.settings.scroll, page.win.Canvas()
	driver := fyne.CurrentApp().Driver()
	c.Focus(page.settings.name.name)
	inPage := 0
	for range 40 {
		f, is := c.Focused().(fyne.CanvasObject)
		if !is {
			t.Fatal("nothing has the focus")
		}
		if _, own := f.(interface{ revealedBy(func()) }); own && below(scroll.Content, f) {
			inPage++
			top := driver.AbsolutePositionForObject(f).Y - driver.AbsolutePositionForObject(scroll).Y
			if top < 0 || top+f.Size().Height > scroll.Size().Height {
				t.Errorf("%T is at %v of %v", f, top, scroll.Size().Height)
			}
		}
		c.FocusNext()
	}
	if inPage < 15 {
		t.Errorf("the focus was on %d things of the page", inPage)
	}
}

// below reports whether an object is in a tree of containers.
func below(tree, o fyne.CanvasObject) bool {
	if tree == o {
		return true
	}
	if c, is := tree.(*fyne.Container); is {
		for _, inner := range c.Objects {
			if below(inner, o) {
				return true
			}
		}
	}
	return false
}
