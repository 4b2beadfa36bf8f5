package main

import (
	"io"
	"math"
	"strings"
	"testing"
	"time"
)

func TestReportMissesWhatMissesItsMark(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(*report)
		ok   bool
	}{
		{"enough", func(r *report) { r.atLeast("x", 0.9, 0.9, "") }, true},
		{"too little", func(r *report) { r.atLeast("x", 0.89, 0.9, "") }, false},
		{"no figure, at least", func(r *report) { r.atLeast("x", math.NaN(), 0, "") }, false},
		{"few enough", func(r *report) { r.atMost("x", 80, 80, "ms") }, true},
		{"too much", func(r *report) { r.atMost("x", 80.1, 80, "ms") }, false},
		{"no figure, at most", func(r *report) { r.atMost("x", math.NaN(), 80, "ms") }, false},
		{"inside", func(r *report) { r.between("x", 30, 25, 35, "s") }, true},
		{"below", func(r *report) { r.between("x", 24, 25, 35, "s") }, false},
		{"above", func(r *report) { r.between("x", 36, 25, 35, "s") }, false},
		{"no figure, between", func(r *report) { r.between("x", math.NaN(), 25, 35, "s") }, false},
		{"equal", func(r *report) { r.equals("x", "hangup", "hangup") }, true},
		{"unequal", func(r *report) { r.equals("x", "", "hangup") }, false},
		{"so", func(r *report) { r.holds("x", true, "") }, true},
		{"not so", func(r *report) { r.holds("x", false, "because") }, false},
		{"nothing checked", func(r *report) { r.note("x") }, false},
		{"one miss among hits", func(r *report) { r.equals("x", 1, 1); r.equals("x", 1, 2); r.equals("x", 1, 1) }, false},
	} {
		var out strings.Builder
		r := newReport(&out)
		r.begin("call", "")
		c.do(r)
		r.end(time.Second)
		if got := r.summary(&out); got != c.ok {
			t.Errorf("%s: %v, want %v", c.name, got, c.ok)
		}
		if strings.Contains(out.String(), "MISS") == c.ok {
			t.Errorf("%s prints %q", c.name, out.String())
		}
	}
}

func TestSummaryIsATableOfAllChecks(t *testing.T) {
	r := newReport(io.Discard)
	r.begin("call", "")
	r.equals("status", 0, 0)
	r.end(40 * time.Second)
	r.begin("window", "")
	r.equals("status", 0, 0)
	r.atMost("delay", 90, 80, "ms")
	r.end(21 * time.Second)
	r.begin("relay", "")
	r.equals("status", 0, 0)
	r.interrupted(time.Second)
	r.notRun("xmpp")
	var out strings.Builder
	if r.summary(&out) {
		t.Error("all is said to be well")
	}
	const want = `
check               result       marks met       time
call                passed          1/1          40 s
window              MISSED          1/2          21 s
relay               interrupted     1/1           1 s
xmpp                not run

1 of 4 checks passed, 3 of 4 marks met, in 1m2s
  MISS  window: delay: 90 ms (at most 80 ms)
`
	if got := out.String(); got != want {
		t.Errorf("%s", got)
	}
}

func TestAnInterruptedRunIsNotWell(t *testing.T) {
	r := newReport(io.Discard)
	r.begin("call", "")
	r.equals("status", 0, 0)
	r.over = func() bool { return true }
	r.equals("status after the interrupt", 3, 0)
	r.interrupted(time.Second)
	var out strings.Builder
	if r.summary(&out) {
		t.Error("it is said to be")
	}
	if strings.Contains(out.String(), "MISS") {
		t.Errorf("what happened after the interrupt counts: %s", &out)
	}
}

func TestChecksAreChosenByName(t *testing.T) {
	all, err := choose(nil)
	if err != nil || len(all) != len(checks) {
		t.Errorf("no name chooses %d of %d (%v)", len(all), len(checks), err)
	}
	two, err := choose([]string{"window", "call"})
	if err != nil || len(two) != 2 || two[0].name != "window" || two[1].name != "call" {
		t.Errorf("window and call choose %v (%v)", two, err)
	}
	if _, err := choose([]string{"cal"}); err == nil || !strings.Contains(err.Error(), "call") {
		t.Errorf("a wrong name says %v", err)
	}
}
