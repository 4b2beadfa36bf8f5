package main

import (
	"math"
	"testing"
	"time"
)

// at is a time so many seconds after a beginning.
func at(s float64) time.Time {
	return time.Unix(1000, 0).Add(time.Duration(s * float64(time.Second)))
}

func TestSecondsCountByTheirOverlap(t *testing.T) {
	p := span{at(10), at(12)}
	for _, c := range []struct{ end, want float64 }{{10, 0}, {10.25, 0.25}, {11, 1}, {11.5, 1}, {12.75, 0.25}, {13, 0}, {20, 0}} {
		if got := p.overlap(at(c.end)); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("the second that ends at %v: %v of it, want %v", c.end, got, c.want)
		}
	}
}

func TestSoundMadeUpWithinATime(t *testing.T) {
	s := stream{seconds: []event{
		{Time: at(10.5), Concealed: 0.2}, {Time: at(11.5), Concealed: 0.1}, {Time: at(12.5), Concealed: 0}, {Time: at(13.5), Concealed: 1},
	}}
	if got := s.madeUpIn(span{at(10), at(12)}); math.Abs(got-(0.5*0.2+0.1+0)/2) > 1e-9 {
		t.Errorf("%v", got)
	}
	if share, worst := s.madeUp(); math.Abs(share-0.325) > 1e-9 || worst != 1 {
		t.Errorf("%v of all, %v in the worst", share, worst)
	}
}

func TestPicturesAreAsTheyShallBeAgain(t *testing.T) {
	good, small, slow := event{Height: 360, FPS: 24}, event{Height: 180, FPS: 24}, event{Height: 360, FPS: 12}
	for _, c := range []struct {
		name    string
		seconds []event
		want    float64
	}{
		{"always", []event{good, good, good}, 1},
		{"after two", []event{small, slow, good}, 3},
		{"not for good", []event{good, slow, good, good}, 3},
		{"never", []event{good, good, slow}, math.Inf(1)},
		{"nothing told", nil, math.Inf(1)},
	} {
		for i := range c.seconds {
			c.seconds[i].Time = at(float64(i + 1))
		}
		if got := goodAgain(c.seconds, at(0)); got != c.want {
			t.Errorf("%s: after %v s, want %v", c.name, got, c.want)
		}
	}
}
