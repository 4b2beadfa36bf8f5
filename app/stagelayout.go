package app

import (
	"fyne.io/fyne/v2"

	"sundog.dev/sundog/theme"
)

const (
	stageMargin = theme.SpaceInside
	// chatWidth is the chat's beside the picture; in a window narrower than chatBeside, where it would reach the
	// call bar, it lies over the picture and above the bar, no wider than chatOver.
	chatWidth  = 300
	chatBeside = 900
	chatOver   = 400
	// chatShares is the width of a window in which the pictures make room for the chat, too, though it ends above the bar.
	chatShares = 560
	barMargin  = theme.SpaceBetween
	// compareWidth is that of the panel to compare words, which lies beside the picture where the chat would, and else over it.
	// It leaves the call bar free as long as it keeps compareLeast of height.
	compareWidth = 480
	compareLeast = 400
	ownLeast     = 128 // width of the own picture
	ownMost      = 224
)

// Layout places everything in a call window.
func (s *stage) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	s.ground.Resize(size)
	area := size
	bar := s.c.bar.content.MinSize()
	bar.Width = min(bar.Width, size.Width-2*theme.SpaceTight)
	bannerY := barMargin + s.top.right.MinSize().Height + theme.SpaceInside
	if side := s.side(); side != nil {
		if size.Width >= chatBeside {
			area.Width -= chatWidth + stageMargin
			place(side, area.Width, stageMargin, chatWidth, size.Height-2*stageMargin)
		} else {
			top := stageMargin
			width := min(size.Width-2*stageMargin, chatOver)
			if size.Width >= chatShares {
				width = chatWidth
				area.Width -= chatWidth + stageMargin
			} else if s.bannerP.Visible() { // what is wrong with the call stays to be seen above the chat
				bannerY = stageMargin
				s.layoutBanner(size, bannerY)
				top += s.bannerP.MinSize().Height + stageMargin
			}
			place(side, size.Width-stageMargin-width, top, width, size.Height-bar.Height-barMargin-stageMargin-top)
		}
	}
	s.c.chat.follow()
	if s.c.compare.isOpen() {
		if size.Width >= chatBeside {
			area.Width -= compareWidth + stageMargin
			place(s.c.compare.content, area.Width, stageMargin, compareWidth, size.Height-2*stageMargin)
		} else {
			width := min(size.Width-2*stageMargin, compareWidth)
			top := stageMargin
			if s.bannerP.Visible() {
				bannerY = stageMargin
				s.layoutBanner(area, bannerY)
				top += s.bannerP.MinSize().Height + stageMargin
			}
			height := size.Height - top - stageMargin
			if height-bar.Height-barMargin >= compareLeast {
				height -= bar.Height + barMargin
			}
			place(s.c.compare.content, (size.Width-width)/2, top, width, height)
		}
	}
	if bannerY > stageMargin && !s.comparesBeside(area.Width) {
		bannerY += s.top.compare.MinSize().Height + theme.SpaceInside
	}
	s.top.fit(area.Width)
	barAt := box{(s.barArea(size, area, bar.Width) - bar.Width) / 2, size.Height - barMargin - bar.Height, bar.Width, bar.Height}
	s.c.bar.fit(barAt.w)
	place(s.c.bar.content, barAt.x, barAt.y, barAt.w, barAt.h)

	ownAt := s.ownPlace(area, barAt, bannerY)
	place(s.own.content, ownAt.x, ownAt.y, ownAt.w, ownAt.h)

	tiles := area
	if len(s.grid.tiles) > 1 { // the bar covers the lower edge of one picture, but not the faces of several
		tiles.Height = barAt.y
	}
	others := []box{barAt}
	if s.own.content.Visible() {
		others = append(others, ownAt)
	}
	s.grid.layout(tiles, barMargin+s.top.right.MinSize().Height, others...)
	s.c.tellShowing()

	right := s.top.right.MinSize()
	place(s.top.right, area.Width-barMargin-right.Width, barMargin, right.Width, right.Height)
	compare := s.top.compare.MinSize()
	beside := area.Width - right.Width - 2*barMargin
	if s.comparesBeside(area.Width) {
		beside -= compare.Width + theme.SpaceInside
		place(s.top.compare, barMargin+beside, barMargin, compare.Width, compare.Height)
	} else {
		place(s.top.compare, area.Width-barMargin-compare.Width, barMargin+right.Height+theme.SpaceInside, compare.Width, compare.Height)
	}
	s.top.give(beside - theme.SpaceInside)
	left := s.top.left.MinSize()
	place(s.top.left, barMargin, barMargin, min(left.Width, beside-theme.SpaceInside), left.Height)

	over := area
	if bannerY == stageMargin { // above a panel that lies over the pictures
		over = size
	}
	s.layoutBanner(over, bannerY)

	words := s.layoutMiddle(area, barAt)
	// Alone, in a small window, what can be done is more than one's own picture, which nobody else sees.
	s.ownInWay = s.invite.Visible() && ownAt.touches(words)
	setShown(s.own.content, s.showsOwn())
}

// side is the panel that lies beside the picture: the chat or that of people; nil: neither.
func (s *stage) side() fyne.CanvasObject {
	switch {
	case s.c.chat.isOpen():
		return s.c.chat.content
	case s.c.people.isOpen():
		return s.c.people.content
	}
	return nil
}

// layoutBanner makes the sentence over the stage as wide as it is, or else breaks it into lines.
func (s *stage) layoutBanner(area fyne.Size, y float32) {
	width := s.banner.naturalWidth() + 2*theme.SpaceBetween + 1
	if s.dots.Visible() {
		width += s.dots.MinSize().Width + theme.SpaceTight
	}
	width = min(width, area.Width-2*barMargin)
	s.bannerP.Resize(fyne.NewSize(width, s.bannerP.MinSize().Height)) // so that it knows its lines
	place(s.bannerP, (area.Width-width)/2, y, width, s.bannerP.MinSize().Height)
}

// comparesBeside reports whether the button to compare words fits beside the other parts of the upper edge.
func (s *stage) comparesBeside(width float32) bool {
	const name = 120 // for whom one speaks with, at least
	return width >= 2*barMargin+name+2*theme.SpaceInside+s.top.compare.MinSize().Width+s.top.right.MinSize().Width
}

// barArea is the width in whose middle the call bar lies: that of the window, unless a panel beside the picture is in its way.
func (s *stage) barArea(size, area fyne.Size, bar float32) float32 {
	if s.c.compare.isOpen() || size.Width >= chatBeside && (size.Width+bar)/2 > area.Width-stageMargin {
		return area.Width
	}
	return size.Width
}

// ownPlace is the own picture's place in its corner, clear of the bars.
func (s *stage) ownPlace(area fyne.Size, bar box, top float32) box {
	s.own.area = area
	size := ownSize(area)
	at := box{area.Width - barMargin - size.Width, area.Height - barMargin - size.Height, size.Width, size.Height}
	if s.own.corner.left {
		at.x = barMargin
	}
	if s.own.corner.top {
		at.y = top
	} else if at.touches(bar) {
		at.y = bar.y - theme.SpaceInside - size.Height
	}
	return at
}

// layoutMiddle puts what stands in the place of the picture, with the buttons that belong to it, and returns the place of all that.
func (s *stage) layoutMiddle(area fyne.Size, bar box) box {
	width := min(area.Width-2*theme.SpaceAround, middleWidth)
	var below fyne.CanvasObject
	switch {
	case s.answer.Visible():
		below = s.answer
	case s.ended.Visible():
		below = s.ended
	case s.invite.Visible():
		below = s.invite
	}
	middle := s.middle.content
	middle.Resize(fyne.NewSize(width, middle.MinSize().Height))
	height := middle.MinSize().Height
	if below == nil {
		// Above the bar, whether that is shown or not: nothing jumps.
		room := bar.y
		at := box{(area.Width - width) / 2, max((room-height)/2, theme.SpaceBetween), width, height}
		place(middle, at.x, at.y, at.w, at.h)
		return at
	}
	m := below.MinSize()
	y := max((area.Height-height-theme.SpaceAround-m.Height)/2, theme.SpaceBetween)
	place(middle, (area.Width-width)/2, y, width, height)
	place(below, (area.Width-m.Width)/2, y+height+theme.SpaceAround, m.Width, m.Height)
	return box{(area.Width - width) / 2, y, width, height + theme.SpaceAround + m.Height}
}

// MinSize is what a call window needs at least.
func (s *stage) MinSize([]fyne.CanvasObject) fyne.Size { return s.ground.MinSize() }

// box is a place.
type box struct{ x, y, w, h float32 }

func (b box) touches(o box) bool {
	return b.x < o.x+o.w+theme.SpaceInside && o.x < b.x+b.w+theme.SpaceInside && b.y < o.y+o.h && o.y < b.y+b.h
}

func ownSize(area fyne.Size) fyne.Size {
	w := min(max(area.Width/5, ownLeast), ownMost)
	return fyne.NewSize(w, w*9/16)
}
