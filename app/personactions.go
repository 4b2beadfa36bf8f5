package app

import (
	"context"
	"errors"
	"slices"
)

// What the main window does with people. What goes wrong is told under the field of the People page.

// person is somebody of the lists, as the phone last told.
func (w *mainWindow) person(id string) (Person, bool) {
	i := slices.IndexFunc(w.known, func(p Person) bool { return p.ID == id })
	if i < 0 {
		return Person{}, false
	}
	return w.known[i], true
}

func (w *mainWindow) callID(id string, camera bool) {
	if p, known := w.person(id); known {
		w.call(p, camera)
	}
}

// call calls somebody, unless their identity is another one than before: then that is told first.
func (w *mainWindow) call(p Person, camera bool) {
	if p.KeyChanged {
		w.keySheet(p)
		return
	}
	w.show(pagePeople)
	w.people.wait("Calling "+p.Name+"…", nil)
	w.u.startCall(func() (Call, error) { return w.u.phone.Call(p, camera) },
		func() { w.people.say("", toneQuiet) }, func(why string) { w.people.say(why, toneBad) })
}

// callOnce calls somebody who shows another key, without trusting it.
func (w *mainWindow) callOnce(p Person, identity string) {
	w.show(pagePeople)
	w.people.wait("Calling "+p.Name+"…", nil)
	w.u.startCall(func() (Call, error) { return w.u.phone.CallOnce(p, identity, true) },
		func() { w.people.say("", toneQuiet) }, func(why string) { w.people.say(why, toneBad) })
}

// trust takes another key for somebody.
func (w *mainWindow) trust(p Person, identity string) {
	w.change("From now on you know "+p.Name+" by the new key. Compare words in your next call.", func() error { return w.u.phone.Trust(p.ID, identity) })
}

// confer opens a call into which others can be added.
func (w *mainWindow) confer() {
	w.show(pagePeople)
	w.people.wait("Opening a call…", nil)
	w.u.startCall(w.u.phone.Confer, func() { w.people.say("", toneQuiet) }, func(why string) { w.people.say(why, toneBad) })
}

// join goes into a call of several by its link.
func (w *mainWindow) join(l Link) {
	w.show(pagePeople)
	w.people.wait("Joining the call…", nil)
	w.u.startCall(func() (Call, error) { return w.u.phone.Join(l) },
		func() { w.people.say("", toneQuiet) }, func(why string) { w.people.say(why, toneBad) })
}

func (w *mainWindow) testCall() {
	w.show(pagePeople)
	w.people.wait("Starting the test call…", nil)
	w.u.startCall(w.u.phone.TestCall, func() { w.people.say("", toneQuiet) }, func(why string) { w.people.say(why, toneBad) })
}

// callName calls the one of that name in the lists, else looks the name up. Where several people have it, the user chooses.
func (w *mainWindow) callName(name string) {
	w.withName(name, "Whom do you want to call?", func(p Person) { w.call(p, true) })
}

// withName finds out who is meant by a name.
func (w *mainWindow) withName(name, question string, then func(Person)) {
	if found := named(w.known, name); len(found) > 0 {
		w.choose(name, question, found, then)
		return
	}
	w.show(pagePeople)
	ctx, cancel := context.WithTimeout(w.u.ctx, checkTimeout)
	w.people.wait("Looking for "+name+"…", cancel)
	w.u.background(func(context.Context) func() {
		found, err := w.u.phone.Find(ctx, name)
		stopped, late := errors.Is(ctx.Err(), context.Canceled), ctx.Err() != nil
		cancel()
		return func() {
			switch {
			case stopped:
				w.people.say("", toneQuiet)
			case err != nil && late:
				w.people.say("The search for "+name+" took too long. Try again, or ask for their link.", toneBad)
			case err != nil:
				w.people.say(err.Error(), toneBad)
			case len(found) == 0:
				w.people.say("Nobody by the name "+name+" was found. Check the spelling, or ask for their link.", toneBad)
			default:
				w.people.say("", toneQuiet)
				w.choose(name, question, found, then)
			}
		}
	})
}

// choose lets the user say who of several people of one name is meant.
func (w *mainWindow) choose(name, question string, found []Person, then func(Person)) {
	if len(found) == 1 {
		then(found[0])
		return
	}
	w.chooseSheet(name, question, found, then)
}

func (w *mainWindow) add(p Person) {
	w.change("", func() error { return w.u.phone.Add(p) })
}

func (w *mainWindow) remove(p Person) {
	w.change(p.Name+" is off your lists.", func() error { return w.u.phone.Remove(p.ID) })
}

func (w *mainWindow) removeID(id string) {
	if p, known := w.person(id); known {
		w.remove(p)
	}
}

func (w *mainWindow) block(p Person) {
	w.change(p.Name+" is blocked. Settings lists who is.", func() error { return w.u.phone.Block(p.ID, true) })
}

func (w *mainWindow) answer(id, name string, a Answer) {
	done := map[Answer]string{
		AcceptRequest: name + " is a contact now, and can call you.",
		IgnoreRequest: "",
		BlockRequest:  name + " is blocked. Settings lists who is.",
	}[a]
	w.change(done, func() error { return w.u.phone.Answer(id, a) })
}

func (w *mainWindow) answerRequest(id string, a Answer) {
	i := slices.IndexFunc(w.requests, func(q Request) bool { return q.ID == id })
	switch {
	case i < 0:
	case a == explainRequest:
		w.pretenderSheet(w.requests[i])
	default:
		w.answer(id, w.requests[i].Name, a)
	}
}

func (w *mainWindow) copyLinkOf(p Person) {
	link, err := w.u.phone.LinkOf(p.ID)
	if err != nil {
		w.people.say(err.Error(), toneBad)
		return
	}
	w.u.app.Clipboard().SetContent(link.Text)
	w.people.say("The link to "+p.Name+" is copied.", toneQuiet)
}

// change does something off the UI thread, says that it is done, and shows the lists as they are then.
func (w *mainWindow) change(done string, do func() error) {
	w.u.background(func(context.Context) func() {
		err := do()
		return func() {
			if err != nil {
				w.people.say(err.Error(), toneBad)
			} else {
				w.people.say(done, toneQuiet)
			}
			w.refresh()
		}
	})
}

// openLink shows what can be done with a link that the desktop hands over.
func (w *mainWindow) openLink(text string) {
	w.win.RequestFocus()
	if !w.welcomed {
		w.linkLater = text
		return
	}
	w.linkSheet(text)
}
