package rtmfp

import (
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// A session keeps to what its user allows, for as long as he says so.
func TestCoupledRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{})
		near, far := w.pair(0, vnet.Link{Latency: 20 * time.Millisecond, Rate: 1250e3, Queue: 500e3}, vnet.Link{Latency: 20 * time.Millisecond})
		received := w.bulk(near, far)
		rate := func(d time.Duration, during func()) float64 {
			before := received()
			for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
				during()
			}
			return float64(received()-before) * 8 / d.Seconds()
		}
		nothing := func() {}
		rate(2*time.Second, nothing)
		if free := rate(2*time.Second, nothing); free < 8e6 {
			t.Errorf("by itself it sends %.0f bit/s over 10 Mbit/s", free)
		}
		said := func() { near.Couple(Coupling{Rate: 1e6}) }
		rate(time.Second, said)
		if held := rate(3*time.Second, said); held < 0.8e6 || held > 1e6 {
			t.Errorf("of 1 Mbit/s that it may send it uses %.0f bit/s", held)
		}
		rate(3*time.Second, nothing)
		if free := rate(2*time.Second, nothing); free < 5e6 {
			t.Errorf("3 s after the user has fallen silent it sends %.0f bit/s", free)
		}
	})
}

// A queue that the user looks after is no reason to slow down. One of the session's own is, once it has lasted.
func TestCoupledQueue(t *testing.T) {
	const ms = 0.001
	for _, c := range []struct {
		name  string
		said  float64
		whole []float64 // in turn
		want  float64   // of the last
	}{
		{"all of it is shared", 50 * ms, []float64{50 * ms, 50 * ms, 50 * ms, 50 * ms}, 0},
		{"less than is shared", 50 * ms, []float64{20 * ms, 20 * ms, 20 * ms, 20 * ms}, 0},
		{"known too late", 0, []float64{0, 60 * ms, 60 * ms, 60 * ms}, 0},
		{"lasting beyond what is shared", 50 * ms, []float64{80 * ms, 90 * ms, 100 * ms, 110 * ms}, 30 * ms},
	} {
		q := coupledQueue{said: c.said, on: true}
		var got float64
		for _, w := range c.whole {
			got = q.rest(w)
		}
		if got < c.want-1e-9 || got > c.want+1e-9 {
			t.Errorf("%s: %.0f ms of its own, want %.0f", c.name, got/ms, c.want/ms)
		}
	}
	alone := coupledQueue{}
	if got := alone.rest(70 * ms); got != 70*ms {
		t.Errorf("without a user's controller %.0f of 70 ms count", got/ms)
	}
}

// With several sessions over one uplink, and what they share left to the user, none gives way to the others: they get alike.
func TestSharedQueueDoesNotSlowASession(t *testing.T) {
	for _, coupled := range []bool{true, false} {
		p := newSimPath(5e6)
		p.run(5 * time.Second)
		before := p.c.rate
		// Another fills the same link: a queue of 60 ms stands there from now on.
		p.c.shared.on = coupled
		if coupled {
			p.c.shared.said = 0.060
		}
		p.oneWay += 60 * time.Millisecond
		p.run(500 * time.Millisecond)
		if slower := p.c.rate < 0.8*before; slower == coupled {
			t.Errorf("coupled %v: from %.0f to %.0f bit/s", coupled, before, p.c.rate)
		}
	}
}
