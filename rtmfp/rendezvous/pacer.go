package rendezvous

import (
	"context"
	"sync"
	"time"

	"sundog.dev/sundog/internal/source"
)

// pacer makes what one client says wait.
type pacer struct {
	mu     sync.Mutex
	bucket source.Bucket
}

// wait waits until the rate (per second) and the burst allow one more.
func (p *pacer) wait(ctx context.Context, rate, burst float64) error {
	for {
		p.mu.Lock()
		d := p.bucket.Take(1, rate, burst, time.Now())
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
