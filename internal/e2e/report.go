package main

import (
	"fmt"
	"io"
	"time"
)

// report prints figures beside their marks, and remembers by check which missed.
type report struct {
	out    io.Writer
	checks []*outcome // in order; the last is the one under way
	// over tells whether somebody has broken off the checks: what is found from then on says nothing. nil: never.
	over func() bool
}

// outcome is what came of one check.
type outcome struct {
	name    string
	state   string // how it ended; "": it is under way
	took    time.Duration
	checked int
	missed  []string
}

// How a check ends.
const (
	passed      = "passed"
	missed      = "MISSED"
	interrupted = "interrupted"
	notRun      = "not run"
)

func newReport(out io.Writer) *report { return &report{out: out} }

// into has all be printed to another writer, too, until the function that it returns is called.
func (r *report) into(also io.Writer) (back func()) {
	before := r.out
	r.out = io.MultiWriter(before, also)
	return func() { r.out = before }
}

// begin begins a check.
func (r *report) begin(name, about string) {
	r.checks = append(r.checks, &outcome{name: name})
	fmt.Fprintf(r.out, "\n%s: %s\n", name, about)
}

// end ends it. Nothing checked is a miss.
func (r *report) end(took time.Duration) {
	c := r.current()
	c.took, c.state = took, passed
	if c.checked == 0 {
		r.holds("something was checked", false, "")
	}
	if len(c.missed) > 0 {
		c.state = missed
	}
	r.note("%s: %s, %d of %d marks met, %.0f s", c.name, c.state, c.checked-len(c.missed), c.checked, took.Seconds())
}

// interrupted ends a check that somebody has broken off.
func (r *report) interrupted(took time.Duration) {
	c := r.current()
	c.took, c.state = took, interrupted
}

// notRun notes a check that was chosen and has not begun.
func (r *report) notRun(name string) {
	r.checks = append(r.checks, &outcome{name: name, state: notRun})
}

func (r *report) current() *outcome { return r.checks[len(r.checks)-1] }

// atLeast holds a figure against the least it may be, and reports whether it meets that. NaN misses.
func (r *report) atLeast(what string, value, mark float64, unit string) bool {
	return r.line(value >= mark, what, fmt.Sprintf("%.4g %s", value, unit), fmt.Sprintf("at least %g %s", mark, unit))
}

// atMost holds a figure against the most it may be. NaN misses.
func (r *report) atMost(what string, value, mark float64, unit string) bool {
	return r.line(value <= mark, what, fmt.Sprintf("%.4g %s", value, unit), fmt.Sprintf("at most %g %s", mark, unit))
}

// between holds a figure against a range. NaN misses.
func (r *report) between(what string, value, from, to float64, unit string) bool {
	return r.line(value >= from && value <= to, what, fmt.Sprintf("%.4g %s", value, unit), fmt.Sprintf("%g to %g %s", from, to, unit))
}

// equals holds a value against the only right one.
func (r *report) equals(what string, value, mark any) bool {
	return r.line(value == mark, what, fmt.Sprint(value), fmt.Sprint(mark))
}

// holds reports whether something is so; detail tells what is the case instead.
func (r *report) holds(what string, ok bool, detail string) bool {
	if ok {
		detail = ""
	}
	return r.line(ok, what, detail, "")
}

// note prints what has no mark.
func (r *report) note(format string, args ...any) {
	fmt.Fprintf(r.out, "        "+format+"\n", args...)
}

func (r *report) line(ok bool, what, value, mark string) bool {
	if r.over != nil && r.over() {
		return ok
	}
	c := r.current()
	c.checked++
	verdict := "  ok  "
	if !ok {
		verdict = "  MISS"
		told := what + ": " + value
		if mark != "" {
			told += " (" + mark + ")"
		}
		c.missed = append(c.missed, told)
	}
	if mark != "" {
		mark = "(" + mark + ")"
	}
	fmt.Fprintf(r.out, "%s  %-58s %-16s %s\n", verdict, what, value, mark)
	return ok
}

// summary prints a table of all checks and below it what was missed, and reports whether every mark of every check was met.
func (r *report) summary(out io.Writer) bool {
	met := len(r.checks) > 0
	count := map[string]int{}
	all, missing, took := 0, 0, time.Duration(0)
	fmt.Fprintf(out, "\n%-18s  %-11s  %9s  %9s\n", "check", "result", "marks met", "time")
	for _, c := range r.checks {
		if c.state == notRun {
			fmt.Fprintf(out, "%-18s  %s\n", c.name, c.state)
		} else {
			fmt.Fprintf(out, "%-18s  %-11s  %4d/%-4d  %7.0f s\n", c.name, c.state, c.checked-len(c.missed), c.checked, c.took.Seconds())
		}
		count[c.state]++
		all, missing, took = all+c.checked, missing+len(c.missed), took+c.took
		met = met && c.state == passed
	}
	fmt.Fprintf(out, "\n%d of %d checks passed, %d of %d marks met, in %v\n", count[passed], len(r.checks), all-missing, all, took.Round(time.Second))
	for _, c := range r.checks {
		for _, m := range c.missed {
			fmt.Fprintf(out, "  MISS  %s: %s\n", c.name, m)
		}
	}
	return met
}
