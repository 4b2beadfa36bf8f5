package app

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// blockedList is who is blocked, with a way back.
type blockedList struct {
	w       *mainWindow
	content *fyne.Container
	shown   []Person
}

func newBlockedList(w *mainWindow) *blockedList {
	b := &blockedList{w: w, content: newColumn(theme.SpaceTight)}
	b.fill(nil)
	return b
}

func (b *blockedList) refresh(people []Person) {
	var blocked []Person
	for _, p := range people {
		if p.Blocked {
			blocked = append(blocked, p)
		}
	}
	slices.SortStableFunc(blocked, func(x, y Person) int { return compareNames(x.Name, y.Name) })
	same := slices.EqualFunc(blocked, b.shown, func(x, y Person) bool { return x.ID == y.ID && x.Name == y.Name })
	if !same {
		b.fill(blocked)
	}
}

func (b *blockedList) fill(blocked []Person) {
	b.shown = blocked
	b.content.RemoveAll()
	if len(blocked) == 0 {
		b.content.Add(newParagraph(theme.Now, "Nobody. Whom you block cannot call you, and is told that you do not take their calls.", theme.TextSmall, asSecond))
	}
	for _, p := range blocked {
		unblock := newButton(theme.Now, "Unblock", plainButton, func() {
			b.w.change("", func() error { return b.w.u.phone.Block(p.ID, false) })
		}).low()
		face := newAvatar(theme.Now, p.Name, theme.AvatarSize)
		face.colour, face.ground = p.Colour, asSurface
		b.content.Add(container.New(beside{gap: theme.CallGap}, face,
			container.New(beside{gap: theme.SpaceInside, right: true},
				newLabel(theme.Now, p.Name, theme.TextBody, asText).strong().shortened(), unblock)))
	}
	if b.w.settings != nil {
		b.w.settings.content.Refresh()
	}
}
