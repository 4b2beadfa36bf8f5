package app

import (
	"context"
	"reflect"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// roomPanel is who is in a call and how they are connected, with what can be done about it. It lies where the chat does.
type roomPanel struct {
	c       *callWindow
	content *fyne.Container
	scroll  *container.Scroll
	body    *fyne.Container
	view    roomView
	room    *ConferenceState // as last told; nil: there is none
	chosen  string           // with whom something can be done; an ID
	leaving string           // whom to remove is asked, or to block; an ID
	blocks  bool             // it is to block them

	hands *paragraph
	mores map[string]*iconButton // by the member's ID
	// openNow is what stands under the row of whom something can be done with; openWhat says what it shows.
	openNow  fyne.CanvasObject
	openWhat openRow
	rows     *fyne.Container
	links    *fyne.Container // who does not hear whom, in words
	grid     *linkGrid
	uplink   *paragraph
	said     *paragraph // of what was done: it went wrong, or it was copied
	// saidTill is until when that is told; zero: as long as nothing else is done.
	saidTill time.Time

	shut            *iconButton
	hand, link, add *button
	react           *fyne.Container
	adding          *addPeople
	visit, search   visit // of the panel, and of the field to add people
}

// reactHeight is the least height of a window in whose panel there is room for reactions.
const reactHeight = 500

func newRoomPanel(c *callWindow) *roomPanel {
	p := &roomPanel{c: c, mores: map[string]*iconButton{}}
	title := newLabel(theme.Stage, "People", theme.TextStrong, asText).strong()
	p.shut = newIconButton(theme.Stage, theme.Close, "Close the list of people", asSecond, c.togglePeople)
	p.hands = newParagraph(theme.Stage, "", theme.TextSmall, asAccent)
	p.rows = newColumn(theme.SpaceInside)
	p.links = newColumn(theme.SpaceTight)
	p.grid = newLinkGrid()
	p.uplink = newParagraph(theme.Stage, "", theme.TextSmall, asSecond)
	p.said = newParagraph(theme.Stage, "", theme.TextSmall, asSecond)
	p.hand = newButton(theme.Stage, "", plainButton, p.raise).withIcon(theme.Hand).low()
	p.add = newButton(theme.Stage, "Add people", plainButton, func() { p.addMore(!p.adding.content.Visible()) }).withIcon(theme.Add).low()
	p.link = newButton(theme.Stage, "Copy the call’s link", quietButton, p.copyLink).withIcon(theme.Copy).low()
	p.adding = newAddPeople(p)
	p.body = newColumn(theme.CallGap, p.adding.content, p.hands, p.rows, p.links, p.grid, p.uplink, p.link)
	p.scroll = container.NewVScroll(container.New(inset{theme.SpaceBetween, 0, theme.CallGap, theme.SpaceInside}, p.body))
	p.react = newReactions(c.key, func(emoji string) {
		p.do(func(room Conference) error { return room.React(emoji) })
	})
	foot := newColumn(theme.SpaceInside, p.said, p.react, container.New(sideBySide{gap: theme.SpaceInside}, p.hand, p.add))
	p.content = container.NewStack(newBackdrop(theme.Stage, asSurface, theme.Corner), framed(
		container.New(inset{theme.SpaceBetween, theme.SpaceInside, theme.SpaceTight, theme.SpaceTight}, container.New(beside{right: true}, title, p.shut)),
		p.scroll,
		container.New(inset{theme.SpaceBetween, theme.SpaceInside, theme.SpaceBetween, theme.CallGap}, foot)))
	for _, b := range []*pressable{&p.shut.pressable, &p.hand.pressable, &p.add.pressable, &p.link.pressable} {
		b.keys = c.key
	}
	p.said.Hide()
	p.content.Hide()
	return p
}

func (p *roomPanel) isOpen() bool { return p.content.Visible() }

func (p *roomPanel) open() {
	p.content.Show()
	p.visit.begin(p.c.win.Canvas(), nil)
	p.leaving, p.chosen, p.openNow = "", "", nil
	p.say("", toneQuiet)
	p.view = p.viewNow()
	p.fill()
	p.c.hush()
}

func (p *roomPanel) close() {
	if !p.isOpen() {
		return
	}
	p.addMore(false)
	p.content.Hide()
	p.visit.end(p.c.win.Canvas(), p.content, p.c.bar.people)
}

// show takes what the call tells now, and paints what is new of it while the panel is open.
func (p *roomPanel) show(room *ConferenceState) {
	p.room = room
	if !p.isOpen() {
		return
	}
	if !p.saidTill.IsZero() && p.c.u.now().After(p.saidTill) && p.said.Visible() {
		p.say("", toneQuiet)
	}
	if view := p.viewNow(); !reflect.DeepEqual(view, p.view) {
		p.view = view
		p.fill()
	}
}

func (p *roomPanel) viewNow() roomView {
	return roomViewOf(p.c.view, p.c.own, p.c.members, p.room)
}

// fill puts the view into the widgets.
func (p *roomPanel) fill() {
	v := p.view
	before := p.c.win.Canvas().Focused()
	within := before != nil && holds(p.rows, before)
	p.forget()
	p.rows.RemoveAll()
	conference := p.c.view.conference
	p.hands.set(v.hands, asAccent)
	setShown(p.hands, v.hands != "")
	for _, r := range v.rows {
		var more *iconButton
		if conference && r.id != OwnID && (r.here || r.removable) {
			more = p.moreOf(r)
		}
		p.rows.Add(newRoomLine(r, more))
		switch {
		case more == nil:
		case r.id == p.leaving && (r.removable || p.blocks):
			p.rows.Add(p.opened(openRow{id: r.id, name: r.name, leaving: true, blocks: p.blocks}, func() fyne.CanvasObject { return p.question(r) }))
		case r.id == p.chosen:
			p.rows.Add(p.opened(openRow{id: r.id, name: r.name, here: r.here, removable: r.removable}, func() fyne.CanvasObject { return p.deeds(r) }))
		}
	}
	p.links.RemoveAll()
	for _, text := range v.broken {
		p.links.Add(newParagraph(theme.Stage, text, theme.TextSmall, toneWaiting.role()))
	}
	if v.fine != "" {
		p.links.Add(newParagraph(theme.Stage, v.fine, theme.TextSmall, asSecond))
	}
	setShown(p.links, len(p.links.Objects) > 0)
	p.grid.set(v.table)
	t := toneQuiet
	if v.short {
		t = toneWaiting
	}
	p.uplink.set(v.uplink, t.role())
	setShown(p.uplink, v.uplink != "")
	setShown(p.hand, conference)
	setShown(p.react, conference && len(p.c.members) > 0 && p.c.win.Canvas().Size().Height >= reactHeight)
	p.hand.setText("Raise hand")
	if v.may.Hand {
		p.hand.setText("Lower hand")
	}
	setShown(p.add, v.may.MayAdd)
	setShown(p.link, v.may.MayLink)
	if !v.may.MayAdd {
		p.addMore(false)
	}
	if p.adding.content.Visible() {
		p.adding.filter()
	}
	reveal(p.body, p.scroll)
	p.content.Refresh()
	if within && !holds(p.rows, before) {
		p.refocus()
	}
}

func (p *roomPanel) raise() {
	up := p.room == nil || !p.room.Hand
	p.do(func(room Conference) error { return room.RaiseHand(up) })
}

func (p *roomPanel) copyLink() { p.c.linkTo(p.say) }

// do does something with the conference, and tells if that fails.
func (p *roomPanel) do(what func(Conference) error) {
	room := p.c.call.Conference()
	if room == nil {
		return
	}
	p.say("", toneQuiet)
	p.c.u.background(func(context.Context) func() {
		err := what(room)
		return func() {
			switch {
			case err == nil:
			case p.isOpen():
				p.say(err.Error(), toneBad)
			default:
				p.c.say(err.Error(), toneWaiting)
			}
		}
	})
}

// addMore shows or hides the field to add people.
func (p *roomPanel) addMore(on bool) {
	if p.adding.content.Visible() == on {
		return
	}
	setShown(p.adding.content, on)
	if on {
		p.add.icon = theme.Close
		p.add.setText("Done adding")
		p.adding.clear()
		p.scroll.ScrollToTop()
		p.search.begin(p.c.win.Canvas(), p.adding.search)
	} else {
		p.say("", toneQuiet) // of somebody whom one wanted to add
		p.add.icon = theme.Add
		p.add.setText("Add people")
		p.adding.stop()
		p.search.end(p.c.win.Canvas(), p.adding.content, p.add)
	}
	p.content.Refresh()
}

// say tells how something went.
func (p *roomPanel) say(text string, t tone) {
	p.saidTill = p.c.u.now().Add(noticeStays)
	if t == toneBad { // until something else is done
		p.saidTill = time.Time{}
	}
	p.said.set(text, t.role())
	setShown(p.said, text != "")
	p.content.Refresh()
}
