package app

import (
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/theme"
)

// stage is all that a call window shows: the pictures, and what lies over them.
type stage struct {
	c       *callWindow
	content *fyne.Container

	ground  *ground
	grid    *tileGrid
	middle  *middle
	own     *ownPicture
	top     *topBar
	full    *iconButton
	banner  *paragraph
	bannerP *fyne.Container
	dots    *dots // beside the banner, while something is being tried
	shown   notice
	answer  *fyne.Container // accept and decline
	retry   *button
	ended   *fyne.Container // call again and close
	invite  *fyne.Container // what one alone can do
	add     *button

	ownInWay bool // our own picture would lie over what is said in the middle
}

func pillColour(p theme.Palette) color.NRGBA { return theme.Shade(p.Window, theme.PillOpacity) }

func newStage(c *callWindow) *stage {
	s := &stage{c: c, ground: newGround(c.poke), middle: newMiddle(), own: newOwnPicture(c.loop.local, c.poke)}
	s.grid = newTileGrid(c.pin, c.poke)
	s.full = newIconButton(theme.Stage, theme.Expand, "Full screen", asText, c.toggleFullScreen)
	s.full.keys, s.full.onHover, s.full.onFocus = c.key, c.hold, c.hold
	s.top = newTopBar(s.full, c.toggleCompare, c.toggleSpeaker)
	s.top.view.keys, s.top.view.onHover, s.top.view.onFocus = c.key, c.hold, c.hold
	s.top.words.keys, s.top.words.onHover, s.top.words.onFocus = c.key, c.hold, c.hold
	s.banner = newParagraph(theme.Stage, "", theme.TextBody, asText)
	s.dots = newDots(theme.Stage)
	s.bannerP = newPill(theme.Corner, inset{theme.SpaceBetween, theme.SpaceInside, theme.SpaceBetween, theme.SpaceInside},
		container.NewBorder(nil, nil, s.dots, nil, s.banner))
	decline := newRoundButton(theme.Stage, theme.Leave, "Decline", dangerButton, c.hangUp)
	accept := newRoundButton(theme.Stage, theme.Phone, "Accept", goodButton, c.accept)
	s.answer = container.New(sideBySide{gap: theme.CallButton, pack: true}, decline, accept)
	s.retry = newButton(theme.Stage, "Call again", primaryButton, c.again).withIcon(theme.Phone)
	shut := newButton(theme.Stage, "Close", plainButton, c.hangUp)
	for _, p := range []*pressable{&decline.pressable, &accept.pressable, &s.retry.pressable, &shut.pressable} {
		p.keys = c.key
	}
	s.ended = container.New(sideBySide{gap: theme.CallGap, pack: true}, s.retry, shut)
	s.add = newButton(theme.Stage, "Add people", primaryButton, c.addPeople).withIcon(theme.Add)
	link := newButton(theme.Stage, "Copy link", plainButton, c.copyLink).withIcon(theme.Copy)
	s.add.keys, link.keys = c.key, c.key
	s.invite = container.New(sideBySide{gap: theme.CallGap, pack: true}, s.add, link)
	s.content = container.New(s, s.ground, s.grid.content, s.middle.content, s.own.content,
		s.top.left, s.top.compare, s.top.right, s.bannerP, c.bar.content, s.answer, s.ended, s.invite, c.chat.content, c.people.content, c.compare.content)
	s.own.settle = s.content.Refresh
	for _, o := range []fyne.CanvasObject{s.own.content, s.bannerP} {
		o.Hide()
	}
	return s
}

// show paints an update.
func (s *stage) show(f frameUpdate, banner notice, bar bool) {
	v := f.view
	before := s.visibleParts()
	s.showTiles(f.members, f.own)
	setShown(s.middle.content, !inCall(v.state) || len(f.members) == 0 || len(f.members) == 1 && !f.members[0].picture)
	setShown(s.own.content, s.showsOwn())
	setShown(s.answer, v.state == mesh.Ringing)
	setShown(s.ended, v.state == mesh.Ended)
	setShown(s.invite, v.state == mesh.InCall && v.alone && v.mayAdd)
	s.middle.show(v)
	s.own.show(v.cameraOn && f.hasLocal && !v.several)
	s.top.show(v)
	s.retry.setText(orElse(v.retry, s.retry.text))
	setShown(s.retry, v.retry != "")
	s.overlays(banner, bar)
	if before != s.visibleParts() {
		s.content.Refresh()
	}
}

// showsOwn reports whether our own picture lies over the stage: among those of several it is a tile.
func (s *stage) showsOwn() bool { return inCall(s.c.view.state) && !s.c.view.several && !s.ownInWay }

// showTiles paints the members, while the call stands, and us as the last of several.
func (s *stage) showTiles(members []memberView, own memberView) {
	v := s.c.view
	if !inCall(v.state) {
		members = nil
	}
	large := largeTile(members, s.c.pinned, v.speaker, s.c.speakerLarge)
	s.top.showView(len(members) > 1, large != "")
	if len(members) > 1 {
		members = append(slices.Clone(members), own)
	}
	switch moved, renamed := s.grid.show(members, s.c.pinned, large); {
	case moved:
		s.content.Refresh()
	case renamed: // which happens often, and all else need not be painted for it
		s.Layout(nil, s.content.Size())
	}
}

// visibleParts tells one set of shown parts, and their least sizes, from another.
func (s *stage) visibleParts() stageParts {
	return stageParts{
		state: s.c.view.state, picture: s.grid.picture(), bar: s.c.bar.content.MinSize(),
		left: s.top.left.MinSize(), right: s.top.right.MinSize(), middle: s.middle.content.MinSize(), chat: s.c.chat.isOpen(), people: s.c.people.isOpen(), mark: s.c.view.mark, invite: s.invite.Visible(),
	}
}

type stageParts struct {
	state                    mesh.State
	picture, chat, people    bool
	mark                     mark
	invite                   bool
	bar, left, right, middle fyne.Size
}

// overlays shows or hides what lies over the pictures.
func (s *stage) overlays(banner notice, bar bool) {
	v := s.c.view
	withBar := v.state != mesh.Ringing && v.state != mesh.Ended
	changed := s.c.bar.content.Visible() != (withBar && bar) || s.bannerP.Visible() != (banner.text != "") || s.shown != banner
	setShown(s.c.bar.content, withBar && bar)
	setShown(s.top.left, inCall(v.state) && bar)
	setShown(s.top.right, inCall(v.state) && bar)
	setShown(s.top.compare, inCall(v.state) && bar && !v.test)
	s.dots.set(v.phase)
	if !changed {
		return
	}
	s.shown = banner
	s.banner.set(banner.text, banner.tone.role())
	setShown(s.dots, banner.waiting)
	setShown(s.bannerP, banner.text != "")
	s.content.Refresh()
}

// ground lies behind everything and notices the pointer.
type ground struct {
	widget.BaseWidget
	moved func()
}

var _ desktop.Hoverable = (*ground)(nil)

func newGround(moved func()) *ground {
	g := &ground{moved: moved}
	g.ExtendBaseWidget(g)
	return g
}

// MouseIn is called by the driver.
func (g *ground) MouseIn(*desktop.MouseEvent) { g.moved() }

// MouseMoved is called by the driver.
func (g *ground) MouseMoved(*desktop.MouseEvent) { g.moved() }

// MouseOut is called by the driver.
func (g *ground) MouseOut() {}

func (g *ground) CreateRenderer() fyne.WidgetRenderer {
	area := canvas.NewRectangle(theme.Stage().Window)
	d := &drawing{objects: []fyne.CanvasObject{area}}
	d.least = func() fyne.Size { return fyne.NewSize(320, 360) }
	d.arrange = func(size fyne.Size) { area.Resize(size) }
	d.paint = func() {}
	return d.start()
}
