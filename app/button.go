package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"sundog.dev/sundog/theme"
)

// buttonKind is how much a button asks to be pressed.
type buttonKind int

const (
	plainButton   buttonKind = iota
	primaryButton            // one on a screen at most
	quietButton              // no fill until the pointer is there
	goodButton
	dangerButton
)

const (
	buttonHeight = theme.TouchSize + theme.SpaceTight
	buttonInset  = theme.SpaceBetween
)

// button is words, perhaps after an icon, on a rounded fill.
type button struct {
	pressable
	skin skin
	text string
	icon theme.Icon // may be empty
	kind buttonKind
	flat bool // lower, with smaller words: one of several in a row of a list
}

func newButton(s skin, text string, kind buttonKind, tapped func()) *button {
	b := &button{skin: s, text: text, kind: kind}
	b.tapped, b.name = tapped, text
	b.ExtendBaseWidget(b)
	return b
}

func (b *button) withIcon(i theme.Icon) *button {
	b.icon = i
	return b
}

func (b *button) low() *button {
	b.flat = true
	return b
}

// look is the size of the words, the space beside them and the height.
func (b *button) look() (words, inset, height float32) {
	if b.flat {
		return theme.TextSmall, theme.CallGap, theme.TouchSize
	}
	return theme.TextBody, buttonInset, buttonHeight
}

func (b *button) setText(text string) {
	if b.text != text {
		b.text, b.name = text, text
		b.Refresh()
	}
}

// colours are the fill and the text of the present state.
func (b *button) colours() (fill, text color.NRGBA) {
	p := b.skin()
	switch {
	case b.disabled:
		return p.Raised, p.TextSecond
	case b.kind == primaryButton:
		fill, text = p.Accent, p.OnFill
	case b.kind == goodButton:
		fill, text = p.Good, p.OnFill
	case b.kind == dangerButton:
		fill, text = p.Danger, p.OnFill
	case b.kind == quietButton:
		if b.hovered {
			return p.Raised, p.Text
		}
		return color.NRGBA{}, p.Text
	default:
		if b.hovered {
			return p.Line, p.Text
		}
		return p.Raised, p.Text
	}
	if b.hovered {
		fill = mixed(fill, text, 0.12)
	}
	return fill, text
}

// mixed is a with a share of b.
func mixed(a, b color.NRGBA, share float32) color.NRGBA {
	mix := func(x, y uint8) uint8 { return uint8(float32(x)*(1-share) + float32(y)*share + 0.5) }
	return color.NRGBA{R: mix(a.R, b.R), G: mix(a.G, b.G), B: mix(a.B, b.B), A: a.A}
}

func (b *button) CreateRenderer() fyne.WidgetRenderer {
	fill := canvas.NewRectangle(color.Transparent)
	fill.CornerRadius = theme.Corner
	words := canvas.NewText("", color.Transparent)
	icon := canvas.NewImageFromResource(nil)
	d := &drawing{objects: []fyne.CanvasObject{fill, words, icon}}
	width := func() (words, icon float32) {
		size, _, _ := b.look()
		words = fyne.MeasureText(b.text, size, fyne.TextStyle{Bold: true}).Width
		if b.icon != "" {
			icon = theme.IconSize + theme.SpaceInside
		}
		return words, icon
	}
	d.least = func() fyne.Size {
		w, i := width()
		_, inset, height := b.look()
		return fyne.NewSize(w+i+2*inset, height)
	}
	d.arrange = func(size fyne.Size) {
		fill.Resize(size)
		w, i := width()
		x := (size.Width - w - i) / 2
		place(icon, x, (size.Height-theme.IconSize)/2, theme.IconSize, theme.IconSize)
		place(words, x+i, 0, w, size.Height)
	}
	d.paint = func() {
		colour, text := b.colours()
		fill.FillColor = colour
		fill.StrokeWidth, fill.StrokeColor = 0, color.Transparent
		if b.focused {
			fill.StrokeWidth, fill.StrokeColor = theme.FocusWidth, focusColour(b.skin(), b.kind)
		}
		words.Text, words.TextStyle, words.Color = b.text, fyne.TextStyle{Bold: true}, text
		words.TextSize, _, _ = b.look()
		icon.Hidden = b.icon == ""
		if !icon.Hidden {
			icon.Resource = b.icon.In(text)
		}
	}
	return d.start()
}

// focusColour is the outline of what has the focus: the accent, except on fills where that would not show.
func focusColour(p theme.Palette, k buttonKind) color.NRGBA {
	if k == plainButton || k == quietButton {
		return p.Accent
	}
	return p.Text
}
