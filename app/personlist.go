package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// personList is rows of people.
type personList struct {
	content *fyne.Container
	rows    []*personLine
	call    func(name string)
	remove  func(name string)
}

func newPersonList(call, remove func(string)) *personList {
	return &personList{content: newColumn(0), call: call, remove: remove}
}

// show changes the rows to these; rows that stay the same are not painted again.
func (l *personList) show(rows []personRow) {
	if len(rows) > newestHistory {
		rows = rows[:newestHistory]
	}
	for len(l.rows) < len(rows) {
		line := newPersonLine(l)
		l.rows = append(l.rows, line)
		l.content.Add(line)
	}
	for len(l.rows) > len(rows) {
		last := len(l.rows) - 1
		l.content.Remove(l.rows[last])
		l.rows = l.rows[:last]
	}
	for i, r := range rows {
		l.rows[i].show(r)
	}
}

// personLine is one person: who, the last call, and a button to call. Enter calls as well.
type personLine struct {
	pressable
	list *personList
	row  personRow
	face *avatar
	call *iconSpot
}

func newPersonLine(l *personList) *personLine {
	p := &personLine{list: l, face: newAvatar(theme.Now, "", theme.AvatarSize)}
	p.call = newIconSpot(theme.Now, theme.Phone, "Call", asSecond, func() { l.call(p.row.name) })
	p.call.onHover = func(on bool) { p.light(p.hovered || on) }
	p.onHover = func(on bool) { p.light(on) }
	p.onFocus = func(on bool) { p.light(on || p.hovered) }
	p.tapped = func() { l.call(p.row.name) }
	p.keys = func(e *fyne.KeyEvent) {
		if e.Name == fyne.KeyDelete && l.remove != nil {
			l.remove(p.row.name)
		}
	}
	p.ExtendBaseWidget(p)
	return p
}

// light colours the call button while the row is meant.
func (p *personLine) light(on bool) {
	p.call.role = asSecond
	if on {
		p.call.role = asAccent
	}
	p.call.Refresh()
}

func (p *personLine) show(r personRow) {
	if p.row == r {
		return
	}
	p.row, p.name = r, "Call "+r.name
	p.call.name = p.name
	p.face.set(r.name, r.online, false)
	p.Refresh()
}

// Tapped takes the focus, so that Enter calls; the button beside it calls at once.
func (p *personLine) Tapped(*fyne.PointEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(p); c != nil {
		c.Focus(p)
	}
}

// TappedSecondary offers what else can be done with a person.
func (p *personLine) TappedSecondary(e *fyne.PointEvent) {
	c := fyne.CurrentApp().Driver().CanvasForObject(p)
	if c == nil || p.list.remove == nil {
		return
	}
	showMenu(c, e.AbsolutePosition, p.row.name, p.list)
}

func (p *personLine) CreateRenderer() fyne.WidgetRenderer {
	fill := canvas.NewRectangle(color.Transparent)
	fill.CornerRadius = theme.Corner
	name := newLabel(theme.Now, "", theme.TextBody, asText).strong().shortened()
	line := newLabel(theme.Now, "", theme.TextSmall, asSecond).shortened()
	arrow := canvas.NewImageFromResource(nil)
	d := &drawing{objects: []fyne.CanvasObject{fill, p.face, name, arrow, line, p.call}}
	d.least = func() fyne.Size { return fyne.NewSize(200, theme.RowHeight) }
	d.arrange = func(size fyne.Size) {
		fill.Resize(size)
		mid := (theme.RowHeight - theme.AvatarSize) / 2
		place(p.face, theme.SpaceInside, mid, theme.AvatarSize, theme.AvatarSize)
		x := theme.SpaceInside + theme.AvatarSize + theme.CallGap
		end := size.Width - theme.TouchSize - theme.SpaceInside
		place(name, x, 9, end-x, 20)
		place(arrow, x, 31, 14, 14)
		lineX := x
		if p.row.arrow != noArrow {
			lineX += 18
		}
		place(line, lineX, 29, end-lineX, 18)
		place(p.call, end, (theme.RowHeight-theme.TouchSize)/2, theme.TouchSize, theme.TouchSize)
	}
	d.paint = func() {
		pal := theme.Now()
		fill.FillColor, fill.StrokeWidth = color.Transparent, 0
		if p.hovered || p.call.hovered {
			fill.FillColor = pal.Raised
		}
		if p.focused {
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
	}
	return d.start()
}

// scrolled is a list that scrolls, with the usual space at its sides.
func scrolled(o fyne.CanvasObject) *container.Scroll {
	return container.NewVScroll(inPage(container.New(inset{theme.SpaceInside, 0, theme.SpaceInside, theme.SpaceBetween}, o)))
}
