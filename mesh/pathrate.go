package mesh

import "time"

// pathRate is what may be sent to a far end that does not report when packets arrive: a plain reaction to what the path shows.
// Loss that no longer looks random, or a queue that builds up, lowers it by a fifth; quiet seconds raise it by a twentieth.
type pathRate struct {
	now    int // bit/s
	minRTT time.Duration
	quiet  int // seconds without trouble
	before statsBefore
	at     time.Time // of the last look
}

func newPathRate() *pathRate { return &pathRate{now: startPath} }

// Marks of trouble, per pathEvery.
const (
	pathLoss     = 0.10                   // random loss on a bad radio link stays below; it is not congestion
	pathQueue    = 150 * time.Millisecond // round trip time above its minimum: a queue that people hear
	pathRecovery = 3                      // quiet seconds before more is tried
)

// observe takes one period's share of lost packets, the round trip time (0: unknown) and whether pictures were lost. It returns
// the rate.
func (b *pathRate) observe(loss float64, rtt time.Duration, dropped bool) int {
	if rtt > 0 && (b.minRTT == 0 || rtt < b.minRTT) {
		b.minRTT = rtt
	}
	if dropped || loss >= pathLoss || rtt > b.minRTT+pathQueue {
		b.quiet = 0
		b.now = max(minPath, b.now*4/5)
		return b.now
	}
	b.quiet++
	if b.quiet > pathRecovery {
		b.now = min(startPath, b.now+startPath/20)
	}
	return b.now
}
