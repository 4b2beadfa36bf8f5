package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sundog.dev/sundog/theme"
)

// header is who one is and whether one can be reached.
type header struct {
	content  *fyne.Container
	avatar   *avatar
	name     *label
	light    *light
	presence *paragraph
}

func newHeader() *header {
	h := &header{
		avatar:   newAvatar(theme.Now, "", theme.AvatarSize),
		name:     newLabel(theme.Now, "", theme.TextStrong, asText).strong().shortened(),
		light:    newLight(),
		presence: newParagraph(theme.Now, "", theme.TextSmall, asSecond),
	}
	h.content = container.New(beside{gap: theme.CallGap}, h.avatar,
		newColumn(2, h.name, container.New(beside{gap: 6, top: true}, h.light, h.presence)))
	return h
}

func (h *header) show(name string, p presence) {
	h.avatar.set(name, false, false)
	h.name.set(name)
	h.light.set(p.tone.role())
	if h.presence.text != p.text {
		h.presence.set(p.text, asSecond)
		h.content.Refresh()
	}
}

// beside puts one object of its own width at the left and another in the rest.
type beside struct {
	gap float32
	top bool // align at the top instead of the middle
}

func (b beside) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	first, rest := objects[0], objects[1]
	m := first.MinSize()
	x := m.Width + b.gap
	rest.Resize(fyne.NewSize(size.Width-x, size.Height))
	height := rest.MinSize().Height
	if b.top {
		place(first, 0, 0, m.Width, m.Height)
		place(rest, x, 0, size.Width-x, height)
		return
	}
	place(first, 0, (size.Height-m.Height)/2, m.Width, m.Height)
	place(rest, x, (size.Height-height)/2, size.Width-x, height)
}

func (b beside) MinSize(objects []fyne.CanvasObject) fyne.Size {
	first, rest := objects[0].MinSize(), objects[1].MinSize()
	return fyne.NewSize(first.Width+b.gap+rest.Width, max(first.Height, rest.Height))
}

// light is a small round light beside a line of text.
type light struct {
	widget.BaseWidget
	role role
}

const (
	lightSize = 8
	lightLine = 17 // the height of the small text beside it
)

func newLight() *light {
	l := &light{role: asSecond}
	l.ExtendBaseWidget(l)
	return l
}

func (l *light) set(r role) {
	l.role = r
	l.Refresh()
}

func (l *light) CreateRenderer() fyne.WidgetRenderer {
	disc := canvas.NewCircle(color.Transparent)
	d := &drawing{objects: []fyne.CanvasObject{disc}}
	d.least = func() fyne.Size { return fyne.NewSize(lightSize, lightLine) }
	d.arrange = func(size fyne.Size) { place(disc, 0, (lightLine-lightSize)/2, lightSize, lightSize) }
	d.paint = func() { disc.FillColor = l.role(theme.Now()) }
	return d.start()
}
