package rendezvous

import (
	"context"
	"hash/maphash"
	"net/netip"
	"sync"
	"time"

	"sundog.dev/sundog/internal/source"
)

// bucket is a token bucket. Its zero value is full.
type bucket struct {
	spent  float64 // tokens taken and not yet given back
	filled time.Time
}

// take takes a token, or tells how long it will be until there is one.
func (b *bucket) take(now time.Time, rate, burst float64) (wait time.Duration) {
	b.spent = max(0, b.spent-now.Sub(b.filled).Seconds()*rate)
	b.filled = now
	if b.spent+1 > burst {
		// Rounded up: 0 would mean that a token was taken.
		return time.Duration((b.spent+1-burst)/rate*float64(time.Second)) + 1
	}
	b.spent++
	return 0
}

// pacer makes what one client says wait.
type pacer struct {
	mu     sync.Mutex
	bucket bucket
}

// wait waits until the rate (per second) and the burst allow one more.
func (p *pacer) wait(ctx context.Context, rate, burst float64) error {
	for {
		p.mu.Lock()
		d := p.bucket.take(time.Now(), rate, burst)
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

// sources gives source addresses a bucket each, in fixed memory and time: a flood from forged addresses
// costs neither. Sources that fall into the same bucket share it. Guarded by its owner's mutex.
type sources struct {
	rate, burst float64
	seed        maphash.Seed // so that nobody can choose to share a victim's bucket
	buckets     [sourceBuckets]bucket
}

func newSources(rate, burst float64) *sources {
	return &sources{rate: rate, burst: burst, seed: maphash.MakeSeed()}
}

// take takes a token of a source.
func (s *sources) take(from netip.Addr, now time.Time) bool {
	i := maphash.Comparable(s.seed, source.Of(from)) % sourceBuckets
	return s.buckets[i].take(now, s.rate, s.burst) == 0
}
