package http

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"

	"sundog.dev/sundog/internal/source"
)

// rateLimiter gives source addresses buckets of tokens, in fixed memory and time. Sources that
// fall into the same bucket share it.
type rateLimiter struct {
	seed maphash.Seed // so that nobody can choose to share a victim's bucket

	mu      sync.Mutex
	buckets [sourceBuckets]bucket
}

// bucket counts the tokens taken and not yet given back; its zero value is full.
type bucket struct {
	spent  float64
	filled time.Time
}

func newRateLimiter() *rateLimiter { return &rateLimiter{seed: maphash.MakeSeed()} }

// allow takes a token for one request from addr.
func (l *rateLimiter) allow(addr netip.Addr, now time.Time) bool {
	from := source.Of(addr)
	if from.Addr().IsLoopback() {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	b := &l.buckets[maphash.Comparable(l.seed, from)%sourceBuckets]
	b.spent = max(0, b.spent-now.Sub(b.filled).Seconds()*sourceRate)
	b.filled = now
	if b.spent+1 > sourceBurst {
		return false
	}
	b.spent++
	return true
}
