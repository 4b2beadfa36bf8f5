package main

import (
	"testing"
	"time"
)

const ms = time.Millisecond

// departures puts packets of 1000 bytes into a link at once, and tells when they leave.
func departures(s *shaper, packets int, until time.Duration) (at []time.Duration) {
	for range packets {
		s.enter(shaped{data: make([]byte, 1000)}, 0)
	}
	return leaving(s, until)
}

func leaving(s *shaper, until time.Duration) (at []time.Duration) {
	for {
		_, t, ok := s.leave(until)
		if !ok {
			return at
		}
		at = append(at, t)
	}
}

func TestShaper(t *testing.T) {
	s := &shaper{rate: 80_000, bound: 500 * ms} // 100 ms a packet
	got := departures(s, 7, time.Second)
	if len(got) != 5 || got[0] != 100*ms || got[4] != 500*ms || s.seen.Dropped != 2 {
		t.Errorf("left at %v, %d dropped", got, s.seen.Dropped)
	}
	if s.seen.Packets != 5 || s.seen.Left.Bytes != 5000 || s.seen.Left.Busiest != 5000 || s.seen.Came.Busiest != 7000 {
		t.Errorf("%d packets, %+v of %+v", s.seen.Packets, s.seen.Left, s.seen.Came)
	}
	if p50, p95 := s.seen.quantile(0.5), s.seen.quantile(0.95); p50 != 200 || p95 != 400 {
		t.Errorf("waited %v and %v ms", p50, p95)
	}
}

func TestShaperChangesItsRate(t *testing.T) {
	s := &shaper{rate: 80_000, bound: time.Second}
	departures(s, 3, 0)
	s.setRate(40_000, 50*ms) // half of the first is left: 100 ms more
	if got := leaving(s, 250*ms); len(got) != 1 || got[0] != 150*ms {
		t.Errorf("left at %v", got)
	}
	s.setRate(800_000, 250*ms) // half of the second is left
	if got := leaving(s, time.Second); len(got) != 2 || got[0] != 255*ms || got[1] != 265*ms {
		t.Errorf("left at %v", got)
	}
}

func TestShaperIsEmptyAgain(t *testing.T) {
	s := &shaper{rate: 80_000, bound: 100 * ms}
	departures(s, 1, time.Second)
	s.enter(shaped{data: make([]byte, 1000)}, 2*time.Second)
	if got := leaving(s, 3*time.Second); len(got) != 1 || got[0] != 2100*ms {
		t.Errorf("left at %v", got)
	}
	if s.seen.quantile(1) != 0 {
		t.Error("it waited")
	}
}
