package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sundog.dev/sundog/theme"
)

// emptyState fills a list that is empty: what it is for, and what to do first.
type emptyState struct {
	content *fyne.Container
	title   *label
	text    *paragraph
	second  fyne.CanvasObject
}

func newEmptyState(icon theme.Icon, buttons ...fyne.CanvasObject) *emptyState {
	e := &emptyState{
		title: newLabel(theme.Now, "", theme.TextHeading, asText).strong().centred(),
		text:  newParagraph(theme.Now, "", theme.TextBody, asSecond).centred(),
	}
	if len(buttons) > 1 {
		e.second = buttons[1]
	}
	objects := []fyne.CanvasObject{newEmblem(icon), newGap(theme.SpaceTight), e.title, e.text, newGap(theme.SpaceTight)}
	e.content = padded(theme.SpaceAround, container.New(column{gap: theme.CallGap, widest: 300, middle: true}, append(objects, buttons...)...))
	return e
}

func (e *emptyState) show(title, text string) {
	e.title.set(title)
	if e.text.text != text {
		e.text.set(text, asSecond)
	}
}

// emblem is an icon in the middle of a soft disc.
type emblem struct {
	widget.BaseWidget
	icon theme.Icon
}

const emblemSize = 72

func newEmblem(icon theme.Icon) *emblem {
	e := &emblem{icon: icon}
	e.ExtendBaseWidget(e)
	return e
}

func (e *emblem) CreateRenderer() fyne.WidgetRenderer {
	disc := canvas.NewCircle(color.Transparent)
	icon := canvas.NewImageFromResource(nil)
	d := &drawing{objects: []fyne.CanvasObject{disc, icon}}
	d.least = func() fyne.Size { return fyne.NewSquareSize(emblemSize) }
	d.arrange = func(size fyne.Size) {
		placeCentred(disc, size, emblemSize, emblemSize)
		placeCentred(icon, size, 32, 32)
	}
	d.paint = func() {
		p := theme.Now()
		disc.FillColor = p.AccentSoft
		icon.Resource = e.icon.In(p.Accent)
	}
	return d.start()
}
