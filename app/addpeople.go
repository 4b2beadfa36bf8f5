package app

import (
	"context"
	"errors"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// addPeople is the field to add people to a call, and whom it finds: people of the own lists as one types, others by Enter, in all
// directories, or by their link.
type addPeople struct {
	p       *roomPanel
	content *fyne.Container
	search  *field
	found   *fyne.Container
	note    *paragraph
	others  []Person           // whom Find has found for what is typed
	offers  []personOffer      // who can be chosen
	listed  []personOffer      // of whom there are lines
	cancel  context.CancelFunc // of the search; nil: none goes on
}

func newAddPeople(p *roomPanel) *addPeople {
	a := &addPeople{p: p, found: newColumn(0)}
	a.search = newField("Name or link", func(string) { a.enter() })
	a.search.OnChanged = func(string) {
		a.stop()
		a.others = nil
		a.tell("", toneQuiet)
		if a.search.Text != "" { // what was said was about somebody else
			p.say("", toneQuiet)
		}
		a.filter()
	}
	a.search.down = func() { a.move(nil, 1) }
	a.search.escaped = func() { p.addMore(false) }
	a.search.keys, a.search.shortcut = p.c.key, p.c.keys.typed
	a.search.onFocus = func(on bool) { p.c.hold(on) }
	a.note = newParagraph(theme.Stage, "", theme.TextSmall, asSecond)
	a.content = newColumn(theme.SpaceInside, a.search, a.note, a.found, container.New(inset{}, newRule(theme.Stage)))
	a.content.Hide()
	return a
}

// clear empties the field.
func (a *addPeople) clear() {
	a.search.SetText("")
	a.others = nil
	a.tell("", toneQuiet)
	a.filter()
}

// stop ends a search.
func (a *addPeople) stop() {
	if a.cancel != nil {
		a.cancel()
		a.cancel = nil
	}
}

// tell says something under the field.
func (a *addPeople) tell(text string, t tone) {
	a.note.set(text, t.role())
	setShown(a.note, text != "")
}

// filter shows whom what is typed means.
func (a *addPeople) filter() {
	typed := strings.TrimSpace(a.search.Text)
	a.offers = nil
	switch {
	case looksLikeLink(typed):
		o := offerForLink(typed, a.p.c.u.phone.ReadLink)
		if o.room.Room {
			a.tell("This link leads into another call. Give them the link of this one instead.", toneBad)
		} else if o.linked && o.call != "" {
			a.offers = append(a.offers, offerOf(o.person, o.line))
		} else {
			a.tell(o.line, o.tone)
		}
	default:
		people := addable(a.p.c.u.main.known, a.p.c.call.Members(), typed)
		for _, p := range people {
			a.offers = append(a.offers, offerOf(p, contactRow(p, a.p.c.u.now()).line))
		}
		for _, p := range a.others {
			a.offers = append(a.offers, offerOf(p, foundLine(p)))
		}
		in := a.inCall(typed)
		if typed == "" && len(people) == 0 {
			a.tell("Nobody else is on your lists. Type a name and press Enter, or paste a link.", toneQuiet)
		} else if in != "" && a.note.text == "" {
			a.tell(in+" is in the call already.", toneQuiet)
		} else if typed != "" && len(people)+len(a.others) == 0 && a.note.text == "" {
			a.tell("Press Enter to look for "+typed+".", toneQuiet)
		}
	}
	a.list()
	a.p.content.Refresh()
}

// personOffer is somebody who can be added, and how they are shown.
type personOffer struct {
	person Person
	row    personRow
}

func offerOf(p Person, line string) personOffer {
	row := faceOf(p)
	row.line = line
	return personOffer{p, row}
}

// list shows the offers. Lines of which nothing is new stay: they may have the focus, or the pointer.
func (a *addPeople) list() {
	if slices.Equal(a.listed, a.offers) {
		return
	}
	a.listed = a.offers
	focused := a.p.c.win.Canvas().Focused()
	within := focused != nil && holds(a.found, focused)
	a.found.RemoveAll()
	for _, o := range a.offers {
		a.offer(o)
	}
	reveal(a.found, a.p.scroll)
	if within {
		a.p.c.win.Canvas().Focus(a.search)
	}
}

// offer adds somebody to those whom one can choose.
func (a *addPeople) offer(o personOffer) {
	choice := newChoiceLineOn(theme.Stage, o.row, func() { a.take(o.person) })
	choice.escaped = func() { a.p.addMore(false) }
	choice.keys = func(e *fyne.KeyEvent) {
		switch e.Name {
		case fyne.KeyDown:
			a.move(choice, 1)
		case fyne.KeyUp:
			a.move(choice, -1)
		default:
			a.p.c.key(e)
		}
	}
	a.found.Add(choice)
}

// move gives the focus to the next one of those to choose, or the one before; from the field (nil) to the first, and from the first
// back to the field.
func (a *addPeople) move(from *choiceLine, step int) {
	at := -1
	if from != nil {
		at = slices.Index(a.found.Objects, fyne.CanvasObject(from))
	}
	switch at += step; {
	case at < 0:
		a.p.c.win.Canvas().Focus(a.search)
	case at < len(a.found.Objects):
		a.p.c.win.Canvas().Focus(a.found.Objects[at].(*choiceLine))
	}
}

// inCall is who of that name is in the call, as they write it; empty: nobody.
func (a *addPeople) inCall(name string) string {
	for _, m := range a.p.c.members {
		if strings.EqualFold(m.name, tidied(name)) {
			return m.name
		}
	}
	return ""
}

// take adds somebody to the call.
func (a *addPeople) take(p Person) {
	a.clear()
	a.p.c.win.Canvas().Focus(a.search)
	a.p.do(func(room Conference) error { return room.Add(p) })
}

// enter takes the only one who is meant, or looks the name up.
func (a *addPeople) enter() {
	typed := tidied(a.search.Text)
	if typed == "" {
		return
	}
	if len(a.found.Objects) == 1 {
		a.found.Objects[0].(*choiceLine).press()
		return
	}
	if n := len(a.found.Objects); n > 1 {
		// The one whose name is typed in full, or else one of them is to be chosen.
		exact := slices.DeleteFunc(slices.Clone(a.found.Objects), func(o fyne.CanvasObject) bool {
			return !strings.EqualFold(o.(*choiceLine).row.name, typed)
		})
		if len(exact) == 1 {
			exact[0].(*choiceLine).press()
			return
		}
		a.tell("Several people match. Choose one.", toneQuiet)
		a.move(nil, 1)
		return
	}
	if looksLikeLink(typed) || a.cancel != nil {
		return
	}
	if why := hindered(a.p.c.u.main.known, typed); why != "" {
		a.tell(why, toneBad)
		return
	}
	ctx, cancel := context.WithTimeout(a.p.c.u.ctx, checkTimeout)
	a.cancel = cancel
	a.tell("Looking for "+typed+"…", toneQuiet)
	a.p.c.u.background(func(context.Context) func() {
		found, err := a.p.c.u.phone.Find(ctx, typed)
		stopped, late := errors.Is(ctx.Err(), context.Canceled), ctx.Err() != nil
		cancel()
		return func() {
			if stopped {
				return
			}
			a.cancel = nil
			switch {
			case err != nil && late:
				a.tell("The search for "+typed+" took too long. Try again, or ask for their link.", toneBad)
			case err != nil:
				a.tell(err.Error(), toneBad)
			case len(found) == 0:
				a.tell("Nobody by the name "+typed+" was found. Check the spelling, or ask for their link.", toneBad)
			default:
				a.tell("", toneQuiet)
				members := a.p.c.call.Members()
				a.others = slices.DeleteFunc(found, func(p Person) bool { return isIn(p, members) })
			}
			a.filter()
		}
	})
}
