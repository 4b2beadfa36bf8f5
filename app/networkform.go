package app

import (
	"fyne.io/fyne/v2"

	"sundog.dev/sundog/theme"
)

// networkForm turns being found on this network on and off.
type networkForm struct {
	w       *mainWindow
	content *fyne.Container
	onOff   *segments
	note    *paragraph
}

const (
	networkOn  = "on"
	networkOff = "off"

	networkOnText  = "People on the same network find and call you without any server. Everybody on it can see your name and that you are there."
	networkOffText = "People on this network do not see you, and you do not see them."
)

func newNetworkForm(w *mainWindow) *networkForm {
	f := &networkForm{w: w}
	f.onOff = newSegments([]segment{{networkOn, "On"}, {networkOff, "Off"}}, f.set)
	f.note = newParagraph(theme.Now, networkOnText, theme.TextSmall, asSecond)
	f.content = newColumn(theme.SpaceInside, formTitle("This network"), f.onOff.content, f.note)
	return f
}

func (f *networkForm) refresh(s Settings) {
	choice, text := networkOn, networkOnText
	if s.Hidden {
		choice, text = networkOff, networkOffText
	}
	f.onOff.choose(choice)
	if f.note.text != text {
		f.say(text, toneQuiet)
	}
}

func (f *networkForm) say(text string, t tone) {
	f.note.set(text, t.role())
	f.w.settings.content.Refresh()
}

func (f *networkForm) set(choice string) {
	f.w.u.save(func(s *Settings) { s.Hidden = choice == networkOff }, func(err error) {
		f.w.refresh()
		if err != nil {
			f.say(err.Error(), toneBad)
		}
	})
}
