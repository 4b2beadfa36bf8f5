package rmcat

import (
	"slices"
	"time"
)

// SenderKind is what somebody sends through a bottleneck.
type SenderKind uint8

// The kinds of senders.
const (
	Media      SenderKind = iota // a call's picture, sound, messages or bulk
	Answers                      // feedback and acknowledgements
	Competitor                   // TCP, or a constant rate
)

// Sender is a host that sends through a bottleneck.
type Sender struct {
	Kind     SenderKind
	Name     string
	Index    int // of the call, the TCP connection or the constant sender in its scenario
	Backward bool
}

// Packet is one that passed a bottleneck, or that was dropped there.
type Packet struct {
	At      time.Duration // since the case began: when it left, or was dropped
	Sender  int           // index of Result.Senders
	Size    int           // bytes on the link
	Delay   time.Duration // in the queue
	Dropped bool
	Marked  bool
}

// Result is what was seen in one run.
type Result struct {
	Scenario Scenario
	Seed     uint64
	Senders  []Sender
	Packets  [2][]Packet // at the bottlenecks forward and backward, in order of time
	Streams  []*Stream
	Traces   []*Trace
}

// seriesStep is the resolution of rates and delays over time.
const seriesStep = 100 * time.Millisecond

// rates is what the chosen senders got through a bottleneck, in bit/s for each step of time.
func (r *Result) rates(dir int, chosen func(Sender) bool) []float64 {
	out := make([]float64, r.steps())
	take := r.choose(chosen)
	for _, p := range r.Packets[dir] {
		if k := int(p.At / seriesStep); take[p.Sender] && !p.Dropped && k < len(out) {
			out[k] += float64(p.Size) * 8 / seriesStep.Seconds()
		}
	}
	return out
}

func (r *Result) steps() int { return int(r.Scenario.Duration / seriesStep) }

func (r *Result) choose(chosen func(Sender) bool) []bool {
	take := make([]bool, len(r.Senders))
	for i, s := range r.Senders {
		take[i] = chosen(s)
	}
	return take
}

// longestDelays is the longest queue delay in each step of time, in seconds, of all packets.
func (r *Result) longestDelays(dir int) []float64 {
	out := make([]float64, r.steps())
	for _, p := range r.Packets[dir] {
		if k := int(p.At / seriesStep); !p.Dropped && k < len(out) {
			out[k] = max(out[k], p.Delay.Seconds())
		}
	}
	return out
}

// isMedia chooses the media flows of a direction.
func isMedia(dir int) func(Sender) bool {
	return func(s Sender) bool { return s.Kind == Media && direction(s.Backward) == dir }
}

// mean is the mean of a series between two moments; 0 if there is nothing between them.
func mean(series []float64, from, to time.Duration) float64 {
	a, b := int(from/seriesStep), min(int(to/seriesStep), len(series))
	if b <= a {
		return 0
	}
	sum := 0.0
	for _, v := range series[a:b] {
		sum += v
	}
	return sum / float64(b-a)
}

// percentile is the p-th part of the values, which it sorts: 0.5 for the median.
func percentile(values []float64, p float64) float64 {
	slices.Sort(values)
	return values[min(int(float64(len(values))*p), len(values)-1)]
}

// jain is Jain's fairness index: 1 if all are equal, 1/n if one has everything.
func jain(values []float64) float64 {
	sum, squares := 0.0, 0.0
	for _, v := range values {
		sum += v
		squares += v * v
	}
	if squares == 0 {
		return 1
	}
	return sum * sum / (float64(len(values)) * squares)
}
