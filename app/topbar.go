package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sundog.dev/sundog/theme"
)

// topBar is who, since when, and how well, at the upper edge of a call.
type topBar struct {
	left, right *fyne.Container
	compare     *fyne.Container // beside right, or under it where there is no room
	words       *button
	mark        *markIcon
	title       *label
	bars        *qualityBars
	quality     *label
	view        *iconButton // all equally large, or one; in a call of several
	who, since  string
	room        float32 // for who is in the call, and since when; 0: not known yet
	narrow      bool    // the bars say enough of the quality: who is in the call, and since when, needs the room
}

func newTopBar(full *iconButton, compare, view func()) *topBar {
	t := &topBar{
		title:   newLabel(theme.Stage, "", theme.TextStrong, asText).strong().shortened().greedy(),
		bars:    newQualityBars(),
		quality: newLabel(theme.Stage, "", theme.TextSmall, asSecond),
		mark:    newMarkIcon(theme.Stage),
		words:   newButton(theme.Stage, "Compare words", quietButton, compare).low(),
		view:    newIconButton(theme.Stage, theme.Speaker, "", asText, view),
	}
	t.left = newPill(theme.Corner, inset{theme.SpaceBetween, theme.SpaceInside, theme.SpaceBetween, theme.SpaceInside},
		container.New(nameAndMark{before: true}, t.title, t.mark))
	t.compare = newPill(theme.Corner, inset{}, t.words)
	t.right = newPill(theme.Corner, inset{theme.CallGap, 0, 0, 0},
		container.New(sideBySide{gap: theme.SpaceInside, pack: true}, t.bars, t.quality, t.view, full))
	t.view.Hide()
	return t
}

func (t *topBar) show(v callView) {
	t.who, t.since = v.name, v.timer
	if v.several { // who they are is on the tiles
		t.who = capital(people(v.people))
	}
	t.mark.set(v.mark)
	t.tell()
	t.bars.set(v.quality)
	t.quality.set(qualityWord(v.quality))
	setShown(t.bars, v.quality > 0)
	setShown(t.quality, v.quality > 0 && !t.narrow)
}

// tell says who is in the call, and since when where there is room for that.
func (t *topBar) tell() {
	text := t.who
	if t.since != "" && t.fits(text+" · "+t.since) {
		text += " · " + t.since
	}
	t.title.set(text)
}

// fits reports whether there is room for that: a time that is cut says nothing, and takes the place of a name.
func (t *topBar) fits(text string) bool {
	room := t.room - 2*theme.SpaceBetween
	if t.mark.Visible() {
		room -= markSize + theme.SpaceTight
	}
	return t.room == 0 || fyne.MeasureText(text, t.title.size, t.title.style()).Width <= room
}

// give tells how wide what is at the left may be.
func (t *topBar) give(room float32) {
	if t.room != room {
		t.room = room
		t.tell()
	}
}

// qualityWide is the least width of a window in which the quality is told in a word, too.
const qualityWide = 480

// fit chooses what is said in a window of that width.
func (t *topBar) fit(width float32) {
	t.narrow = width < qualityWide
	setShown(t.quality, t.bars.quality > 0 && !t.narrow)
}

// showView offers the other way to show the members of a call of several.
func (t *topBar) showView(several, large bool) {
	setShown(t.view, several)
	if large {
		t.view.setIcon(theme.Tiles, "Show all equally large")
	} else {
		t.view.setIcon(theme.Speaker, "Make who speaks large")
	}
}

func qualityWord(q int) string {
	switch q {
	case 1:
		return "poor"
	case 2:
		return "fair"
	case 3:
		return "good"
	}
	return ""
}

func fullScreenIcon(full bool) (theme.Icon, string) {
	if full {
		return theme.Shrink, "Leave full screen"
	}
	return theme.Expand, "Full screen"
}

// qualityBars are three bars that rise with the quality of a call.
type qualityBars struct {
	widget.BaseWidget
	quality int
}

func newQualityBars() *qualityBars {
	q := &qualityBars{}
	q.ExtendBaseWidget(q)
	return q
}

func (q *qualityBars) set(quality int) {
	if q.quality != quality {
		q.quality = quality
		q.Refresh()
	}
}

func (q *qualityBars) CreateRenderer() fyne.WidgetRenderer {
	const width, gap, step = 4, 2, 5
	var bars [3]*canvas.Rectangle
	d := &drawing{}
	for i := range bars {
		bars[i] = canvas.NewRectangle(color.Transparent)
		bars[i].CornerRadius = 1
		d.objects = append(d.objects, bars[i])
	}
	d.least = func() fyne.Size { return fyne.NewSize(3*width+2*gap, 3*step) }
	d.arrange = func(size fyne.Size) {
		base := (size.Height + 3*step) / 2
		for i, b := range bars {
			height := float32((i + 1) * step)
			place(b, float32(i*(width+gap)), base-height, width, height)
		}
	}
	d.paint = func() {
		p := theme.Stage()
		on := [4]color.NRGBA{p.Line, p.Danger, p.Warning, p.Good}[min(max(q.quality, 0), 3)]
		for i, b := range bars {
			b.FillColor = p.Line
			if i < q.quality {
				b.FillColor = on
			}
		}
	}
	return d.start()
}
