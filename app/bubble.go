package app

import (
	"image/color"
	"regexp"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"sundog.dev/sundog/theme"
)

// bubble is one line of a chat: others' at the left under their name, own ones at the right.
type bubble struct {
	widget.BaseWidget
	line ChatLine
	text *paragraph
	from *label
}

const (
	bubbleInset = 10
	bubbleShare = 0.86 // of the width, at most
)

func newBubble(l ChatLine) *bubble {
	b := &bubble{line: l}
	b.text = newParagraph(theme.Stage, lowered(l.Text), theme.TextBody, asText)
	b.from = newLabel(theme.Stage, l.heading(), theme.TextSmall, asSecond).shortened()
	if l.Private {
		b.from.role = asAccent
	}
	b.ExtendBaseWidget(b)
	return b
}

// lowered is a text with fewer line ends where it has many: nobody is to push what others have written out of sight.
func lowered(text string) string {
	text = manyEnds.ReplaceAllString(strings.Trim(text, "\n"), "\n\n")
	lines := strings.SplitN(text, "\n", bubbleLines)
	lines[len(lines)-1] = strings.ReplaceAll(lines[len(lines)-1], "\n", " ")
	return strings.Join(lines, "\n")
}

// bubbleLines is how many lines somebody may make of a text; what comes after goes on in the last one. It has room for a poem.
const bubbleLines = 40

var manyEnds = regexp.MustCompile(`\n\s*\n\s*\n`)

// heading stands above a line: whose it is, and to whom it went if not to all.
func (l ChatLine) heading() string {
	switch {
	case l.Mine && l.Private:
		return "Only to " + l.To
	case l.Mine:
		return ""
	case l.Private: // which is said before a name that may be long
		return "Only to you, from " + l.From
	}
	return l.From
}

func (b *bubble) CreateRenderer() fyne.WidgetRenderer {
	fill := canvas.NewRectangle(color.Transparent)
	fill.CornerRadius = theme.Corner
	d := &drawing{objects: []fyne.CanvasObject{fill, b.text, b.from}}
	top := float32(0)
	if b.from.text != "" {
		top = 18
	}
	d.least = func() fyne.Size {
		return fyne.NewSize(80, top+b.text.MinSize().Height+2*bubbleInset-4)
	}
	d.arrange = func(size fyne.Size) {
		width := min(b.text.naturalWidth()+1, size.Width*bubbleShare-2*bubbleInset)
		b.text.Resize(fyne.NewSize(width, 0))
		height := b.text.MinSize().Height
		var x float32
		if b.line.Mine {
			x = size.Width - width - 2*bubbleInset
		}
		if b.line.Mine {
			b.from.align = fyne.TextAlignTrailing
		}
		place(b.from, 4, 0, size.Width-8, 16)
		place(fill, x, top, width+2*bubbleInset, height+2*bubbleInset-4)
		place(b.text, x+bubbleInset, top+bubbleInset-2, width, height)
	}
	d.paint = func() {
		p := theme.Stage()
		fill.FillColor = p.Line
		if b.line.Mine {
			fill.FillColor = p.AccentSoft
		}
		b.from.Hidden = b.from.text == ""
		if b.line.Private {
			fill.StrokeColor, fill.StrokeWidth = p.Accent, theme.BorderWidth
		}
	}
	return d.start()
}
