package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sundog.dev/sundog/theme"
)

// header is who one is and whether one can be reached. Pressing that tells more; the button at the right shows the
// own link.
type header struct {
	content *fyne.Container
	self    *self
	link    *iconButton
}

func newHeader(more, link func()) *header {
	h := &header{self: newSelf(more), link: newIconButton(theme.Now, theme.Link, "Your link", asText, link)}
	h.content = container.New(beside{gap: theme.SpaceInside, right: true}, h.self, h.link)
	return h
}

func (h *header) show(name string, colour uint32, p presence) {
	if h.self.show(name, colour, p) {
		h.content.Refresh()
	}
}

// beside puts an object of its own width at the left and another in the rest; with right, the second has its own width.
type beside struct {
	gap   float32
	top   bool // align at the top instead of the middle
	right bool
}

func (b beside) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	first, rest := b.parts(objects)
	m := first.MinSize()
	width := size.Width - m.Width - b.gap
	at, x := float32(0), m.Width+b.gap
	if b.right {
		at, x = size.Width-m.Width, 0
	}
	rest.Resize(fyne.NewSize(width, size.Height))
	height := rest.MinSize().Height
	if b.top {
		place(first, at, 0, m.Width, m.Height)
		place(rest, x, 0, width, height)
		return
	}
	place(first, at, (size.Height-m.Height)/2, m.Width, m.Height)
	place(rest, x, (size.Height-height)/2, width, height)
}

// parts are the object of its own width, and the other.
func (b beside) parts(objects []fyne.CanvasObject) (own, rest fyne.CanvasObject) {
	if b.right {
		return objects[1], objects[0]
	}
	return objects[0], objects[1]
}

func (b beside) MinSize(objects []fyne.CanvasObject) fyne.Size {
	first, rest := objects[0].MinSize(), objects[1].MinSize()
	return fyne.NewSize(first.Width+b.gap+rest.Width, max(first.Height, rest.Height))
}

// self is the own face and name, and a light with what is true about being reachable.
type self struct {
	pressable
	presence presence
	face     *avatar
	who      *label
	light    *light
	words    *paragraph
}

func newSelf(more func()) *self {
	s := &self{
		face:  newAvatar(theme.Now, "", theme.AvatarSize),
		who:   newLabel(theme.Now, "", theme.TextStrong, asText).strong().shortened(),
		light: newLight(),
		words: newParagraph(theme.Now, "", theme.TextSmall, asSecond),
	}
	s.tapped = more
	s.ExtendBaseWidget(s)
	return s
}

// show reports whether anything is new.
func (s *self) show(name string, colour uint32, now presence) bool {
	if s.who.text == name && s.face.colour == colour && s.presence == now {
		return false
	}
	s.presence, s.name = now, now.text
	s.face.set(name, colour, false, false)
	s.who.set(name)
	s.light.set(now.tone.role())
	s.words.set(now.text, asSecond)
	s.Refresh()
	return true
}

func (s *self) CreateRenderer() fyne.WidgetRenderer {
	const (
		indent    = theme.AvatarSize + theme.CallGap
		lightRoom = lightSize + 6
		around    = theme.SpaceTight
		nameLine  = 24
	)
	ring := canvas.NewRectangle(color.Transparent)
	ring.CornerRadius = theme.Corner
	d := &drawing{objects: []fyne.CanvasObject{ring, s.face, s.who, s.light, s.words}}
	d.least = func() fyne.Size {
		m := s.words.MinSize()
		return fyne.NewSize(indent+lightRoom+m.Width, max(nameLine+m.Height, theme.TouchSize))
	}
	d.arrange = func(size fyne.Size) {
		width := size.Width - indent
		s.words.Resize(fyne.NewSize(width-lightRoom, 0))
		words := s.words.MinSize().Height
		top := max(size.Height-nameLine-words, 0) / 2
		place(ring, -around, -around, size.Width+2*around, size.Height+2*around)
		place(s.face, 0, (size.Height-theme.AvatarSize)/2, theme.AvatarSize, theme.AvatarSize)
		place(s.who, indent, top, width, nameLine-2)
		place(s.light, indent, top+nameLine, lightSize, lightLine)
		place(s.words, indent+lightRoom, top+nameLine, width-lightRoom, words)
	}
	d.paint = func() {
		p := theme.Now()
		ring.FillColor, ring.StrokeWidth, ring.StrokeColor = color.Transparent, 0, color.Transparent
		s.face.ground = asWindow
		if s.hovered {
			ring.FillColor = p.Raised
		}
		if s.focused {
			ring.StrokeColor, ring.StrokeWidth = p.Accent, theme.FocusWidth
		}
	}
	return d.start()
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
