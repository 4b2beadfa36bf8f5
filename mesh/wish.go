package mesh

import (
	"math"

	"sundog.dev/sundog/mesh/uplink"
)

// wishOf is what a division wants of our media, whose picture is so high.
func wishOf(d uplink.Division, height int) (w MediaWish) {
	w.Sound, w.Mode = d.Sound, d.Mode
	for _, e := range []uplink.Encoding{d.Small, d.Large} {
		if !e.Wanted() {
			continue
		}
		to := &w.Full
		if isSmall(e.Size, height) {
			to = &w.Small
		}
		*to = Encoding{Bitrate: int(float64(e.Bitrate) * uplink.LayerShare(e.Layers)), Layers: e.Layers, Height: linesOf(e.Size, height)}
	}
	return w
}

// linesOf is how many lines a picture of a size has that is made of one with so many: as the size has it, but one that has a few more, and not yet as many
// as the next size, is better left as it is.
func linesOf(s uplink.Size, height int) int {
	for _, next := range uplink.Sizes {
		if next.Height > s.Height {
			if height < next.Height {
				return height
			}
			return s.Height
		}
	}
	if height*3 < s.Height*4 {
		return height
	}
	return s.Height
}

// isSmall reports whether a size is the small one of media whose picture is so high.
func isSmall(s uplink.Size, height int) bool { return s.Height <= smallHeight && height > smallHeight }

// news reports whether a wish says what media must know that were told another.
func (w MediaWish) news(told MediaWish) bool {
	return w.Sound != told.Sound || w.Mode != told.Mode || w.Full.news(told.Full) || w.Small.news(told.Small)
}

func (e Encoding) news(told Encoding) bool {
	return e.Layers != told.Layers || e.Height != told.Height ||
		math.Abs(float64(e.Bitrate-told.Bitrate)) > wishNoise*float64(told.Bitrate)
}
