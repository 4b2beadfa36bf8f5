package main

import (
	"fmt"
	"time"

	"sundog.dev/sundog/internal/e2e/measure"
)

// soundMadeUp is the share of frames of sound that a receiver may have to make up.
const soundMadeUp = 0.005

// picture is what pictures shall be at least; zero: there need be none.
type picture struct {
	lines int
	rate  float64 // a second
}

var (
	noPicture = picture{}
	// wholePicture is what everybody shall be seen in where the uplink carries it.
	wholePicture = picture{360, 20}
	// smallPicture is what one uplink carries for fifteen.
	smallPicture = picture{180, 15}
)

// in reports whether a second had such pictures.
func (p picture) in(e event) bool { return e.Height >= p.lines && e.FPS >= p.rate }

// stream is what one phone received of another, by its stats of each second.
type stream struct {
	from, to string
	seconds  []event
}

// span is a stretch of time.
type span struct{ from, to time.Time }

// has reports whether a second that ended at a time belongs to the span.
func (p span) has(end time.Time) bool { return end.After(p.from) && !end.After(p.to) }

// overlap is how much of the second that ended at a time is in the span, 0 to 1.
func (p span) overlap(end time.Time) float64 {
	from, to := end.Add(-time.Second), end
	if p.from.After(from) {
		from = p.from
	}
	if p.to.Before(to) {
		to = p.to
	}
	return max(to.Sub(from).Seconds(), 0)
}

func (p span) seconds() float64 { return p.to.Sub(p.from).Seconds() }

// received is what a phone received of another in that time.
func (c *conferee) received(other *conferee, within span) stream {
	id := other.peerID()
	return stream{other.name, c.name, c.all(func(e event) bool { return e.Event == "stats" && e.PeerID == id && within.has(e.Time) })}
}

// streams is what everybody received of everybody, of those who are chosen.
func (s *stage) streams(within span, chosen func(from, to *conferee) bool) (all []stream) {
	for _, to := range s.people {
		for _, from := range s.people {
			if from != to && chosen(from, to) {
				all = append(all, to.received(from, within))
			}
		}
	}
	return all
}

func everybody(_, _ *conferee) bool { return true }

func (s stream) values(of func(event) float64) []float64 {
	var values []float64
	for _, e := range s.seconds {
		values = append(values, of(e))
	}
	return values
}

// madeUp is the share of sound that had to be made up, and that of the worst second.
func (s stream) madeUp() (share, worst float64) {
	values := s.values(func(e event) float64 { return e.Concealed })
	return measure.Mean(values), measure.Quantile(values, 1)
}

// madeUpIn is the share of sound that had to be made up in a time that may be no whole seconds: each second counts as much as it
// belongs to it.
func (s stream) madeUpIn(p span) float64 {
	sum, all := 0.0, 0.0
	for _, e := range s.seconds {
		part := p.overlap(e.Time)
		sum, all = sum+part*e.Concealed, all+part
	}
	return sum / all
}

// rate is the pictures a second, and those of the worst second.
func (s stream) rate() (mean, worst float64) {
	values := s.values(func(e event) float64 { return e.FPS })
	return measure.Mean(values), measure.Quantile(values, 0)
}

// height is the least height of its pictures, in pixels.
func (s stream) height() float64 {
	return measure.Quantile(s.values(func(e event) float64 { return float64(e.Height) }), 0)
}

func (s stream) String() string {
	share, worst := s.madeUp()
	mean, least := s.rate()
	return fmt.Sprintf("%4s → %-4s  sound made up %.2f %% (worst second %.1f %%), %.0f lines, %.1f pictures a second (worst %.1f)",
		s.from, s.to, 100*share, 100*worst, s.height(), mean, least)
}

// reportStreams holds the streams of a time that are chosen against the marks of sound and picture. A receiver has to tell of each
// second of it, but for a few.
func (s *stage) reportStreams(what string, within span, chosen func(from, to *conferee) bool, mark picture) {
	const few = 3
	s.holdStreams(what, within, s.streams(within, chosen), int(within.seconds())-few, mark)
}

// holdStreams prints streams, and holds the worst against the marks, and the seconds that their receivers have told of against a least
// number. Of a mark that is missed it tells which streams miss it, and in which seconds.
func (s *stage) holdStreams(what string, within span, all []stream, least int, mark picture) {
	r := s.b.report
	var counts, share, worstShare, heights, rates, worstRates []float64
	good, seconds := 0, 0
	for _, s := range all {
		r.note("%v", s)
		mean, worst := s.madeUp()
		share, worstShare = append(share, mean), append(worstShare, worst)
		mean, worst = s.rate()
		rates, worstRates = append(rates, mean), append(worstRates, worst)
		heights, counts = append(heights, s.height()), append(counts, float64(len(s.seconds)))
		for _, e := range s.seconds {
			seconds++
			if mark.in(e) {
				good++
			}
		}
	}
	met := r.atLeast(fmt.Sprintf("%s, %d streams: seconds told of, the fewest", what, len(all)), measure.Quantile(counts, 0), float64(least), "")
	s.explain(met, all, within.from, func(s stream) bool { return len(s.seconds) < least }, func(s stream) []lapse { return s.gaps(within) })
	met = r.atMost(what+": sound made up, the worst", 100*measure.Quantile(share, 1), 100*soundMadeUp, "%")
	s.explain(met, all, within.from, func(s stream) bool { mean, _ := s.madeUp(); return mean > soundMadeUp }, stream.soundLapses)
	r.note("%s: sound made up in the worst second of any, %.1f %%", what, 100*measure.Quantile(worstShare, 1))
	if mark == noPicture {
		return
	}
	met = r.atLeast(what+": lines, the fewest", measure.Quantile(heights, 0), float64(mark.lines), "")
	s.explain(met, all, within.from, func(s stream) bool { return s.height() < float64(mark.lines) }, func(s stream) []lapse { return s.pictureLapses(mark) })
	met = r.atLeast(what+": pictures a second, the worst", measure.Quantile(rates, 0), mark.rate, "")
	s.explain(met, all, within.from, func(s stream) bool { mean, _ := s.rate(); return mean < mark.rate }, func(s stream) []lapse { return s.pictureLapses(mark) })
	r.note("%s: pictures in the worst second of any, %.1f; %.2f %% of %d seconds are as they shall be",
		what, measure.Quantile(worstRates, 0), 100*float64(good)/float64(seconds), seconds)
}
