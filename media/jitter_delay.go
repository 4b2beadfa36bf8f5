package media

import (
	"slices"
	"time"
)

// delayEstimator learns how long packets travel beyond the fastest, from (arrival − due). Both clocks may be anything:
// only differences count.
//
//	           arrival − due
//	base ────────┤ fastest of the last 10 s
//	             │ ▒▒▒▒▒▒▒▒▒▒▒░░░░  ░    spread: 97 % of events lie within
//	             └──────────────┴──┤
//	                               target: the spread and a margin
//
// An event is the first packet after a pause. Packets that come in one heap were held up by one thing, and the first of
// them has waited longest: counted singly, one stall would look like a rough path.
type delayEstimator struct {
	all    delayWindow
	events delayWindow
	last   time.Time // of arrival
	fresh  int       // packets since the last estimate

	base   time.Duration // the least delay
	target time.Duration
}

// delayWindow is the newest delays.
type delayWindow struct {
	delays [delayPackets]time.Duration
	n, at  int // delays known, next place
}

func (w *delayWindow) add(delay time.Duration) {
	w.delays[w.at] = delay
	w.at = (w.at + 1) % delayPackets
	w.n = min(w.n+1, delayPackets)
}

// percentile is the delay that delayPercent of those known do not exceed: one of the few longest, so nothing need be sorted.
func (w *delayWindow) percentile() time.Duration {
	var longest [delayPackets - delayPackets*delayPercent/100 + 1]time.Duration // the longest first
	most := w.n - (w.n-1)*delayPercent/100
	known := 0
	for _, delay := range w.delays[:w.n] {
		if known == most && delay <= longest[known-1] {
			continue
		}
		known = min(known+1, most)
		at := known - 1
		for ; at > 0 && longest[at-1] < delay; at-- {
			longest[at] = longest[at-1]
		}
		longest[at] = delay
	}
	return longest[most-1]
}

func (d *delayEstimator) reset() {
	d.all.n, d.all.at, d.events.n, d.events.at = 0, 0, 0, 0
	d.fresh, d.last, d.target = 0, time.Time{}, jitterStart
}

// stepped reports whether a delay belongs to another clock than the earlier ones.
func (d *delayEstimator) stepped(delay time.Duration) bool {
	return d.all.n > 0 && (delay-d.base > delayStep || d.base-delay > delayStep)
}

// add learns one packet's delay; true: it is an event.
func (d *delayEstimator) add(delay time.Duration, arrival time.Time) (event bool) {
	if d.all.n == 0 || delay < d.base {
		d.base = delay
	}
	d.all.add(delay)
	if event = arrival.Sub(d.last) > delayHeap; event {
		d.events.add(delay)
	}
	d.last = arrival
	if d.fresh++; d.fresh < delayEvery || d.all.n < delayLearned {
		return event
	}
	d.fresh = 0
	d.base = slices.Min(d.all.delays[:d.all.n])
	spread := time.Duration(0)
	if d.events.n > 0 {
		spread = d.events.percentile() - d.base
	}
	d.target = min(max(spread+jitterMargin, jitterLeast), jitterMost)
	return event
}
