package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"sundog.dev/sundog/theme"
)

// ownPicture is what others see of us, small, or that our camera is off.
type ownPicture struct {
	content *fyne.Container
	picture *tile
	off     *fyne.Container
	corner  corner    // where it lies
	area    fyne.Size // of the stage, as last laid out
	settle  func()    // lays the stage out anew
}

// corner is one of the four of the stage. The zero value is the lower right one.
type corner struct{ left, top bool }

const ownEdge = 2

func newOwnPicture(t *tile, moved func()) *ownPicture {
	icon := canvas.NewImageFromResource(theme.CameraOff.In(theme.Stage().TextSecond))
	icon.FillMode = canvas.ImageFillContain
	icon.SetMinSize(fyne.NewSquareSize(theme.IconLarge))
	o := &ownPicture{picture: t}
	o.off = container.NewStack(newBackdrop(theme.Stage, asSurface, theme.Corner),
		container.New(column{gap: theme.SpaceTight, middle: true}, icon,
			newLabel(theme.Stage, "Your camera is off", theme.TextSmall, asSecond).centred()))
	// A thin dark edge parts it from the picture that it lies on.
	edge := newBackdrop(theme.Stage, pillColour, theme.Corner+ownEdge)
	o.content = container.NewStack(edge, padded(ownEdge, container.NewStack(o.off, t.raster)), newGrip(o, moved))
	t.raster.Hide()
	return o
}

func (o *ownPicture) show(picture bool) {
	o.picture.setShown(picture)
	setShown(o.off, !picture)
}

// grip lies over the own picture: it can be dragged into another corner.
type grip struct {
	widget.BaseWidget
	own   *ownPicture
	moved func() // a sign of life
}

var (
	_ fyne.Draggable    = (*grip)(nil)
	_ desktop.Hoverable = (*grip)(nil)
)

func newGrip(o *ownPicture, moved func()) *grip {
	g := &grip{own: o, moved: moved}
	g.ExtendBaseWidget(g)
	return g
}

// Dragged is called by the driver: the picture follows the pointer.
func (g *grip) Dragged(e *fyne.DragEvent) {
	c := g.own.content
	c.Move(c.Position().Add(e.Dragged))
}

// DragEnd is called by the driver: the picture goes into the nearest corner.
func (g *grip) DragEnd() {
	g.own.corner = nearestCorner(g.own.content.Position(), g.own.content.Size(), g.own.area)
	g.moved()
	g.own.settle()
}

func nearestCorner(at fyne.Position, size, area fyne.Size) corner {
	return corner{left: at.X+size.Width/2 < area.Width/2, top: at.Y+size.Height/2 < area.Height/2}
}

// MouseIn is called by the driver.
func (g *grip) MouseIn(*desktop.MouseEvent) { g.moved() }

// MouseMoved is called by the driver.
func (g *grip) MouseMoved(*desktop.MouseEvent) { g.moved() }

// MouseOut is called by the driver.
func (g *grip) MouseOut() {}

// CreateRenderer draws nothing: the grip is there to be touched.
func (g *grip) CreateRenderer() fyne.WidgetRenderer {
	return &drawing{arrange: func(fyne.Size) {}, least: func() fyne.Size { return fyne.Size{} }, paint: func() {}}
}
