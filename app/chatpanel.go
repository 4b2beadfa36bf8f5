package app

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// chatPanel is the lines written in a call, and the field to write one.
type chatPanel struct {
	c       *callWindow
	content *fyne.Container
	entry   *field
	lines   *fyne.Container
	scroll  *container.Scroll
	hint    *paragraph
	shown   []ChatLine // the lines as last told by the call
}

const (
	// chatKept is how many lines a window shows: enough to look back, few enough to stay quick.
	chatKept = 300
	// maxChat is how many letters a line may have.
	maxChat = 2000
)

func newChatPanel(c *callWindow) *chatPanel {
	p := &chatPanel{c: c, lines: newColumn(theme.SpaceInside)}
	p.scroll = container.NewVScroll(container.New(inset{theme.CallGap, 0, theme.CallGap, theme.SpaceInside}, p.lines))
	p.hint = newParagraph(theme.Stage, "Lines that you write here go only to the people in this call. They are not kept.", theme.TextSmall, asSecond)
	p.lines.Add(p.hint)
	p.entry = newField("Write a line", func(string) { p.send() })
	p.entry.escaped = func() { c.win.Canvas().Unfocus() }
	p.entry.keys = c.key
	p.entry.onFocus = func(on bool) { c.hold(on) }
	p.entry.shortcut = c.keys.typed
	send := newIconButton(theme.Stage, theme.Send, "Send", asAccent, p.send)
	closeIt := newIconButton(theme.Stage, theme.Close, "Close the chat", asSecond, c.toggleChat)
	send.keys, closeIt.keys = c.key, c.key
	title := newLabel(theme.Stage, "Chat", theme.TextStrong, asText).strong()
	p.content = container.NewStack(newBackdrop(theme.Stage, asSurface, theme.Corner), container.NewBorder(
		container.New(inset{theme.SpaceBetween, theme.SpaceInside, theme.SpaceTight, theme.SpaceTight}, container.NewBorder(nil, nil, nil, closeIt, title)),
		container.New(inset{theme.CallGap, theme.SpaceInside, theme.SpaceTight, theme.CallGap}, container.NewBorder(nil, nil, nil, send, p.entry)),
		nil, nil, p.scroll))
	p.content.Hide()
	return p
}

func (p *chatPanel) isOpen() bool { return p.content.Visible() }

func (p *chatPanel) open() {
	p.content.Show()
	p.c.bar.chat.setDot(false)
	p.c.hush()
	p.focus()
}

func (p *chatPanel) close() {
	p.content.Hide()
	if p.c.win.Canvas().Focused() == p.entry {
		p.c.win.Canvas().Unfocus()
	}
}

func (p *chatPanel) focus() { p.c.win.Canvas().Focus(p.entry) }

// show adds the lines that are new.
func (p *chatPanel) show(lines []ChatLine) {
	fresh := newLines(p.shown, lines)
	if len(fresh) == 0 {
		return
	}
	p.hint.Hide()
	p.shown = lines
	for _, l := range fresh {
		p.lines.Add(newBubble(l))
	}
	if extra := len(p.lines.Objects) - 1 - chatKept; extra > 0 {
		p.lines.Objects = append(p.lines.Objects[:1], p.lines.Objects[1+extra:]...)
	}
	p.lines.Refresh()
	p.scroll.Refresh()
	p.scroll.ScrollToBottom()
	if p.isOpen() {
		return
	}
	for _, l := range fresh {
		if !l.Mine {
			p.c.bar.chat.setDot(true)
			p.c.say(l.From+": "+l.Text, toneText)
		}
	}
}

// send sends what was typed; it stays in the field if that fails.
func (p *chatPanel) send() {
	text := strings.TrimSpace(p.entry.Text)
	if text == "" {
		return
	}
	if len([]rune(text)) > maxChat {
		p.c.say("That line is too long to send. Make two of it.", toneWaiting)
		return
	}
	if err := p.c.call.SendChat(text); err != nil {
		p.c.say(err.Error(), toneWaiting)
		return
	}
	p.entry.SetText("")
	p.focus()
}

// newLines are the lines of now that were not there before. A long chat loses lines at its beginning, so what both
// have in common is an end of before and a beginning of now.
func newLines(before, now []ChatLine) []ChatLine {
	for cut := range before {
		common := before[cut:]
		if len(common) <= len(now) && slices.Equal(common, now[:len(common)]) {
			return now[len(common):]
		}
	}
	return now
}
