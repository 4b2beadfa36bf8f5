package rmcat

import (
	"math/rand/v2"
	"time"
)

// How the encoder behaves, in the manner of RFC 8593's synthetic codec.
const (
	frameInterval    = time.Second / 30
	keyFrameEvery    = 300 // frames
	keyFrameSize     = 4   // of a mean frame
	frameDeviation   = 0.15
	smallestFrame    = 0.4         // of a mean frame, however much is to be made up for
	debtPerFrame     = 0.1         // share of a surplus that one frame makes up for
	rateStepPerFrame = 1.0 / 3     // share of the way to a new target that one frame goes
	startVideoRate   = 2 * 150_000 // bit/s
)

// encoder makes frames whose sizes vary as a video encoder's do: around the mean for the rate, with key frames that
// the following frames make up for, and a rate that follows its target with a lag of a few frames.
type encoder struct {
	rng    *rand.Rand
	rate   float64 // bit/s
	frames int
	debt   float64 // bytes that were too many
}

func newEncoder(seed uint64) *encoder {
	return &encoder{rng: rand.New(rand.NewPCG(seed, 0xf7a3e)), rate: startVideoRate}
}

// next is the size in bytes of the next frame; target is what the picture may take, in bit/s.
func (e *encoder) next(target float64) int {
	target = min(max(target, minVideoRate), maxVideoRate)
	e.rate += (target - e.rate) * rateStepPerFrame
	mean := e.rate / 8 * frameInterval.Seconds()
	size := mean * (1 + min(max(e.rng.NormFloat64(), -2), 2)*frameDeviation)
	if e.frames%keyFrameEvery == 0 {
		size *= keyFrameSize
	}
	e.frames++
	size = max(size-e.debt*debtPerFrame, mean*smallestFrame)
	e.debt += size - mean
	return int(size)
}
