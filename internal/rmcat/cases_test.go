package rmcat

import (
	"slices"
	"testing"
	"time"
)

// shortened are the cases that say as much in less time; the report plays them whole.
var shortened = map[string]time.Duration{
	"5.4":           90 * second,
	"5.5":           70 * second,
	"5.6":           60 * second,
	"5.6-1s":        80 * second,
	"5.7":           50 * second,
	"5.8":           80 * second,
	"loss":          30 * second,
	"shallow":       30 * second,
	"ecn":           30 * second,
	"feedback":      40 * second,
	"bulk":          12 * second,
	"bulk-loss":     12 * second,
	"messages-loss": 30 * second,
}

// missed are the marks that are not met, or not always: see the report.
var missed = map[string][]Figure{
	"recovery": {Down}, // 0.6 s, but now and then 2 s
	"shallow":  {Loss},
	"ecn-step": {Fairness},
}

// held are the marks that a run misses though they are to be met. The others are logged.
func held(t *testing.T, s Scenario, seed uint64) (bad []Verdict) {
	t.Helper()
	for _, v := range Judge(s, play(t, s, seed).Figures()) {
		t.Log("run", seed, v)
		if !v.Met && !slices.Contains(missed[s.Name], v.Figure) {
			bad = append(bad, v)
		}
	}
	return bad
}

// TestCases holds every mark. Where flows share a link no two runs are alike, so one that a run misses is missed if one of
// two further runs misses it too.
func TestCases(t *testing.T) {
	for _, s := range All() {
		if d, ok := shortened[s.Name]; ok {
			s = s.For(d)
		}
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			bad := held(t, s, 1)
			if len(bad) == 0 {
				return
			}
			again := append(held(t, s, 2), held(t, s, 3)...)
			for _, v := range bad {
				if slices.ContainsFunc(again, func(w Verdict) bool { return w.Figure == v.Figure }) {
					t.Error(v)
				}
			}
		})
	}
}
