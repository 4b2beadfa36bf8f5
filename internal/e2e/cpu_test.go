package main

import (
	"strings"
	"testing"
	"time"
)

func TestProcessorTimeIsReadFromProc(t *testing.T) {
	const rest = " S 1 2 3 4 5 6 7 8 9 10 120 30 0 0 20 0"
	for _, c := range []struct {
		line string
		want time.Duration
		ok   bool
	}{
		{"77 (sundog-headless)" + rest, 1500 * time.Millisecond, true},
		{"77 (a ) b (c)" + rest, 1500 * time.Millisecond, true},
		{"77 (sundog) S 1 2 3", 0, false},
		{"77 (sundog)" + strings.Replace(rest, "120", "x", 1), 0, false},
		{"", 0, false},
	} {
		got, err := parseCPU(c.line)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("%q: %v, %v", c.line, got, err)
		}
	}
}

func TestWhatTheMachineDidIsReadFromProc(t *testing.T) {
	for _, c := range []struct {
		text string
		want time.Duration
		ok   bool
	}{
		{"cpu  100 10 20 5000 700 3 4 13 0 0\ncpu0 1 2 3", 1500 * time.Millisecond, true},
		{"cpu  100 10 20", 0, false},
		{"cpu0 100 10 20 5000 700 3 4 13 0 0", 0, false},
		{"cpu  100 10 20 5000 700 3 4 x 0 0", 0, false},
	} {
		got, err := parseBusy(c.text)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("%q: %v, %v", c.text, got, err)
		}
	}
}

func TestWhatIsLeftOfTheMachineIsNeverNegative(t *testing.T) {
	for _, c := range []struct {
		left float64
		want string
	}{{-0.02, "about 0"}, {0, "about 0"}, {0.01, "about 0"}, {0.25, "0.250"}} {
		if got := remainder(c.left); got != c.want {
			t.Errorf("%v: %s, want %s", c.left, got, c.want)
		}
	}
}
