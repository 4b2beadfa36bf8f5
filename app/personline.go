package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"sundog.dev/sundog/theme"
)

// personLine is one person: who, where or the last call, and buttons to call that are seen while the row is meant.
type personLine struct {
	touchable
	list    *rowList
	row     personRow
	current bool // of the list that has the keys
	face    *avatar
	voice   *iconSpot
	video   *iconSpot
	more    *iconSpot
}

func newPersonLine(l *rowList) *personLine {
	p := &personLine{list: l, face: newAvatar(theme.Now, "", theme.AvatarSize)}
	p.voice = newIconSpot(theme.Now, theme.Phone, "", asAccent, func() { l.do.call(p.row.id, false) })
	p.video = newIconSpot(theme.Now, theme.Camera, "", asAccent, func() { l.do.call(p.row.id, true) })
	p.more = newIconSpot(theme.Now, theme.More, "", asSecond, func() { p.menu(p.more) })
	for _, s := range p.spots() {
		s.unseen = true
		s.onHover = func(bool) { p.light() }
	}
	p.onHover = func(bool) { p.light() }
	p.ExtendBaseWidget(p)
	return p
}

func (p *personLine) spots() []*iconSpot { return []*iconSpot{p.voice, p.video, p.more} }

func (p *personLine) kind() itemKind { return personItem }

// meant reports whether the pointer or the keys are at this row.
func (p *personLine) meant() bool {
	return p.hovered || p.current || p.voice.hovered || p.video.hovered || p.more.hovered
}

// light shows the buttons while the row is meant.
func (p *personLine) light() {
	unseen := !p.meant()
	if p.voice.unseen != unseen {
		for _, s := range p.spots() {
			s.unseen = unseen
		}
	}
	p.Refresh()
}

func (p *personLine) show(item listItem, current bool) {
	if p.row == item.row && p.current == current {
		return
	}
	if p.row.id != item.row.id { // another person: the pointer was at the former
		p.hovered, p.voice.hovered, p.video.hovered, p.more.hovered = false, false, false, false
	}
	p.row, p.name, p.current = item.row, "Call "+item.row.name, current
	p.voice.name, p.video.name, p.more.name = "Call "+p.row.name+" without picture", p.name, "More about "+p.row.name
	p.face.set(p.row.name, p.row.colour, p.row.online, false)
	p.light()
}

// Tapped makes the row the current one, so that Enter calls; the buttons in it call at once.
func (p *personLine) Tapped(*fyne.PointEvent) { p.list.tapped(p) }

// TappedSecondary offers what else can be done with a person.
func (p *personLine) TappedSecondary(e *fyne.PointEvent) {
	p.list.do.more(listItem{kind: personItem, row: p.row}, e.AbsolutePosition)
}

func (p *personLine) menu(under fyne.CanvasObject) {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(under)
	p.list.do.more(listItem{kind: personItem, row: p.row}, at.AddXY(0, theme.TouchSize))
}

func (p *personLine) CreateRenderer() fyne.WidgetRenderer {
	fill := canvas.NewRectangle(color.Transparent)
	fill.CornerRadius = theme.Corner
	name := newLabel(theme.Now, "", theme.TextBody, asText).strong().shortened()
	line := newLabel(theme.Now, "", theme.TextSmall, asSecond).shortened()
	arrow := canvas.NewImageFromResource(nil)
	check := canvas.NewImageFromResource(nil)
	d := &drawing{objects: []fyne.CanvasObject{fill, p.face, name, check, arrow, line, p.voice, p.video, p.more}}
	d.least = func() fyne.Size { return fyne.NewSize(200, theme.RowHeight) }
	d.arrange = func(size fyne.Size) {
		fill.Resize(size)
		mid := (theme.RowHeight - theme.AvatarSize) / 2
		place(p.face, theme.SpaceInside, mid, theme.AvatarSize, theme.AvatarSize)
		x := theme.SpaceInside + theme.AvatarSize + theme.CallGap
		spots := size.Width - 3*theme.TouchSize - theme.SpaceTight
		end := size.Width - theme.SpaceInside
		if p.meant() {
			end = spots
		}
		width := min(fyne.MeasureText(p.row.name, theme.TextBody, fyne.TextStyle{Bold: true}).Width+1, end-x)
		if p.row.verified {
			width = min(width, end-x-checkSize-theme.SpaceTight)
		}
		place(name, x, 9, width, 20)
		place(check, x+width+theme.SpaceTight, 9+3, checkSize, checkSize)
		place(arrow, x, 31, 14, 14)
		lineX := x
		if p.row.arrow != noArrow {
			lineX += 18
		}
		place(line, lineX, 29, end-lineX, 18)
		for i, s := range p.spots() {
			place(s, spots+float32(i)*theme.TouchSize, (theme.RowHeight-theme.TouchSize)/2, theme.TouchSize, theme.TouchSize)
		}
	}
	d.paint = func() {
		pal := theme.Now()
		fill.FillColor, fill.StrokeWidth, fill.StrokeColor = color.Transparent, 0, color.Transparent
		p.face.ground = asWindow
		if p.hovered || p.voice.hovered || p.video.hovered || p.more.hovered {
			fill.FillColor, p.face.ground = pal.Raised, asRaised
		}
		if p.current {
			fill.StrokeColor, fill.StrokeWidth = pal.Accent, theme.FocusWidth
		}
		name.text, line.text, line.role = p.row.name, p.row.line, p.row.tone.role()
		arrow.Hidden = p.row.arrow == noArrow
		if !arrow.Hidden {
			icon := theme.CallIn
			if p.row.arrow == arrowOut {
				icon = theme.CallOut
			}
			arrow.Resource = icon.In(p.row.tone.role()(pal))
		}
		check.Hidden = !p.row.verified
		if p.row.verified {
			check.Resource = theme.Verified.In(pal.Good)
		}
	}
	return d.start()
}

// checkSize is that of the mark behind a verified name.
const checkSize = 14
