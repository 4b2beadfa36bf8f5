package media

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// queue is a link's queue over time: how long a packet that comes now waits. Nothing overtakes in it.
type queue func(r *rand.Rand, n int) time.Duration

// queues are kinds of queues whose 95th percentile is 60 ms.
var queues = map[string]func() queue{
	"that swings as congestion control does": func() queue {
		return func(_ *rand.Rand, n int) time.Duration { // up over 3 s, down over 1 s
			at := float64(n%200) / 200
			if at < 0.75 {
				return time.Duration(62 * float64(time.Millisecond) * at / 0.75)
			}
			return time.Duration(62 * float64(time.Millisecond) * (1 - at) / 0.25)
		}
	},
	"that wanders": func() queue { // squares of a slowly wandering value, mostly low
		x, y := 0.0, 0.0
		return func(r *rand.Rand, _ int) time.Duration {
			x, y = 0.95*x+0.312*r.NormFloat64(), 0.95*y+0.312*r.NormFloat64()
			return time.Duration(10 * (x*x + y*y) * float64(time.Millisecond))
		}
	},
	"that bursts of pictures fill": func() queue { // each 50 ms a picture comes before the sound, sometimes a key frame
		left := 0.0
		return func(r *rand.Rand, n int) time.Duration {
			if n%5 == 0 || n%5 == 2 {
				left += 16 + 40*r.Float64()*r.Float64()
				if r.IntN(60) == 0 {
					left += 60
				}
			}
			left = math.Max(0, left-13.2)
			return time.Duration(left * float64(time.Millisecond))
		}
	},
	"that is noise": func() queue {
		return func(r *rand.Rand, _ int) time.Duration { return time.Duration(r.Int64N(int64(63 * time.Millisecond))) }
	},
}

func TestAQueueWithoutLossIsHardlyHeard(t *testing.T) {
	for name, open := range queues {
		q, r := open(), rand.New(rand.NewPCG(7, 8))
		var waits []time.Duration
		var last time.Time
		l := newListener(time.Unix(1000, 0))
		start := l.now
		var delays []time.Duration
		played := 0
		stream(l, 120*time.Second, FrameTime, func(n int) time.Duration {
			sent := start.Add(time.Duration(n) * FrameTime)
			at := sent.Add(q(r, n))
			if at.Before(last) {
				at = last
			}
			last = at
			waits = append(waits, at.Sub(sent))
			return at.Sub(sent) + 20*time.Millisecond
		}, func() {
			played++
			delays = append(delays, l.delay)
		})
		slices.Sort(waits)
		slices.Sort(delays)
		share := float64(l.made) / float64(played)
		t.Logf("a queue %s: p95 %v; %.2f %% concealed; delay %v (median)", name, waits[len(waits)*95/100].Round(time.Millisecond), 100*share, delays[len(delays)/2].Round(time.Millisecond))
		if share > 0.005 {
			t.Errorf("a queue %s: %.2f %% concealed, wanted 0.5 %% at most", name, 100*share)
		}
	}
}
