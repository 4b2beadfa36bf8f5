package app

import (
	"image/color"

	"fyne.io/fyne/v2"

	"sundog.dev/sundog/theme"
)

// skin is where a widget takes its colours from: theme.Now in the main window, theme.Stage behind video.
type skin func() theme.Palette

// role chooses a colour of a palette.
type role func(theme.Palette) color.NRGBA

func asText(p theme.Palette) color.NRGBA    { return p.Text }
func asSecond(p theme.Palette) color.NRGBA  { return p.TextSecond }
func asAccent(p theme.Palette) color.NRGBA  { return p.Accent }
func asSurface(p theme.Palette) color.NRGBA { return p.Surface }
func asWindow(p theme.Palette) color.NRGBA  { return p.Window }
func asRaised(p theme.Palette) color.NRGBA  { return p.Raised }
func asLine(p theme.Palette) color.NRGBA    { return p.Line }

func (t tone) role() role {
	switch t {
	case toneGood:
		return func(p theme.Palette) color.NRGBA { return p.Good }
	case toneWaiting:
		return func(p theme.Palette) color.NRGBA { return p.Warning }
	case toneBad:
		return func(p theme.Palette) color.NRGBA { return p.Danger }
	case toneText:
		return asText
	}
	return asSecond
}

// drawing is the renderer of all our widgets: what it consists of, and three functions.
type drawing struct {
	objects []fyne.CanvasObject
	arrange func(fyne.Size)
	least   func() fyne.Size
	paint   func() // sets colours and texts from the widget's state

	size fyne.Size
}

var _ fyne.WidgetRenderer = (*drawing)(nil)

func (d *drawing) start() *drawing {
	d.paint()
	for _, o := range d.objects {
		o.Refresh() // images load their drawing
	}
	return d
}

func (d *drawing) Destroy()                     {}
func (d *drawing) MinSize() fyne.Size           { return d.least() }
func (d *drawing) Objects() []fyne.CanvasObject { return d.objects }

func (d *drawing) Layout(size fyne.Size) {
	d.size = size
	d.arrange(size)
}

func (d *drawing) Refresh() {
	d.paint()
	d.arrange(d.size)
	for _, o := range d.objects {
		o.Refresh()
	}
}

// place moves and resizes in one go.
func place(o fyne.CanvasObject, x, y, w, h float32) {
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(w, h))
}

// placeCentred puts an object of size w×h in the middle of an area.
func placeCentred(o fyne.CanvasObject, area fyne.Size, w, h float32) {
	place(o, (area.Width-w)/2, (area.Height-h)/2, w, h)
}
