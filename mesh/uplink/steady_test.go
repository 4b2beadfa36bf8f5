package uplink

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"
)

const tick = 50 * ms

// changes counts how often what people see changes, and tells when.
func changes(d time.Duration, request func(now time.Duration) Request) (at []time.Duration, last string) {
	s := NewSteady()
	for now := time.Duration(0); now < d; now += tick {
		seen := told(s.Divide(now, request(now)))
		if now > 0 && seen != last {
			at = append(at, now)
		}
		last = seen
	}
	return at, last
}

// On an uplink and paths that are noisy but constant what people see changes at most once in ten seconds, whatever they are, and
// hardly ever once the least has been seen.
func TestNoiseDoesNotMakeQualityFlap(t *testing.T) {
	for seed := range uint64(12) {
		rng := rand.New(rand.NewPCG(seed, 7))
		uplink := 300e3 + 6e6*rng.Float64()*rng.Float64()
		r := Request{Receivers: others(1+rng.IntN(14), 180*(1+rng.IntN(4))), Camera: 720, Speaking: rng.IntN(2) == 0}
		r.Incoming = pictures(len(r.Receivers))
		paths := make([]float64, len(r.Receivers))
		for i := range paths {
			paths[i] = 100e3 + 3e6*rng.Float64()*rng.Float64()
		}
		noisy := func(v float64) float64 { return v * (1 + 0.055*min(max(rng.NormFloat64(), -1), 1)) }
		at, last := changes(40*time.Second, func(time.Duration) Request {
			r.Uplink = noisy(uplink)
			for i := range r.Receivers {
				r.Receivers[i].Path = noisy(paths[i])
			}
			return r
		})
		settled := 0
		for _, when := range at {
			if when > 10*time.Second {
				settled++
			}
		}
		if settled > 1 {
			t.Errorf("seed %d, %.2f Mbit/s, %d others: %d changes, the first at %v, until %s", seed, uplink/1e6, len(r.Receivers), len(at), at[:min(len(at), 5)], last)
		}
	}
}

// A rate that swings by a quarter is more than noise. It is followed less and less often.
func TestSwingsAreFollowedLessAndLess(t *testing.T) {
	r := Request{Receivers: others(7, 360), Incoming: pictures(7), Camera: 360}
	at, _ := changes(5*time.Minute, func(now time.Duration) Request {
		r.Uplink = 3.4e6
		if now%(8*time.Second) < 4*time.Second {
			r.Uplink = 2.4e6
		}
		return r
	})
	if len(at) > 8 {
		t.Errorf("%d changes in five minutes, at %v", len(at), at)
	}
}

// A fall is followed at once, a recovery when it has lasted a little.
func TestSteadyFollows(t *testing.T) {
	r := Request{Receivers: others(7, 360), Incoming: pictures(7), Camera: 360}
	at, last := changes(time.Minute, func(now time.Duration) Request {
		r.Uplink = 4.4e6
		if now >= 20*time.Second && now < 40*time.Second {
			r.Uplink = 0.88e6
		}
		return r
	})
	want := []time.Duration{20 * time.Second, 40*time.Second + riseAfter}
	if !reflect.DeepEqual(at, want) || last != "everyone 20ms 7×360/3" {
		t.Errorf("changes at %v, want %v; at last %s", at, want, last)
	}
}

// What people do is followed at once, whatever the uplink.
func TestSteadyFollowsPeople(t *testing.T) {
	r := Request{Uplink: 1e6, Receivers: others(7, 360), Incoming: pictures(7), Camera: 360}
	at, last := changes(10*time.Second, func(now time.Duration) Request {
		r.Speaking = now >= 3*time.Second && now < 6*time.Second
		return r
	})
	if !reflect.DeepEqual(at, []time.Duration{3 * time.Second, 6 * time.Second}) || last != "speaker 20ms 7×-" {
		t.Errorf("changes at %v, at last %s", at, last)
	}
}

// Bitrates follow at once both ways.
func TestBitratesFollowAtOnce(t *testing.T) {
	s := NewSteady()
	r := Request{Receivers: others(7, 360), Incoming: pictures(7), Camera: 360, Uplink: 4e6}
	before := s.Divide(0, r).Large.Bitrate
	r.Uplink = 4.3e6
	if after := s.Divide(tick, r).Large.Bitrate; after <= before {
		t.Errorf("from %d to %d with more uplink", before, after)
	}
	r.Uplink = 3.8e6
	if after := s.Divide(2*tick, r).Large.Bitrate; after >= before {
		t.Errorf("from %d to %d with less uplink", before, after)
	}
}

// What an uplink carries is followed at once as long as it is only about to be found out, and so is what a new path takes.
func TestABeginningIsFollowedAtOnce(t *testing.T) {
	s := NewSteady()
	r := Request{Receivers: others(7, 360), Incoming: pictures(7), Camera: 360, Afresh: true}
	for now := time.Duration(0); now < 2*time.Second; now += tick {
		r.Uplink = 600e3 * math.Exp(1.2*now.Seconds())
		for i := range r.Receivers {
			r.Receivers[i].Path = 300e3 + 300e3*now.Seconds()
		}
		if got, want := told(s.Divide(now, r)), told(Divide(r)); got != want {
			t.Fatalf("after %v, with %.2f Mbit/s: %s instead of %s", now, r.Uplink/1e6, got, want)
		}
	}
	r.Afresh, r.Uplink = false, 700e3
	less := told(s.Divide(2*time.Second, r))
	r.Uplink = 6e6
	if got := told(s.Divide(2*time.Second+tick, r)); got != less {
		t.Errorf("later a rise is followed at once, too: from %s to %s", less, got)
	}
}
