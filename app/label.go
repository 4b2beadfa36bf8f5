package app

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// label is one line of text in a colour of the palette. With shorten set it gives way and ends in an ellipsis.
type label struct {
	widget.BaseWidget
	skin    skin
	text    string
	size    float32
	bold    bool
	role    role
	align   fyne.TextAlign
	shorten bool
	whole   bool // asks for the room of the whole text, though it can do with less
	// kept is the end of text that is not cut, but what is before it: a state behind a name, the ending of a file's.
	kept string
}

func newLabel(s skin, text string, size float32, r role) *label {
	l := &label{skin: s, text: text, size: size, role: r}
	l.ExtendBaseWidget(l)
	return l
}

func (l *label) strong() *label {
	l.bold = true
	return l
}

func (l *label) centred() *label {
	l.align = fyne.TextAlignCenter
	return l
}

func (l *label) shortened() *label {
	l.shorten = true
	return l
}

func (l *label) greedy() *label {
	l.whole = true
	return l
}

// set changes the text and repaints only if it is another one.
func (l *label) set(text string) {
	if l.text == text {
		return
	}
	l.text = text
	l.Refresh()
}

// setKeeping is set for a text of which the end is to be seen whatever is cut.
func (l *label) setKeeping(text, end string) {
	if l.text != text+end || l.kept != end {
		l.text, l.kept = text+end, end
		l.Refresh()
	}
}

func (l *label) style() fyne.TextStyle { return fyne.TextStyle{Bold: l.bold} }

func (l *label) CreateRenderer() fyne.WidgetRenderer {
	line := canvas.NewText(l.text, l.role(l.skin()))
	d := &drawing{objects: []fyne.CanvasObject{line}}
	d.least = func() fyne.Size {
		size := fyne.MeasureText(orElse(l.text, " "), l.size, l.style())
		if l.shorten && !l.whole {
			size.Width = min(size.Width, l.size*2)
		}
		return size
	}
	d.arrange = func(size fyne.Size) {
		if l.shorten {
			line.Text = fittedTo(l.text, l.kept, size.Width, l.size, l.style())
		}
		place(line, 0, 0, size.Width, size.Height)
	}
	d.paint = func() {
		line.Text, line.TextSize, line.TextStyle, line.Alignment = l.text, l.size, l.style(), l.align
		line.Color = l.role(l.skin())
	}
	return d.start()
}

// keptShare is the most of a line that what is kept of it takes: the beginning says whose it is.
const keptShare = 0.6

// fittedTo is text, which ends in kept, cut with an ellipsis before that.
func fittedTo(text, kept string, width, size float32, style fyne.TextStyle) string {
	if kept == "" || fyne.MeasureText(text, size, style).Width <= width {
		return fitted(text, width, size, style)
	}
	end := fyne.MeasureText(kept, size, style).Width
	if end > width*keptShare {
		return fitted(text, width, size, style)
	}
	return fitted(strings.TrimSuffix(text, kept), width-end, size, style) + kept
}

// fitted is text, cut with an ellipsis to the given width.
func fitted(text string, width, size float32, style fyne.TextStyle) string {
	if width <= 0 || fyne.MeasureText(text, size, style).Width <= width {
		return text
	}
	runes := []rune(text)
	low, high := 0, len(runes) // the longest head that fits lies between
	for low < high {
		mid := (low + high + 1) / 2
		if fyne.MeasureText(string(runes[:mid])+"…", size, style).Width <= width {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return strings.TrimRight(string(runes[:low]), " ") + "…"
}
