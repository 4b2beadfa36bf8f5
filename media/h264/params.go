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
	// unfilteredMost is the coarsest quantizer of which a picture that no other needs is left without the loop filter. Four clips at 360p: at 450 kbit/s, or
	// quantizer 30, those pictures lose 0.02 to 0.14 dB and SSIM .0002 to .0007, and nothing can be seen in them, threefold enlarged, up to 36; edges of
	// blocks are seen at 150 kbit/s, from 38. It saves 15 to 20 % of all decoding.
	unfilteredMost = 35
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
