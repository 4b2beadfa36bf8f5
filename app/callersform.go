package app

import (
	"fyne.io/fyne/v2"

	"sundog.dev/sundog/theme"
)

// callersForm chooses whose calls ring.
type callersForm struct {
	w       *mainWindow
	content *fyne.Container
	who     *segments
	note    *paragraph
}

const (
	callersAll      = "all"
	callersContacts = "contacts"

	callersAllText      = "Whoever finds you can call you, except those whom you have blocked."
	callersContactsText = "Others do not ring. They appear on the People page as contact requests, which you can accept."
)

func newCallersForm(w *mainWindow) *callersForm {
	f := &callersForm{w: w}
	f.who = newSegments([]segment{{callersAll, "Everybody"}, {callersContacts, "Contacts only"}}, f.set)
	f.note = newParagraph(theme.Now, callersAllText, theme.TextSmall, asSecond)
	f.content = newColumn(theme.SpaceInside, f.who.content, f.note)
	return f
}

func (f *callersForm) refresh(s Settings) {
	choice, text := callersAll, callersAllText
	if s.ContactsOnly {
		choice, text = callersContacts, callersContactsText
	}
	f.who.choose(choice)
	if f.note.text != text {
		f.say(text, toneQuiet)
	}
}

func (f *callersForm) say(text string, t tone) {
	f.note.set(text, t.role())
	f.w.settings.content.Refresh()
}

func (f *callersForm) set(choice string) {
	f.w.u.save(func(s *Settings) { s.ContactsOnly = choice == callersContacts }, func(err error) {
		f.w.refresh()
		if err != nil {
			f.say(err.Error(), toneBad)
		}
	})
}
