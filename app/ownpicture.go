package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// ownPicture is what others see of us, small, or that our camera is off.
type ownPicture struct {
	content *fyne.Container
	picture fyne.CanvasObject
	off     *fyne.Container
}

func newOwnPicture(t *tile) *ownPicture {
	icon := canvas.NewImageFromResource(theme.CameraOff.In(theme.Stage().TextSecond))
	icon.FillMode = canvas.ImageFillContain
	icon.SetMinSize(fyne.NewSquareSize(theme.IconLarge))
	o := &ownPicture{picture: t.raster}
	o.off = container.NewStack(newBackdrop(theme.Stage, asSurface, theme.Corner),
		container.New(column{gap: theme.SpaceTight, middle: true}, icon,
			newLabel(theme.Stage, "Your camera is off", theme.TextSmall, asSecond).centred()))
	o.content = container.NewStack(o.off, o.picture)
	t.raster.Hide()
	return o
}

func (o *ownPicture) show(picture bool) {
	setShown(o.picture, picture)
	setShown(o.off, !picture)
}
