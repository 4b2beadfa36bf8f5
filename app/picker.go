package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// picker is a list that opens to choose from.
type picker struct {
	widget.Select
	keyFocus
}

func newPicker(chosen func(string)) *picker {
	p := &picker{}
	p.OnChanged = chosen
	p.ExtendBaseWidget(p)
	return p
}

// FocusGained is called by the driver.
func (p *picker) FocusGained() { p.gained(&p.Select) }

// FocusLost is called by the driver.
func (p *picker) FocusLost() { p.lost(&p.Select) }

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
	if ground, ok := f.Objects()[0].(*canvas.Rectangle); ok {
		look := fyne.CurrentApp().Settings().ThemeVariant()
		ground.StrokeColor, ground.StrokeWidth = f.picker.frame(f.picker.Theme().Color(fynetheme.ColorNamePrimary, look))
		ground.Refresh()
	}
}
