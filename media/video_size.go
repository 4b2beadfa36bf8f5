package media

import (
	"image"

	"sundog.dev/sundog/media/h264"
)

// Size tells the two sizes apart in which a person's picture is encoded.
type Size uint8

// The sizes.
const (
	FullSize  Size = iota // as the source has it, or as high as its wish says
	SmallSize             // 320×180 (320×240 of a 4:3 picture)

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
	// Height is how many lines the full size has at most; a source that has more is scaled down, aspect kept. It is that of a picture that is wider than
	// high; of another one it is the width. 0: as the source has it. A change begins with a key frame, and comes about once a second at most.
	Height int
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
	long, short := max(full.X, full.Y), min(full.X, full.Y)
	switch {
	case long <= smallLong && short <= smallShort:
		return full, false
	case long*smallShort > smallLong*short:
		short, long = scaledSide(short, smallLong, long), smallLong
	default:
		long, short = scaledSide(long, smallShort, short), smallShort
	}
	small = asWide(full, long, short)
	return small, small.X >= h264.MinWidth && small.Y >= h264.MinHeight
}

// fitted is the size of a picture that is to have at most so many lines (0: any), as SizeWish.Height says.
func fitted(size image.Point, height int) image.Point {
	if height <= 0 {
		return size
	}
	long, short := max(size.X, size.Y), min(size.X, size.Y)
	height = max(height&^1, h264.MinHeight)
	if height >= short {
		return size
	}
	return asWide(size, scaledSide(long, height, short), height)
}

// scaledSide is a side by num/den, even.
func scaledSide(side, num, den int) int { return (side*num + den) / (2 * den) * 2 }

// asWide gives a size its sides as another one has them.
func asWide(other image.Point, long, short int) image.Point {
	if other.X < other.Y {
		return image.Pt(short, long)
	}
	return image.Pt(long, short)
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
