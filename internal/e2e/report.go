package main

import (
	"fmt"
	"io"
)

// report prints figures beside their marks and remembers which missed.
type report struct {
	out     io.Writer
	checked int
	missed  []string
	current string
}

func newReport(out io.Writer) *report { return &report{out: out} }

func (r *report) section(name, about string) {
	r.current = name
	fmt.Fprintf(r.out, "\n%s: %s\n", name, about)
}

// atLeast holds a figure against the least it may be. NaN misses.
func (r *report) atLeast(what string, value, mark float64, unit string) {
	r.line(value >= mark, what, fmt.Sprintf("%.4g %s", value, unit), fmt.Sprintf("at least %g %s", mark, unit))
}

// atMost holds a figure against the most it may be. NaN misses.
func (r *report) atMost(what string, value, mark float64, unit string) {
	r.line(value <= mark, what, fmt.Sprintf("%.4g %s", value, unit), fmt.Sprintf("at most %g %s", mark, unit))
}

// between holds a figure against a range. NaN misses.
func (r *report) between(what string, value, from, to float64, unit string) {
	r.line(value >= from && value <= to, what, fmt.Sprintf("%.4g %s", value, unit), fmt.Sprintf("%g to %g %s", from, to, unit))
}

// equals holds a value against the only right one.
func (r *report) equals(what string, value, mark any) {
	r.line(value == mark, what, fmt.Sprint(value), fmt.Sprint(mark))
}

// holds reports whether something is so; detail tells what is the case instead.
func (r *report) holds(what string, ok bool, detail string) {
	if ok {
		detail = ""
	}
	r.line(ok, what, detail, "")
}

// note prints what has no mark.
func (r *report) note(format string, args ...any) {
	fmt.Fprintf(r.out, "        "+format+"\n", args...)
}

func (r *report) line(ok bool, what, value, mark string) {
	r.checked++
	verdict := "  ok  "
	if !ok {
		verdict = "  MISS"
		r.missed = append(r.missed, r.current+": "+what+": "+value)
	}
	if mark != "" {
		mark = "(" + mark + ")"
	}
	fmt.Fprintf(r.out, "%s  %-58s %-16s %s\n", verdict, what, value, mark)
}

// summary prints the end and reports whether every mark was met. Nothing checked is a miss.
func (r *report) summary() bool {
	fmt.Fprintf(r.out, "\n%d checked, %d missed\n", r.checked, len(r.missed))
	for _, m := range r.missed {
		fmt.Fprintf(r.out, "  MISS  %s\n", m)
	}
	return r.checked > 0 && len(r.missed) == 0
}
