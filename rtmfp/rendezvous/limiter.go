package rendezvous

import (
	"context"
	"net/netip"
	"sync"
	"time"
)

// bucket is a token bucket. Its zero value is full.
type bucket struct {
	spent  float64 // tokens taken and not yet given back
	filled time.Time
}

// take takes a token, or tells how long it will be until there is one.
func (b *bucket) take(now time.Time, rate, burst float64) (wait time.Duration) {
	b.refill(now, rate)
	if b.spent+1 > burst {
		// Rounded up: 0 would mean that a token was taken.
		return time.Duration((b.spent+1-burst)/rate*float64(time.Second)) + 1
	}
	b.spent++
	return 0
}

func (b *bucket) refill(now time.Time, rate float64) {
	b.spent = max(0, b.spent-now.Sub(b.filled).Seconds()*rate)
	b.filled = now
}

// pacer makes the commands of one client wait.
type pacer struct {
	mu     sync.Mutex
	bucket bucket
}

func (p *pacer) wait(ctx context.Context) error {
	for {
		p.mu.Lock()
		d := p.bucket.take(time.Now(), commandRate, commandBurst)
		p.mu.Unlock()
		if d == 0 {
			return nil
		}
		t := time.NewTimer(d)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		}
	}
}

// sources gives each source address a bucket for introductions. Guarded by the service's mutex.
type sources map[netip.Prefix]*bucket

// take takes a token of a source. When too many are known, those who have been
// quiet are forgotten; if none has, newcomers share one bucket.
func (s sources) take(from netip.Addr, now time.Time) bool {
	source := sourceOf(from)
	b := s[source]
	if b == nil {
		if len(s) >= maxSources {
			s.forget(now)
		}
		if len(s) >= maxSources {
			source = netip.Prefix{}
		}
		if b = s[source]; b == nil {
			b = &bucket{}
			s[source] = b
		}
	}
	return b.take(now, introductionRate, introductionBurst) == 0
}

func (s sources) forget(now time.Time) {
	for source, b := range s {
		if b.refill(now, introductionRate); b.spent == 0 {
			delete(s, source)
		}
	}
}

// sourceOf is what one household or host has: an IPv4 address or an IPv6 /64.
func sourceOf(a netip.Addr) netip.Prefix {
	a = a.Unmap()
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}
