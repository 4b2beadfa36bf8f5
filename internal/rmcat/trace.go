package rmcat

import (
	"context"
	"time"

	"sundog.dev/sundog/rtmfp"
)

// traceEvery is how often the congestion control is asked for its state.
const traceEvery = 100 * time.Millisecond

// TracePoint is the state of a sender's congestion control at a moment.
type TracePoint struct {
	At         time.Duration
	Rate       float64       // bit/s that it grants, of UDP payload
	QueueDelay time.Duration // that it believes in
	Loss       float64       // likewise
	RTT        time.Duration
	Window     int // bytes
}

// Trace is the course of one sender's congestion control.
type Trace struct {
	Call     int
	Backward bool
	Points   []TracePoint
}

// trace follows a session's congestion control.
func (st *stand) trace(ctx context.Context, session *rtmfp.Session, call int, backward bool, end time.Duration) {
	t := &Trace{Call: call, Backward: backward}
	st.mu.Lock()
	st.result.Traces = append(st.result.Traces, t)
	st.mu.Unlock()
	tick := time.NewTicker(traceEvery)
	defer tick.Stop()
	for st.now() < end {
		s := session.Stats()
		t.Points = append(t.Points, TracePoint{st.now(), s.SendRate, s.QueueDelay, s.Loss, s.RTT, s.CongestionWindow})
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
