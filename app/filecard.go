package app

import (
	"image/color"
	"reflect"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sundog.dev/sundog/theme"
)

// fileCard is a file in the chat: what it is, how far it has come, and what can be done with it.
type fileCard struct {
	content *fyne.Container
	file    File
	view    fileView

	name  *label
	line  *paragraph
	share *shareBar
	save  *button
	drop  *button
	stop  *button
	open  *button
}

// fileDeeds are what the buttons of a card do.
type fileDeeds struct {
	save, decline, stop, open func(File)
	keys                      func(*fyne.KeyEvent)
}

func newFileCard(f File, do fileDeeds) *fileCard {
	c := &fileCard{}
	icon := canvas.NewImageFromResource(theme.File.In(theme.Stage().TextSecond))
	icon.FillMode = canvas.ImageFillContain
	icon.SetMinSize(fyne.NewSquareSize(theme.IconLarge))
	c.name = newLabel(theme.Stage, "", theme.TextBody, asText).strong().shortened()
	c.line = newParagraph(theme.Stage, "", theme.TextSmall, asSecond)
	c.share = newShareBar()
	button := func(text string, kind buttonKind, act func(File)) *button {
		b := newButton(theme.Stage, text, kind, func() { act(c.file) }).low()
		b.keys = do.keys
		return b
	}
	c.save = button("Save", primaryButton, do.save)
	c.drop = button("Decline", plainButton, do.decline)
	c.stop = button("Cancel", plainButton, do.stop)
	c.open = button("Open folder", plainButton, do.open)
	c.content = container.NewStack(newBackdrop(theme.Stage, asRaised, theme.Corner), padded(theme.CallGap,
		newColumn(theme.SpaceInside,
			container.New(beside{gap: theme.SpaceInside}, icon, newColumn(0, c.name, c.line)),
			c.share, container.New(sideBySide{gap: theme.SpaceInside}, c.drop, c.save, c.stop, c.open))))
	c.set(f)
	return c
}

// set shows how it is with the file now. It reports whether anything is new.
func (c *fileCard) set(f File) (fresh bool) {
	if reflect.DeepEqual(c.file, f) {
		return false
	}
	c.file = f
	v := fileViewOf(f)
	if v == c.view {
		return false
	}
	c.view = v
	c.name.setKeeping(beforeEnding(v.name))
	c.line.set(v.line, v.tone.role())
	c.share.set(v.share)
	setShown(c.share, v.share >= 0)
	setShown(c.save, v.offer)
	setShown(c.drop, v.offer)
	c.stop.setText(orElse(v.stop, c.stop.text))
	setShown(c.stop, v.stop != "")
	setShown(c.open, v.open)
	c.content.Refresh()
	return true
}

// shareBar is a bar that fills.
type shareBar struct {
	widget.BaseWidget
	share float32
}

const shareBarHeight = 4

func newShareBar() *shareBar {
	b := &shareBar{}
	b.ExtendBaseWidget(b)
	return b
}

func (b *shareBar) set(share float32) {
	if share = max(share, 0); b.share != share {
		b.share = share
		b.Refresh()
	}
}

func (b *shareBar) CreateRenderer() fyne.WidgetRenderer {
	whole, part := canvas.NewRectangle(color.Transparent), canvas.NewRectangle(color.Transparent)
	whole.CornerRadius, part.CornerRadius = shareBarHeight/2, shareBarHeight/2
	d := &drawing{objects: []fyne.CanvasObject{whole, part}}
	d.least = func() fyne.Size { return fyne.NewSize(40, shareBarHeight) }
	d.arrange = func(size fyne.Size) {
		place(whole, 0, 0, size.Width, shareBarHeight)
		place(part, 0, 0, size.Width*b.share, shareBarHeight)
	}
	d.paint = func() { whole.FillColor, part.FillColor = theme.Stage().Line, theme.Stage().Accent }
	return d.start()
}
