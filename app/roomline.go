package app

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// newRoomLine is somebody in the call, in the panel of people: who, how they are connected, and a button for what can be done with
// them (more is nil where nothing can).
func newRoomLine(r roomRow, more *iconButton) fyne.CanvasObject {
	face := newAvatar(theme.Stage, r.face, theme.AvatarSize)
	face.colour, face.ground = r.colour, asSurface
	sign := newMarkIcon(theme.Stage)
	sign.set(r.mark)
	text := newColumn(0,
		container.New(giving{}, container.New(nameAndMark{}, newLabel(theme.Stage, r.name, theme.TextBody, asText).strong().shortened().greedy(), sign)),
		newParagraph(theme.Stage, r.line, theme.TextSmall, r.tone.role()))
	right := container.New(sideBySide{gap: theme.SpaceInside, pack: true})
	if r.hand {
		hand := canvas.NewImageFromResource(theme.Hand.In(theme.Stage().Accent))
		hand.SetMinSize(fyne.NewSize(theme.IconSize, theme.TouchSize))
		hand.FillMode = canvas.ImageFillContain
		right.Add(hand)
		if r.turn > 0 {
			right.Add(newLabel(theme.Stage, strconv.Itoa(r.turn), theme.TextSmall, asAccent).strong())
		}
	}
	if r.quality > 0 {
		bars := newQualityBars()
		bars.set(r.quality)
		right.Add(bars)
	}
	if more != nil {
		right.Add(more)
	}
	return container.New(beside{gap: theme.SpaceInside, right: true}, container.New(beside{gap: theme.CallGap}, face, text), right)
}
