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

	ground *backdrop
	face   *avatar
	line   *label
	ring   *canvas.Rectangle
	name   *label
	badge  *markIcon
	hand   *canvas.Image
	pad    *fyne.Container // with the name
	touch  *tileTouch
}

func newMemberTile(m memberView, tapped, moved func()) *memberTile {
	t := &memberTile{view: memberView{tile: m.tile}}
	t.ground = newBackdrop(theme.Stage, asSurface, theme.Corner)
	t.face = newAvatar(theme.Stage, m.name, theme.AvatarLarge)
	t.face.ground = asSurface
	t.line = newLabel(theme.Stage, "", theme.TextSmall, asSecond).centred().shortened()
	t.ring = canvas.NewRectangle(color.Transparent)
	t.ring.StrokeColor, t.ring.StrokeWidth, t.ring.CornerRadius = theme.Stage().Accent, theme.HaloWidth, theme.Corner+theme.HaloWidth
	t.name = newLabel(theme.Stage, "", theme.TextBody, asText).shortened().greedy()
	t.badge = newMarkIcon(theme.Stage)
	t.hand = canvas.NewImageFromResource(theme.Hand.In(theme.Stage().Accent))
	t.pad = newPill(theme.Corner, inset{10, 4, 10, 4},
		container.New(nameAndMark{before: true}, container.New(nameAndMark{before: true}, t.name, t.badge), t.hand))
	t.touch = newTileTouch(tapped, moved)
	t.content = container.New(t, t.ground, m.tile.raster, t.face, t.line, t.ring, t.pad, t.touch)
	for _, o := range []fyne.CanvasObject{t.ground, m.tile.raster, t.face, t.line, t.ring, t.hand, t.pad, t.touch} {
		o.Hide()
	}
	return t
}

// show paints a member. It reports whether what the tile holds has another size now.
func (t *memberTile) show(m memberView, alone, pinned bool) (moved bool) {
	if t.view == m && t.alone == alone && t.pinned == pinned {
		return false
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
	setShown(t.pad, seen)
	setShown(t.touch, !alone)
	label := m.label()
	if pinned {
		label += " · pinned"
	}
	t.name.set(label)
	t.badge.set(m.mark)
	t.face.set(m.name, m.colour, false, false)
	t.line.set(m.line())
	t.touch.name = "Make " + m.name + " large"
	if pinned {
		t.touch.name = "Show all equally large"
	}
	return before != t.pad.MinSize() || had.picture != m.picture || had.line() != m.line() || had.hand != m.hand
}

// Layout implements fyne.Layout; where the name lies the stage decides.
func (t *memberTile) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	t.ground.Resize(size)
	t.view.tile.raster.Resize(size)
	t.touch.Resize(size)
	place(t.ring, -theme.HaloWidth, -theme.HaloWidth, size.Width+2*theme.HaloWidth, size.Height+2*theme.HaloWidth)
	d, line := faceIn(size), t.line.MinSize().Height
	t.face.setDiameter(d)
	placeCentred(t.face, size, d, d)
	place(t.line, tilePadding(size), (size.Height+d)/2+theme.SpaceTight, size.Width-2*tilePadding(size), line)
	if t.line.Visible() && (size.Height-d)/2 < line+t.pad.MinSize().Height+theme.SpaceInside { // in a small tile the words take the face's place
		t.face.Hide()
		placeCentred(t.line, size, size.Width-2*tilePadding(size), line)
	} else {
		setShown(t.face, t.ground.Visible())
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
	if size.Width < 200 {
		return theme.SpaceTight
	}
	return theme.CallGap
}

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
