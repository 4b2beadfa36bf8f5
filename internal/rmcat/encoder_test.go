package rmcat

import (
	"math"
	"testing"
)

func TestEncoderKeepsItsRate(t *testing.T) {
	for _, c := range []struct{ target, want float64 }{
		{50e3, minVideoRate}, {500e3, 500e3}, {1e6, 1e6}, {9e6, maxVideoRate},
	} {
		e := newEncoder(1)
		for range 100 {
			e.next(c.target)
		}
		bytes, key, smallest := 0, 0, math.MaxInt
		for range 10 * keyFrameEvery {
			size := e.next(c.target)
			bytes += size
			key = max(key, size)
			smallest = min(smallest, size)
		}
		rate := float64(bytes) * 8 / (10 * keyFrameEvery * frameInterval.Seconds())
		mean := float64(bytes) / (10 * keyFrameEvery)
		if math.Abs(rate-c.want) > 0.02*c.want {
			t.Errorf("asked for %.0f bit/s it makes %.0f", c.target, rate)
		}
		if float64(key) < 2.5*mean || float64(smallest) < smallestFrame*mean*0.99 {
			t.Errorf("frames of %d to %d bytes, %.0f in the mean", smallest, key, mean)
		}
	}
}

func TestEncoderFollowsWithALag(t *testing.T) {
	e := newEncoder(1)
	for range 200 {
		e.next(1e6)
	}
	e.next(500e3)
	if e.rate < 700e3 {
		t.Errorf("after one frame it is at %.0f bit/s already", e.rate)
	}
	for range 6 {
		e.next(500e3)
	}
	if e.rate > 550e3 {
		t.Errorf("after 0.2 s it is at %.0f bit/s still", e.rate)
	}
}
