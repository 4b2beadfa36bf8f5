package mesh

import "time"

// budget decides how much sound and picture one call may send. It is a plain reaction to what the path shows: loss that no
// longer looks random, or a queue that builds up, lowers it by a fifth; quiet seconds raise it by a twentieth.
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
