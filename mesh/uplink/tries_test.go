package uplink

import (
	"strings"
	"testing"
	"time"
)

// grant is what a session's congestion control lets its path have: it grows while there is no queue, but by half at most of what
// arrives, and falls below what the path carries when there is one.
type grant struct {
	now      float64 // bit/s of UDP payload
	capacity float64 // 0: no bound
	queue    bool
}

// send takes in what is sent for a tick, in bit/s of UDP payload.
func (g *grant) send(rate float64) {
	rate = min(rate, g.now)
	if g.queue = g.capacity > 0 && rate > g.capacity; g.queue {
		g.now = 0.9 * g.capacity
		return
	}
	g.now = max(g.now, min(1.03*g.now, 1.5*rate))
}

// trial is a speaker with paths to others, divided for a while.
type trial struct {
	request Request
	paths   []grant
	steady  *Steady
	last    Division
	filler  float64 // bits of no use that were sent
	most    float64 // of them, at any time, as a part of the uplink
}

func newTrial(uplink float64, grants ...float64) *trial {
	v := &trial{steady: NewSteady(), request: Request{Uplink: uplink, Camera: 360, FPS: 24, Speaking: true, SmallHeight: 180}}
	v.request.Receivers = others(len(grants), 360)
	for _, g := range grants {
		v.paths = append(v.paths, grant{now: g})
	}
	return v
}

// run divides until then, and calls each with every division.
func (v *trial) run(from, until time.Duration, each func(d Division)) {
	for now := from; now < until; now += tick {
		for i := range v.paths {
			v.request.Receivers[i].Path, v.request.Receivers[i].Queue = v.paths[i].now, v.paths[i].queue
		}
		v.last = v.steady.Divide(now, v.request)
		sum := 0.0
		for i, s := range v.last.Shares {
			v.paths[i].send((s.Cost + s.Filler) * 0.85)
			sum += s.Filler
		}
		v.filler += sum * tick.Seconds()
		v.most = max(v.most, sum/v.request.Uplink)
		if each != nil {
			each(v.last)
		}
	}
}

// Sessions that have begun badly grant little more than sound. They are found out to take as much as the others' do, a few at a
// time, and meanwhile the others lose nothing.
func TestPathsThatBeganBadlyAreFoundOut(t *testing.T) {
	for _, weak := range []int{1, 2, 5, 14} {
		grants := make([]float64, 15)
		for i := range grants {
			if grants[i] = 900e3; i < weak {
				grants[i] = 80e3 + 3e3*float64(i)
			}
		}
		v := newTrial(3.5e6, grants...)
		got := time.Duration(0)
		for now := time.Duration(0); now < 60*time.Second && got == 0; now += tick {
			v.run(now, now+tick, func(d Division) {
				least := Layers
				for _, s := range d.Shares {
					least = min(least, s.Layers)
				}
				if least == Layers {
					got = now
				}
				if d.Shares[14].Layers < Layers {
					t.Errorf("%d weak: at %v a good path gets %s", weak, now, told(d))
				}
			})
		}
		t.Logf("%d weak: all have the picture after %v; what is of no use took %.0f %% of the uplink at most", weak, got, 100*v.most)
		if limit := 7*time.Second + time.Duration(weak)*1500*ms; got == 0 || got > limit {
			t.Errorf("%d weak: all have the picture after %v, want %v", weak, got, limit)
		}
		if v.most > 0.3 {
			t.Errorf("%d weak: what is of no use took %.0f %% of the uplink", weak, 100*v.most)
		}
	}
}

// A path that takes no more is tried in vain, and not often: what is of no use remains little, and what its receiver gets stays.
func TestPathsThatTakeNoMoreAreTriedSeldom(t *testing.T) {
	v := newTrial(5e6, 900e3, 900e3, 900e3, 120e3)
	v.paths[3].capacity = 120e3
	v.run(0, 20*time.Second, nil)
	seen := map[string]bool{}
	v.filler = 0
	v.run(20*time.Second, 80*time.Second, func(d Division) { seen[told(d)] = true })
	if mean := v.filler / 60; mean > 30e3 {
		t.Errorf("%.0f bit/s of no use", mean)
	}
	if len(seen) > 2 {
		t.Errorf("what they get flaps: %v", seen)
	}
	for s := range seen {
		if !strings.Contains(s, "3×360/3") {
			t.Errorf("others get %s", s)
		}
	}
}
