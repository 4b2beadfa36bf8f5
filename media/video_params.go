package media

import "time"

// Sizes and rates of pictures.
const (
	// The test picture when nothing else is asked for; 640×360 at 30 is what a call of two sends.
	patternWidth, patternHeight = 640, 360
	patternRate                 = 30

	// assumedFrameRate is taken for a source that does not know its own, until it was measured.
	assumedFrameRate = 30
	// rateWindow is over how many pictures the sender measures the rate that really comes, and slowWindows how many windows in a row must be
	// slower before the encoder gives each picture more bits: 2 s at 30 a second.
	rateWindow  = 15
	slowWindows = 4
	// rateTolerance: the encoder is told only when the measured rate is off by more, so that jitter does not disturb its rate control.
	rateTolerance = 0.1

	// filterSlack: a picture that is early by less than this part of the interval is as good as in time, since sources' times jitter.
	filterSlack = 8

	// maxPictureLateness: a file or test picture that is later than this (the machine slept) continues where it was instead of skipping.
	maxPictureLateness = 2 * time.Second
)

// Sending.
const (
	// defaultVideoBitrate, bit/s, when none is given: 640×360 at 30 looks good, and sound still fits into 800 kbit/s with it.
	defaultVideoBitrate = 650_000
	// smallLong and smallShort are the longer and the shorter side of the small size at most, pixels.
	smallLong, smallShort = 320, 240
	// resizeSpacing is the least time between two changes of a size's height: each one costs a key frame.
	resizeSpacing = time.Second
	// sharpAhead is how far the pictures of a sharp source may be ahead of their bitrate, and sharpLate the longest that one takes, whatever its
	// size: more than a page full of text takes on a small uplink.
	sharpAhead = 100 * time.Millisecond
	sharpLate  = 3 * time.Second
	// tileSmall and tileSmallKeep: percent of the small size that a tile may have for it to be chosen, or kept.
	tileSmall, tileSmallKeep = 120, 150
	// shareBase and shareMiddle are the bits of layer 0, and of 0 and 1, among all, until they were measured.
	shareBase, shareMiddle = 0.42, 0.71
	// shareTolerance: the encoder is told a new bitrate because of changed shares only if it is off by more.
	shareTolerance = 0.1
	// keyFrameSpacing is the least time between key frames on request. One is ten times as large as other frames, and each receiver of a
	// conference may ask for its own.
	keyFrameSpacing = 300 * time.Millisecond
	// keyFrameBurst of them may follow each other so, and then one each keyFrameRefill: that is a sixth more bits.
	keyFrameBurst  = 3
	keyFrameRefill = time.Second
)

// Text: pictures of a sharp source (see sharpener). Pages whose letters are 13 and 15 pixels high, dark ones, too, were looked at.
const (
	// With quantizer textCoarsest they can just be read, with textLegible they are read without effort, with textSharp one has to look for differences
	// to the original, and with textFinest there are none to be seen.
	textCoarsest, textLegible, textSharp, textFinest = 48, 44, 36, 24
	// How long a picture may take: textFluent if it is sharp then, or while somebody types, so that scrolling is fluent where there are bits; textSoon if it is
	// read without effort then; and textPatience otherwise, or to become finer: who scrolls or types then sees that so much later.
	textFluent, textSoon, textPatience = 100 * time.Millisecond, 400 * time.Millisecond, 900 * time.Millisecond
	// textMoving: a page that follows another one so soon is scrolled, or a film, and may be coarse if it is fluent then. What has moved little takes few bits.
	textMoving = time.Second
	// textStep is the step in which a page becomes finer: smaller ones take as many bits together, and show less. textLeastStep is one that is seen.
	textStep, textLeastStep = 6, 3
	// textTyping: a page that was changed so lately, as by somebody who types, becomes no finer once it is sharp, since that delays the next letter.
	textTyping = time.Second
	// textRest is how often a picture is encoded that stays the same: five a second tell everybody that it is alive.
	textRest = 190 * time.Millisecond
	// textNewPage: a picture of which more than one part in so many has changed is another page.
	textNewPage = 20
	// textBits is how many bits ink takes with quantizer 36, and textMostScale how far off that may be where there are pictures and not text, or where
	// a page has only moved.
	textBits, textMostScale = 0.028, 3.0
	// textLeastBits a picture has to be expected to take for its real bits to say something of that.
	textLeastBits = 16_000
)

// Receiving.
const (
	// receiveQueueUnits and receiveQueueBytes bound what waits for the decoder: a second of video; beyond, the decoder is too slow or
	// somebody floods us.
	receiveQueueUnits = 30
	receiveQueueBytes = 4 << 20
	// reorderWindow is how long a unit waits for one before it that is missing: less than a frame time at 30 a second, but
	// more than packets usually overtake each other.
	reorderWindow = 20 * time.Millisecond
	// decodeLate is how long a picture may wait for the decoder until it is left out if no other needs it: two frame times at 24 a second. The processor is
	// too slow for all pictures then, and a queue would only grow.
	decodeLate = 80 * time.Millisecond
	// keyFrameRetry is how often a key frame is asked for while none comes, and keyFrameRetries how often without any sign of the sender.
	keyFrameRetry   = 500 * time.Millisecond
	keyFrameRetries = 10
	// clockJump: a key frame that is older than the last picture by more than this means that the sender's clock was set back.
	clockJump = 5 * time.Second
	// screenWatched: who has not painted a screen for so long does not look; longer than any pause between two paints.
	screenWatched = 2 * time.Second
	// latencySamples bounds what the median is taken of: 10 s at 60 a second.
	latencySamples = 600
)

// Files of received video.
const (
	// displayQueue is how many pictures wait for the disk: 2 s at 30 a second, 20 MB at 640×360.
	displayQueue = 60
	// displayRate is what the file's header says, pictures per second.
	displayRate = 30
	// maxFileName bounds the name made from a person's, in characters.
	maxFileName = 80
)
