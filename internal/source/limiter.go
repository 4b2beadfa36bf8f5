package source

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"
)

// limiterBuckets is the number of buckets of a Limiter, 512 KB: with a thousand sources at once one in seventeen shares its bucket
// with another.
const limiterBuckets = 1 << 14

// Limiter gives sources, or whatever else is told apart by bytes, a bucket of tokens each, in fixed memory and time: a flood
// from many costs neither. Those that fall into the same bucket share it. Safe for concurrent use.
type Limiter struct {
	rate, burst float64
	seed        maphash.Seed // so that nobody can choose to share a victim's bucket

	mu      sync.Mutex
	buckets [limiterBuckets]Bucket
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
	return l.buckets[hash%limiterBuckets].Take(n, l.rate, l.burst, now)
}
