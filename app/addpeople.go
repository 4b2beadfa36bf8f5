package app

import (
	"context"
	"errors"
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
	cancel  context.CancelFunc // of the search; nil: none goes on
}

func newAddPeople(p *roomPanel) *addPeople {
	a := &addPeople{p: p, found: newColumn(0)}
	a.search = newField("Name or link", func(string) { a.enter() })
	a.search.OnChanged = func(string) {
		a.stop()
		a.others = nil
		a.tell("", toneQuiet)
		a.filter()
	}
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
	a.found.RemoveAll()
	switch {
	case looksLikeLink(typed):
		o := offerForLink(typed, a.p.c.u.phone.ReadLink)
		if o.room.Room {
			a.tell("This link leads into another call. Give them the link of this one instead.", toneBad)
		} else if o.linked && o.call != "" {
			a.offer(o.person, o.line)
		} else {
			a.tell(o.line, o.tone)
		}
	default:
		people := addable(a.p.c.u.main.known, a.p.c.call.Members(), typed)
		for _, p := range people {
			a.offer(p, contactRow(p, a.p.c.u.now()).line)
		}
		for _, p := range a.others {
			a.offer(p, foundLine(p))
		}
		if typed == "" && len(people) == 0 {
			a.tell("Nobody else is on your lists. Type a name and press Enter, or paste a link.", toneQuiet)
		} else if typed != "" && len(people)+len(a.others) == 0 && a.note.text == "" {
			a.tell("Press Enter to look for "+typed+".", toneQuiet)
		}
	}
	a.p.content.Refresh()
}

// offer adds somebody to those whom one can choose.
func (a *addPeople) offer(p Person, line string) {
	row := faceOf(p)
	row.line = line
	choice := newChoiceLineOn(theme.Stage, row, func() { a.take(p) })
	choice.keys, choice.escaped = a.p.c.key, func() { a.p.addMore(false) }
	a.found.Add(choice)
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
	if same := named(a.p.c.u.main.known, typed); len(same) > 0 || looksLikeLink(typed) || a.cancel != nil {
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
				a.others = found
			}
			a.filter()
		}
	})
}
