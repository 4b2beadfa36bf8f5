package rmcat

import (
	"slices"
	"time"
)

// phase is a part of a case in which neither capacity nor senders change.
type phase struct {
	from, to   time.Duration
	capacity   float64 // bit/s
	attainable float64 // what the media flows can carry: the capacity, or what their encoders make at most
	active     []int   // senders of media
}

// steady is the part of a phase that counts as such.
func (p phase) steady() (from, to time.Duration) { return min(p.from+settling, p.to), p.to }

// phases are those of one direction.
func (r *Result) phases(dir int) []phase {
	s := r.Scenario
	path := s.Forward
	if dir == 1 {
		path = s.Backward
	}
	if path.Capacity == nil {
		return nil
	}
	edges := []time.Duration{0, s.Duration}
	for _, c := range path.Capacity {
		edges = append(edges, c.At)
	}
	for _, c := range s.Calls {
		edges = append(edges, c.Start, s.until(c.End))
		for _, p := range append(slices.Clone(c.Forward.Paused), c.Backward.Paused...) {
			edges = append(edges, p.From, p.To)
		}
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)
	var all []phase
	for i := 1; i < len(edges) && edges[i] <= s.Duration; i++ {
		p := phase{from: edges[i-1], to: edges[i]}
		p.capacity, _ = path.rateAt(p.from)
		most := 0.0
		for k, sender := range r.Senders {
			if sender.Kind != Media || direction(sender.Backward) != dir {
				continue
			}
			call := s.Calls[sender.Index]
			load := call.Forward
			if sender.Backward {
				load = call.Backward
			}
			if p.from < call.Start || p.from >= s.until(call.End) || load.pausedAt(p.from) {
				continue
			}
			p.active = append(p.active, k)
			most += load.most(p.capacity)
		}
		p.attainable = min(p.capacity, most)
		all = append(all, p)
	}
	return all
}
