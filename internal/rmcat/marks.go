package rmcat

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Sense is on which side of its bound a figure is to be.
type Sense string

// The senses.
const (
	AtLeast Sense = "≥"
	AtMost  Sense = "≤"
)

// Mark is what is expected of a figure.
type Mark struct {
	Figure Figure
	Sense  Sense
	Bound  float64
}

func (m Mark) met(v float64) bool {
	if m.Sense == AtLeast {
		return v >= m.Bound
	}
	return v <= m.Bound
}

// expects reports whether the scenario has a mark for the figure.
func (s Scenario) expects(f Figure) bool {
	return slices.ContainsFunc(s.Marks, func(m Mark) bool { return m.Figure == f })
}

// Verdict is a figure and what was expected of it.
type Verdict struct {
	Figure Figure
	Value  float64
	Mark   *Mark // nil: nothing is expected
	Met    bool
}

// Judge compares the figures of a scenario with its marks, in the order of a report. A figure that could not be
// measured misses its mark.
func Judge(s Scenario, figures map[Figure]float64) (all []Verdict) {
	for _, f := range order {
		v, measured := figures[f]
		var mark *Mark
		for i := range s.Marks {
			if s.Marks[i].Figure == f {
				mark = &s.Marks[i]
			}
		}
		switch {
		case measured:
			all = append(all, Verdict{f, v, mark, mark == nil || mark.met(v)})
		case mark != nil:
			all = append(all, Verdict{f, math.NaN(), mark, false})
		}
	}
	return all
}

// String is the verdict as a sentence.
func (v Verdict) String() string {
	s := fmt.Sprintf("%s %s", v.Figure, v.Figure.Format(v.Value))
	if v.Mark == nil {
		return s
	}
	return fmt.Sprintf("%s, mark %s %s: %s", s, v.Mark.Sense, v.Figure.Format(v.Mark.Bound), map[bool]string{true: "met", false: "missed"}[v.Met])
}

// Format writes a value of the figure with its unit.
func (f Figure) Format(v float64) string {
	switch {
	case math.IsNaN(v):
		return "not measured"
	case math.IsInf(v, 1):
		return "never"
	case f == Fairness:
		return fmt.Sprintf("%.3f", v)
	case f == MediaRate || f == TCPRate:
		return fmt.Sprintf("%.0f kb/s", v/1e3)
	case strings.Contains(string(f), "delay"):
		return fmt.Sprintf("%.0f ms", v*1e3)
	case strings.HasPrefix(string(f), "convergence") || f == Recovery:
		return fmt.Sprintf("%.1f s", v)
	case f == Loss || f == FramesLost:
		return fmt.Sprintf("%.2f %%", v*100)
	default:
		return fmt.Sprintf("%.0f %%", v*100)
	}
}

// Worse is whichever of two values of the figure is worse.
func (f Figure) Worse(a, b float64) float64 {
	switch f {
	case Use, UseBack, WorstUse, Received, Bulk, Fairness, MediaRate, TCPRate:
		return min(a, b)
	default:
		return max(a, b)
	}
}
