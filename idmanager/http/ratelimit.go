package http

import (
	"net/netip"
	"sync"
	"time"
)

// rateLimiter gives each source a bucket of tokens. Its memory is bounded: when
// too many sources are known those whose buckets are full again are
// forgotten, and if none is, newcomers share one bucket.
type rateLimiter struct {
	mu      sync.Mutex
	buckets map[netip.Prefix]bucket
}

type bucket struct {
	tokens float64
	filled time.Time
}

// shared is the bucket of those for whom there is no room.
var shared = netip.Prefix{}

// allow takes a token for one request from addr.
func (l *rateLimiter) allow(addr netip.Addr, now time.Time) bool {
	addr = addr.Unmap()
	if addr.IsLoopback() {
		return true
	}
	source := sourceOf(addr)
	l.mu.Lock()
	defer l.mu.Unlock()
	b, known := l.buckets[source]
	if !known {
		if len(l.buckets) >= maxSources {
			l.forget(now)
		}
		if len(l.buckets) >= maxSources {
			source = shared
			b, known = l.buckets[source]
		}
	}
	if !known {
		b = bucket{tokens: sourceBurst}
	}
	b = b.fill(now)
	allowed := b.tokens >= 1
	if allowed {
		b.tokens--
	}
	l.buckets[source] = b
	return allowed
}

// sourceOf is what one household or host has: an IPv4 address or an IPv6 /64.
func sourceOf(addr netip.Addr) netip.Prefix {
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	p, err := addr.Prefix(bits)
	if err != nil {
		return shared
	}
	return p
}

func (l *rateLimiter) forget(now time.Time) {
	for source, b := range l.buckets {
		if b.fill(now).tokens >= sourceBurst {
			delete(l.buckets, source)
		}
	}
}

func (b bucket) fill(now time.Time) bucket {
	if !b.filled.IsZero() {
		b.tokens = min(b.tokens+now.Sub(b.filled).Seconds()*sourceRate, sourceBurst)
	}
	b.filled = now
	return b
}
