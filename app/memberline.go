package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// newMemberLine is somebody in a call: who, and how far that is known.
func newMemberLine(s skin, r memberRow) fyne.CanvasObject {
	face := newAvatar(s, r.name, theme.AvatarSize)
	face.colour, face.ground = r.colour, asSurface
	sign := newMarkIcon(s)
	sign.set(r.mark)
	text := newColumn(0,
		container.New(giving{}, container.New(nameAndMark{}, newLabel(s, r.name, theme.TextBody, asText).strong().shortened().greedy(), sign)),
		newParagraph(s, r.line, theme.TextSmall, r.mark.tone().role()))
	return container.New(beside{gap: theme.CallGap}, face, text)
}

// nameAndMark puts a mark right behind a name, which gives way.
type nameAndMark struct{ before bool }

func (n nameAndMark) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	name, sign := objects[0], objects[1]
	width, room, x := name.MinSize().Width, size.Width, float32(0)
	if sign.Visible() {
		room -= markSize + theme.SpaceTight
	}
	width = min(width, room)
	at := width + theme.SpaceTight
	if n.before && sign.Visible() {
		at, x = 0, markSize+theme.SpaceTight
	}
	height := name.MinSize().Height
	place(name, x, (size.Height-height)/2, width, height)
	place(sign, at, (size.Height-markSize)/2, markSize, markSize)
}

func (n nameAndMark) MinSize(objects []fyne.CanvasObject) fyne.Size {
	least := objects[0].MinSize()
	if objects[1].Visible() {
		least.Width += markSize + theme.SpaceTight
	}
	return fyne.NewSize(least.Width, max(least.Height, markSize))
}
