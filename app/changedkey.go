package app

import (
	"time"

	"fyne.io/fyne/v2"

	"sundog.dev/sundog/theme"
)

// keyChange is that somebody shows another identity key than the one that is remembered.
type keyChange struct {
	name       string // as on the own lists
	how        changeHow
	verified   time.Time // since when the remembered key has been; zero: not
	remembered string    // in hex; empty: it is somebody else of the own lists whose key is shown
	shown      string    // in hex; empty: they cannot prove any
	where      string    // the directory that names the new key; empty: none
}

// changeHow is how it came to light.
type changeHow int

const (
	changeCalled changeHow = iota // we called, and the call was stopped
	changeCaller                  // they called, and did not ring
	changeListed                  // a directory says so
)

// changeText is what is said of a change, and what each choice does.
type changeText struct {
	title   string
	what    string // has happened
	means   string // it may mean
	ask     string // how to find out
	leave   string // each choice: what it says and what it does
	leaves  string
	once    string
	onces   string
	take    string // empty: there is no key to take
	takes   string
	details []expertLine
}

func changeTextOf(k keyChange, now time.Time) changeText {
	t := changeText{
		title: k.name + " shows another key",
		what: map[changeHow]string{
			changeCalled: "Whoever answered does not have the key by which you know " + k.name + ". The call was stopped before any sound or picture was sent.",
			changeCaller: "Somebody called under the name of " + k.name + ", with another key than the one that you know. It did not ring.",
			changeListed: "The name " + k.name + atPlace(k.where) + " now belongs to another key than the one that you know. Calls both ways are stopped.",
		}[k.how],
		means:  "They may have a new computer, or have started anew. Or somebody else uses the name, or sits in between. Nothing here can tell which.",
		ask:    "Ask " + k.name + " in another way: by telephone, or when you meet.",
		leave:  "Do not call",
		leaves: "Nothing changes. You keep the key that you know.",
		once:   "Call once without trusting",
		onces:  "This call only; nothing is remembered. Compare words in it before you rely on it.",
		take:   "It is really " + fitted(k.name, shortName, theme.TextBody, fyne.TextStyle{Bold: true}) + ": use the new key",
		takes:  "It takes the place of the key that you know.",
	}
	if k.how == changeCaller {
		t.leave, t.leaves, t.once = "Leave it", "Nothing changes, and calls with that key do not ring.", "Call back once without trusting"
	}
	if !k.verified.IsZero() {
		t.what += " You verified the former key on " + day(k.verified, now) + "."
		t.takes += " You will have to compare words again."
	}
	switch {
	case k.shown == "" && k.how != changeListed:
		t.title = k.name + " cannot prove who it is"
		t.take = ""
		t.what = map[changeHow]string{
			changeCalled: "Whoever answered could not show the key by which you know " + k.name + ". The call was stopped before any sound or picture was sent.",
			changeCaller: "Somebody called under the name of " + k.name + ", and could not show the key by which you know them. It did not ring.",
		}[k.how]
		t.means = "They may be using an older program. Or somebody else uses the name, or sits in between. Nothing here can tell which."
	case k.remembered == "" && k.how == changeCalled:
		t.title = "This is not " + k.name
		t.what = "Whoever answered has the key of somebody else on your lists. The call was stopped before any sound or picture was sent."
		t.means = "One of them may use both names, or a directory has mixed them up. Or somebody sends your calls astray."
		t.take = ""
	}
	t.details = known(expertLine{"The key that you know", k.remembered}, expertLine{"The key shown now", k.shown})
	return t
}

func atPlace(where string) string {
	if where == "" {
		return ""
	}
	return " at " + where
}

// day is when something was, in a sentence that begins with "on".
func day(t, now time.Time) string {
	t = t.In(now.Location())
	if t.Year() == now.Year() {
		return t.Format("2 January")
	}
	return t.Format("2 January 2006")
}

// shortName is the room for a name on a button.
const shortName = 110

// changeDeeds are what the choices do.
type changeDeeds struct{ leave, once, take func() }

// changedKeySheet says that somebody shows another key, and lets the user choose. Enter does not call.
func (w *sheets) changedKeySheet(k keyChange, now time.Time, clip func(string), do changeDeeds) {
	t := changeTextOf(k, now)
	var s *sheet
	choice := func(text, note string, kind buttonKind, deed func()) fyne.CanvasObject {
		b := newButton(w.skin, text, kind, func() {
			s.close()
			if deed != nil {
				deed()
			}
		})
		return newColumn(theme.SpaceTight, b, newParagraph(w.skin, note, theme.TextSmall, asSecond))
	}
	choices := newColumn(theme.CallGap, choice(t.leave, t.leaves, primaryButton, do.leave), choice(t.once, t.onces, plainButton, do.once))
	if t.take != "" {
		choices.Add(choice(t.take, t.takes, plainButton, do.take))
	}
	body := func(text string) fyne.CanvasObject { return newParagraph(w.skin, text, theme.TextBody, asText) }
	objects := []fyne.CanvasObject{body(t.what), body(t.means), newParagraph(w.skin, t.ask, theme.TextBody, asText).strong(), choices}
	if len(t.details) > 0 {
		experts := newColumn(theme.SpaceInside)
		for _, l := range t.details {
			experts.Add(newHexLine(w.skin, l, clip, nil))
		}
		experts.Hide()
		more := newButton(w.skin, "Details for experts ▾", quietButton, nil).low()
		more.tapped = func() {
			setShown(experts, !experts.Visible())
			more.setText(map[bool]string{false: "Details for experts ▾", true: "Details for experts ▴"}[experts.Visible()])
			s.relayout()
		}
		objects = append(objects, more, experts)
	}
	s = w.openSheetOf(wideSheet, t.title, objects...)
	s.warn()
	s.focusFirst()
}

// changeOf is the change that a call was stopped for, or that a caller shows.
func changeOf(o OtherIdentity, how changeHow) keyChange {
	return keyChange{name: o.Name, how: how, verified: o.Verified, remembered: o.Remembered, shown: o.Shown}
}

// changed lets the user choose after a call was stopped for another key.
func (c *callWindow) changed() {
	other, is := c.call.OtherIdentity()
	if !is {
		return
	}
	clip := c.u.app.Clipboard().SetContent
	c.changedKeySheet(changeOf(other, changeCalled), c.u.now(), clip, changeDeeds{
		leave: c.hangUp,
		once:  func() { c.dial(func() (Call, error) { return c.u.phone.CallOnce(c.call.With(), other.Shown, true) }) },
		take: func() {
			c.dial(func() (Call, error) {
				if err := c.u.phone.Trust(c.call.With().ID, other.Shown); err != nil {
					return nil, err
				}
				return c.u.phone.Call(c.call.With(), true)
			})
		},
	})
}
