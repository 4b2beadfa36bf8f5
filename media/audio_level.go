package media

import (
	"math"
	"sync/atomic"
)

const (
	// quietest is the loudness that a meter shows as nothing, dB of full scale: the noise of a quiet room.
	quietest = -60.0
	// levelFall is how much of a meter's level is left 20 ms later: half after 90 ms, as eyes can follow.
	levelFall = 0.86
)

// meter measures loudness; any goroutine may read it.
type meter struct {
	bits atomic.Uint64
}

// add measures a frame: the level rises at once and falls slowly.
func (m *meter) add(pcm []int16) {
	m.bits.Store(math.Float64bits(max(loudness(pcm), m.level()*levelFall)))
}

// silence is a frame without sound.
func (m *meter) silence() { m.bits.Store(math.Float64bits(m.level() * levelFall)) }

// level is 0 (nothing) to 1 (full scale).
func (m *meter) level() float64 {
	v := math.Float64frombits(m.bits.Load())
	if v < 0.01 {
		return 0
	}
	return v
}

// loudness is the root mean square, on a scale of decibels from quietest (0) to a full-scale sine (1).
func loudness(pcm []int16) float64 {
	power := meanSquare(pcm) / (32768 * 32768 / 2)
	if power == 0 {
		return 0
	}
	return min(max(1-10*math.Log10(power)/quietest, 0), 1)
}

func meanSquare(pcm []int16) float64 {
	if len(pcm) == 0 {
		return 0
	}
	var sum int64
	for _, v := range pcm {
		sum += int64(v) * int64(v)
	}
	return float64(sum) / float64(len(pcm))
}
