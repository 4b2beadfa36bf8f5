package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// newRoomLine is somebody in the call, in the panel of people: who, how they are connected, and a button to take them out where
// that is allowed (remove is nil otherwise).
func newRoomLine(r roomRow, keys func(*fyne.KeyEvent), remove func()) fyne.CanvasObject {
	face := newAvatar(theme.Stage, r.name, theme.AvatarSize)
	face.colour, face.ground = r.colour, asSurface
	sign := newMarkIcon(theme.Stage)
	sign.set(r.mark)
	text := newColumn(0,
		container.New(nameAndMark{}, newLabel(theme.Stage, r.name, theme.TextBody, asText).strong().shortened().greedy(), sign),
		newParagraph(theme.Stage, r.line, theme.TextSmall, r.tone.role()))
	right := container.New(sideBySide{gap: theme.SpaceInside, pack: true})
	if r.hand {
		hand := canvas.NewImageFromResource(theme.Hand.In(theme.Stage().Accent))
		hand.SetMinSize(fyne.NewSize(theme.IconSize, theme.TouchSize))
		hand.FillMode = canvas.ImageFillContain
		right.Add(hand)
	}
	if r.quality > 0 {
		bars := newQualityBars()
		bars.set(r.quality)
		right.Add(bars)
	}
	if remove != nil {
		out := newIconButton(theme.Stage, theme.Close, "Remove "+r.name, asSecond, remove)
		out.keys = keys
		right.Add(out)
	}
	return container.New(beside{gap: theme.SpaceInside, right: true}, container.New(beside{gap: theme.CallGap}, face, text), right)
}
