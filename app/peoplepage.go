package app

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// peoplePage is the list of people with the field to search and call.
type peoplePage struct {
	w       *mainWindow
	content *fyne.Container
	search  *field
	note    *paragraph
	noteBox *fyne.Container
	typed   *fyne.Container // what can be done with a name that is not listed
	callIt  *button
	addIt   *button
	list    *personList
	test    *button
	empty   *emptyState
	body    *fyne.Container
	people  []Person
	server  string
}

func newPeoplePage(w *mainWindow) *peoplePage {
	p := &peoplePage{w: w}
	p.search = newField("Search or enter a name", func(string) { p.callTyped() })
	p.search.OnChanged = func(string) {
		p.say("", toneQuiet)
		p.filter(w.u.now())
	}
	p.search.escaped = func() { p.search.SetText("") }
	p.search.shortcut = w.keys.typed
	p.note = newParagraph(theme.Now, "", theme.TextSmall, asSecond)
	p.noteBox = container.New(inset{theme.SpaceTight, theme.SpaceInside, theme.SpaceTight, 0}, p.note)
	p.noteBox.Hide()
	p.callIt = newButton(theme.Now, "", primaryButton, p.callTyped).withIcon(theme.Phone)
	p.addIt = newButton(theme.Now, "Add", plainButton, p.addTyped).withIcon(theme.Add)
	p.typed = container.New(inset{theme.SpaceInside, 0, theme.SpaceInside, theme.SpaceInside},
		container.NewBorder(nil, nil, nil, container.New(inset{left: theme.SpaceInside}, p.addIt), p.callIt))
	p.list = newPersonList(w.call, p.remove)
	p.test = newButton(theme.Now, "Make a test call", quietButton, w.testCall).withIcon(theme.Echo)
	p.empty = newEmptyState(theme.Echo,
		newButton(theme.Now, "Make a test call", primaryButton, w.testCall),
		newButton(theme.Now, "Set up a service", plainButton, func() {
			w.show(pageSettings)
			w.settings.service.focus()
		}))
	p.body = container.NewStack(scrolled(newColumn(theme.SpaceInside, p.typed, p.list.content, p.test)), p.empty.content)
	top := container.New(inset{theme.SpaceBetween, theme.SpaceInside, theme.SpaceBetween, theme.SpaceBetween},
		newColumn(0, p.search, p.noteBox))
	p.content = framed(inPage(top), p.body, nil)
	return p
}

func (p *peoplePage) show(people []Person, server string, now time.Time) {
	p.people, p.server = people, server
	p.filter(now)
}

// filter shows those who match what is typed.
func (p *peoplePage) filter(now time.Time) {
	typed := strings.TrimSpace(p.search.Text)
	name, known := nameToCall(p.people, typed)
	rows := peopleRows(p.people, typed, now)
	p.list.show(rows)
	setShown(p.typed, typed != "" && !known)
	if typed != "" {
		p.callIt.setText(fitted("Call "+name, 190, theme.TextBody, fyne.TextStyle{Bold: true}))
	}
	setShown(p.empty.content, len(p.people) == 0 && typed == "")
	setShown(p.test, len(p.people) > 0 && typed == "")
	p.empty.show("Nobody here yet", emptyPeopleText(p.server))
	setShown(p.empty.second, p.server == "")
	p.body.Refresh()
}

func emptyPeopleText(server string) string {
	if server == "" {
		return "Make a test call to see and hear yourself come back. To call others, set up a service."
	}
	return "Type the name of somebody at " + serviceHost(server) + " above and press Enter, or make a test call first."
}

func (p *peoplePage) callTyped() {
	if name, _ := nameToCall(p.people, p.search.Text); name != "" {
		p.search.SetText("")
		p.w.call(name)
	}
}

func (p *peoplePage) addTyped() {
	name, _ := nameToCall(p.people, p.search.Text)
	p.search.SetText("")
	p.change(func() error { return p.w.u.phone.AddPerson(name) })
}

func (p *peoplePage) remove(name string) {
	p.change(func() error { return p.w.u.phone.RemovePerson(name) })
}

func (p *peoplePage) change(do func() error) {
	p.w.u.background(func(context.Context) func() {
		err := do()
		return func() {
			if err != nil {
				p.say(err.Error(), toneBad)
			}
			p.w.refresh()
		}
	})
}

// say shows a sentence under the field, or none.
func (p *peoplePage) say(text string, t tone) {
	if p.note.text == text {
		return
	}
	p.note.set(text, t.role())
	setShown(p.noteBox, text != "")
	p.content.Refresh()
}

// setShown shows or hides an object if that changes anything.
func setShown(o fyne.CanvasObject, shown bool) {
	if o.Visible() == shown {
		return
	}
	if shown {
		o.Show()
	} else {
		o.Hide()
	}
}
