package media

import (
	"math"
	"testing"
	"testing/synctest"
	"time"
)

func TestARingIsTheSignalItShouldBe(t *testing.T) {
	for _, c := range []struct {
		name     string
		ring     *Ring
		from, to time.Duration
		hertz    []float64 // none: silence
	}{
		{"ring, bright tone", NewRingTone(), 0, 396 * time.Millisecond, []float64{784}},
		{"ring, warble", NewRingTone(), 400 * time.Millisecond, 2 * time.Second, []float64{646, 672, 1034, 1060}},
		{"ring, pause", NewRingTone(), 2 * time.Second, 6 * time.Second, nil},
		{"ringback, tone", NewRingbackTone(), 0, time.Second, []float64{425}},
		{"ringback, pause", NewRingbackTone(), time.Second, 5 * time.Second, nil},
		{"somebody comes, first note", NewJoinTone(), 0, toneNote, []float64{toneLow}},
		{"somebody comes, second note", NewJoinTone(), toneNote, 2 * toneNote, []float64{toneHigh}},
		{"somebody goes, first note", NewLeaveTone(), 0, toneNote, []float64{toneHigh}},
		{"somebody goes, second note", NewLeaveTone(), toneNote, 2 * toneNote, []float64{toneLow}},
	} {
		pcm := c.ring.pcm[samplesIn(c.from):samplesIn(c.to)]
		for _, hz := range c.hertz {
			if s := strength(pcm, hz) / math.MaxInt16; s < 0.05 {
				t.Errorf("%s: %v Hz has amplitude %.3f", c.name, hz, s)
			}
		}
		var most int16
		for _, v := range pcm {
			most = max(most, v)
		}
		if (most == 0) != (c.hertz == nil) || most > math.MaxInt16/2 {
			t.Errorf("%s: up to %d", c.name, most)
		}
	}
}

func TestARingPartsWithoutClicks(t *testing.T) {
	for _, r := range []*Ring{NewRingTone(), NewRingbackTone(), NewJoinTone(), NewLeaveTone()} {
		for i, v := range r.pcm {
			next := r.pcm[(i+1)%len(r.pcm)]
			if step := math.Abs(float64(next) - float64(v)); step > 2500 { // the steepest of the sines makes 2200
				t.Fatalf("a step of %v at sample %d", step, i)
			}
		}
	}
}

func TestAPlayerRingsFromTheBeginningUntilToldNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := newMemorySink()
		player := newPlayer(sink)
		ring := NewRingbackTone()
		player.Ring(ring)
		time.Sleep(5500 * time.Millisecond) // into the second cycle
		player.Ring(nil)
		time.Sleep(500 * time.Millisecond)
		player.Ring(ring)
		time.Sleep(500 * time.Millisecond)
		if err := player.Close(); err != nil {
			t.Fatal(err)
		}
		heard := func(at time.Duration) float64 {
			i := samplesIn(at)
			return strength(sink.pcm[i:i+samplesIn(200*time.Millisecond)], 425) / math.MaxInt16
		}
		for at, want := range map[time.Duration]bool{
			200 * time.Millisecond:  true,
			2 * time.Second:         false,
			5200 * time.Millisecond: true,
			5700 * time.Millisecond: false,
			6200 * time.Millisecond: true,
		} {
			if got := heard(at) > 0.05; got != want {
				t.Errorf("at %v the ring is heard: %v", at, got)
			}
		}
	})
}

func TestAPlayerPlaysAToneOnceEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := newMemorySink()
		player := newPlayer(sink)
		tone := NewJoinTone()
		player.Play(tone)
		time.Sleep(time.Second)
		player.Play(tone)
		time.Sleep(time.Second)
		if err := player.Close(); err != nil {
			t.Fatal(err)
		}
		heard := func(at time.Duration) bool {
			i := samplesIn(at)
			return strength(sink.pcm[i:i+samplesIn(100*time.Millisecond)], toneLow)/math.MaxInt16 > toneLoudness/2
		}
		for at, want := range map[time.Duration]bool{20 * time.Millisecond: true, 400 * time.Millisecond: false, 1020 * time.Millisecond: true, 1400 * time.Millisecond: false} {
			if heard(at) != want {
				t.Errorf("at %v the tone is heard: %v", at, !want)
			}
		}
	})
}
