package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// callersForm chooses whose calls ring, and whether programs that cannot prove who is there may take part.
type callersForm struct {
	w       *mainWindow
	content *fyne.Container
	who     *segments
	note    *paragraph
	old     *segments
	oldNote *paragraph
}

const (
	oldRefused = "refused"
	oldAllowed = "allowed"

	oldRefusedText = "Calls to and from programs of the Flash age, and others that cannot prove who is there, are stopped. Nobody with such a program can reach you."
	oldAllowedText = "They take part, marked as not proved. Their calls can be listened in to by whoever sits in between, and nobody can find out."
)

// callersText says what each choice costs.
var callersText = map[Callers]string{
	AnyCaller:        "Whoever finds you can make your phone ring, except those whom you have blocked. Strangers show by the name that they give.",
	ContactsCall:     "Others do not ring. They appear on the People page as contact requests, which you can accept; the first call of somebody new is lost.",
	OnlyVerifiedCall: "Only those ring with whom you have compared words or codes. Your other contacts cannot reach you until you have called them and compared.",
	NobodyCalls:      "Nobody can reach you; you call. Whoever tries is told that you do not take the call.",
}

func newCallersForm(w *mainWindow) *callersForm {
	f := &callersForm{w: w}
	f.who = newSegments([]segment{
		{string(AnyCaller), "Anyone"}, {string(ContactsCall), "Contacts"}, {string(OnlyVerifiedCall), "Verified"}, {string(NobodyCalls), "Nobody"},
	}, func(choice string) { f.set(func(s *Settings) { s.Callers = Callers(choice) }, f.note) })
	f.note = newParagraph(theme.Now, "", theme.TextSmall, asSecond)
	f.old = newSegments([]segment{{oldRefused, "Refused"}, {oldAllowed, "Allowed"}}, func(choice string) {
		f.set(func(s *Settings) { s.OldPrograms = choice == oldAllowed }, f.oldNote)
	})
	f.oldNote = newParagraph(theme.Now, "", theme.TextSmall, asSecond)
	f.content = newColumn(theme.SpaceInside, f.who.content, f.note, container.New(inset{top: theme.SpaceInside}, formTitle("Programs that cannot prove who is there")), f.old.content, f.oldNote)
	return f
}

func (f *callersForm) refresh(s Settings) {
	who := s.Callers
	if callersText[who] == "" {
		who = ContactsCall
	}
	f.who.choose(string(who))
	f.say(f.note, callersText[who], toneQuiet)
	old, text := oldRefused, oldRefusedText
	if s.OldPrograms {
		old, text = oldAllowed, oldAllowedText
	}
	f.old.choose(old)
	f.say(f.oldNote, text, toneQuiet)
}

func (f *callersForm) say(note *paragraph, text string, t tone) {
	if note.text != text {
		note.set(text, t.role())
		if f.w.settings != nil {
			f.w.settings.content.Refresh()
		}
	}
}

func (f *callersForm) set(change func(*Settings), note *paragraph) {
	f.w.u.save(change, func(err error) {
		f.w.refresh()
		if err != nil {
			f.say(note, err.Error(), toneBad)
		}
	})
}
