package h264

// What we encode and what we let the decoder see. A decoder is C++ code that meets hostile bytes, so everything
// that a video phone does not need is refused before it.
const (
	// MaxWidth and MaxHeight: 1080p, coded as 1088 lines. A larger picture only eats memory: one of 1080p takes 3 MB.
	MaxWidth  = 1920
	MaxHeight = 1088
	// MinWidth and MinHeight: one macroblock. openh264 cannot encode less.
	MinWidth  = 16
	MinHeight = 16
	// MaxUnitBytes bounds an access unit: uncompressed 1080p is 3.1 MB, and a key frame of a call is below 200 KB.
	MaxUnitBytes = 1 << 20
	// MaxNALs bounds the pieces of one access unit: parameter sets, SEI and slices (one slice a macroblock row is 68 at 1080p).
	MaxNALs = 160
	// maxParameterSetBytes: an SPS of ours has 10 bytes, a PPS 4; VUI may add some.
	maxParameterSetBytes = 512
	// maxRefFrames: the standard's largest decoded picture buffer.
	maxRefFrames = 16

	// MaxLayers: with three temporal layers the base has 5 pictures a second of 20, the least that still looks like motion.
	MaxLayers = 3

	// MinBitrate and MaxBitrate, bit/s: below, not even 160×90 is a picture; above, no call needs it.
	MinBitrate = 20_000
	MaxBitrate = 20_000_000
	// MaxQuantizer is the coarsest of H.264: each six more double the step.
	MaxQuantizer = 51
	// MaxFrameRate is openh264's own limit.
	MaxFrameRate = 60
)
