package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// segments is one choice out of a few, side by side.
type segments struct {
	content *fyne.Container
	parts   []*segmentButton
}

// segment is one of the choices: its value and how it is called.
type segment struct{ value, text string }

func newSegments(choices []segment, choose func(value string)) *segments {
	s := &segments{content: container.New(sideBySide{gap: theme.SpaceTight})}
	for _, c := range choices {
		b := &segmentButton{segment: c}
		b.name = c.text
		b.tapped = func() {
			s.choose(c.value)
			choose(c.value)
		}
		b.ExtendBaseWidget(b)
		s.parts = append(s.parts, b)
		s.content.Add(b)
	}
	return s
}

func (s *segments) choose(value string) {
	for _, b := range s.parts {
		if b.chosen != (b.value == value) {
			b.chosen = b.value == value
			b.Refresh()
		}
	}
}

type segmentButton struct {
	pressable
	segment
	chosen bool
}

func (b *segmentButton) CreateRenderer() fyne.WidgetRenderer {
	fill := canvas.NewRectangle(color.Transparent)
	fill.CornerRadius = theme.Corner
	words := canvas.NewText(b.text, color.Transparent)
	words.TextSize, words.Alignment = theme.TextBody, fyne.TextAlignCenter
	d := &drawing{objects: []fyne.CanvasObject{fill, words}}
	d.least = func() fyne.Size {
		return fyne.NewSize(fyne.MeasureText(b.text, theme.TextBody, fyne.TextStyle{Bold: true}).Width+theme.SpaceBetween, theme.TouchSize)
	}
	d.arrange = func(size fyne.Size) {
		fill.Resize(size)
		words.Resize(size)
	}
	d.paint = func() {
		p := theme.Now()
		fill.FillColor, words.Color = color.Color(color.Transparent), p.TextSecond
		switch {
		case b.chosen:
			fill.FillColor, words.Color = p.AccentSoft, p.Accent
		case b.hovered:
			fill.FillColor = p.Raised
		}
		fill.StrokeWidth = 0
		if b.focused {
			fill.StrokeColor, fill.StrokeWidth = p.Accent, theme.FocusWidth
		}
		words.TextStyle = fyne.TextStyle{Bold: b.chosen}
	}
	return d.start()
}
