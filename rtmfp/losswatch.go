package rtmfp

import (
	"math"
	"time"
)

// lossWatch tells loss that comes from sending too much from loss that is always there. The latter is what remains in the
// best of the late periods. More than that is taken for congestion, on trial: the rate is lowered, and if the loss stays,
// it was not.
type lossWatch struct {
	acked, lost int // packets in this period
	began       time.Duration
	ratios      [lossPeriods]float64
	n           int
	usual       float64 // of the periods remembered, the least
	last        float64 // of the last period

	clean    float64 // what was sent, in bit/s, in late periods without excess loss, at most
	suspect  bool    // the last period had excess loss for which nothing was done
	trial    bool    // the rate was lowered for its loss
	before   float64 // the rate before that
	high     float64 // the loss that it was lowered for
	ceiling  float64 // the rate that the path carries without excess loss
	heldTill time.Duration
	restore  float64 // a rate that was lowered in error
}

// check ends a period when it is long enough. excess says that the rate is to be lowered to ceiling.
func (l *lossWatch) check(now time.Duration, rate, delivered float64) (excess bool, ceiling float64) {
	n := l.acked + l.lost
	age := now - l.began
	if n < lossLeast || age < lossPeriod {
		if age < lossLongest {
			return false, 0
		}
		if n < lossTooFew {
			l.acked, l.lost, l.began = 0, 0, now
			return false, 0
		}
	}
	p := float64(l.lost) / float64(n)
	l.acked, l.lost, l.began = 0, 0, now
	l.last = p
	deviation := math.Sqrt(p * (1 - p) / float64(n))
	if l.trial {
		l.trial = false
		if p-l.usual > l.high*lossRemains {
			// Lowering did not help: that is how this path is.
			l.n = 0
			l.heldTill = 0
			l.restore = l.before
		}
	}
	l.ratios[l.n%lossPeriods] = p
	l.n++
	known := min(l.n, lossPeriods)
	if known == 1 {
		l.usual = p // the first: nothing to compare with
	} else {
		l.usual = math.Inf(1)
		for _, r := range l.ratios[:known] {
			l.usual = min(l.usual, r)
		}
	}
	excess = p > lossMost || p-l.usual > max(lossExcess, lossCertain*deviation)
	sent := delivered / (1 - p)
	if !excess {
		l.suspect = false
		l.clean = max(l.clean*lossCleanKept, sent)
		return false, 0
	}
	// Of what the path has carried before, one bad period may be chance.
	if again := l.suspect; sent < l.clean*lossCleanMore && !again {
		l.suspect = true
		return false, 0
	}
	switch {
	case p > lossMost:
		return true, rate * (1 - (p - lossMost))
	case delivered > 0:
		l.trial, l.before, l.high = true, rate, p-l.usual
		l.ceiling = min(rate, delivered/(1-l.usual)*lossMargin)
		l.heldTill = now + lossHold
		return true, l.ceiling
	}
	return false, 0
}

// restart forgets the present period.
func (l *lossWatch) restart(now time.Duration) { l.acked, l.lost, l.began = 0, 0, now }

// takeRestored is a rate that was lowered in error, once.
func (l *lossWatch) takeRestored() float64 {
	r := l.restore
	l.restore = 0
	return r
}

// limit is the rate that is not to be exceeded for some time after excess loss.
func (l *lossWatch) limit(now time.Duration) float64 {
	if now < l.heldTill {
		return l.ceiling
	}
	return math.Inf(1)
}
