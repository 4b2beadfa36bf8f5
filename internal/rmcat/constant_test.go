package rmcat

import (
	"math"
	"testing"
)

// A sender whose rate is known shows that the stand measures what there is.
func TestConstantRate(t *testing.T) {
	for _, c := range []struct {
		name             string
		rate             float64
		carried          float64
		delayP50, within float64 // s
		loss             float64
	}{
		{"below the capacity", 600 * kbit, 600 * kbit, 0, 0.001, 0},
		{"above the capacity", 1250 * kbit, 1 * mbit, 0.295, 0.010, 0.2},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := play(t, Scenario{
				Name: "constant", Duration: 30 * second,
				Forward:  wide(Capacity{0, 1 * mbit}),
				Constant: []Constant{{Rate: c.rate, Latency: latency}},
			}, 1)
			all := func(s Sender) bool { return s.Kind == Competitor }
			carried := mean(r.rates(0, all), settling, r.Scenario.Duration)
			delays, dropped, packets := r.queue(0, all)
			p50, loss := percentile(delays, 0.5), float64(dropped)/float64(packets)
			if math.Abs(carried-c.carried) > c.carried*0.01 || math.Abs(p50-c.delayP50) > c.within || math.Abs(loss-c.loss) > 0.01 {
				t.Errorf("carried %.0f bit/s, p50 %.3f s, loss %.3f", carried, p50, loss)
			}
		})
	}
}

// The capacity changes when it is told to, and the queue's bound with it.
func TestConstantRateOverVaryingCapacity(t *testing.T) {
	r := play(t, Scenario{
		Name: "constant", Duration: 30 * second,
		Forward:  wide(Capacity{0, 1 * mbit}, Capacity{10 * second, 500 * kbit}, Capacity{20 * second, 2 * mbit}),
		Constant: []Constant{{Rate: 800 * kbit, Latency: latency}},
	}, 1)
	rates := r.rates(0, func(s Sender) bool { return s.Kind == Competitor })
	delays := r.longestDelays(0)
	for _, c := range []struct {
		from, rate, longest float64
	}{{2, 800 * kbit, 0.001}, {12, 500 * kbit, 0.301}, {22, 800 * kbit, 0.001}} {
		from := seconds(c.from)
		if got := mean(rates, from, from+7*second); math.Abs(got-c.rate) > c.rate*0.01 {
			t.Errorf("from %v on: %.0f bit/s, want %.0f", from, got, c.rate)
		}
		if got := highest(delays, from, from+7*second); got > c.longest || got < c.longest-0.025 {
			t.Errorf("from %v on: a queue of %.3f s, want %.3f", from, got, c.longest)
		}
	}
}
