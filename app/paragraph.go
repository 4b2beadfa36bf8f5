package app

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// paragraph is text that wraps at words to the width it is given; its least height follows from that.
type paragraph struct {
	widget.BaseWidget
	skin   skin
	text   string
	size   float32
	bold   bool
	mono   bool
	role   role
	align  fyne.TextAlign
	lines  []string
	asked  wrapping // what the lines are of
	widest float32  // of what is not broken at words; 0: not known
}

// wrapping is all that the lines of a paragraph depend on.
type wrapping struct {
	text        string
	width, size float32
	style       fyne.TextStyle
}

func newParagraph(s skin, text string, size float32, r role) *paragraph {
	p := &paragraph{skin: s, text: text, size: size, role: r}
	p.ExtendBaseWidget(p)
	return p
}

func (p *paragraph) centred() *paragraph {
	p.align = fyne.TextAlignCenter
	return p
}

func (p *paragraph) strong() *paragraph {
	p.bold = true
	return p
}

func (p *paragraph) monospaced() *paragraph {
	p.mono = true
	return p
}

// set changes the text and its colour.
func (p *paragraph) set(text string, r role) {
	p.text, p.role = text, r
	p.wrap(p.Size().Width)
	p.Refresh()
}

func (p *paragraph) style() fyne.TextStyle { return fyne.TextStyle{Bold: p.bold, Monospace: p.mono} }

func (p *paragraph) lineHeight() float32 {
	return fyne.MeasureText("Hg", p.size, p.style()).Height
}

// wrap breaks the text, unless that is done already: measuring words is what a long chat takes most of its time for.
func (p *paragraph) wrap(width float32) {
	asked := wrapping{p.text, width, p.size, p.style()}
	if p.lines != nil && p.asked == asked {
		return
	}
	if p.asked.text != p.text {
		p.widest = 0
	}
	p.asked, p.lines = asked, wrapped(p.text, width, p.size, p.style())
}

// naturalWidth is the width of the longest line that is not broken at words.
func (p *paragraph) naturalWidth() float32 {
	if p.widest == 0 || p.asked.text != p.text {
		p.widest = 0
		for line := range strings.SplitSeq(p.text, "\n") {
			p.widest = max(p.widest, fyne.MeasureText(line, p.size, p.style()).Width)
		}
	}
	return p.widest
}

func (p *paragraph) CreateRenderer() fyne.WidgetRenderer {
	d := &drawing{}
	p.wrap(p.Size().Width)
	d.least = func() fyne.Size {
		return fyne.NewSize(p.size*4, p.lineHeight()*float32(max(len(p.lines), 1)))
	}
	d.paint = func() {
		colour := p.role(p.skin())
		for len(d.objects) < len(p.lines) {
			d.objects = append(d.objects, canvas.NewText("", colour))
		}
		d.objects = d.objects[:len(p.lines)]
		for i, o := range d.objects {
			line := o.(*canvas.Text)
			line.Text, line.TextSize, line.TextStyle, line.Alignment, line.Color = p.lines[i], p.size, p.style(), p.align, colour
		}
	}
	d.arrange = func(size fyne.Size) {
		p.wrap(size.Width)
		d.paint()
		height := p.lineHeight()
		for i, o := range d.objects {
			place(o, 0, float32(i)*height, size.Width, height)
		}
	}
	return d.start()
}

// wrapped breaks text at spaces into lines no wider than width, and words that are wider than that anywhere.
func wrapped(text string, width, size float32, style fyne.TextStyle) []string {
	fits := func(s string) bool { return fyne.MeasureText(s, size, style).Width <= width }
	var lines []string
	for part := range strings.SplitSeq(text, "\n") {
		if width <= 0 || fits(part) {
			lines = append(lines, part)
			continue
		}
		line := ""
		for word := range strings.FieldsSeq(part) {
			if line != "" && fits(line+" "+word) {
				line += " " + word
				continue
			}
			if line != "" {
				lines = append(lines, line)
			}
			line = word
			for !fits(line) {
				head, tail := splitWord(line, fits)
				if tail == "" {
					break
				}
				lines = append(lines, head)
				line = tail
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// splitWord cuts a word where its head still fits, after one letter at least.
func splitWord(word string, fits func(string) bool) (head, tail string) {
	runes := []rune(word)
	n := 1
	for n < len(runes) && fits(string(runes[:n+1])) {
		n++
	}
	return string(runes[:n]), string(runes[n:])
}
