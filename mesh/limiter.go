package mesh

import "time"

// limiter is a token bucket: rate events a second on average, burst at once. Not for concurrent use.
type limiter struct {
	rate, burst float64
	tokens      float64
	last        time.Time
}

func newLimiter(perSecond, burst float64, now time.Time) *limiter {
	return &limiter{rate: perSecond, burst: burst, tokens: burst, last: now}
}

func (l *limiter) fill(now time.Time) {
	l.tokens = min(l.burst, l.tokens+l.rate*now.Sub(l.last).Seconds())
	l.last = now
}

// allow takes one event if the bucket has room for it.
func (l *limiter) allow(now time.Time) bool {
	l.fill(now)
	if l.tokens < 1 {
		return false
	}
	l.tokens--
	return true
}

// wait takes one event and tells how long to wait before acting on it, 0 within the burst.
func (l *limiter) wait(now time.Time) time.Duration {
	l.fill(now)
	l.tokens--
	if l.tokens >= 0 {
		return 0
	}
	return time.Duration(-l.tokens / l.rate * float64(time.Second))
}
