package app

import (
	"time"

	"fyne.io/fyne/v2"

	"sundog.dev/sundog/theme"
)

// detailsSheet tells what is known of somebody: who it is, and by which key.
func (w *mainWindow) detailsSheet(p Person) {
	row := memberRow{name: p.Name, colour: p.Colour}
	row.mark, row.line = acquaintance(p, w.u.now())
	note := newParagraph(theme.Now, "", theme.TextSmall, asSecond)
	objects := []fyne.CanvasObject{newMemberLine(theme.Now, row), sheetText(acquaintanceNote(row.mark, p))}
	var s *sheet
	if p.Identity != "" {
		objects = append(objects, newHexLine(theme.Now, expertLine{"Identity key", p.Identity}, func(text string) {
			w.u.app.Clipboard().SetContent(text)
			note.set("The key is copied.", toneGood.role())
			s.relayout()
		}, nil), note)
	}
	s = w.openSheet("Details", append(objects, choices(newButton(theme.Now, "Close", plainButton, func() { s.close() })))...)
}

// acquaintance says how well somebody is known.
func acquaintance(p Person, now time.Time) (mark, string) {
	switch {
	case p.KeyChanged:
		return changedMark, "Shows another key than before"
	case p.Verified && !p.Since.IsZero():
		return verifiedMark, "Verified since " + moment(p.Since, now)
	case p.Verified:
		return verifiedMark, "Verified"
	case p.Identity == "":
		return warningMark, "No key is known yet"
	}
	return noMark, "Known by the key, not verified"
}

func acquaintanceNote(m mark, p Person) string {
	switch m {
	case changedMark:
		return "Calls in both directions are stopped until you choose what to do."
	case verifiedMark:
		return "You have compared words or codes with " + p.Name + ". Should the key ever change, calls stop and you are told."
	case warningMark:
		return "The first call remembers the key. From then on you know that it is the same person."
	}
	return "It is the same person as before. To know who that is, compare words in a call."
}
