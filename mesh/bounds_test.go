package mesh

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

func TestEventsOfAFloodStayBounded(t *testing.T) {
	q := newEventQueue()
	q.put(StateChanged{Status{State: Calling}})
	for range 10 * maxEvents {
		q.put(ChatLine{Text: "flood"})
	}
	q.put(StateChanged{Status{State: Ended, Reason: Hangup}})
	q.put(ChatLine{Text: "after the end"})
	var states []State
	n := 0
	for {
		ev, err := q.next(context.Background())
		if errors.Is(err, io.EOF) {
			break
		}
		if s, ok := ev.(StateChanged); ok {
			states = append(states, s.Status.State)
		}
		n++
	}
	if n > maxEvents {
		t.Errorf("%d events were kept", n)
	}
	if len(states) != 2 || states[0] != Calling || states[1] != Ended {
		t.Errorf("states %v", states)
	}
}

func TestNextEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := newEventQueue().next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestLimiterAllowsItsBurstThenItsRate(t *testing.T) {
	now := time.Now()
	l := newLimiter(10, 3)
	for i := range 3 {
		if !l.allow(now) {
			t.Fatalf("refused number %d of the burst", i+1)
		}
	}
	if l.allow(now) {
		t.Error("allowed beyond the burst")
	}
	if now = now.Add(100 * time.Millisecond); !l.allow(now) || l.allow(now) {
		t.Error("a tenth of a second gives one at a rate of ten")
	}
}

func TestLimiterPausesWhatComesTooFast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, began := newLimiter(10, 3), time.Now()
		for range 23 {
			if !l.pause(t.Context()) {
				t.Fatal("it gave up")
			}
		}
		if took := time.Since(began); took < 2*time.Second || took > 2*time.Second+time.Millisecond {
			t.Errorf("23 events took %v", took)
		}
		ended, end := context.WithCancel(t.Context())
		end()
		if l.pause(ended) {
			t.Error("it did not hear that its context had ended")
		}
	})
}

func TestAPathWithoutFeedbackFallsWithTroubleAndRecoversSlowly(t *testing.T) {
	b := newPathRate()
	if bits := b.observe(0.02, 40*time.Millisecond, false); bits != startPath {
		t.Errorf("little loss changes it to %d", bits)
	}
	low := b.observe(0.3, 40*time.Millisecond, false)
	if low >= startPath {
		t.Errorf("heavy loss leaves %d", low)
	}
	if queued := b.observe(0, 400*time.Millisecond, false); queued >= low {
		t.Errorf("a queue leaves %d", queued)
	}
	for range 100 {
		low = b.observe(0, 40*time.Millisecond, true)
	}
	if low != minPath {
		t.Errorf("falls to %d", low)
	}
	seconds := 0
	for bits := low; bits < startPath && seconds < 200; seconds++ {
		bits = b.observe(0, 40*time.Millisecond, false)
	}
	if seconds < 10 || seconds > 60 {
		t.Errorf("recovers in %d s", seconds)
	}
}
