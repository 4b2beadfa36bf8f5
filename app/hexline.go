package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// newHexLine is a value in hex, in groups that can be read aloud, with a button that copies it.
func newHexLine(s skin, l expertLine, copyIt func(text string), keys func(*fyne.KeyEvent)) fyne.CanvasObject {
	button := newIconButton(s, theme.Copy, "Copy: "+l.name, asSecond, func() { copyIt(l.value) })
	button.keys = keys
	return container.New(beside{gap: theme.SpaceInside, right: true, top: true},
		newColumn(2, newParagraph(s, l.name, theme.TextSmall, asSecond), newParagraph(s, grouped(l.value), theme.TextSmall, asText).monospaced()),
		button)
}
