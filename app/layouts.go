package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"sundog.dev/sundog/theme"
)

// column stacks objects of full width from the top, asking each for its height at that width (paragraphs wrap).
type column struct {
	gap    float32
	widest float32 // 0: as wide as there is space
	middle bool    // centre the stack in a taller space
}

func (c column) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	width := size.Width
	if c.widest > 0 {
		width = min(width, c.widest)
	}
	heights := make([]float32, len(objects))
	var total float32
	for i, o := range objects {
		if !o.Visible() {
			continue
		}
		o.Resize(fyne.NewSize(width, o.MinSize().Height))
		heights[i] = o.MinSize().Height
		total += heights[i] + c.gap
	}
	x, y := (size.Width-width)/2, float32(0)
	if c.middle {
		y = max((size.Height-total+c.gap)/2, 0)
	}
	for i, o := range objects {
		if !o.Visible() {
			continue
		}
		place(o, x, y, width, heights[i])
		y += heights[i] + c.gap
	}
}

func (c column) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var least fyne.Size
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		least.Width = max(least.Width, m.Width)
		least.Height += m.Height + c.gap
	}
	least.Height = max(least.Height-c.gap, 0)
	return least
}

func newColumn(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(column{gap: gap}, objects...)
}

// inset leaves space around one object.
type inset struct{ left, top, right, bottom float32 }

func (i inset) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		place(o, i.left, i.top, size.Width-i.left-i.right, size.Height-i.top-i.bottom)
	}
}

func (i inset) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var least fyne.Size
	for _, o := range objects {
		least = least.Max(o.MinSize())
	}
	return least.AddWidthHeight(i.left+i.right, i.top+i.bottom)
}

// giving is one object that takes what width there is and asks for none.
type giving struct{}

func (giving) Layout(objects []fyne.CanvasObject, size fyne.Size) { inset{}.Layout(objects, size) }

func (giving) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, inset{}.MinSize(objects).Height)
}

// atMost keeps one object in the middle of a space that is wider than it should be.
type atMost struct{ width float32 }

func (a atMost) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	width := min(size.Width, a.width)
	for _, o := range objects {
		place(o, (size.Width-width)/2, 0, width, size.Height)
	}
}

func (a atMost) MinSize(objects []fyne.CanvasObject) fyne.Size { return inset{}.MinSize(objects) }

// pageWidth is the most that the main window's content takes: a card's width and the space at its sides.
const pageWidth = theme.ContentWidth + 2*theme.SpaceBetween

func inPage(o fyne.CanvasObject) *fyne.Container { return container.New(atMost{pageWidth}, o) }

// framed puts a centre between a top and a bottom (that may be nil), for the Tab key too: it goes from the top down.
func framed(top, centre, bottom fyne.CanvasObject) *fyne.Container {
	objects := []fyne.CanvasObject{top, centre}
	if bottom != nil {
		objects = append(objects, bottom)
	}
	return container.New(layout.NewBorderLayout(top, bottom, nil, nil), objects...)
}

func evenly(space float32) inset { return inset{space, space, space, space} }

func padded(space float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(evenly(space), o)
}

// sideBySide shares the width equally, or packs objects from the left where pack is set.
type sideBySide struct {
	gap  float32
	pack bool
}

func (s sideBySide) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	shown := visible(objects)
	if len(shown) == 0 {
		return
	}
	each := (size.Width - s.gap*float32(len(shown)-1)) / float32(len(shown))
	var x float32
	for _, o := range shown {
		width := each
		if s.pack {
			width = o.MinSize().Width
		}
		place(o, x, 0, width, size.Height)
		x += width + s.gap
	}
}

func (s sideBySide) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var least fyne.Size
	for i, o := range visible(objects) {
		m := o.MinSize()
		least.Width += m.Width
		if i > 0 {
			least.Width += s.gap
		}
		least.Height = max(least.Height, m.Height)
	}
	return least
}

func visible(objects []fyne.CanvasObject) []fyne.CanvasObject {
	var shown []fyne.CanvasObject
	for _, o := range objects {
		if o.Visible() {
			shown = append(shown, o)
		}
	}
	return shown
}

// newCard is a rounded surface with things on it.
func newCard(s skin, objects ...fyne.CanvasObject) *fyne.Container {
	return container.NewStack(newBackdrop(s, asSurface, theme.Corner), padded(theme.SpaceBetween, newColumn(theme.SpaceInside, objects...)))
}
