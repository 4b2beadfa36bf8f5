package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"

	"sundog.dev/sundog/theme"
)

// memberTile is a member on the stage: their picture, or in its place their face and why there is none; the halo while they
// speak, and their name. Alone on the stage, one without a picture is shown by the stage's middle instead.
type memberTile struct {
	content *fyne.Container
	view    memberView
	alone   bool
	pinned  bool
	tiny    bool // there is no room for the name

	ground *backdrop
	face   *avatar
	line   *label
	ring   *canvas.Rectangle
	name   *label
	badge  *markIcon
	hand   *canvas.Image
	shout  *emoji          // a reaction
	pad    *fyne.Container // with the name
	within *inset          // of the name in its pad
	touch  *tileTouch
}

func newMemberTile(m memberView, tapped, moved func()) *memberTile {
	t := &memberTile{view: memberView{tile: m.tile}}
	t.ground = newBackdrop(theme.Stage, asSurface, theme.Corner)
	t.face = newAvatar(theme.Stage, m.face, theme.AvatarLarge)
	t.face.ground = asSurface
	t.line = newLabel(theme.Stage, "", theme.TextSmall, asSecond).centred().shortened()
	t.ring = canvas.NewRectangle(color.Transparent)
	t.ring.StrokeColor, t.ring.StrokeWidth, t.ring.CornerRadius = theme.Stage().Accent, theme.HaloWidth, theme.Corner+theme.HaloWidth
	t.name = newLabel(theme.Stage, "", theme.TextBody, asText).shortened().greedy()
	t.badge = newMarkIcon(theme.Stage)
	t.hand = canvas.NewImageFromResource(theme.Hand.In(theme.Stage().Accent))
	t.shout = newEmoji("", emojiSize)
	t.within = &inset{10, 4, 10, 4}
	t.pad = container.NewStack(newBackdrop(theme.Stage, pillColour, theme.Corner), container.New(t.within,
		container.New(nameAndMark{before: true}, container.New(nameAndMark{before: true}, t.name, t.badge), t.hand)))
	t.touch = newTileTouch(tapped, moved)
	t.content = container.New(t, t.ground, m.tile.raster, t.face, t.line, t.ring, t.pad, t.shout, t.touch)
	for _, o := range []fyne.CanvasObject{t.ground, m.tile.raster, t.face, t.line, t.ring, t.hand, t.pad, t.shout, t.touch} {
		o.Hide()
	}
	return t
}

// show paints a member. It reports whether what the tile holds has another size now, and whether its name has.
func (t *memberTile) show(m memberView, alone, pinned bool) (moved, renamed bool) {
	if t.view == m && t.alone == alone && t.pinned == pinned {
		return false, false
	}
	before, had := t.pad.MinSize(), t.view
	t.view, t.alone, t.pinned = m, alone, pinned
	seen := !alone || m.picture
	m.tile.setShown(m.picture)
	setShown(t.ground, !alone && !m.picture)
	setShown(t.face, !alone && !m.picture)
	setShown(t.line, !alone && !m.picture && m.line() != "")
	setShown(t.ring, seen && m.speaking)
	setShown(t.hand, m.hand)
	setShown(t.pad, t.named())
	setShown(t.touch, !alone && m.id != OwnID)
	setShown(t.shout, m.reaction != "")
	t.shout.set(m.reaction)
	name, state := m.label()
	if pinned {
		state += " · pinned"
	}
	t.name.setKeeping(name, state)
	t.badge.set(m.mark)
	t.face.set(m.face, m.colour, false, false)
	t.line.set(m.line())
	t.touch.name = "Make " + m.name + " large"
	if pinned {
		t.touch.name = "Show all equally large"
	}
	if renamed = before != t.pad.MinSize(); renamed {
		t.pad.Refresh()
	}
	return had.picture != m.picture || had.line() != m.line() || had.hand != m.hand || had.reaction != m.reaction, renamed
}

// Layout implements fyne.Layout; where the name lies the stage decides.
func (t *memberTile) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	t.ground.Resize(size)
	t.view.tile.raster.Resize(size)
	t.touch.Resize(size)
	shout := min(emojiSize, size.Height/2)
	place(t.shout, size.Width-shout-tilePadding(size), tilePadding(size), shout, shout)
	place(t.ring, -theme.HaloWidth, -theme.HaloWidth, size.Width+2*theme.HaloWidth, size.Height+2*theme.HaloWidth)
	t.layoutFace(size)
}

// layoutFace puts the face and the words into the middle of the tile, or of what the name leaves of a small one. Where there is no
// room for both, the words stay.
func (t *memberTile) layoutFace(size fyne.Size) {
	const least = 20 // of a face
	space := tilePadding(size)
	room := size.Height - t.pad.MinSize().Height - 2*space
	d, words, line := faceIn(size), float32(0), t.line.MinSize().Height
	// A word that is cut says less than none: the panel of people has it, too.
	fits := room >= line && fyne.MeasureText(t.view.line(), t.line.size, fyne.TextStyle{}).Width <= size.Width-2*space
	setShown(t.line, t.ground.Visible() && t.view.line() != "" && fits)
	if t.line.Visible() {
		words = line + theme.SpaceTight
	}
	d = min(d, room-words)
	if d < least && words > 0 {
		d, words = 0, line
	}
	d = max(d, 0)
	setShown(t.face, t.ground.Visible() && d >= least)
	t.face.setDiameter(max(d, least))
	top := max(min((size.Height-d-words)/2, room+space-d-words), 0)
	place(t.face, (size.Width-d)/2, top, d, d)
	place(t.line, space, top+d+words-line, size.Width-2*space, line)
}

// leastNamed is the width of the smallest tile that says a name.
const leastNamed = 60

// named reports whether the name is shown on the tile.
func (t *memberTile) named() bool { return (!t.alone || t.view.picture) && (t.alone || !t.tiny) }

// fit chooses the size of the name for a tile of this size.
func (t *memberTile) fit(size fyne.Size) {
	within, text := inset{10, 4, 10, 4}, theme.TextBody
	if small(size) {
		within, text = inset{6, 2, 6, 2}, theme.TextSmall
	}
	t.tiny = size.Height < t.pad.MinSize().Height+2*theme.SpaceTight || size.Width < leastNamed
	setShown(t.pad, t.named())
	if t.name.size != text {
		*t.within, t.name.size = within, text
		t.name.Refresh()
		t.pad.Refresh()
	}
}

// MinSize implements fyne.Layout: a tile takes what it gets.
func (t *memberTile) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }

// placeName puts the name at the lower left of the tile, or above what covers that place. at is the tile's place on the stage.
func (t *memberTile) placeName(at box, others ...box) {
	space := tilePadding(fyne.NewSize(at.w, at.h))
	name := t.pad.MinSize()
	name.Width = min(name.Width, at.w-2*space)
	nameAt := box{at.x + space, at.y + at.h - space - name.Height, name.Width, name.Height}
	for _, other := range others {
		if nameAt.touches(other) {
			nameAt.y = other.y - theme.SpaceInside - name.Height
		}
	}
	if nameAt.y < at.y && !t.alone { // all of its height is covered: then at its upper edge
		nameAt.y = at.y + space
	}
	place(t.pad, nameAt.x-at.x, nameAt.y-at.y, nameAt.w, nameAt.h)
}

// tilePadding is the space around what lies on a tile.
func tilePadding(size fyne.Size) float32 {
	if small(size) {
		return theme.SpaceTight
	}
	return theme.CallGap
}

// small reports whether names and what is around them must be small, too.
func small(size fyne.Size) bool { return size.Width < 200 }

// faceIn is the diameter of the face on a tile: some two fifths of the height, on the grid of 4.
func faceIn(size fyne.Size) float32 {
	return min(max(float32(int(size.Height*0.42/4)*4), 24), theme.AvatarLarge)
}

// tileTouch lies over a tile: a click pins it.
type tileTouch struct {
	touchable
	moved func() // a sign of life
}

var _ desktop.Hoverable = (*tileTouch)(nil)

func newTileTouch(tapped, moved func()) *tileTouch {
	t := &tileTouch{moved: moved}
	t.tapped = tapped
	t.ExtendBaseWidget(t)
	return t
}

// MouseIn is called by the driver.
func (t *tileTouch) MouseIn(*desktop.MouseEvent) { t.moved() }

// MouseMoved is called by the driver.
func (t *tileTouch) MouseMoved(*desktop.MouseEvent) { t.moved() }

// MouseOut is called by the driver.
func (t *tileTouch) MouseOut() {}

// CreateRenderer draws nothing: it is there to be touched.
func (t *tileTouch) CreateRenderer() fyne.WidgetRenderer {
	return &drawing{arrange: func(fyne.Size) {}, least: func() fyne.Size { return fyne.Size{} }, paint: func() {}}
}
