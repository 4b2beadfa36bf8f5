package app

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// peoplePage is the lists of people with the field to search, call and paste links.
type peoplePage struct {
	w        *mainWindow
	content  *fyne.Container
	search   *field
	note     *paragraph
	progress *dots
	stop     *button
	noteBox  *fyne.Container
	cancel   context.CancelFunc // of what is being waited for; nil: nothing that can be stopped

	offer   offer
	typed   *fyne.Container // what can be done with a name that is not listed, or with a link
	linked  *choiceLine     // whom a link leads to
	about   *paragraph      // of a link that leads nowhere
	callIt  *button
	addIt   *button
	buttons *fyne.Container

	list  *rowList
	test  *button
	group *button
	empty *emptyState
	body  *fyne.Container
}

func newPeoplePage(w *mainWindow) *peoplePage {
	p := &peoplePage{w: w}
	p.search = newField("Search or enter a name or link", func(string) { p.callTyped() })
	p.search.OnChanged = func(string) {
		p.stopWaiting()
		p.say("", toneQuiet)
		p.filter(w.u.now())
	}
	p.search.escaped = func() {
		if p.cancel != nil {
			p.stopWaiting()
			return
		}
		p.search.SetText("")
	}
	p.search.shortcut = w.keys.typed
	p.search.down = func() {
		if len(p.list.items) > 0 {
			w.win.Canvas().Focus(p.list)
		}
	}
	p.note = newParagraph(theme.Now, "", theme.TextSmall, asSecond)
	p.progress = newDots(theme.Now)
	p.stop = newButton(theme.Now, "Cancel", quietButton, p.stopWaiting).low()
	p.noteBox = container.New(inset{theme.SpaceTight, theme.SpaceInside, 0, 0},
		container.New(sideButtons{}, p.note, p.progress, p.stop))
	p.noteBox.Hide()
	p.about = newParagraph(theme.Now, "", theme.TextSmall, asSecond)
	p.callIt = newButton(theme.Now, "", primaryButton, p.callTyped).withIcon(theme.Phone)
	p.addIt = newButton(theme.Now, "Add", plainButton, p.addTyped).withIcon(theme.Add)
	p.buttons = container.NewBorder(nil, nil, nil, container.New(inset{left: theme.SpaceInside}, p.addIt), p.callIt)
	p.linked = newChoiceLine(personRow{}, p.callTyped)
	p.linked.onWindow = true
	p.typed = newColumn(theme.SpaceInside, p.linked, p.about, p.buttons)
	p.test = newButton(theme.Now, "Make a test call", quietButton, w.testCall).withIcon(theme.Echo)
	p.group = newButton(theme.Now, "Start a call of several", quietButton, w.confer).withIcon(theme.People)
	p.list = newRowList(rowActions{
		call: w.callID, more: w.more, remove: w.removeID, answer: w.answerRequest, typed: p.type1,
	}, newColumn(0, p.group, p.test))
	p.empty = newEmptyState(theme.Echo,
		newButton(theme.Now, "Make a test call", primaryButton, w.testCall),
		newButton(theme.Now, "Show your link", plainButton, w.ownLinkSheet).withIcon(theme.Link))
	p.body = container.NewStack(p.list, p.empty.content)
	top := container.New(inset{theme.SpaceBetween, theme.SpaceInside, theme.SpaceBetween, theme.SpaceInside},
		newColumn(theme.SpaceInside, newColumn(0, p.search, p.noteBox), p.typed))
	p.content = framed(inPage(top), p.body, nil)
	return p
}

// type1 goes on in the field with a letter that was typed in the list.
func (p *peoplePage) type1(r rune) {
	p.w.win.Canvas().Focus(p.search)
	p.search.TypedRune(r)
}

// filter shows those who match what is typed, and what else can be done with it.
func (p *peoplePage) filter(now time.Time) {
	typed := strings.TrimSpace(p.search.Text)
	narrow := typed
	if looksLikeLink(typed) {
		narrow = ""
	}
	items := peopleItems(p.w.known, p.w.requests, narrow, now)
	p.list.show(items)
	p.offer = offerFor(p.w.known, typed, p.w.u.phone.ReadLink)
	o := p.offer
	setShown(p.linked, o.linked)
	if o.linked {
		row := faceOf(o.person)
		row.line, row.tone = o.line, o.tone
		p.linked.set(row)
	}
	setShown(p.about, !o.linked && o.line != "")
	if p.about.text != o.line {
		p.about.set(o.line, o.tone.role())
	}
	setShown(p.addIt, o.add != "")
	setShown(p.buttons, o.call != "")
	if o.call != "" {
		p.callIt.setText(fitted(o.call, 190, theme.TextBody, fyne.TextStyle{Bold: true}))
	}
	setShown(p.typed, o.linked || o.line != "" || o.call != "")
	nobody := len(items) == 0 && typed == ""
	setShown(p.empty.content, nobody)
	setShown(p.list, !nobody)
	setShown(p.test, typed == "")
	setShown(p.group, typed == "")
	if nobody {
		p.empty.show("Nobody here yet", emptyPeopleText(p.w.dirs))
	}
	p.content.Refresh()
}

func emptyPeopleText(dirs []Directory) string {
	for _, d := range dirs {
		if d.Kind == ThisNetwork && d.State != DirectoryFailed {
			return "People on this network who use Sundog appear here by themselves. To call somebody elsewhere, paste their link above."
		}
	}
	if len(dirs) == 0 {
		return "No way to find people is on. Choose one in Settings; the test call works at once."
	}
	return "Type a name above and press Enter, or paste a link. Give others your link, so that they can call you."
}

// callTyped does what Enter in the field means: call the one who is named or linked.
func (p *peoplePage) callTyped() {
	typed, o := tidied(p.search.Text), p.offer
	switch {
	case o.linked && o.call == "", o.line != "" && !o.linked, typed == "":
		return
	case o.room.Room:
		p.search.SetText("")
		p.w.join(o.room)
	case o.linked:
		p.search.SetText("")
		p.w.call(o.person, true)
	default:
		p.search.SetText("")
		p.w.callName(typed)
	}
}

func (p *peoplePage) addTyped() {
	typed, o := tidied(p.search.Text), p.offer
	p.search.SetText("")
	if o.linked {
		p.w.add(o.person)
		return
	}
	p.w.withName(typed, "Whom do you want to add?", p.w.add)
}

// wait says what is being done, with something that moves. cancel may be nil: then it cannot be stopped.
func (p *peoplePage) wait(text string, cancel context.CancelFunc) {
	p.say(text, toneQuiet)
	p.cancel = cancel
	setShown(p.progress, true)
	p.progress.run(true)
	setShown(p.stop, cancel != nil)
	p.content.Refresh()
}

func (p *peoplePage) stopWaiting() {
	if p.cancel != nil {
		p.cancel()
		p.cancel = nil
	}
}

// say shows a sentence under the field, or none.
func (p *peoplePage) say(text string, t tone) {
	p.cancel = nil
	p.progress.run(false)
	if p.note.text == text && !p.progress.Visible() {
		return
	}
	setShown(p.progress, false)
	setShown(p.stop, false)
	p.note.set(text, t.role())
	setShown(p.noteBox, text != "")
	p.content.Refresh()
}

// sideButtons puts a text at the left and small things that belong to it at the right.
type sideButtons struct{}

func (sideButtons) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	right := size.Width
	for i := len(objects) - 1; i > 0; i-- {
		if o := objects[i]; o.Visible() {
			m := o.MinSize()
			right -= m.Width
			place(o, right, (size.Height-m.Height)/2, m.Width, m.Height)
			right -= theme.SpaceInside
		}
	}
	text := objects[0]
	text.Resize(fyne.NewSize(right, 0))
	height := text.MinSize().Height
	place(text, 0, (size.Height-height)/2, right, height)
}

func (sideButtons) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var least fyne.Size
	for _, o := range visible(objects) {
		m := o.MinSize()
		least = fyne.NewSize(least.Width+m.Width, max(least.Height, m.Height))
	}
	return least
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
