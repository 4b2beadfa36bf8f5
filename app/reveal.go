package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

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

// picker is a list that opens to choose from.
type picker struct {
	widget.Select
	revealed func() // may be nil
	focused  bool
}

func newPicker(chosen func(string)) *picker {
	p := &picker{}
	p.OnChanged = chosen
	p.ExtendBaseWidget(p)
	return p
}

func (p *picker) revealedBy(show func()) { p.revealed = show }

// FocusGained is called by the driver.
func (p *picker) FocusGained() {
	p.focused = true
	p.Select.FocusGained()
	if p.revealed != nil {
		p.revealed()
	}
}

// FocusLost is called by the driver.
func (p *picker) FocusLost() {
	p.focused = false
	p.Select.FocusLost()
}

// CreateRenderer frames the picker while it has the key focus: the fill that Fyne gives it then is hardly seen.
func (p *picker) CreateRenderer() fyne.WidgetRenderer {
	return pickerFrame{p.Select.CreateRenderer(), p}
}

// pickerFrame is a picker's renderer, whose first object is its ground.
type pickerFrame struct {
	fyne.WidgetRenderer
	picker *picker
}

// Refresh implements fyne.WidgetRenderer.
func (f pickerFrame) Refresh() {
	f.WidgetRenderer.Refresh()
	ground, ok := f.Objects()[0].(*canvas.Rectangle)
	if !ok {
		return
	}
	ground.StrokeColor, ground.StrokeWidth = color.Transparent, 0
	if f.picker.focused {
		look := fyne.CurrentApp().Settings().ThemeVariant()
		ground.StrokeColor, ground.StrokeWidth = f.picker.Theme().Color(fynetheme.ColorNamePrimary, look), theme.FocusWidth
	}
	ground.Refresh()
}
