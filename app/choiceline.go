package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"sundog.dev/sundog/theme"
)

// choiceLine is a person to choose.
type choiceLine struct {
	pressable
	skin     skin
	row      personRow
	face     *avatar
	onWindow bool // and not on a card
}

func newChoiceLine(r personRow, chosen func()) *choiceLine {
	return newChoiceLineOn(theme.Now, r, chosen)
}

// newChoiceLineOn is one in the colours of s.
func newChoiceLineOn(s skin, r personRow, chosen func()) *choiceLine {
	c := &choiceLine{skin: s, row: r, face: newAvatar(s, "", theme.AvatarSize)}
	c.tapped = chosen
	c.ExtendBaseWidget(c)
	c.set(r)
	return c
}

func (c *choiceLine) set(r personRow) {
	c.row, c.name = r, r.name+", "+r.line
	c.face.set(r.name, r.colour, r.online, false)
	c.Refresh()
}

func (c *choiceLine) CreateRenderer() fyne.WidgetRenderer {
	fill := canvas.NewRectangle(color.Transparent)
	fill.CornerRadius = theme.Corner
	name := newLabel(c.skin, "", theme.TextBody, asText).strong().shortened()
	line := newLabel(c.skin, "", theme.TextSmall, asSecond).shortened()
	d := &drawing{objects: []fyne.CanvasObject{fill, c.face, name, line}}
	d.least = func() fyne.Size { return fyne.NewSize(200, theme.RowHeight) }
	d.arrange = func(size fyne.Size) {
		fill.Resize(size)
		place(c.face, theme.SpaceInside, (theme.RowHeight-theme.AvatarSize)/2, theme.AvatarSize, theme.AvatarSize)
		x := theme.SpaceInside + theme.AvatarSize + theme.CallGap
		place(name, x, 9, size.Width-x-theme.SpaceInside, 20)
		place(line, x, 29, size.Width-x-theme.SpaceInside, 18)
	}
	d.paint = func() {
		p := c.skin()
		fill.FillColor, fill.StrokeWidth, fill.StrokeColor = color.Transparent, 0, color.Transparent
		c.face.ground = asSurface
		if c.onWindow {
			c.face.ground = asWindow
		}
		name.text, line.text, line.role = c.row.name, c.row.line, c.row.tone.role()
		if c.hovered {
			fill.FillColor, c.face.ground = p.Raised, asRaised
		}
		if c.focused {
			fill.StrokeColor, fill.StrokeWidth = p.Accent, theme.FocusWidth
		}
	}
	return d.start()
}
