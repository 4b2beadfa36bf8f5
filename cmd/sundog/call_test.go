package main

import (
	"testing"
	"time"

	"sundog.dev/sundog/internal/phone"
)

func TestQualityTellsWhatHampersTalking(t *testing.T) {
	stats := func(loss, concealed float64, rtt time.Duration) (st phone.Stats) {
		st.Loss, st.Audio.Concealed, st.RTT = loss, concealed, rtt
		return st
	}
	for _, c := range []struct {
		name  string
		st    phone.Stats
		muted bool
		want  int
	}{
		{"a clean path", stats(0, 0, 20*time.Millisecond), false, 3},
		{"some loss", stats(0.05, 0.01, 20*time.Millisecond), false, 2},
		{"a long way", stats(0, 0, 400*time.Millisecond), false, 2},
		{"much loss", stats(0.2, 0, 20*time.Millisecond), false, 1},
		{"broken speech", stats(0, 0.3, 20*time.Millisecond), false, 1},
		{"the other side mutes", stats(0, 0.3, 20*time.Millisecond), true, 3},
	} {
		if got := judgeQuality(c.st, !c.muted); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}
