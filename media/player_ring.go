package media

import (
	"math"
	"time"
)

// Ring is a signal that a Player repeats by itself: a phone's ring, or what a caller hears meanwhile.
// It is 48 kHz mono like all sound, and does not change once made.
type Ring struct {
	pcm []int16 // a whole number of frames
}

// ringFade is how long a ring's parts take to come and go, so that they do not click.
const ringFade = 10 * time.Millisecond

// ringPart is a chord of sines of equal strength.
type ringPart struct {
	from, to  time.Duration
	hertz     []float64
	amplitude float64 // of each sine; 1 is full scale
}

// NewRingTone makes the ring of the Video Phone: a bright tone, a warble of four, and silence, in all 6 s.
func NewRingTone() *Ring {
	return newRing(6*time.Second,
		ringPart{0, 396 * time.Millisecond, []float64{784}, 0.2},
		ringPart{396 * time.Millisecond, 2 * time.Second, []float64{646, 672, 1034, 1060}, 0.1})
}

// NewRingbackTone makes what a caller hears while it rings: 425 Hz for 1 s in 5 s, as ETSI ES 203 021-3 has it for Europe.
func NewRingbackTone() *Ring {
	return newRing(5*time.Second, ringPart{0, time.Second, []float64{425}, 0.1})
}

func newRing(cycle time.Duration, parts ...ringPart) *Ring {
	r := &Ring{pcm: make([]int16, cycle/FrameTime*FrameSamples)}
	fade := samplesIn(ringFade)
	for _, p := range parts {
		from, to := samplesIn(p.from), samplesIn(p.to)
		for i := from; i < to; i++ {
			edge := min(i-from, to-1-i, fade)
			var v float64
			for _, hz := range p.hertz {
				v += math.Sin(2 * math.Pi * hz * float64(i-from) / SampleRate)
			}
			r.pcm[i] = int16(math.MaxInt16 * p.amplitude * v * float64(edge) / float64(fade))
		}
	}
	return r
}

func samplesIn(d time.Duration) int { return int(d * SampleRate / time.Second) }

// read copies the frame at a place into dst and returns the place of the next.
func (r *Ring) read(dst *[FrameSamples]int16, at int) int {
	if at >= len(r.pcm) {
		at = 0
	}
	return at + copy(dst[:], r.pcm[at:])
}

// Ring repeats a signal beside whatever else is played, from its beginning; nil ends it.
func (p *Player) Ring(r *Ring) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ring = r
}
