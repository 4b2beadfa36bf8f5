package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/theme"
)

// emojiTile is a picture to compare, with its name below. It lies on a light plate in both themes: some of the pictures are
// nearly black.
type emojiTile struct {
	widget.BaseWidget
	skin  skin
	emoji trust.Emoji
	name  *paragraph
}

const (
	emojiSize  float32 = 38
	emojiPlate float32 = 52 // its height
	emojiLeast float32 = 60 // its width
)

func newEmojiTile(s skin, e trust.Emoji) *emojiTile {
	t := &emojiTile{skin: s, emoji: e, name: newParagraph(s, e.Name, theme.TextSmall, asSecond).centred()}
	t.ExtendBaseWidget(t)
	return t
}

func (t *emojiTile) set(e trust.Emoji) {
	t.emoji = e
	t.name.set(e.Name, asSecond)
	t.Refresh()
}

// AccessibilityLabel is the picture's name.
func (t *emojiTile) AccessibilityLabel() string { return t.emoji.Name }

// AccessibilityRole is that of text.
func (t *emojiTile) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

func (t *emojiTile) CreateRenderer() fyne.WidgetRenderer {
	plate := canvas.NewRectangle(color.Transparent)
	plate.CornerRadius = theme.Corner
	picture := newEmoji(t.emoji.Text, emojiSize)
	d := &drawing{objects: []fyne.CanvasObject{plate, picture, t.name}}
	d.least = func() fyne.Size {
		return fyne.NewSize(emojiLeast, emojiPlate+theme.SpaceTight+t.name.MinSize().Height)
	}
	d.arrange = func(size fyne.Size) {
		plate.Resize(fyne.NewSize(size.Width, emojiPlate))
		placeCentred(picture, fyne.NewSize(size.Width, emojiPlate), emojiSize, emojiSize)
		place(t.name, 0, emojiPlate+theme.SpaceTight, size.Width, t.name.MinSize().Height)
	}
	d.paint = func() {
		plate.FillColor = theme.Plate
		picture.set(t.emoji.Text)
	}
	return d.start()
}

// emojiRows are tiles side by side: six in a line, or three where it is too short.
type emojiRows struct{}

func (emojiRows) columns(n int, width float32) int {
	if all := float32(n)*(emojiLeast+theme.SpaceTight) - theme.SpaceTight; width >= all || n < 2 {
		return max(n, 1)
	}
	return (n + 1) / 2
}

func (e emojiRows) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	n := e.columns(len(objects), size.Width)
	width := (size.Width - float32(n-1)*theme.SpaceTight) / float32(n)
	var y float32
	for from := 0; from < len(objects); from += n {
		row := objects[from:min(from+n, len(objects))]
		var height float32
		for i, o := range row {
			place(o, float32(i)*(width+theme.SpaceTight), y, width, o.MinSize().Height)
			height = max(height, o.MinSize().Height)
		}
		y += height + theme.SpaceInside
	}
}

func (e emojiRows) MinSize(objects []fyne.CanvasObject) fyne.Size {
	if len(objects) == 0 {
		return fyne.Size{}
	}
	n := len(objects)
	if width := e.placed(objects); width > 0 {
		n = e.columns(n, width)
	}
	var least fyne.Size
	for from := 0; from < len(objects); from += n {
		var height float32
		for _, o := range objects[from:min(from+n, len(objects))] {
			height = max(height, o.MinSize().Height)
		}
		least.Height += height + theme.SpaceInside
	}
	return fyne.NewSize(3*emojiLeast, least.Height-theme.SpaceInside)
}

// placed is the width that the tiles were last laid out in.
func (emojiRows) placed(objects []fyne.CanvasObject) float32 {
	var right float32
	for _, o := range objects {
		right = max(right, o.Position().X+o.Size().Width)
	}
	return right
}
