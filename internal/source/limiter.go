package source

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"
)

// limiterBuckets is the number of buckets of a Limiter: 256 KB.
const limiterBuckets = 1 << 13

// Limiter gives sources, or whatever else is told apart by bytes, a bucket of tokens each, in fixed memory and time: a flood
// from many costs neither. Those that fall into the same bucket share it. Safe for concurrent use.
type Limiter struct {
	rate, burst float64
	seed        maphash.Seed // so that nobody can choose to share a victim's bucket

	mu      sync.Mutex
	buckets [limiterBuckets]tokens
}

// tokens counts those taken and not yet given back; its zero value is full.
type tokens struct {
	spent  float64
	filled time.Time
}

// NewLimiter makes full buckets of burst tokens, which fill by rate tokens a second.
func NewLimiter(rate, burst float64) *Limiter {
	return &Limiter{rate: rate, burst: burst, seed: maphash.MakeSeed()}
}

// Take takes n tokens of the household or host that has the address (Of), or tells how long it will be until there are as many.
func (l *Limiter) Take(from netip.Addr, n float64, now time.Time) (wait time.Duration) {
	return l.take(maphash.Comparable(l.seed, Of(from)), n, now)
}

// TakeKey takes n tokens of whom the bytes stand for.
func (l *Limiter) TakeKey(key []byte, n float64, now time.Time) (wait time.Duration) {
	return l.take(maphash.Bytes(l.seed, key), n, now)
}

func (l *Limiter) take(hash uint64, n float64, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := &l.buckets[hash%limiterBuckets]
	if past := now.Sub(b.filled).Seconds(); past > 0 {
		b.spent, b.filled = max(0, b.spent-past*l.rate), now
	}
	n = min(n, l.burst)
	if over := b.spent + n - l.burst; over > 0 {
		return time.Duration(over/l.rate*float64(time.Second)) + 1 // 0 would mean that they were taken
	}
	b.spent += n
	return 0
}
