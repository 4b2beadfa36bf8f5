package rtmfp

import "time"

// deliveredRate is the rate at which packets arrive at the far end.
type deliveredRate struct {
	marks   []rateMark // a ring of rateMarks; nil before the first
	n       int        // marks made
	bytes   uint64
	arrived time.Duration // of the last packet, by the far clock
	sent    time.Duration // when that was sent
	marked  time.Duration // by the near clock
}

// rateMark is how much had arrived at a report.
type rateMark struct {
	bytes         uint64
	arrived, sent time.Duration
}

func (r *deliveredRate) add(sent, arrived time.Duration, size int) {
	r.bytes += uint64(size)
	r.arrived = max(r.arrived, arrived)
	r.sent = max(r.sent, sent)
}

// mark ends a report. After a pause, all begins anew: it would count as slowness.
func (r *deliveredRate) mark(now time.Duration) {
	if now-r.marked > ratePause {
		r.n = 0
	}
	r.marked = now
	if r.marks == nil {
		r.marks = make([]rateMark, rateMarks) // sessions that are only kept need none
	}
	r.marks[r.n%rateMarks] = rateMark{r.bytes, r.arrived, r.sent}
	r.n++
}

// rate is that of the last window, in bit/s; 0 if it is unknown. A far end that reports an arrival in less than half the
// time of sending is not believed.
func (r *deliveredRate) rate(window time.Duration) float64 {
	for i := r.n - 2; i >= 0 && i > r.n-rateMarks; i-- {
		m := &r.marks[i%rateMarks]
		span := max(r.arrived-m.arrived, (r.sent-m.sent)/2)
		if r.arrived-m.arrived >= window || i == 0 || i == r.n-rateMarks+1 {
			if span <= 0 {
				return 0
			}
			return float64(r.bytes-m.bytes) * 8 / span.Seconds()
		}
	}
	return 0
}
