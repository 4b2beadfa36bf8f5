package rtmfp

import (
	"hash/maphash"
	"net/netip"
	"time"
)

// bucket is a token bucket. The zero bucket is full.
type bucket struct {
	used float64
	at   time.Time
}

// take takes one token, if there is one.
func (b *bucket) take(now time.Time, rate, burst float64) bool {
	b.used = max(0, b.used-now.Sub(b.at).Seconds()*rate)
	b.at = now
	if b.used+1 > burst {
		return false
	}
	b.used++
	return true
}

// sourceLimiter limits what is done for each source network, in fixed memory.
type sourceLimiter struct {
	seed    maphash.Seed
	buckets [sourceBuckets]bucket
}

func (l *sourceLimiter) init() { l.seed = maphash.MakeSeed() }

// allow reports whether a startup packet from the address may be looked at.
func (l *sourceLimiter) allow(from netip.Addr, now time.Time) bool {
	bits := 24
	if from.Is6() {
		bits = 56
	}
	prefix, err := from.Prefix(bits)
	if err != nil {
		return false
	}
	i := maphash.Comparable(l.seed, prefix) % sourceBuckets
	return l.buckets[i].take(now, sourceRate, sourceBurst)
}
