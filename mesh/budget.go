package mesh

import (
	"math"
	"time"
)

// budget decides how much sound and picture one call may send. Where the far end reports when packets arrive, that is what
// the session's congestion control grants. Elsewhere it is a plain reaction to what the path shows: loss that no longer looks
// random, or a queue that builds up, lowers it by a fifth; quiet seconds raise it by a twentieth.
type budget struct {
	now    int // bit/s
	minRTT time.Duration
	quiet  int // seconds without trouble
}

func newBudget() *budget { return &budget{now: startBudget} }

// Marks of trouble, per budgetEvery.
const (
	budgetLoss     = 0.10                   // random loss on a bad radio link stays below; it is not congestion
	budgetQueue    = 150 * time.Millisecond // round trip time above its minimum: a queue that people hear
	budgetRecovery = 3                      // quiet seconds before more is tried
)

// Shares of what is granted.
const (
	grantedShare = 0.9  // for sound and picture; the rest is for signals, acknowledgements and what is sent again
	grantedRise  = 0.1  // of the budget, the most that is added at a time: a picture that grows is used before more is tried
	grantedNoise = 0.05 // of the budget: less is no change worth telling the encoder
)

// observe takes one period's share of lost packets, the round trip time (0: unknown) and whether our own queue dropped
// frames. It reports the budget and whether it has changed.
func (b *budget) observe(loss float64, rtt time.Duration, dropped bool) (int, bool) {
	if rtt > 0 && (b.minRTT == 0 || rtt < b.minRTT) {
		b.minRTT = rtt
	}
	before := b.now
	if dropped || loss >= budgetLoss || rtt > b.minRTT+budgetQueue {
		b.quiet = 0
		b.now = max(minBudget, b.now*4/5)
		return b.now, b.now != before
	}
	b.quiet++
	if b.quiet > budgetRecovery {
		b.now = min(startBudget, b.now+startBudget/20)
	}
	return b.now, b.now != before
}

// follow takes the bit/s that the session's congestion control grants (rtmfp.Stats.SendRate), and reports like observe. It is
// obeyed at once when it falls.
func (b *budget) follow(rate float64) (int, bool) {
	before := float64(b.now)
	now := min(max(rate*grantedShare, minBudget), before*(1+grantedRise), startBudget)
	if now == before || math.Abs(now-before) < before*grantedNoise && now != startBudget {
		return b.now, false
	}
	b.now = int(now)
	return b.now, true
}
