package rtmfp

import (
	"hash/maphash"
	"net/netip"
	"time"

	"sundog.dev/sundog/internal/source"
)

// sourceLimiter limits what is done for each source network, in fixed memory.
type sourceLimiter struct {
	seed    maphash.Seed
	buckets [sourceBuckets]source.Bucket
}

func (l *sourceLimiter) init() { l.seed = maphash.MakeSeed() }

// allow reports whether a startup packet from the address may be looked at.
func (l *sourceLimiter) allow(from netip.Addr, now time.Time) bool {
	i := maphash.Comparable(l.seed, sourceNetwork(from)) % sourceBuckets
	return l.buckets[i].Take(1, sourceRate, sourceBurst, now) == 0
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
