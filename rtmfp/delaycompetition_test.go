package rtmfp

import (
	"testing"
	"time"
)

// A queue is somebody else's when it has stayed for long, and not when nothing has been known of it for as long.
func TestAQueueThatStaysIsSomebodyElses(t *testing.T) {
	const (
		ref, rate = 0.025, 1e6
		srtt      = 50 * time.Millisecond
	)
	for _, c := range []struct {
		name     string
		queue    func(at time.Duration) float64
		pause    time.Duration // after a second
		competes bool
	}{
		{"short", func(time.Duration) float64 { return 0.03 }, 0, false},
		{"long", func(time.Duration) float64 { return 0.2 }, 0, true},
		{"falling", func(at time.Duration) float64 { return max(0.3-0.15*at.Seconds(), 0.01) }, 0, false},
		{"long before a pause and after it", func(time.Duration) float64 { return 0.2 }, time.Hour, false},
	} {
		var o competition
		start, begun := 10*time.Second, false
		for at := time.Duration(0); at < 2200*time.Millisecond; at += feedbackInterval {
			now := start + at
			if at >= time.Second {
				now += c.pause
			}
			begun = o.watch(now, srtt, c.queue(at), ref, rate, rate) || begun
		}
		if begun != c.competes || o.competing != c.competes {
			t.Errorf("%s: begun %v, competing %v", c.name, begun, o.competing)
		}
	}
}
