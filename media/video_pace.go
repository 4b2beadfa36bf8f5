package media

import (
	"context"
	"time"

	"sundog.dev/sundog/media/y4m"
)

// videoPacer keeps a schedule without drift: picture n is due at start + n/rate, however long things take. A reader that comes late gets the
// newest picture that is due.
type videoPacer struct {
	clip  y4m.Header // its rate
	start time.Time  // when picture 0 was due; zero before the first
	next  int64
}

// pick is the number of the picture to show next and when it is due.
func (p *videoPacer) pick(now time.Time) (n int64, due time.Time) {
	if p.start.IsZero() {
		p.start = now
	}
	n = p.next
	if now.Sub(p.due(n)) > maxPictureLateness {
		p.start = now.Add(-p.clip.FrameTime(n))
	}
	for !p.due(n + 1).After(now) {
		n++
	}
	p.next = n + 1
	return n, p.due(n)
}

func (p *videoPacer) due(n int64) time.Time { return p.start.Add(p.clip.FrameTime(n)) }

// waitUntil returns at the given moment, or earlier with the context's error.
func waitUntil(ctx context.Context, at time.Time) error {
	d := time.Until(at)
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
