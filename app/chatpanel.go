package app

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
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
	visit     visit
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
	p.visit.begin(p.c.win.Canvas(), p.entry)
}

func (p *chatPanel) close() {
	if !p.isOpen() {
		return
	}
	p.content.Hide()
	p.visit.end(p.c.win.Canvas(), p.content, p.c.bar.chat)
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
	for _, l := range fresh[max(len(fresh)-chatKept, 0):] {
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

// lineOver is a line as it is told while the chat is closed: of a long one the beginning, which covers little of the pictures.
func lineOver(l ChatLine) string {
	text := strings.Join(strings.Fields(l.Text), " ")
	if letters := []rune(text); len(letters) > overMost {
		text = strings.TrimRight(string(letters[:overMost]), " ") + "…"
	}
	if l.Private {
		return "Only to you, from " + l.From + ": " + text
	}
	return l.From + ": " + text
}

// overMost is how many letters of a line are told over the pictures.
const overMost = 160

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
