package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/theme"
)

// middle stands where the picture would be: who it is about, what is happening or has happened.
type middle struct {
	content  *fyne.Container
	face     *avatar
	headline *paragraph
	detail   *paragraph
	who      *paragraph // who calls, as far as that is proved
	dots     *dots
}

const middleWidth = 440

func newMiddle() *middle {
	m := &middle{
		face:     newAvatar(theme.Stage, "", theme.AvatarLarge),
		headline: newParagraph(theme.Stage, "", theme.TextHeading, asText).strong().centred(),
		detail:   newParagraph(theme.Stage, "", theme.TextBody, asSecond).centred(),
		who:      newParagraph(theme.Stage, "", theme.TextBody, asSecond).centred(),
		dots:     newDots(theme.Stage),
	}
	m.content = container.New(column{gap: theme.CallGap}, container.New(inset{top: theme.SpaceInside, bottom: theme.SpaceInside}, m.face),
		m.headline, newColumn(2, m.detail, m.who), m.dots)
	return m
}

func (m *middle) show(v callView) {
	m.face.set(v.name, v.colour, false, v.speaking || v.state == mesh.Ringing)
	if m.headline.text != v.headline {
		m.headline.set(v.headline, asText)
	}
	if m.detail.text != v.detail {
		m.detail.set(v.detail, asSecond)
	}
	setShown(m.detail, v.detail != "")
	if m.who.text != v.who {
		m.who.set(v.who, v.mark.tone().role())
	}
	setShown(m.who, v.who != "")
	setShown(m.dots, v.waiting)
	m.dots.set(v.phase)
}
