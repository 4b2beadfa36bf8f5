package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sundog.dev/sundog/theme"
)

// requestLine is somebody who wants to be able to call, with the answers.
type requestLine struct {
	touchable
	list    *rowList
	row     personRow
	current bool
	face    *avatar
	answers *fyne.Container
	choices [4]*button // explain, accept, ignore, block
}

// explainRequest is no answer: it asks what is the matter with a request under a contact's name.
const explainRequest Answer = -1

func newRequestLine(l *rowList) *requestLine {
	q := &requestLine{list: l, face: newAvatar(theme.Now, "", theme.AvatarSize)}
	answer := func(text string, k buttonKind, a Answer) *button {
		return newButton(theme.Now, text, k, func() { l.do.answer(q.row.id, a) }).low()
	}
	q.choices = [4]*button{
		answer("What is this?", plainButton, explainRequest), answer("Accept", plainButton, AcceptRequest),
		answer("Ignore", quietButton, IgnoreRequest), answer("Block", quietButton, BlockRequest),
	}
	q.answers = container.New(sideBySide{gap: theme.SpaceInside, pack: true})
	for _, b := range q.choices {
		q.answers.Add(b)
	}
	q.ExtendBaseWidget(q)
	return q
}

func (q *requestLine) kind() itemKind { return requestItem }

func (q *requestLine) show(item listItem, current bool) {
	if q.row == item.row && q.current == current {
		return
	}
	q.row, q.name, q.current = item.row, item.row.name+" wanted to call you", current
	q.face.set(q.row.name, q.row.colour, false, false)
	setShown(q.choices[0], q.row.pretends)
	setShown(q.choices[1], !q.row.pretends)
	q.Refresh()
}

// Tapped makes the row the current one.
func (q *requestLine) Tapped(*fyne.PointEvent) { q.list.tapped(q) }

func (q *requestLine) CreateRenderer() fyne.WidgetRenderer {
	fill := canvas.NewRectangle(color.Transparent)
	fill.CornerRadius = theme.Corner
	name := newLabel(theme.Now, "", theme.TextBody, asText).strong().shortened()
	line := newLabel(theme.Now, "", theme.TextSmall, asSecond).shortened()
	d := &drawing{objects: []fyne.CanvasObject{fill, q.face, name, line, q.answers}}
	d.least = func() fyne.Size { return fyne.NewSize(200, requestHeight) }
	d.arrange = func(size fyne.Size) {
		fill.Resize(size)
		place(q.face, theme.SpaceInside, (theme.RowHeight-theme.AvatarSize)/2, theme.AvatarSize, theme.AvatarSize)
		x := theme.SpaceInside + theme.AvatarSize + theme.CallGap
		place(name, x, 9, size.Width-x-theme.SpaceInside, 20)
		place(line, x, 29, size.Width-x-theme.SpaceInside, 18)
		place(q.answers, x, theme.RowHeight-2, size.Width-x-theme.SpaceInside, theme.TouchSize)
	}
	d.paint = func() {
		fill.FillColor, fill.StrokeWidth, fill.StrokeColor = color.Transparent, 0, color.Transparent
		if q.current {
			fill.StrokeColor, fill.StrokeWidth = theme.Now().Accent, theme.FocusWidth
		}
		name.text, line.text, line.role = q.row.name, q.row.line, q.row.tone.role()
	}
	return d.start()
}

// headingLine is the heading of a section of a list.
type headingLine struct {
	widget.BaseWidget
	words *label
}

func newHeadingLine() *headingLine {
	h := &headingLine{words: newLabel(theme.Now, "", theme.TextSmall, asSecond).strong().shortened()}
	h.ExtendBaseWidget(h)
	return h
}

func (h *headingLine) kind() itemKind { return headingItem }

func (h *headingLine) show(item listItem, _ bool) { h.words.set(item.heading) }

func (h *headingLine) CreateRenderer() fyne.WidgetRenderer {
	d := &drawing{objects: []fyne.CanvasObject{h.words}}
	d.least = func() fyne.Size { return fyne.NewSize(200, headingHeight) }
	d.arrange = func(size fyne.Size) {
		place(h.words, theme.SpaceInside, headingHeight-22, size.Width-2*theme.SpaceInside, 18)
	}
	d.paint = func() {}
	return d.start()
}
