package media

import (
	"slices"
	"time"
)

// delayEstimator learns how long packets travel beyond the fastest, from (arrival − due). Both clocks may be anything:
// only differences count.
//
//	            arrival − due
//	 base ────────┤ fastest of the last 10 s
//	              │ ▒▒▒▒▒▒▒▒▒▒▒░░░░  ░   spread: 97 % lie within
//	              └──────────────┬──┬──
//	                             │  └ target: the spread and a margin
type delayEstimator struct {
	delays  [delayPackets]time.Duration
	scratch [delayPackets]time.Duration
	n, at   int // delays known, next place
	fresh   int // delays since the last estimate

	base   time.Duration // the least delay
	target time.Duration
}

func (d *delayEstimator) reset() {
	d.n, d.at, d.fresh, d.target = 0, 0, 0, jitterStart
}

// stepped reports whether a delay belongs to another clock than the earlier ones.
func (d *delayEstimator) stepped(delay time.Duration) bool {
	return d.n > 0 && (delay-d.base > delayStep || d.base-delay > delayStep)
}

// add learns one packet's delay.
func (d *delayEstimator) add(delay time.Duration) {
	if d.n == 0 || delay < d.base {
		d.base = delay
	}
	d.delays[d.at] = delay
	d.at = (d.at + 1) % delayPackets
	d.n = min(d.n+1, delayPackets)
	if d.fresh++; d.fresh < delayEvery || d.n < delayLearned {
		return
	}
	d.fresh = 0
	sorted := d.scratch[:d.n]
	copy(sorted, d.delays[:d.n])
	slices.Sort(sorted)
	d.base = sorted[0]
	spread := sorted[(d.n-1)*delayPercent/100] - d.base
	d.target = min(max(spread+jitterMargin, jitterLeast), jitterMost)
}
