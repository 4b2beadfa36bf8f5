package media

import (
	"image"

	"sundog.dev/sundog/media/h264"
)

// Size tells the two sizes apart in which a person's picture is encoded.
type Size uint8

// The sizes.
const (
	FullSize  Size = iota // as the source has it
	SmallSize             // half of each side, or a quarter and so on, until it is at most 320×180 (320×240 of a 4:3 picture)

	// Sizes is how many there are.
	Sizes = 2
)

// TopLayer is the highest temporal layer. Layers 0 to 2 together have all pictures, 0 and 1 half of them and about
// 70 % of the bits, 0 alone a quarter and 40 %.
const TopLayer = h264.MaxLayers - 1

// VideoWish is what all receivers together want of a VideoSender.
type VideoWish struct {
	Sizes [Sizes]SizeWish // by Size
	// FrameRate is the most pictures a second that are encoded; 0: all that the source gives.
	FrameRate float64
}

// SizeWish is what is wanted of one size. The zero value is nothing: then this size is not encoded at all.
type SizeWish struct {
	// Bitrate is what the pictures of the layers up to MaxLayer take together, bit/s, as sent to one receiver.
	Bitrate int
	// MaxLayer is the highest temporal layer that any receiver takes, 0 to TopLayer. Pictures of higher ones are not handed out.
	MaxLayer int
}

// TotalBitrate is the sum of all sizes, bit/s: what encoding gives, not what an uplink carries.
func (w VideoWish) TotalBitrate() (sum int) {
	for _, s := range w.Sizes {
		sum += s.Bitrate
	}
	return sum
}

// SmallSizeOf is the small size of a source's picture. ok is false if that picture is so small itself that there is none.
func SmallSizeOf(full image.Point) (small image.Point, ok bool) {
	small = full
	for max(small.X, small.Y) > smallLong || min(small.X, small.Y) > smallShort {
		small.X, small.Y = small.X/4*2, small.Y/4*2
		ok = true
	}
	return small, ok && small.X >= h264.MinWidth && small.Y >= h264.MinHeight
}

// SizeForTile says which size a receiver should ask for that shows a person in a tile of so many pixels, and shows size now at present: a tile
// is only a little larger than the small picture when that is still good enough, and a window's edge that is being dragged does not make it flap.
func SizeForTile(tile image.Point, now Size) Size {
	most := tileSmall
	if now == SmallSize {
		most = tileSmallKeep
	}
	if max(tile.X, tile.Y)*100 <= smallLong*most && min(tile.X, tile.Y)*100 <= smallShort*most {
		return SmallSize
	}
	return FullSize
}
