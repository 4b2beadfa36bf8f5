package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// reveal makes what takes the key focus below o scroll into view when it gets it. It may be called again for what has come meanwhile.
func reveal(o fyne.CanvasObject, scroll *container.Scroll) {
	if c, ok := o.(*fyne.Container); ok {
		for _, inner := range c.Objects {
			reveal(inner, scroll)
		}
		return
	}
	if r, ok := o.(interface{ revealedBy(show func()) }); ok {
		r.revealedBy(func() { scrollTo(o, scroll) })
	}
}

// revealMargin is what is seen above and below: whoever goes by keys sees that there is more, and what it belongs to.
const revealMargin = theme.RowHeight

// scrollTo scrolls as little as it takes to see all of o, with a margin.
func scrollTo(o fyne.CanvasObject, scroll *container.Scroll) {
	driver := fyne.CurrentApp().Driver()
	top := driver.AbsolutePositionForObject(o).Y - driver.AbsolutePositionForObject(scroll).Y
	bottom := top + o.Size().Height
	switch height := scroll.Size().Height; {
	case top < 0:
		scroll.ScrollToOffset(scroll.Offset.AddXY(0, top-revealMargin))
	case bottom > height:
		scroll.ScrollToOffset(scroll.Offset.AddXY(0, bottom-height+revealMargin))
	}
}

// turning scrolls down (1) or up (-1), by a page or some lines.
type turning func(way float32, page bool)

// turnPage scrolls by a page, of which a little stays in sight, or by some lines.
func turnPage(scroll *container.Scroll, way float32, page bool) {
	step := theme.TouchSize
	if page {
		step = scroll.Size().Height - theme.TouchSize
	}
	scroll.ScrollToOffset(scroll.Offset.AddXY(0, way*step))
}
