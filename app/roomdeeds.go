package app

import (
	"maps"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// What can be done with somebody in the call: it opens under their row of the panel of people.

// forget drops what belongs to those who are not in the call any more: nothing is asked about them.
func (p *roomPanel) forget() {
	in := func(id string) bool {
		return slices.ContainsFunc(p.view.rows, func(r roomRow) bool { return r.id == id })
	}
	if !in(p.chosen) {
		p.chosen = ""
	}
	if !in(p.leaving) {
		p.leaving = ""
	}
	maps.DeleteFunc(p.mores, func(id string, _ *iconButton) bool { return !in(id) })
}

// refocus gives the key focus to what has come in the place of that which had it: first to what leaves things as they are.
func (p *roomPanel) refocus() {
	to := firstFocusable(p.hand)
	switch more := p.mores[p.openWhat.id]; {
	case p.openNow != nil && p.leaving != "":
		to = firstFocusable(p.openNow)
	case more != nil && holds(p.rows, more):
		to = more
	}
	if to == nil {
		to = p.shut
	}
	p.c.win.Canvas().Focus(to)
}

// escape takes back a question, or what can be done with somebody. It reports whether there was either.
func (p *roomPanel) escape() bool {
	switch {
	case p.leaving != "":
		p.ask(p.leaving, p.blocks)
	case p.chosen != "":
		p.choose(p.chosen)
	default:
		return false
	}
	return true
}

// openRow is what can be done with somebody, as it is shown.
type openRow struct {
	id, name                         string
	leaving, blocks, here, removable bool
}

// opened is what stands under a row. It stays the same while nothing in it changes: what is rebuilt under the pointer loses its click.
func (p *roomPanel) opened(what openRow, build func() fyne.CanvasObject) fyne.CanvasObject {
	if p.openNow == nil || p.openWhat != what {
		p.openWhat, p.openNow = what, build()
	}
	return p.openNow
}

// moreOf is the button of a row, which stays the same for the same reason.
func (p *roomPanel) moreOf(r roomRow) *iconButton {
	if b := p.mores[r.id]; b != nil {
		return b
	}
	b := newIconButton(theme.Stage, theme.More, "More about "+r.name, asSecond, func() { p.choose(r.id) })
	b.keys = p.c.key
	p.mores[r.id] = b
	return b
}

// choose shows what can be done with somebody, or no longer.
func (p *roomPanel) choose(id string) {
	if p.chosen == id {
		id = ""
	}
	p.chosen, p.leaving, p.openNow = id, "", nil
	p.fill()
	p.reveal()
}

// deeds are what can be done with somebody in the call.
func (p *roomPanel) deeds(r roomRow) fyne.CanvasObject {
	var objects, buttons []fyne.CanvasObject
	if r.here {
		objects = append(objects, newVolumeLine(r, p.c.key, func(factor float64) {
			p.do(func(room Conference) error { return room.SetVolume(r.id, factor) })
		}))
		write := newButton(theme.Stage, "Write", plainButton, func() { p.c.chat.writeTo(r.id) }).withIcon(theme.Chat).low()
		write.keys, write.name = p.c.key, "Write to "+r.name+" only"
		buttons = append(buttons, write)
	}
	if r.removable {
		out := newButton(theme.Stage, "Remove…", plainButton, func() { p.ask(r.id, false) }).low()
		out.keys, out.name = p.c.key, "Remove "+r.name
		buttons = append(buttons, out)
	}
	block := newButton(theme.Stage, "Block…", plainButton, func() { p.ask(r.id, true) }).low()
	block.keys, block.name = p.c.key, "Block "+r.name
	buttons = append(buttons, block)
	for pair := range slices.Chunk(buttons, 2) {
		objects = append(objects, container.New(sideBySide{gap: theme.SpaceInside}, pair...))
	}
	return container.New(inset{left: theme.AvatarSize + theme.CallGap}, newColumn(theme.SpaceInside, objects...))
}

// ask asks whether somebody is to be removed, or blocked, or no longer.
func (p *roomPanel) ask(id string, blocks bool) {
	if p.leaving == id {
		id = ""
	}
	p.leaving, p.blocks = id, blocks
	p.fill()
	p.reveal()
}

// reveal scrolls to what has opened under a row.
func (p *roomPanel) reveal() {
	if p.openNow != nil {
		scrollTo(p.openNow, p.scroll)
	}
}

// question is what is asked before somebody is removed or blocked.
func (p *roomPanel) question(r roomRow) fyne.CanvasObject {
	text, yes, no := "Take "+r.name+" out of the call, for everybody?", "Remove", "Keep"
	does := func(room Conference) error { return room.Remove(r.id) }
	if p.blocks {
		text, yes, no = blockQuestion(r.name, len(p.c.members) > 1), "Block", "Do not"
		does = func(room Conference) error { return room.Block(r.id) }
	}
	keep := newButton(theme.Stage, no, plainButton, func() { p.ask(r.id, false) }).low()
	out := newButton(theme.Stage, yes, dangerButton, func() {
		p.leaving, p.chosen = "", ""
		p.do(does)
		p.fill()
	}).low()
	keep.keys, out.keys = p.c.key, p.c.key
	return newColumn(theme.SpaceInside, newParagraph(theme.Stage, text, theme.TextSmall, asText),
		container.New(sideBySide{gap: theme.SpaceInside}, keep, out))
}

// blockQuestion says what it means to block somebody in a call.
func blockQuestion(name string, several bool) string {
	if several {
		return "Block " + name + "? The two of you stop hearing and seeing each other at once, and " + name +
			" can no longer call you. Both stay in the call with the others."
	}
	return "Block " + name + "? The call ends, and " + name + " can no longer call you."
}
