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
	i := maphash.Comparable(l.seed, sourceNetwork(from)) % sourceBuckets
	return l.buckets[i].take(now, sourceRate, sourceBurst)
}

// sourceNetwork is what counts as one source: a /24 or /56.
func sourceNetwork(a netip.Addr) netip.Prefix {
	bits := 24
	if a.Is6() {
		bits = 56
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}
