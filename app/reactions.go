package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// reactions are the emoji to choose from, and how they are called.
var reactions = []struct{ emoji, name string }{
	{"👍", "Thumbs up"}, {"👏", "Applause"}, {"😄", "Laughing"}, {"❤", "Heart"}, {"🎉", "Party"}, {"👋", "Waving"},
}

// newReactions are buttons that show everybody an emoji for a moment.
func newReactions(keys func(*fyne.KeyEvent), react func(emoji string)) *fyne.Container {
	row := container.New(sideBySide{gap: theme.SpaceTight})
	for _, r := range reactions {
		b := &reactionButton{emoji: r.emoji}
		b.tapped, b.name, b.keys = func() { react(r.emoji) }, r.name, keys
		b.ExtendBaseWidget(b)
		row.Add(b)
	}
	return row
}

// reactionButton is an emoji to press.
type reactionButton struct {
	pressable
	emoji string
}

const reactionSize = 24

func (b *reactionButton) CreateRenderer() fyne.WidgetRenderer {
	fill := canvas.NewRectangle(color.Transparent)
	fill.CornerRadius = theme.Corner
	picture := newEmoji(b.emoji, reactionSize)
	d := &drawing{objects: []fyne.CanvasObject{fill, picture}}
	d.least = func() fyne.Size { return fyne.NewSquareSize(theme.TouchSize) }
	d.arrange = func(size fyne.Size) {
		fill.Resize(size)
		placeCentred(picture, size, reactionSize, reactionSize)
	}
	d.paint = func() {
		p := theme.Stage()
		fill.FillColor, fill.StrokeWidth = color.Transparent, 0
		if b.hovered {
			fill.FillColor = p.Raised
		}
		if b.focused {
			fill.StrokeColor, fill.StrokeWidth = p.Accent, theme.FocusWidth
		}
	}
	return d.start()
}
