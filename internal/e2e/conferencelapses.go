package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	// toldStreams is of how many streams a miss tells the seconds, and toldSeconds how many of each.
	toldStreams, toldSeconds = 12, 5
	// toldTogether is in how many seconds it tells how many streams went wrong at once: when all do, the cause is none of theirs.
	toldTogether = 8
	// aGap is how far apart two stats of a stream are if there is none missing in between, at most.
	aGap = 1500 * time.Millisecond
)

// lapse is a second of a stream with which something is wrong: how much, for comparison with others, and in words.
type lapse struct {
	end   time.Time
	size  float64
	words string
}

// soundLapses are the seconds of which sound had to be made up.
func (s stream) soundLapses() (found []lapse) {
	for _, e := range s.seconds {
		if e.Concealed > 0 {
			found = append(found, lapse{e.Time, e.Concealed, fmt.Sprintf("%.0f %% made up", 100*e.Concealed)})
		}
	}
	return found
}

// pictureLapses are the seconds of a stream with pictures other than they shall be.
func (s stream) pictureLapses(mark picture) (found []lapse) {
	for _, e := range s.seconds {
		if !mark.in(e) {
			size := max(mark.rate-e.FPS, 0)/mark.rate + max(float64(mark.lines-e.Height), 0)/float64(mark.lines)
			found = append(found, lapse{e.Time, size, fmt.Sprintf("%.1f pictures of %d lines", e.FPS, e.Height)})
		}
	}
	return found
}

// gaps are the seconds of which the receiver has told nothing.
func (s stream) gaps(within span) (found []lapse) {
	last := within.from
	note := func(next time.Time) {
		if gap := next.Sub(last); gap > aGap {
			found = append(found, lapse{next, gap.Seconds(), fmt.Sprintf("nothing told for %.1f s", gap.Seconds())})
		}
		last = next
	}
	for _, e := range s.seconds {
		note(e.Time)
	}
	note(within.to)
	return found
}

// told is lapses in words, the worst of them, in order of time.
func told(all []lapse, began time.Time, load *loadWatch) string {
	worst := slices.Clone(all)
	slices.SortStableFunc(worst, func(a, b lapse) int { return cmp.Compare(b.size, a.size) })
	worst = worst[:min(len(worst), toldSeconds)]
	slices.SortFunc(worst, func(a, b lapse) int { return a.end.Compare(b.end) })
	var words []string
	for _, l := range worst {
		words = append(words, moment(l.end, began)+" "+l.words+load.told(l.end))
	}
	if n := len(all) - len(worst); n > 0 {
		words = append(words, fmt.Sprintf("and %d more", n))
	}
	return strings.Join(words, "; ")
}

// moment is a time by the clock, and since a beginning.
func moment(t, began time.Time) string {
	return fmt.Sprintf("%s (+%.0f s)", t.UTC().Format("15:04:05"), max(t.Sub(began).Seconds(), 0))
}

// explain tells why a mark was missed, if it was.
func (s *stage) explain(met bool, all []stream, began time.Time, misses func(stream) bool, wrong func(stream) []lapse) {
	if met {
		return
	}
	for _, line := range explanation(all, began, misses, wrong, s.load) {
		s.b.report.note("  %s", line)
	}
}

// explanation is in lines which streams miss a mark, each with its worst seconds, and the seconds in which most streams went wrong at
// once, with what the machine did in them.
func explanation(all []stream, began time.Time, misses func(stream) bool, wrong func(stream) []lapse, load *loadWatch) (lines []string) {
	together := map[int64]int{}
	untold := 0
	for _, s := range all {
		lapses := wrong(s)
		for _, l := range lapses {
			together[l.end.Unix()]++
		}
		switch {
		case !misses(s):
		case len(lines) == toldStreams:
			untold++
		default:
			lines = append(lines, fmt.Sprintf("%4s → %-4s  %s", s.from, s.to, told(lapses, began, nil)))
		}
	}
	if untold > 0 {
		lines = append(lines, fmt.Sprintf("and %d streams more", untold))
	}
	var seconds []int64
	for second := range together {
		seconds = append(seconds, second)
	}
	slices.SortFunc(seconds, func(a, b int64) int { return cmp.Or(cmp.Compare(together[b], together[a]), cmp.Compare(a, b)) })
	for _, second := range seconds[:min(len(seconds), toldTogether)] {
		end := time.Unix(second, 0)
		lines = append(lines, fmt.Sprintf("at %s something is wrong with %d of %d streams%s", moment(end, began), together[second], len(all), load.told(end)))
	}
	return lines
}
