package rmcat

import (
	"fmt"
	"io"
	"math"
	"time"
)

// smoothing is the resolution of plotted rates, in steps of a series.
const smoothing = 5

// WriteSVG draws the run: rates against the capacity, queue delay and loss over time.
func (r *Result) WriteSVG(w io.Writer) error {
	c := chart{
		title:    r.Scenario.Name + "  " + r.Scenario.Title,
		subtitle: fmt.Sprintf("seed %d", r.Seed),
		seconds:  r.Scenario.Duration.Seconds(),
	}
	if r.Scenario.Section != "" {
		c.subtitle = r.Scenario.Section + ", " + c.subtitle
	}
	for dir, path := range []Path{r.Scenario.Forward, r.Scenario.Backward} {
		if path.Capacity == nil {
			continue
		}
		where := ""
		if dir == 1 {
			where = ", backward"
		}
		c.panels = append(c.panels,
			panel{title: "Rate on the link" + where, unit: "Mbit/s", height: 260, top: r.highestRate(path) * 1.15 / mbit, curves: r.rateCurves(dir, path)},
			panel{title: "Queue delay" + where, unit: "ms", height: 130, least: 50, curves: r.delayCurves(dir)},
			panel{title: "Lost in the queue" + where, unit: "% of packets", height: 80, least: 1, curves: r.lossCurves(dir)},
		)
	}
	return c.write(w)
}

func (r *Result) highestRate(p Path) (rate float64) {
	for _, c := range p.Capacity {
		rate = max(rate, c.Rate)
	}
	return rate
}

// rateCurves are the capacity, and what each media flow gets and is granted, and what all competitors get.
func (r *Result) rateCurves(dir int, path Path) (all []curve) {
	capacity := make([]float64, r.steps()+1)
	for i := range capacity {
		v, _ := path.rateAt(time.Duration(i) * seriesStep)
		capacity[i] = v / mbit
	}
	all = append(all, curve{label: "capacity", values: capacity, step: seriesStep.Seconds(), colour: "#444", dash: "6 3", width: 1.5, stairs: true})
	k := 0
	for i, s := range r.Senders {
		if !isMedia(dir)(s) {
			continue
		}
		colour, dash := colours[k%len(colours)], ""
		if k >= len(colours) {
			dash = "8 3"
		}
		k++
		all = append(all, rateCurve(s.Name, r.rates(dir, func(o Sender) bool { return o == r.Senders[i] }), colour, dash))
		if granted := r.traced(s, func(p TracePoint) float64 { return p.Rate / mbit }); granted != nil {
			all = append(all, curve{label: "… granted", values: granted, step: traceEvery.Seconds(), colour: colour, dash: "1 3", width: 1})
		}
	}
	if r.has(dir, Competitor) {
		all = append(all, rateCurve("competitors", r.rates(dir, func(s Sender) bool { return s.Kind == Competitor }), "#999999", ""))
	}
	return all
}

func rateCurve(label string, rates []float64, colour, dash string) curve {
	var values []float64
	for i := 0; i+smoothing <= len(rates); i += smoothing {
		sum := 0.0
		for _, v := range rates[i : i+smoothing] {
			sum += v
		}
		if sum == 0 && (len(values) == 0 || math.IsNaN(values[len(values)-1])) {
			sum = math.NaN() // it has not begun
		}
		values = append(values, sum/smoothing/mbit)
	}
	return curve{label: label, values: values, step: smoothing * seriesStep.Seconds(), colour: colour, dash: dash, width: 1.8}
}

// traced is something of a sender's congestion control over time; nil if there is no trace.
func (r *Result) traced(s Sender, of func(TracePoint) float64) []float64 {
	for _, t := range r.Traces {
		if t.Call != s.Index || t.Backward != s.Backward || len(t.Points) == 0 {
			continue
		}
		values := make([]float64, int(t.Points[len(t.Points)-1].At/traceEvery)+1)
		for i := range values {
			values[i] = math.NaN()
		}
		for _, p := range t.Points {
			if p.At >= 0 {
				values[int(p.At/traceEvery)] = of(p)
			}
		}
		return values
	}
	return nil
}

func (r *Result) delayCurves(dir int) []curve {
	longest := r.longestDelays(dir)
	for i := range longest {
		longest[i] *= 1e3
	}
	mark := make([]float64, 2)
	mark[0], mark[1] = drainedDelay*1e3, drainedDelay*1e3
	all := []curve{
		{label: "longest in 100 ms", values: longest, step: seriesStep.Seconds(), colour: colours[0], width: 1, filled: true},
		{label: "mark of p95", values: mark, step: r.Scenario.Duration.Seconds(), colour: "#444", dash: "6 3", width: 1},
	}
	for _, s := range r.Senders {
		if believed := r.traced(s, func(p TracePoint) float64 { return p.QueueDelay.Seconds() * 1e3 }); isMedia(dir)(s) && believed != nil {
			return append(all, curve{label: "as " + s.Name + " sees it", values: believed, step: traceEvery.Seconds(), colour: colours[1], width: 1})
		}
	}
	return all
}

// lossCurves are the shares of media packets that were dropped, and that were marked, in each second.
func (r *Result) lossCurves(dir int) []curve {
	seconds := int(r.Scenario.Duration/time.Second) + 1
	all, dropped, marked := make([]float64, seconds), make([]float64, seconds), make([]float64, seconds)
	take := r.choose(isMedia(dir))
	anyMarked := false
	for _, p := range r.Packets[dir] {
		if !take[p.Sender] {
			continue
		}
		k := int(p.At / time.Second)
		all[k]++
		if p.Dropped {
			dropped[k]++
		}
		if p.Marked {
			marked[k]++
			anyMarked = true
		}
	}
	for k := range all {
		dropped[k] *= 100 / max(all[k], 1)
		marked[k] *= 100 / max(all[k], 1)
	}
	curves := []curve{{label: "dropped", values: dropped, step: 1, colour: colours[1], width: 1, stairs: true, filled: true}}
	if anyMarked {
		curves = append(curves, curve{label: "marked (CE)", values: marked, step: 1, colour: colours[2], width: 1, stairs: true})
	}
	return curves
}
