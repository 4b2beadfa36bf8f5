package rtmfp

import (
	"math"
	"time"
)

// baseDelay is the least delay of late, by parts of the time that is remembered: a clock that drifts, or a path that has
// become longer, is forgotten with its part. Delays are differences of two clocks and mean nothing by themselves.
type baseDelay struct {
	delays [baseParts]float64
	rtts   [baseParts]time.Duration
	until  time.Duration // end of the present part
	last   float64       // the delay before
	known  bool
	isNew  bool // with the last update
}

// update takes in a delay, in seconds, and returns the base. Two in a row must be so low: one may be the clock's error.
// hold says that there has been a queue for long, so that nothing better can come.
func (b *baseDelay) update(now time.Duration, delay float64, hold bool) float64 {
	b.isNew = !b.known
	if !b.known {
		b.known = true
		b.last = delay
		b.until = now + basePart
		for i := range b.delays {
			b.delays[i] = math.Inf(1)
		}
	}
	b.turn(now, hold)
	b.delays[0] = min(b.delays[0], max(delay, b.last))
	b.last = delay
	return b.value()
}

// turn begins a new part when it is time. hold keeps what would be forgotten with the oldest.
func (b *baseDelay) turn(now time.Duration, hold bool) {
	for n := 0; now >= b.until && n <= baseParts; n++ {
		if oldest := baseParts - 1; hold {
			b.delays[oldest-1] = min(b.delays[oldest-1], b.delays[oldest])
			if b.rtts[oldest-1] == 0 || b.rtts[oldest] > 0 && b.rtts[oldest] < b.rtts[oldest-1] {
				b.rtts[oldest-1] = b.rtts[oldest]
			}
		}
		copy(b.delays[1:], b.delays[:])
		copy(b.rtts[1:], b.rtts[:])
		b.delays[0], b.rtts[0] = math.Inf(1), 0
		b.until += basePart
	}
	if now >= b.until {
		b.until = now + basePart
	}
}

// value is the base; 0 while unknown.
func (b *baseDelay) value() float64 {
	if !b.known {
		return 0
	}
	v := math.Inf(1)
	for _, d := range b.delays {
		v = min(v, d)
	}
	if math.IsInf(v, 1) {
		return b.last
	}
	return v
}

// rtt takes in a round trip time.
func (b *baseDelay) rtt(rtt time.Duration) {
	if b.rtts[0] == 0 || rtt < b.rtts[0] {
		b.rtts[0] = rtt
	}
}

// leastRTT is the least round trip time of late; 0 while unknown.
func (b *baseDelay) leastRTT() time.Duration {
	var v time.Duration
	for _, r := range b.rtts {
		if r > 0 && (v == 0 || r < v) {
			v = r
		}
	}
	return v
}
