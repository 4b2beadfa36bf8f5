package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// backdrop is a plain area in a colour of the palette.
type backdrop struct {
	widget.BaseWidget
	skin   skin
	role   role
	corner float32
	least  fyne.Size
}

func newBackdrop(s skin, r role, corner float32) *backdrop {
	b := &backdrop{skin: s, role: r, corner: corner}
	b.ExtendBaseWidget(b)
	return b
}

// newRule is a thin line across.
func newRule(s skin) *backdrop {
	b := newBackdrop(s, asLine, 0)
	b.least = fyne.NewSize(1, 1)
	return b
}

func (b *backdrop) CreateRenderer() fyne.WidgetRenderer {
	area := canvas.NewRectangle(color.Transparent)
	d := &drawing{objects: []fyne.CanvasObject{area}}
	d.least = func() fyne.Size { return b.least }
	d.arrange = func(size fyne.Size) { area.Resize(size) }
	d.paint = func() { area.FillColor, area.CornerRadius = b.role(b.skin()), b.corner }
	return d.start()
}
