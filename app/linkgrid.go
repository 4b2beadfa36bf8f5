package app

import (
	"image/color"
	"reflect"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"sundog.dev/sundog/theme"
)

// linkGrid draws who hears whom: a dot where two do, a ring where another passes on what they say, a cross where they do not. The
// columns are in the order of the rows, under initials.
type linkGrid struct {
	widget.BaseWidget
	table linkTable
}

const (
	linkCellSize = 18
	linkDot      = 8
	linkNames    = 84 // width of the names
)

func newLinkGrid() *linkGrid {
	g := &linkGrid{}
	g.ExtendBaseWidget(g)
	return g
}

func (g *linkGrid) set(t linkTable) {
	if !reflect.DeepEqual(g.table, t) {
		g.table = t
		g.Refresh()
	}
	setShown(g, len(t.names) > 0)
}

func (g *linkGrid) CreateRenderer() fyne.WidgetRenderer {
	d := &drawing{}
	d.least = func() fyne.Size {
		n := float32(len(g.table.names))
		return fyne.NewSize(linkNames+n*linkCellSize, (n+1)*linkCellSize)
	}
	d.paint = func() { d.objects = g.draw() }
	d.arrange = func(fyne.Size) {}
	return d.start()
}

// draw makes all that the table consists of, at its place.
func (g *linkGrid) draw() []fyne.CanvasObject {
	p := theme.Stage()
	var objects []fyne.CanvasObject
	words := func(text string, c color.NRGBA, x, y, w float32, a fyne.TextAlign) {
		o := canvas.NewText(fitted(text, w, theme.TextSmall, fyne.TextStyle{}), c)
		o.TextSize, o.Alignment = theme.TextSmall, a
		place(o, x, y, w, linkCellSize)
		objects = append(objects, o)
	}
	for i, name := range g.table.names {
		at := float32(i+1) * linkCellSize
		words(initials(name), p.TextSecond, linkNames+at-linkCellSize, 0, linkCellSize, fyne.TextAlignCenter)
		words(name, p.Text, 0, at, linkNames-theme.SpaceInside, fyne.TextAlignLeading)
	}
	for y, row := range g.table.cells {
		for x, cell := range row {
			left, top := linkNames+float32(x)*linkCellSize, float32(y+1)*linkCellSize
			if cell == linkBroken {
				words("×", p.Danger, left, top, linkCellSize, fyne.TextAlignCenter)
				continue
			}
			dot := canvas.NewCircle(color.Transparent)
			size := float32(linkDot)
			switch cell {
			case linkWorks:
				dot.FillColor = p.Good
			case linkCarried:
				dot.StrokeColor, dot.StrokeWidth = p.Warning, 2
			default:
				dot.FillColor, size = p.Line, linkDot/2
			}
			place(dot, left+(linkCellSize-size)/2, top+(linkCellSize-size)/2, size, size)
			objects = append(objects, dot)
		}
	}
	return objects
}
