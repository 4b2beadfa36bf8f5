package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"sundog.dev/sundog/theme"
)

// roundButton is a round button of the call bar, with its caption below.
type roundButton struct {
	pressable
	skin    skin
	icon    theme.Icon
	caption string
	kind    buttonKind
	off     bool // what it stands for is switched off: it is painted in reverse
	dot     bool // something new waits behind it
}

const (
	captionHeight = 18
	roundGap      = 6 // at least, between two of them
)

func newRoundButton(s skin, icon theme.Icon, caption string, kind buttonKind, tapped func()) *roundButton {
	b := &roundButton{skin: s, icon: icon, caption: caption, kind: kind}
	b.tapped, b.name = tapped, caption
	b.ExtendBaseWidget(b)
	return b
}

// show sets icon and caption, and whether it is painted as switched off.
func (b *roundButton) show(icon theme.Icon, caption string, off bool) {
	if b.icon != icon || b.caption != caption || b.off != off {
		b.icon, b.caption, b.name, b.off = icon, caption, caption, off
		b.Refresh()
	}
}

// light paints it as something that goes on, and is to be noticed.
func (b *roundButton) light(on bool) {
	kind := plainButton
	if on {
		kind = primaryButton
	}
	if b.kind != kind {
		b.kind = kind
		b.Refresh()
	}
}

func (b *roundButton) setDot(on bool) {
	if b.dot != on {
		b.dot = on
		b.Refresh()
	}
}

func (b *roundButton) colours() (fill, icon color.NRGBA) {
	p := b.skin()
	switch {
	case b.disabled:
		return p.Surface, p.TextSecond
	case b.kind == dangerButton:
		fill, icon = p.Danger, p.OnFill
	case b.kind == goodButton:
		fill, icon = p.Good, p.OnFill
	case b.kind == primaryButton:
		fill, icon = p.Accent, p.OnFill
	case b.off:
		fill, icon = p.Text, p.OnFill
	default:
		fill, icon = p.Line, p.Text
	}
	if b.hovered {
		fill = mixed(fill, icon, 0.15)
	}
	return fill, icon
}

func (b *roundButton) CreateRenderer() fyne.WidgetRenderer {
	disc := canvas.NewCircle(color.Transparent)
	ring := canvas.NewCircle(color.Transparent)
	icon := canvas.NewImageFromResource(nil)
	dot := canvas.NewCircle(color.Transparent)
	caption := canvas.NewText("", color.Transparent)
	caption.TextSize, caption.Alignment = theme.TextSmall, fyne.TextAlignCenter
	d := &drawing{objects: []fyne.CanvasObject{disc, ring, icon, dot, caption}}
	d.least = func() fyne.Size {
		return fyne.NewSize(theme.CallButton+theme.CallGap, theme.CallButton+captionHeight)
	}
	d.arrange = func(size fyne.Size) {
		diameter := min(theme.CallButton, max(size.Width-roundGap, theme.TouchSize)) // smaller where many stand in a narrow bar
		x, y := (size.Width-diameter)/2, (theme.CallButton-diameter)/2
		place(disc, x, y, diameter, diameter)
		place(ring, x-3, y-3, diameter+6, diameter+6)
		inset := (diameter - theme.IconLarge) / 2
		place(icon, x+inset, y+inset, theme.IconLarge, theme.IconLarge)
		place(dot, x+diameter-13, y+1, 12, 12)
		place(caption, 0, theme.CallButton+2, size.Width, captionHeight-2)
	}
	d.paint = func() {
		fill, on := b.colours()
		p := b.skin()
		disc.FillColor = fill
		ring.StrokeWidth, ring.StrokeColor, ring.Hidden = theme.FocusWidth, p.Accent, !b.focused
		icon.Resource = b.icon.In(on)
		dot.FillColor, dot.Hidden = p.Accent, !b.dot
		caption.Text, caption.Color = b.caption, p.Text
	}
	return d.start()
}
