package media

import (
	"math"
	"slices"
)

// voiceDetector tells a person's sound from the noise of the room, for not sending the latter. It belongs to one goroutine; the zero value
// is ready and takes everything for voice at first.
//
//	dB  ▂▂▂▂▂▂▆█▇▆█▇▂▂▂▂▂▂▂▂▂▂
//	           voice  hang-over  silence
//	    ······ floor: falls at once, rises slowly, is never above floorMost
type voiceDetector struct {
	floor float64 // dB of full scale
	known int     // frames heard
	quiet int     // frames in a row that are no voice
}

// add looks at a frame; true: it is to be sent.
func (d *voiceDetector) add(pcm []int16) bool {
	level := max(10*math.Log10(meanSquare(pcm)/(32768*32768)+1e-10), floorLeast)
	switch {
	case d.known == 0 || level < d.floor:
		d.floor = level
	default:
		d.floor = min(d.floor+floorRise, level, floorMost)
	}
	d.floor = min(d.floor, floorMost)
	d.known++
	if level > d.floor+voiceAbove && level > voiceLeast {
		d.quiet = 0
		return true
	}
	d.quiet++
	return d.quiet <= voiceHang || d.known < voiceLearn
}

// comfort is the noise that stands in for a sender's silence, as loud as what was heard before it: without it a voice that
// pauses seems to be cut off.
type comfort struct {
	powers [comfortFrames]float64 // of the last true frames, mean squares
	at, n  int
	seed   uint32
	last   float32
}

// heard takes a true frame.
func (c *comfort) heard(pcm []int16) {
	c.powers[c.at] = meanSquare(pcm)
	c.at = (c.at + 1) % comfortFrames
	c.n = min(c.n+1, comfortFrames)
}

// fill makes a frame of noise; false: of a silence so deep that it is nothing.
func (c *comfort) fill(pcm []int16) bool {
	if c.n == 0 {
		return false
	}
	// What was sent last was the hang-over, so the quietest frames of it are the room.
	power := slices.Min(c.powers[:c.n])
	if power < comfortLeast {
		return false
	}
	// Low-pass noise: x is uniform in ±1 (power 1/3), and y += (x−y)/4 has 1/7 of its power.
	gain := float32(math.Sqrt(min(power, comfortMost) * 3 * 7))
	for i := range pcm {
		c.seed = c.seed*1664525 + 1013904223
		c.last += (float32(int32(c.seed))/(1<<31) - c.last) / 4
		pcm[i] = clip16(c.last * gain)
	}
	return true
}
