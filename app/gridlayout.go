package app

import (
	"fyne.io/fyne/v2"

	"sundog.dev/sundog/theme"
)

// tileGap is between tiles.
const tileGap = theme.SpaceInside

// tilePlaces are the places of n tiles in an area, with a margin around: all equal, or the one at the index large (if that is
// not negative) large and the others in a strip beside it or under it, whichever leaves it more room.
func tilePlaces(n, large int, area fyne.Size) []box {
	inner := box{stageMargin, stageMargin, max(area.Width-2*stageMargin, 1), max(area.Height-2*stageMargin, 1)}
	if large < 0 || large >= n || n < 2 {
		return gridPlaces(n, inner)
	}
	beside, strip := stripBeside(n-1, inner)
	below, row := stripBelow(n-1, inner)
	if below.w > beside.w {
		beside, strip = below, row
	}
	places := make([]box, 0, n)
	places = append(places, strip[:large]...)
	places = append(places, beside)
	return append(places, strip[large:]...)
}

// gridPlaces are n equal tiles of 16:9, as large as they can be, in rows. The last row may be shorter, and lies in the middle.
func gridPlaces(n int, in box) []box {
	columns, size := bestColumns(n, in)
	if n == 0 {
		return nil
	}
	rows := (n + columns - 1) / columns
	top := in.y + (in.h-spanned(rows, size.Height))/2
	places := make([]box, 0, n)
	for i := range n {
		row := i / columns
		inRow := min(columns, n-row*columns)
		left := in.x + (in.w-spanned(inRow, size.Width))/2
		places = append(places, box{
			left + float32(i%columns)*(size.Width+tileGap), top + float32(row)*(size.Height+tileGap), size.Width, size.Height,
		})
	}
	return places
}

// bestColumns is the number of columns in which n tiles are largest, the smallest such number, and the size of the tiles.
func bestColumns(n int, in box) (columns int, size fyne.Size) {
	for c := 1; c <= n; c++ {
		if s := tileSize(c, (n+c-1)/c, in); s.Width > size.Width {
			columns, size = c, s
		}
	}
	return columns, size
}

// tileSize is the largest size of 16:9 in which so many columns and rows fit. Where there is no room at all, it is tiny.
func tileSize(columns, rows int, in box) fyne.Size {
	w := max((in.w-float32(columns-1)*tileGap)/float32(columns), 1)
	h := max((in.h-float32(rows-1)*tileGap)/float32(rows), 1)
	if w*9 > h*16 {
		return fyne.NewSize(h*16/9, h)
	}
	return fyne.NewSize(w, w*9/16)
}

// spanned is the length of n tiles with the gaps between them.
func spanned(n int, each float32) float32 { return float32(n)*each + float32(n-1)*tileGap }

const (
	// stripShare is the part of the area's length that a strip takes at most, and stripMost the width of its tiles.
	stripShare = 5
	stripMost  = 224
)

// stripBeside puts n tiles into a column at the right, and the large one into the rest.
func stripBeside(n int, in box) (large box, strip []box) {
	each := tileSize(1, n, box{w: min(in.w/stripShare, stripMost), h: in.h})
	rest := box{in.x, in.y, max(in.w-each.Width-tileGap, 1), in.h}
	large = gridPlaces(1, rest)[0]
	top := in.y + (in.h-spanned(n, each.Height))/2
	// The two lie together in the middle, not at the edges of a wide window.
	large.x = in.x + (in.w-large.w-tileGap-each.Width)/2
	for i := range n {
		strip = append(strip, box{large.x + large.w + tileGap, top + float32(i)*(each.Height+tileGap), each.Width, each.Height})
	}
	return large, strip
}

// stripBelow puts n tiles under the large one: into a row at the bottom, or in a tall window into as many rows as make them larger
// in what the large one leaves.
func stripBelow(n int, in box) (large box, strip []box) {
	each, columns := tileSize(n, 1, box{w: in.w, h: min(in.h/stripShare, stripMost*9/16)}), n
	left := in.h - in.w*9/16 - tileGap // beside which the large one is as wide as the window
	for c := n - 1; c > 0; c-- {
		rows := (n + c - 1) / c
		s := tileSize(c, rows, box{w: min(in.w, spanned(c, stripMost)), h: left})
		if s.Width > each.Width && s.Width < in.w/2 {
			each, columns = s, c
		}
	}
	rows := (n + columns - 1) / columns
	rest := box{in.x, in.y, in.w, max(in.h-spanned(rows, each.Height)-tileGap, 1)}
	large = gridPlaces(1, rest)[0]
	large.y = in.y + (in.h-large.h-tileGap-spanned(rows, each.Height))/2
	top := large.y + large.h + tileGap
	for i := range n {
		row := i / columns
		inRow := min(columns, n-row*columns)
		x := in.x + (in.w-spanned(inRow, each.Width))/2
		strip = append(strip, box{x + float32(i%columns)*(each.Width+tileGap), top + float32(row)*(each.Height+tileGap), each.Width, each.Height})
	}
	return large, strip
}
