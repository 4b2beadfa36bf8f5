package app

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"sundog.dev/sundog/theme"
)

// words are words to be read aloud, so large that one reads them across a room: in one line, or one under the other where the
// line is too short.
type words struct {
	widget.BaseWidget
	skin  skin
	words []string
}

// wordGap parts words in one line.
const wordGap = "  ·  "

func newWords(s skin) *words {
	w := &words{skin: s}
	w.ExtendBaseWidget(w)
	return w
}

func (w *words) set(list []string) {
	w.words = list
	w.Refresh()
}

// AccessibilityLabel is the words.
func (w *words) AccessibilityLabel() string { return strings.Join(w.words, ", ") }

// AccessibilityRole is that of text.
func (w *words) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

func (w *words) style() fyne.TextStyle { return fyne.TextStyle{Bold: true} }

// lines are the words as they fit a width.
func (w *words) lines(width float32) []string {
	line := strings.Join(w.words, wordGap)
	if fyne.MeasureText(line, theme.TextLarge, w.style()).Width <= width {
		return []string{line}
	}
	return w.words
}

func (w *words) CreateRenderer() fyne.WidgetRenderer {
	d := &drawing{}
	height := fyne.MeasureText("Hg", theme.TextLarge, w.style()).Height
	var shown []string
	arrange := func(size fyne.Size) {
		shown = w.lines(size.Width)
		for len(d.objects) < len(shown) {
			line := canvas.NewText("", color.Transparent)
			line.TextSize, line.TextStyle, line.Alignment = theme.TextLarge, w.style(), fyne.TextAlignCenter
			d.objects = append(d.objects, line)
		}
		d.objects = d.objects[:len(shown)]
		for i, o := range d.objects {
			line := o.(*canvas.Text)
			line.Text, line.Color = shown[i], w.skin().Text
			place(line, 0, float32(i)*height, size.Width, height)
		}
	}
	d.least = func() fyne.Size {
		widest := float32(0)
		for _, word := range w.words {
			widest = max(widest, fyne.MeasureText(word, theme.TextLarge, w.style()).Width)
		}
		return fyne.NewSize(widest, height*float32(max(len(w.lines(w.Size().Width)), 1)))
	}
	d.arrange, d.paint = arrange, func() {}
	return d.start()
}
