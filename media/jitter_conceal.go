package media

import "math"

const (
	// historySamples of what was heard are kept, 60 ms: two of the longest pitch periods and a window to compare.
	historySamples = SampleRate * 6 / 100
	// pitchLeast and pitchMost are the periods of voices, 400 to 62 Hz, in samples.
	pitchLeast = SampleRate / 400
	pitchMost  = SampleRate * 16 / 1000
	// pitchVoiced is the correlation from which sound has a pitch.
	pitchVoiced = 0.5
	// pitchCoarse: pitch is looked for at this fraction of the rate first.
	pitchCoarse = 6
	// seamSamples is how long a step at the beginning of made-up sound takes to vanish, 2 ms.
	seamSamples = SampleRate / 500
)

// concealer makes up sound where packets are missing: it repeats the last pitch period of what was heard, ever softer, and
// cross-fades to true sound when that comes back.
type concealer struct {
	history [historySamples]int16 // what was heard last
	coarse  [historySamples / pitchCoarse]float32

	run    int                // samples made up in this run; 0: true sound
	cycle  [pitchMost]float32 // what is repeated
	period int
	step   float32 // the jump at the seam, which fades
	length int     // samples until silence
	heard  bool    // there was true sound before
	tail   [mergeSamples]int16
}

// lost makes up a whole frame.
func (c *concealer) lost(frame []int16) {
	c.extend(frame)
	c.remember(frame)
}

// good takes a true frame. It is changed only where it follows made-up sound, or does not follow what was heard (cut).
func (c *concealer) good(frame []int16, cut bool) {
	if c.heard && (c.run > 0 || cut) {
		c.extend(c.tail[:])
		for i, old := range c.tail {
			w := float32(i+1) / (mergeSamples + 1)
			frame[i] = int16(float32(old)*(1-w) + float32(frame[i])*w)
		}
	}
	c.run, c.heard = 0, true
	c.remember(frame)
}

// quiet says that nothing is heard for a while.
func (c *concealer) quiet() {
	clear(c.history[:])
	c.run = 0
}

func (c *concealer) remember(frame []int16) {
	n := copy(c.history[:], c.history[len(frame):])
	copy(c.history[n:], frame)
}

// extend goes on from what was heard or made up last.
func (c *concealer) extend(out []int16) {
	if c.run == 0 {
		c.begin()
	}
	for i := range out {
		gain := float32(1)
		if c.run > concealFull {
			gain = max(0, 1-float32(c.run-concealFull)/float32(c.length-concealFull))
		}
		v := c.cycle[c.run%c.period]
		if c.run < seamSamples {
			v += c.step * (1 - float32(c.run)/seamSamples)
		}
		out[i] = clip16(v * gain)
		c.run++
	}
}

// begin finds the pitch and cuts out the period to repeat. Its end is blended into what came before its beginning, so that
// it repeats without a step.
func (c *concealer) begin() {
	period, match := c.pitch()
	c.length = concealSamples
	if match < pitchVoiced {
		// Noise: the longest piece, since a short one repeated would hum.
		period, c.length = pitchMost, concealNoiseSamples
	}
	c.period = period
	last := c.history[historySamples-period:]
	for i, v := range last {
		c.cycle[i] = float32(v)
	}
	blend := period / 4
	before := c.history[historySamples-period-blend:]
	for i := range blend {
		w := float32(i+1) / float32(blend+1)
		at := period - blend + i
		c.cycle[at] = c.cycle[at]*(1-w) + float32(before[i])*w
	}
	c.step = float32(c.history[historySamples-1]) - float32(c.history[historySamples-period-1])
}

// pitch is the period at which the end of the history repeats best, and how well (−1..1).
func (c *concealer) pitch() (period int, match float64) {
	for i := range c.coarse {
		var sum int32
		for _, v := range c.history[i*pitchCoarse : (i+1)*pitchCoarse] {
			sum += int32(v)
		}
		c.coarse[i] = float32(sum)
	}
	const window = SampleRate / pitchCoarse / 50 // 20 ms
	end := len(c.coarse)
	period, match = pitchLeast, -1
	for lag := pitchLeast / pitchCoarse; lag <= pitchMost/pitchCoarse; lag++ {
		if m := match32(c.coarse[end-window:], c.coarse[end-window-lag:end-lag]); m > match {
			period, match = lag*pitchCoarse, m
		}
	}
	const fine = SampleRate / 100
	best := -1.0
	around := period
	for lag := max(around-pitchCoarse, pitchLeast); lag <= min(around+pitchCoarse, pitchMost); lag++ {
		if m := match16(c.history[historySamples-fine:], c.history[historySamples-fine-lag:historySamples-lag]); m > best {
			period, best = lag, m
		}
	}
	return period, match
}

// match32 is the normalised correlation of two pieces of the same length, −1..1; of silence 0.
func match32(a, b []float32) float64 {
	var ab, aa, bb float32
	for i, x := range a {
		y := b[i]
		ab += x * y
		aa += x * x
		bb += y * y
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return float64(ab) / math.Sqrt(float64(aa)*float64(bb))
}

// match16 is match32 for samples.
func match16(a, b []int16) float64 {
	var ab, aa, bb int64
	for i, v := range a {
		x, y := int64(v), int64(b[i])
		ab += x * y
		aa += x * x
		bb += y * y
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return float64(ab) / math.Sqrt(float64(aa)*float64(bb))
}

func clip16(v float32) int16 {
	return int16(min(max(v, math.MinInt16), math.MaxInt16))
}
