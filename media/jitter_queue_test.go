package media

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
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

// TestSilenceIsNoLoss plays streams in which the sender says that it is silent: s is that word, x a packet of sound that is lost, m a word that is lost, a dot a
// moment at which nothing is sent. What is heard: a letter each 20 ms, p a packet, c made up, n comfort noise, blank nothing.
func TestSilenceIsNoLoss(t *testing.T) {
	for _, c := range []struct{ about, sent, heard string }{
		{"a pause between words", "pppppps.........pppppp", "  ppppppnnnnnnnnnnpppppp"},
		{"the word that it is silent comes again", "pppps...................s...", "  ppppnnnnnnnnnnnnnnnnnnnnnnnn"},
		{"one that comes while nothing was sent before", "s....pppp", "nnnnnnnpppp"},
		{"the word was lost: sound is made up for a while", "ppppm...................s..", "  ppppcccccccccc        nnnnn"},
		{"the last packet before it was lost", "ppppxs....", "  ppppcnnnnn"},
	} {
		l := newListener(time.Unix(1000, 0))
		var heard []byte
		start := l.now
		for n := range len(c.sent) + 2 {
			if n < len(c.sent) {
				due := start.Add(time.Duration(n) * FrameTime)
				switch c.sent[n] {
				case 'p':
					l.push(due, packet(n), l.now)
				case 's':
					l.push(due, packet(n)[:1], l.now)
				}
			}
			f := l.take(l.now, 0)
			heard = append(heard, map[jitterVerdict]byte{hearNothing: ' ', hearPacket: 'p', hearMadeUp: 'c', hearSilence: 'n'}[f.verdict])
			l.now = l.now.Add(FrameTime)
		}
		if got := string(heard); !strings.HasPrefix(got, c.heard) {
			t.Errorf("%s: %s\n  heard  %q\n  wanted %q", c.about, c.sent, got, c.heard)
		}
	}
}
