package app

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// The sheets of the main window, but for the own link (ownlink.go).

func sheetText(text string) *paragraph {
	return newParagraph(theme.Now, text, theme.TextBody, asSecond)
}

// choices are the buttons at a sheet's foot.
func choices(buttons ...fyne.CanvasObject) fyne.CanvasObject {
	return container.New(inset{top: theme.SpaceInside}, container.New(sideBySide{gap: theme.SpaceInside}, buttons...))
}

// presenceSheet tells of each directory.
func (w *mainWindow) presenceSheet() {
	rows := newColumn(theme.SpaceBetween)
	fill := func() {
		rows.RemoveAll()
		for _, r := range directoryRows(w.u.phone.Directories()) {
			lamp := newLight()
			lamp.set(r.tone.role())
			rows.Add(newColumn(2,
				container.New(beside{gap: theme.SpaceInside}, lamp, newLabel(theme.Now, r.name, theme.TextBody, asText).strong().shortened()),
				container.New(inset{left: lightSize + theme.SpaceInside}, newParagraph(theme.Now, r.text, theme.TextSmall, asSecond))))
		}
		if len(rows.Objects) == 0 {
			rows.Add(sheetText("Nothing is on by which others could find you. Choose a way in Settings; the test call works all the same."))
		}
	}
	fill()
	s := w.openSheet("Where others find you", rows, choices(newButton(theme.Now, "Change this in Settings", plainButton, func() {
		w.sheet.close()
		w.show(pageSettings)
	})))
	s.refresh = func() {
		fill()
		s.relayout()
	}
}

// chooseSheet asks who is meant by a name that several people have.
func (w *mainWindow) chooseSheet(name, question string, found []Person, then func(Person)) {
	rows := newColumn(0)
	var s *sheet
	for _, p := range found {
		row := faceOf(p)
		row.line = foundLine(p)
		rows.Add(newChoiceLine(row, func() {
			s.close()
			then(p)
		}))
	}
	s = w.openSheet(capital(number(len(found)))+" people are called "+name, sheetText(question), rows)
}

// foundLine tells people of one name apart.
func foundLine(p Person) string {
	var parts []string
	if p.Contact {
		parts = append(parts, "your contact")
	}
	switch {
	case p.Nearby:
		parts = append(parts, "on this network")
	case p.Where != "":
		parts = append(parts, "at "+p.Where)
	}
	if p.Verified {
		parts = append(parts, "verified")
	}
	if !p.Online && !p.Nearby {
		parts = append(parts, "away")
	}
	return capital(strings.Join(parts, ", "))
}

// keySheet warns that a name shows another identity than the known one, before anybody is called.
func (w *mainWindow) keySheet(p Person) {
	change := keyChange{name: p.Name, how: changeListed, verified: p.Since, remembered: p.Identity, shown: p.OtherKey, where: p.Where}
	w.changedKeySheet(change, w.u.now(), w.u.app.Clipboard().SetContent, changeDeeds{
		once: func() { w.callOnce(p, p.OtherKey) },
		take: func() { w.trust(p, p.OtherKey) },
	})
}

// pretenderSheet tells of somebody who has called under a contact's name with another key.
func (w *mainWindow) pretenderSheet(q Request) {
	p := Person{ID: q.Contact, Name: q.Contact}
	for _, known := range w.known {
		if known.Name == q.Contact {
			p = known
		}
	}
	change := keyChange{name: p.Name, how: changeCaller, verified: p.Since, remembered: p.Identity, shown: q.Identity}
	w.changedKeySheet(change, w.u.now(), w.u.app.Clipboard().SetContent, changeDeeds{
		once: func() { w.callOnce(p, q.Identity) },
		take: func() { w.trust(p, q.Identity) },
	})
}

// renameSheet changes how the own lists call somebody.
func (w *mainWindow) renameSheet(p Person) {
	note := newParagraph(theme.Now, "Only your own lists call them that.", theme.TextSmall, asSecond)
	var name *field
	var s *sheet
	save := func() {
		chosen, err := checkName(name.Text)
		if err != nil {
			note.set(err.Error(), toneBad.role())
			s.relayout()
			return
		}
		w.u.background(func(context.Context) func() {
			err := w.u.phone.Rename(p.ID, chosen)
			return func() {
				if err != nil {
					note.set(err.Error(), toneBad.role())
					s.relayout()
					return
				}
				s.close()
				w.refresh()
			}
		})
	}
	name = newField("Name", func(string) { save() })
	name.SetText(p.Name)
	name.CursorColumn = len([]rune(p.Name))
	s = w.openSheet("Rename "+p.Name, newColumn(theme.SpaceInside, name, note),
		choices(newButton(theme.Now, "Cancel", plainButton, func() { s.close() }), newButton(theme.Now, "Save", primaryButton, save)))
}

// linkSheet shows what can be done with a link that was opened outside of the window.
func (w *mainWindow) linkSheet(text string) {
	o := offerForLink(text, w.u.phone.ReadLink)
	var s *sheet
	line := newParagraph(theme.Now, o.line, theme.TextBody, asSecond)
	if !o.linked {
		line.set(o.line, toneBad.role())
		s = w.openSheet("A link was opened", line, choices(newButton(theme.Now, "Close", plainButton, func() { s.close() })))
		return
	}
	if o.room.Room {
		line.set("It lets you into a call of several, by way of "+o.person.Name+", until "+o.room.Until.Local().Format("15:04 on 2 January")+
			". Whoever is in it hears and sees you once you have joined. Nothing is sent before you choose.", asSecond)
		s = w.openSheet("An invitation to a call", line, choices(
			newButton(theme.Now, "Close", plainButton, func() { s.close() }),
			newButton(theme.Now, "Join", primaryButton, func() {
				s.close()
				w.join(o.room)
			}).withIcon(theme.People)))
		return
	}
	if o.call != "" {
		line.set(o.line+". Nothing is sent before you choose.", asSecond)
	}
	buttons := []fyne.CanvasObject{}
	if o.add != "" {
		buttons = append(buttons, newButton(theme.Now, "Add to contacts", plainButton, func() {
			s.close()
			w.add(o.person)
		}))
	}
	if o.call != "" {
		buttons = append(buttons, newButton(theme.Now, "Call", primaryButton, func() {
			s.close()
			w.call(o.person, true)
		}).withIcon(theme.Phone))
	} else {
		buttons = append(buttons, newButton(theme.Now, "Close", plainButton, func() { s.close() }))
	}
	s = w.openSheet("A link to "+o.person.Name, line, choices(buttons...))
}
