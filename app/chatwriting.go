package app

import (
	"slices"
	"strings"
)

// What is written in the chat, and to whom it goes.

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
