package rmcat

import (
	"math"
	"slices"
	"time"
)

// Figure names something that is measured. Times are in seconds, rates in bit/s, the rest are shares of 1.
type Figure string

// The figures. Those of a backward path are for cases with media both ways.
const (
	Use          Figure = "use"
	UseBack      Figure = "use, backward"
	WorstUse     Figure = "use, worst phase"
	QueueP50     Figure = "queue delay p50"
	QueueP95     Figure = "queue delay p95"
	QueueP95Back Figure = "queue delay p95, backward"
	Loss         Figure = "loss in the queue"
	Up           Figure = "convergence upward"
	UpBack       Figure = "convergence upward, backward"
	Down         Figure = "convergence downward"
	DownBack     Figure = "convergence downward, backward"
	Recovery     Figure = "back to 90 %"
	Fairness     Figure = "fairness (Jain)"
	Received     Figure = "received, of capacity"
	MediaRate    Figure = "slowest media flow"
	TCPRate      Figure = "TCP together"
	FrameP50     Figure = "frame delay p50"
	FrameP95     Figure = "frame delay p95"
	FramesLost   Figure = "frames that never came"
	Bulk         Figure = "bulk, of capacity"
	MessageP50   Figure = "message delay p50"
	MessageP99   Figure = "message delay p99"
	MessageMost  Figure = "message delay, longest of all"
)

// order is that of a report.
var order = []Figure{
	Use, UseBack, WorstUse, Received, Bulk, QueueP50, QueueP95, QueueP95Back, Loss, Up, UpBack, Down, DownBack, Recovery, Fairness,
	MediaRate, TCPRate, MessageP50, MessageP99, MessageMost, FrameP50, FrameP95, FramesLost,
}

const (
	convergedShare = 0.85 // of what is attainable
	recoveredShare = 0.90
	convergedFor   = 500 * time.Millisecond
	drainedDelay   = 0.100 // s
	drainedFor     = time.Second
	fairnessWindow = 5 * time.Second
	noticeable     = 1.05 // a change of what is attainable by less is no step
)

// Figures makes figures of a result: those that have a meaning in its scenario.
func (r *Result) Figures() map[Figure]float64 {
	out := make(map[Figure]float64)
	competing := len(r.Scenario.TCP) > 0 && !r.Scenario.TCP[0].Backward
	r.pathFigures(out, 0, competing)
	if r.has(1, Media) {
		r.pathFigures(out, 1, false)
	}
	if len(r.Scenario.TCP) > 0 {
		dir := direction(r.Scenario.TCP[0].Backward)
		all := r.rates(dir, func(s Sender) bool { return s.Kind == Competitor })
		out[TCPRate] = mean(all, settling, r.Scenario.Duration)
	}
	r.streamFigures(out)
	return out
}

func (r *Result) has(dir int, kind SenderKind) bool {
	for _, s := range r.Senders {
		if s.Kind == kind && direction(s.Backward) == dir {
			return true
		}
	}
	return false
}

// pathFigures are those of one direction.
func (r *Result) pathFigures(out map[Figure]float64, dir int, competing bool) {
	phases := r.phases(dir)
	if phases == nil {
		return
	}
	media := r.rates(dir, isMedia(dir))
	use, worst := uses(phases, media)
	up, down := r.convergence(dir, phases, media, convergedShare)
	delays, dropped, all := r.queue(dir, isMedia(dir))
	if dir == 1 {
		out[UseBack], out[QueueP95Back] = use, percentile(delays, 0.95)
		set(out, UpBack, up)
		set(out, DownBack, down)
		return
	}
	if len(delays) > 0 {
		out[QueueP50], out[QueueP95] = percentile(delays, 0.5), percentile(delays, 0.95)
	}
	out[Loss] = float64(dropped) / float64(max(all, 1))
	if competing {
		out[MediaRate] = r.slowest(dir, phases)
	} else {
		out[Use], out[WorstUse] = use, worst
		set(out, Up, up)
		set(out, Down, down)
		if r.Scenario.expects(Recovery) {
			recovery, _ := r.convergence(dir, phases[1:], media, recoveredShare)
			set(out, Recovery, recovery)
		}
	}
	set(out, Fairness, r.fairness(dir, phases))
}

func set(out map[Figure]float64, f Figure, v float64) {
	if !math.IsNaN(v) {
		out[f] = v
	}
}

// uses is what media carries of the attainable in the steady parts: altogether, and in the worst phase.
func uses(phases []phase, media []float64) (use, worst float64) {
	carried, could := 0.0, 0.0
	worst = 1
	for _, p := range phases {
		from, to := p.steady()
		if to <= from || p.attainable == 0 {
			continue
		}
		got := min(mean(media, from, to), p.attainable)
		worst = min(worst, got/p.attainable)
		carried += got * (to - from).Seconds()
		could += p.attainable * (to - from).Seconds()
	}
	return carried / could, worst
}

// queue is the delays of the chosen senders' packets in seconds, and how many of all were dropped.
func (r *Result) queue(dir int, chosen func(Sender) bool) (delays []float64, dropped, all int) {
	take := r.choose(chosen)
	for _, p := range r.Packets[dir] {
		if !take[p.Sender] {
			continue
		}
		all++
		if p.Dropped {
			dropped++
		} else {
			delays = append(delays, p.Delay.Seconds())
		}
	}
	return delays, dropped, all
}

// convergence is the longest time after a step up and after a step down, in seconds; NaN where there is no such step.
func (r *Result) convergence(dir int, phases []phase, media []float64, share float64) (up, down float64) {
	up, down = math.NaN(), math.NaN()
	delays := r.longestDelays(dir)
	before := 0.0
	if len(phases) > 0 && phases[0].from > 0 {
		before = math.Inf(1) // the first is only what the others are compared with
	}
	for _, p := range phases {
		switch {
		case p.attainable == 0:
		case p.attainable > before*noticeable:
			up = longer(up, until(p, convergedFor, func(from, to time.Duration) bool { return mean(media, from, to) >= share*p.attainable }))
		case p.attainable*noticeable < before && !math.IsInf(before, 1):
			down = longer(down, until(p, drainedFor, func(from, to time.Duration) bool { return highest(delays, from, to) <= drainedDelay }))
		}
		before = p.attainable
	}
	return up, down
}

func longer(a, b float64) float64 {
	if math.IsNaN(a) {
		return b
	}
	return max(a, b)
}

// until is how many seconds after a phase's begin ok first holds for a window of time; the phase's length if it never does.
func until(p phase, window time.Duration, ok func(from, to time.Duration) bool) float64 {
	for at := p.from; at+window <= p.to; at += seriesStep {
		if ok(at, at+window) {
			return (at - p.from).Seconds()
		}
	}
	return (p.to - p.from).Seconds()
}

func highest(series []float64, from, to time.Duration) (v float64) {
	for k := int(from / seriesStep); k < min(int(to/seriesStep), len(series)); k++ {
		v = max(v, series[k])
	}
	return v
}

// fairness is Jain's index of all flows that send in the steady phases with most of them; NaN if that is one.
func (r *Result) fairness(dir int, phases []phase) float64 {
	most := 0
	for _, p := range phases {
		most = max(most, len(p.active))
	}
	if most < 2 {
		return math.NaN()
	}
	sum, windows := 0.0, 0
	for _, p := range phases {
		if len(p.active) < most {
			continue
		}
		var rates [][]float64
		for _, sender := range p.active {
			rates = append(rates, r.rates(dir, func(s Sender) bool { return s == r.Senders[sender] }))
		}
		from, to := p.steady()
		for at := from; at+fairnessWindow <= to; at += fairnessWindow {
			var means []float64
			for _, rate := range rates {
				means = append(means, mean(rate, at, at+fairnessWindow))
			}
			sum += jain(means)
			windows++
		}
	}
	return sum / float64(windows)
}

// slowest is the mean rate of the media flow that gets least, in the steady phases with competitors.
func (r *Result) slowest(dir int, phases []phase) float64 {
	least := math.Inf(1)
	last := phases[len(phases)-1]
	from, to := last.steady()
	for k, s := range r.Senders {
		if isMedia(dir)(s) {
			least = min(least, mean(r.rates(dir, func(o Sender) bool { return o == r.Senders[k] }), from, to))
		}
	}
	return least
}

// streamFigures are those of messages.
func (r *Result) streamFigures(out map[Figure]float64) {
	capacity, limited := r.Scenario.Forward.rateAt(0)
	received := 0.0
	for _, s := range r.Streams {
		if s.Backward {
			continue
		}
		delays, lost := s.delays(0)
		switch {
		case len(delays) == 0:
		case s.Kind == kindMessages:
			steady, _ := s.delays(settling)
			out[MessageP50], out[MessageP99], out[MessageMost] = percentile(steady, 0.5), percentile(steady, 0.99), slices.Max(delays)
		case s.Kind == kindVideo && s.Call == 0:
			out[FrameP50], out[FrameP95], out[FramesLost] = percentile(delays, 0.5), percentile(delays, 0.95), lost
		case s.Kind == kindBulk && limited:
			out[Bulk] = s.rate(settling, r.Scenario.Duration) / capacity
		}
		if s.Kind == kindVideo || s.Kind == kindAudio {
			received += s.rate(settling, r.Scenario.Duration)
		}
	}
	if limited && r.Scenario.expects(Received) {
		out[Received] = received / capacity
	}
}

// delays is how long each message since a moment took in seconds, infinite for those that never came, and the share of those.
func (s *Stream) delays(since time.Duration) (delays []float64, lost float64) {
	for _, m := range s.Messages {
		if m.Sent < since {
			continue
		}
		if m.Arrived == 0 {
			delays = append(delays, math.Inf(1))
			lost++
			continue
		}
		delays = append(delays, (m.Arrived - m.Sent).Seconds())
	}
	return delays, lost / float64(max(len(delays), 1))
}

// rate is what arrived between two moments, in bit/s.
func (s *Stream) rate(from, to time.Duration) (rate float64) {
	for _, m := range s.Messages {
		if m.Arrived >= from && m.Arrived < to {
			rate += float64(m.Size) * 8
		}
	}
	return rate / (to - from).Seconds()
}
