package source

import "time"

// Bucket is a token bucket, for one limit: rate tokens come a second, up to burst. Its zero value is full. Not for concurrent use.
type Bucket struct {
	spent  float64 // tokens taken and not yet given back
	filled time.Time
}

// Take takes n tokens, which count for no more than the burst, or tells how long it will be until there are as many.
func (b *Bucket) Take(n, rate, burst float64, now time.Time) (wait time.Duration) {
	if past := now.Sub(b.filled).Seconds(); past > 0 {
		b.spent, b.filled = max(0, b.spent-past*rate), now
	}
	n = min(n, burst)
	if over := b.spent + n - burst; over > 0 {
		return time.Duration(over/rate*float64(time.Second)) + 1 // 0 would mean that they were taken
	}
	b.spent += n
	return 0
}
