package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/theme"
)

// middle stands where the picture would be: who it is about, what is happening or has happened.
type middle struct {
	content  *fyne.Container
	face     *avatar
	headline *paragraph
	detail   *paragraph
	dots     *dots
}

const middleWidth = 440

func newMiddle() *middle {
	m := &middle{
		face:     newAvatar(theme.Stage, "", theme.AvatarLarge),
		headline: newParagraph(theme.Stage, "", theme.TextHeading, asText).strong().centred(),
		detail:   newParagraph(theme.Stage, "", theme.TextBody, asSecond).centred(),
		dots:     newDots(),
	}
	m.content = container.New(column{gap: theme.CallGap}, container.New(inset{top: theme.SpaceInside, bottom: theme.SpaceInside}, m.face),
		m.headline, m.detail, m.dots)
	return m
}

func (m *middle) show(v callView) {
	m.face.set(v.name, false, v.speaking || v.state == mesh.Ringing)
	if m.headline.text != v.headline {
		m.headline.set(v.headline, asText)
	}
	if m.detail.text != v.detail {
		m.detail.set(v.detail, asSecond)
	}
	setShown(m.detail, v.detail != "")
	setShown(m.dots, v.waiting)
	m.dots.set(v.phase)
}

// dots are three small lights that take turns while something is being tried.
type dots struct {
	widget.BaseWidget
	phase int
}

func newDots() *dots {
	d := &dots{}
	d.ExtendBaseWidget(d)
	return d
}

func (t *dots) set(phase int) {
	if t.phase != phase {
		t.phase = phase
		t.Refresh()
	}
}

func (t *dots) CreateRenderer() fyne.WidgetRenderer {
	const size, gap = 8, 8
	lights := [dotPhases]*canvas.Circle{}
	d := &drawing{}
	for i := range lights {
		lights[i] = canvas.NewCircle(color.Transparent)
		d.objects = append(d.objects, lights[i])
	}
	const width = dotPhases*size + (dotPhases-1)*gap
	d.least = func() fyne.Size { return fyne.NewSize(width+2*gap, 2*size) }
	d.arrange = func(area fyne.Size) {
		for i, l := range lights {
			place(l, (area.Width-width)/2+float32(i)*(size+gap), (area.Height-size)/2, size, size)
		}
	}
	d.paint = func() {
		p := theme.Stage()
		for i, l := range lights {
			l.FillColor = p.Line
			if i == t.phase {
				l.FillColor = p.Accent
			}
		}
	}
	return d.start()
}
