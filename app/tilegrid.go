package app

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// clearTop is how much of their width tiles must keep to stay clear of what covers the upper edge now and then.
const clearTop = 0.88

// tileGrid is the tiles of all members on the stage.
type tileGrid struct {
	content *fyne.Container
	tiles   []*memberTile // in the members' order
	large   string        // whose tile is large; empty: none
	pin     func(id string)
	moved   func() // a sign of life
}

func newTileGrid(pin func(id string), moved func()) *tileGrid {
	return &tileGrid{content: container.NewWithoutLayout(), pin: pin, moved: moved}
}

// show paints the members. It reports whether the tiles must be laid out anew, and whether only the names on them.
func (g *tileGrid) show(members []memberView, pinned, large string) (moved, renamed bool) {
	same := func(t *memberTile, m memberView) bool { return t.view.tile == m.tile }
	if !slices.EqualFunc(g.tiles, members, same) {
		moved = true
		tiles := make([]*memberTile, 0, len(members))
		g.content.Objects = nil
		for _, m := range members {
			i := slices.IndexFunc(g.tiles, func(t *memberTile) bool { return same(t, m) })
			if i < 0 {
				tiles = append(tiles, newMemberTile(m, func() { g.pin(m.id) }, g.moved))
			} else {
				tiles = append(tiles, g.tiles[i])
			}
			g.content.Objects = append(g.content.Objects, tiles[len(tiles)-1].content)
		}
		g.tiles = tiles
	}
	for i, m := range members {
		tile, name := g.tiles[i].show(m, len(members) == 1, m.id == pinned && m.id == large)
		moved, renamed = moved || tile, renamed || name
	}
	moved = moved || g.large != large
	g.large = large
	return moved, renamed
}

// picture reports whether the one tile of a call of two shows a picture.
func (g *tileGrid) picture() bool { return len(g.tiles) == 1 && g.tiles[0].view.picture }

// layout places the tiles in an area, and their names clear of the others. Several keep clear of the height top, which is covered
// now and then, where that does not make them much smaller.
func (g *tileGrid) layout(area fyne.Size, top float32, others ...box) {
	large := slices.IndexFunc(g.tiles, func(t *memberTile) bool { return t.view.id == g.large })
	if g.large == "" {
		large = -1
	}
	places := tilePlaces(len(g.tiles), large, area)
	if len(g.tiles) > 1 {
		if below := tilePlaces(len(g.tiles), large, area.SubtractWidthHeight(0, top)); below[max(large, 0)].w >= places[max(large, 0)].w*clearTop {
			places = below
			for i := range places {
				places[i].y += top
			}
		}
	}
	for i, at := range places {
		t := g.tiles[i]
		t.fit(fyne.NewSize(at.w, at.h))
		place(t.content, at.x, at.y, at.w, at.h)
		t.placeName(at, others...)
	}
}
