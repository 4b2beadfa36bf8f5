package app

import (
	"slices"

	"fyne.io/fyne/v2"

	"sundog.dev/sundog/theme"
)

// Where in the chat its reader is: the newest line is followed, unless they have gone back to read what stands above.

// atEnd reports whether the newest line is to be seen.
func (p *chatPanel) atEnd() bool {
	const near = theme.SpaceBetween
	return p.scroll.Offset.Y+p.scroll.Size().Height >= p.scroll.Content.MinSize().Height-near
}

// scrolled is called when the reader has gone elsewhere.
func (p *chatPanel) scrolled(fyne.Position) {
	if p.follows {
		return
	}
	p.reading = !p.atEnd()
	if !p.reading {
		p.tellBelow(false)
	}
}

// toEnd shows the newest line.
func (p *chatPanel) toEnd() {
	p.reading = false
	p.tellBelow(false)
	p.follow()
}

// follow keeps the newest line in sight where something has another height now, unless the reader is elsewhere.
func (p *chatPanel) follow() {
	if p.reading || !p.isOpen() {
		return
	}
	p.follows = true
	p.scroll.ScrollToBottom()
	p.follows = false
}

// tellBelow says that something new stands below what is read, or no longer.
func (p *chatPanel) tellBelow(on bool) {
	if p.belowLine.Visible() != on {
		setShown(p.belowLine, on)
		p.content.Refresh()
	}
}

// turn scrolls by a page, or by some of it.
func (p *chatPanel) turn(way float32, page bool) {
	turnPage(p.scroll, way, page)
	p.scrolled(p.scroll.Offset)
}

// prune takes the oldest lines out where there are too many, but no file that something can still be done with. What is being read
// stays where it is.
func (p *chatPanel) prune() {
	extra := len(p.lines.Objects) - 1 - chatKept // one is the hint
	if extra <= 0 {
		return
	}
	busy := map[fyne.CanvasObject]bool{}
	for _, card := range p.files {
		if card.view.offer || card.view.stop != "" {
			busy[card.content] = true
		}
	}
	var gone float32
	p.lines.Objects = slices.DeleteFunc(p.lines.Objects, func(o fyne.CanvasObject) bool {
		if o == fyne.CanvasObject(p.hint) || busy[o] || extra == 0 {
			return false
		}
		extra--
		gone += o.Size().Height + theme.SpaceInside
		return true
	})
	if p.reading {
		p.scroll.Offset.Y = max(p.scroll.Offset.Y-gone, 0)
	}
}
