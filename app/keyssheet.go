package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// keyLine is what a key of a call's window does.
type keyLine struct {
	keys, does string
	conference bool // only where there can be several
}

var callKeyLines = []keyLine{
	{"M", "Mute, and be heard again", false},
	{"Space, held", "Be heard while muted", false},
	{"V", "Camera on or off", false},
	{"S", "Share the screen (it asks first), or stop", false},
	{"C", "Write in the chat", false},
	{"P", "People in the call", true},
	{"A", "Add people", true},
	{"H", "Raise your hand, or lower it", true},
	{"1 to 9", "Make one of them large", true},
	{"G", "Make who speaks large, or all equal", true},
	{"W", "Compare words", false},
	{"F11 or F", "Full screen", false},
	{"Esc", "Close what is open", false},
	{"Ctrl+Shift+H", "Hang up, or leave", false},
	{"? or F1", "This list", false},
}

// keysWide is the width of the keys' names.
const keysWide = 108

// showKeys lists the keys, or takes the list away. Nothing else that is open is closed for it.
func (c *callWindow) showKeys() {
	if c.sheet != nil {
		if c.sheet == c.keysSheet {
			c.sheet.close()
		}
		return
	}
	c.talk(false)
	rows := newColumn(theme.SpaceInside)
	for _, l := range callKeyLines {
		if l.conference && !c.view.conference && !c.view.several {
			continue
		}
		rows.Add(container.New(keyed{}, newLabel(theme.Stage, l.keys, theme.TextBody, asText).strong(), newParagraph(theme.Stage, l.does, theme.TextBody, asSecond)))
	}
	c.keysSheet = c.openSheet("Keys", rows)
	c.keysSheet.shut.keys = c.key
}

// holdByKeys is hold for the key focus. Whoever goes by the keys is told once that there are quicker ones.
func (c *callWindow) holdByKeys(on bool) {
	if on && !c.u.toldKeys && inCall(c.view.state) && c.banner().text == "" {
		c.u.toldKeys = true
		c.say("Press ? to see what each key does.", toneText)
	}
	c.hold(on)
}

// keyed puts the key at the left and what it does beside.
type keyed struct{}

func (keyed) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	place(objects[0], 0, 0, keysWide, objects[0].MinSize().Height)
	place(objects[1], keysWide, 0, max(size.Width-keysWide, 1), size.Height)
}

func (keyed) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(keysWide, max(objects[0].MinSize().Height, objects[1].MinSize().Height))
}

// typedRune is a letter that no text field has taken.
func (c *callWindow) typedRune(r rune) {
	if r == '?' {
		c.showKeys()
	}
}
