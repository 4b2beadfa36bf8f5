package app

import (
	"context"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/layout"

	"sundog.dev/sundog/theme"
)

// chatPanel is the lines written in a call and the files given, in the order in which they came, and the field to write one.
type chatPanel struct {
	c       *callWindow
	content *fyne.Container
	entry   *field
	lines   *fyne.Container
	scroll  *container.Scroll
	hint    *paragraph
	shown   []ChatLine // the lines as last told by the call
	files   map[string]*fileCard

	whom     *picker // to whom one writes
	whomLine *fyne.Container
	choices  []chatTo
	to       chatTo
	attach   *iconButton
	pending  []pendingFile // what goes with the next line
	waiting  *fyne.Container
	several  bool
	room     bool // files can be given

	below *button // shows what has come below what is read
	// belowLine is the line with it, which is there only then.
	belowLine *fyne.Container
	reading   bool // the reader has gone back
	follows   bool // it is scrolled by us
	escaped   bool // the field was left by the user, for the keys of the call
}

const (
	// chatKept is how many lines a window shows: enough to look back, few enough to stay quick.
	chatKept = 300
	// maxChat is how many letters a line may have.
	maxChat = 2000
)

func newChatPanel(c *callWindow) *chatPanel {
	p := &chatPanel{c: c, lines: newColumn(theme.SpaceInside), files: map[string]*fileCard{}}
	p.scroll = container.NewVScroll(container.New(inset{theme.CallGap, 0, theme.CallGap, theme.SpaceInside}, p.lines))
	p.scroll.OnScrolled = p.scrolled
	p.hint = newParagraph(theme.Stage, chatHint, theme.TextSmall, asSecond)
	p.lines.Add(p.hint)
	p.entry = newField("", func(string) { p.send() })
	p.entry.escaped = func() {
		p.escaped = true
		c.win.Canvas().Unfocus()
	}
	p.entry.keys, p.entry.turned = c.key, p.turn
	p.entry.onFocus = func(on bool) {
		p.escaped = p.escaped && !on
		c.hold(on)
	}
	p.entry.shortcut = c.keys.typed
	p.whom = newPicker(p.choose)
	p.whomLine = container.New(inset{left: theme.SpaceTight, right: theme.SpaceTight}, p.whom)
	p.waiting = newColumn(theme.SpaceTight)
	p.attach = newIconButton(theme.Stage, theme.Attach, "Send a file", asSecond, p.pick)
	send := newIconButton(theme.Stage, theme.Send, "Send", asAccent, p.send)
	closeIt := newIconButton(theme.Stage, theme.Close, "Close the chat", asSecond, c.toggleChat)
	p.below = newButton(theme.Stage, "Show what is new", plainButton, func() {
		p.toEnd()
		p.focus()
	}).low()
	p.attach.keys, send.keys, closeIt.keys, p.below.keys = c.key, c.key, c.key, c.key
	title := newLabel(theme.Stage, "Chat", theme.TextStrong, asText).strong()
	// In the order in which the Tab key goes.
	write := container.New(layout.NewBorderLayout(nil, nil, p.attach, send), p.attach, p.entry, send)
	p.belowLine = container.New(inset{left: theme.SpaceTight, right: theme.SpaceTight}, p.below)
	foot := newColumn(theme.SpaceInside, p.belowLine, p.whomLine, p.waiting, write)
	p.content = container.NewStack(newBackdrop(theme.Stage, asSurface, theme.Corner), framed(
		container.New(inset{theme.SpaceBetween, theme.SpaceInside, theme.SpaceTight, theme.SpaceTight}, container.NewBorder(nil, nil, nil, closeIt, title)),
		p.scroll,
		container.New(inset{theme.SpaceTight, theme.SpaceInside, theme.SpaceTight, theme.CallGap}, foot)))
	p.belowLine.Hide()
	p.whomLine.Hide()
	p.waiting.Hide()
	p.attach.Hide()
	p.hear()
	p.content.Hide()
	return p
}

const (
	chatHint     = "Lines that you write here go only to the people in this call. They are not kept."
	chatFileHint = chatHint + " Files can be dropped here."
)

func (p *chatPanel) isOpen() bool { return p.content.Visible() }

func (p *chatPanel) open() {
	p.content.Show()
	p.c.bar.chat.setDot(false)
	p.c.hush()
	p.toEnd()
	p.focus()
}

func (p *chatPanel) close() {
	p.content.Hide()
	if p.c.win.Canvas().Focused() == p.entry {
		p.c.win.Canvas().Unfocus()
	}
}

func (p *chatPanel) focus() { p.c.win.Canvas().Focus(p.entry) }

// show adds the lines and files that are new, and tells how it is with the others.
func (p *chatPanel) show(lines []ChatLine, members []memberView, room *ConferenceState) {
	p.showWhom(members, room != nil)
	fresh := newLines(p.shown, lines)
	var files []File
	if room != nil {
		files = p.showFiles(room.Files)
	}
	if len(fresh)+len(files) == 0 {
		return
	}
	p.hint.Hide()
	p.shown = lines
	for _, l := range fresh {
		p.lines.Add(newBubble(l))
	}
	for _, f := range files {
		card := newFileCard(f, fileDeeds{save: p.save, decline: p.decline, stop: p.stop, open: p.openFolder, keys: p.c.key})
		p.files[f.ID] = card
		p.lines.Add(card.content)
		reveal(card.content, p.scroll)
	}
	p.prune()
	p.lines.Refresh()
	p.scroll.Refresh()
	if p.isOpen() {
		if slices.ContainsFunc(fresh, func(l ChatLine) bool { return l.Mine }) {
			p.reading = false
		}
		p.tellBelow(p.reading)
		p.follow()
		return
	}
	for _, l := range fresh {
		if !l.Mine {
			p.c.bar.chat.setDot(true)
			p.c.say(lineOver(l), toneText)
		}
	}
	for _, f := range files {
		if !f.Mine {
			p.c.bar.chat.setDot(true)
			p.c.say(f.From+" sends a file: "+f.Name+". Open the chat to take it.", toneText)
		}
	}
}

// lineOver is a line as it is told while the chat is closed.
func lineOver(l ChatLine) string {
	if l.Private {
		return "Only to you, from " + l.From + ": " + l.Text
	}
	return l.From + ": " + l.Text
}

// showFiles tells how it is with the files that have a card, and returns those that have none yet.
func (p *chatPanel) showFiles(files []File) (fresh []File) {
	changed := false
	for _, f := range files {
		if card := p.files[f.ID]; card != nil {
			changed = card.set(f) || changed
		} else {
			fresh = append(fresh, f)
		}
	}
	if changed {
		p.lines.Refresh()
		p.follow()
	}
	return fresh
}

// showWhom offers those to whom one can write.
func (p *chatPanel) showWhom(members []memberView, room bool) {
	several := room && len(members) > 1 || p.to.id != ""
	choices := chatChoices(members, p.to)
	if several == p.several && room == p.room && slices.Equal(choices, p.choices) {
		return
	}
	p.several, p.room, p.choices = several, room, choices
	setShown(p.whomLine, several)
	setShown(p.attach, room)
	if room && len(p.shown) == 0 {
		p.hint.set(chatFileHint, asSecond)
	}
	var labels []string
	for _, c := range choices {
		labels = append(labels, c.label())
		if c.id == p.to.id {
			p.to = c
		}
	}
	p.whom.SetOptions(labels)
	p.hear()
	p.content.Refresh()
	p.follow()
}

// hear says to whom what is typed goes.
func (p *chatPanel) hear() {
	if label := p.to.label(); p.whom.Selected != label {
		p.whom.SetSelected(label)
	}
	if hint := p.to.hint(p.several); p.entry.PlaceHolder != hint {
		p.entry.SetPlaceHolder(hint)
	}
}

func (p *chatPanel) choose(label string) {
	for _, c := range p.choices {
		if c.label() == label && c.id != p.to.id {
			p.to = c
			p.hear()
			p.focus()
		}
	}
}

// writeTo opens the chat for a line to one alone.
func (p *chatPanel) writeTo(id string) {
	if !p.isOpen() {
		p.c.toggleChat()
	}
	for _, c := range p.choices {
		if c.id == id {
			p.to = c
		}
	}
	p.hear()
	p.focus()
}

// there reports whether the one to whom one writes is in the call; it says so where not.
func (p *chatPanel) there() bool {
	if p.to.id == "" || slices.ContainsFunc(p.c.members, func(m memberView) bool { return m.id == p.to.id }) {
		return true
	}
	p.c.say(p.to.name+" is not in the call any more. Choose to whom this goes.", toneWaiting)
	return false
}

// send sends what was typed, and the files that wait; it stays where it is if that fails.
func (p *chatPanel) send() {
	text := strings.TrimSpace(p.entry.Text)
	if text == "" && len(p.pending) == 0 || !p.there() {
		return
	}
	if len([]rune(text)) > maxChat {
		p.c.say("That line is too long to send. Make two of it.", toneWaiting)
		return
	}
	if text != "" {
		if err := p.c.call.SendChat(text, p.to.id); err != nil {
			p.c.say(err.Error(), toneWaiting)
			return
		}
		p.entry.SetText("")
	}
	for _, f := range p.pending {
		to := p.to.id
		p.do(func(room Conference) error { return room.SendFile(f.path, to) })
	}
	p.hold(nil)
	p.focus()
}

// pick asks for a file.
func (p *chatPanel) pick() {
	d := dialog.NewFileOpen(func(f fyne.URIReadCloser, err error) {
		switch {
		case err != nil:
			p.c.say("The folder cannot be read. Drop the file on this window instead.", toneWaiting)
		case f != nil:
			_ = f.Close() // only its place is wanted
			p.take([]string{f.URI().Path()})
		}
	}, p.c.win)
	d.SetConfirmText("Choose")
	d.Show()
}

// dropped is called when files were dropped on the window.
func (p *chatPanel) dropped(_ fyne.Position, uris []fyne.URI) {
	if !p.room || !inCall(p.c.view.state) {
		p.c.say("Files can be sent once the call stands, to people who have a program like yours.", toneWaiting)
		return
	}
	var paths []string
	for _, u := range uris {
		paths = append(paths, u.Path())
	}
	p.take(paths)
}

// take lets files wait for the next line, with the chat open to see to whom they go.
func (p *chatPanel) take(paths []string) {
	if !p.isOpen() {
		p.c.toggleChat()
	}
	pending := slices.Clone(p.pending)
	for _, path := range paths {
		f, refused := pendingOf(path)
		switch {
		case refused != "":
			p.c.say(refused, toneWaiting)
		case len(pending) == maxPending:
			p.c.say("Send these first: "+number(maxPending)+" files at once is the most.", toneWaiting)
		case !slices.Contains(pending, f):
			pending = append(pending, f)
		}
	}
	p.hold(pending)
	p.focus()
}

// hold shows the files that wait to be sent.
func (p *chatPanel) hold(pending []pendingFile) {
	p.pending = pending
	p.waiting.RemoveAll()
	for _, f := range pending {
		p.waiting.Add(newPendingLine(f, p.c.key, func() {
			p.hold(slices.DeleteFunc(slices.Clone(p.pending), func(other pendingFile) bool { return other == f }))
			p.focus()
		}))
	}
	setShown(p.waiting, len(pending) > 0)
	p.content.Refresh()
	p.follow()
}

func (p *chatPanel) save(f File) {
	p.focus() // the buttons go
	p.do(func(room Conference) error { return room.SaveFile(f.ID, downloadFolder()) })
}

func (p *chatPanel) decline(f File) {
	p.focus()
	p.do(func(room Conference) error { return room.DeclineFile(f.ID) })
}

func (p *chatPanel) stop(f File) {
	p.focus()
	p.do(func(room Conference) error { return room.StopFile(f.ID) })
}

// do does something with the conference off the UI thread, and tells if that fails.
func (p *chatPanel) do(what func(Conference) error) {
	room := p.c.call.Conference()
	if room == nil {
		return
	}
	p.c.u.background(func(context.Context) func() {
		err := what(room)
		return func() {
			if err != nil {
				p.c.say(err.Error(), toneWaiting)
			}
		}
	})
}

// newLines are the lines of now that were not there before. A long chat loses lines at its beginning, so what both
// have in common is an end of before and a beginning of now.
func newLines[T comparable](before, now []T) []T {
	for cut := range before {
		common := before[cut:]
		if len(common) <= len(now) && slices.Equal(common, now[:len(common)]) {
			return now[len(common):]
		}
	}
	return now
}
