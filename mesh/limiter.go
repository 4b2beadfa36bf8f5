package mesh

import (
	"context"
	"time"

	"sundog.dev/sundog/internal/source"
)

// limiter is a bucket with what it is for: rate events a second on average, burst at once. Not for concurrent use.
type limiter struct {
	rate, burst float64
	bucket      source.Bucket
}

func newLimiter(perSecond, burst float64) *limiter { return &limiter{rate: perSecond, burst: burst} }

// allow takes one event if the bucket has room for it.
func (l *limiter) allow(now time.Time) bool { return l.bucket.Take(1, l.rate, l.burst, now) == 0 }

// pause takes one event as soon as there is room for it; false if ctx has ended before.
func (l *limiter) pause(ctx context.Context) bool {
	for {
		d := l.bucket.Take(1, l.rate, l.burst, time.Now())
		if d == 0 {
			return true
		}
		if !sleep(ctx, d) {
			return false
		}
	}
}
