package uplink

import (
	"testing"
	"time"
)

// An uplink is found, used, and never full for long.
func TestEstimateHoldsAnUplink(t *testing.T) {
	for _, c := range []struct {
		name    string
		members int
		set     func(*fluid)
		within  time.Duration // found
		least   float64       // use
		queue   time.Duration // p95
	}{
		{"5 Mbit/s, seven others", 7, func(f *fluid) {}, 5 * time.Second, 0.85, 60 * ms},
		{"5 Mbit/s, two others", 2, func(f *fluid) {}, 5 * time.Second, 0.85, 60 * ms},
		{"5 Mbit/s, one other", 1, func(f *fluid) {}, 5 * time.Second, 0.85, 60 * ms},
		{"1 Mbit/s", 7, func(f *fluid) { f.capacity = 1e6 }, 5 * time.Second, 0.85, 60 * ms},
		{"500 kbit/s", 7, func(f *fluid) { f.capacity = 500e3 }, 5 * time.Second, 0.85, 60 * ms},
		{"50 Mbit/s", 7, func(f *fluid) { f.capacity = 50e6 }, 8 * time.Second, 0.85, 60 * ms},
		{"100 ms away", 7, func(f *fluid) { f.oneWay = 100 * ms }, 5 * time.Second, 0.83, 100 * ms},
		{"noisy delays", 7, func(f *fluid) { f.noise = 8 * ms }, 5 * time.Second, 0.83, 60 * ms},
		{"a queue of 40 ms", 7, func(f *fluid) { f.room = 40 * ms }, 5 * time.Second, 0.85, 60 * ms},
		{"a queue of a second", 7, func(f *fluid) { f.room = time.Second }, 5 * time.Second, 0.85, 60 * ms},
	} {
		f := newFluid(c.members, 5e6)
		c.set(f)
		f.run(c.within)
		const d = time.Minute
		f.run(d)
		t.Logf("%-26s use %.2f, queue p95 %v, rate falls %d times a minute", c.name, f.use(d), f.p95().Round(ms), f.falls)
		if use := f.use(d); use < c.least || use > 1 {
			t.Errorf("%s: use %.2f, want %.2f to 1", c.name, use, c.least)
		}
		if f.p95() > c.queue {
			t.Errorf("%s: queue p95 %v, want %v", c.name, f.p95(), c.queue)
		}
	}
}

// What is enough for a picture of 360p to seven people is found within a second and a half, and at once where more was known before.
// Over a slow uplink that makes no long queue.
func TestEstimateBegins(t *testing.T) {
	const enough = 2.2e6
	for _, c := range []struct {
		name     string
		capacity float64
		known    float64
		within   time.Duration // enough; 0: never
	}{
		{"5 Mbit/s", 5e6, 0, 1600 * ms},
		{"5 Mbit/s, as before", 5e6, 4.5e6, fluidTick},
		{"1 Mbit/s", 1e6, 0, 0},
		{"600 kbit/s", 600e3, 0, 0},
		{"600 kbit/s, and 1 before", 600e3, 1e6, 0},
	} {
		f := newFluid(7, c.capacity)
		f.e = NewEstimator(c.known)
		found := time.Duration(0)
		const d = 5 * time.Second
		for f.now < d {
			f.advance(fluidTick)
			if f.est.Rate >= enough && found == 0 {
				found = f.now
			}
		}
		if (found == 0) != (c.within == 0) || found > c.within {
			t.Errorf("%s: enough after %v, want %v", c.name, found, c.within)
		}
		if f.p95() > 80*ms {
			t.Errorf("%s: queue p95 %v in the first %v", c.name, f.p95(), d)
		}
	}
}

// More is not tried while sessions are just being opened.
func TestEstimateWaitsForSessions(t *testing.T) {
	e := NewEstimator(0)
	var all []Session
	for now := time.Duration(0); now < time.Second; now += 50 * ms {
		if now%(100*ms) == 0 {
			all = append(all, Session{ID: string(rune('a' + len(all))), Grant: 1e6, Feedback: true})
		}
		for i := range all {
			all[i].Bytes += 4000
			all[i].Datagrams += 5
		}
		if est := e.Observe(now, all); est.Growing || est.Rate > startRate || !est.Beginning {
			t.Fatalf("after %v: %+v", now, est)
		}
	}
}

// The uplink is cut, and comes back.
func TestEstimateFollowsACut(t *testing.T) {
	for _, members := range []int{1, 2, 7} {
		f := newFluid(members, 5e6)
		f.run(20 * time.Second)
		f.capacity = 1e6
		f.run(1500 * ms)
		if f.rate > f.capacity || f.est.Rate > f.capacity {
			t.Errorf("%d others: 1.5 s after a cut to 1 Mbit/s it is %.2f, and %.2f is sent", members, f.est.Rate/1e6, f.rate/1e6)
		}
		f.run(500 * ms)
		const d = 15 * time.Second
		f.run(d)
		if f.p95() > 60*ms || f.use(d) < 0.8 || f.use(d) > 1 {
			t.Errorf("%d others: then the queue's p95 is %v at a use of %.2f", members, f.p95(), f.use(d))
		}
		f.capacity = 5e6
		f.run(10 * time.Second)
		if f.est.Rate < 0.75*f.capacity {
			t.Errorf("%d others: 10 s after it has come back it is %.2f Mbit/s", members, f.est.Rate/1e6)
		}
	}
}

// The queue on the way to one receiver is no reason to send less to the others.
func TestEstimateTellsOneBadPathApart(t *testing.T) {
	for _, members := range []int{3, 7} {
		f := newFluid(members, 5e6)
		f.run(20 * time.Second)
		f.paths[1].capacity = 200e3
		const d = 30 * time.Second
		f.run(d)
		if f.est.Rate < 0.75*f.capacity || f.est.Queue > fallQueue {
			t.Errorf("%d others: beside a path of 200 kbit/s the uplink is taken for %.2f Mbit/s, with a queue of %v", members, f.est.Rate/1e6, f.est.Queue)
		}
		f.paths[2].gone = ms // and one that is not heard of any more
		f.run(d)
		if f.est.Rate < 0.75*f.capacity {
			t.Errorf("%d others: and one that is gone: %.2f Mbit/s", members, f.est.Rate/1e6)
		}
	}
}

// What one member says of arrivals, too few or too many, changes little of what all get.
func TestEstimateBesideALiar(t *testing.T) {
	for _, lie := range []float64{0.05, 0.3, 2} {
		f := newFluid(5, 5e6)
		f.run(10 * time.Second)
		f.paths[1].lie = lie
		const d = 30 * time.Second
		f.run(d)
		t.Logf("beside one who reports %.2f times what arrives: use %.2f, queue p95 %v", lie, f.use(d), f.p95())
		if f.use(d) < 0.87 || f.use(d) > 1 || f.p95() > 50*ms {
			t.Errorf("beside one who reports %.2f times what arrives: use %.2f, queue p95 %v", lie, f.use(d), f.p95())
		}
	}
}

// What is not used is not proven, and not given up either.
func TestEstimateOfSparingMedia(t *testing.T) {
	f := newFluid(7, 20e6)
	f.wants = 3e6
	f.run(time.Minute)
	if f.est.Rate < f.wants || f.est.Rate > f.wants*probeGain*1.3 {
		t.Errorf("media that use 3 Mbit/s prove %.2f", f.est.Rate/1e6)
	}
	before := f.est.Rate
	f.wants = 500e3
	f.run(time.Minute)
	if f.est.Rate < before*0.99 {
		t.Errorf("after a quiet minute it is %.2f Mbit/s instead of %.2f", f.est.Rate/1e6, before/1e6)
	}
}

// The user's limit is one.
func TestEstimateKeepsTheUsersLimit(t *testing.T) {
	f := newFluid(7, 5e6)
	f.e.SetLimit(1.2e6)
	f.run(10 * time.Second)
	const d = time.Minute
	f.run(d)
	if !f.est.Capped || f.est.Rate != 1.2e6 || f.sum/d.Seconds() > 1.2e6 {
		t.Errorf("%+v; %.0f bit/s were sent", f.est, f.sum/d.Seconds())
	}
	f.e.SetLimit(0)
	f.run(15 * time.Second)
	if f.est.Capped || f.est.Rate < 0.75*f.capacity {
		t.Errorf("15 s after the limit was lifted: %+v", f.est)
	}
}

func TestLimit(t *testing.T) {
	for _, c := range []struct {
		name  string
		bits  float64
		saver bool
		want  float64
	}{
		{"none", 0, false, 0},
		{"the user's cap", 2e6, false, 2e6},
		{"saving data", 0, true, saverLimit},
		{"saving data below a cap", 2e6, true, saverLimit},
		{"a cap that saves more", 300e3, true, 300e3},
	} {
		if got := Limit(c.bits, c.saver); got != c.want {
			t.Errorf("%s: %.0f, want %.0f", c.name, got, c.want)
		}
	}
}

// Somebody else fills the uplink for a while: we do not starve, and are back afterwards.
func TestEstimateBesideOthers(t *testing.T) {
	f := newFluid(3, 5e6)
	f.run(20 * time.Second)
	f.others = 4.8e6
	f.run(15 * time.Second)
	if f.est.Rate < 300e3 {
		t.Errorf("beside 4.8 of 5 Mbit/s it is %.0f bit/s", f.est.Rate)
	}
	f.others = 0
	f.run(12 * time.Second)
	if f.est.Rate < 0.75*f.capacity {
		t.Errorf("12 s after they have gone it is %.2f Mbit/s", f.est.Rate/1e6)
	}
}

// Sound in short packets is more than a small uplink carries. Until it comes in longer ones nobody gives way: that the queue stays says
// nothing of others.
func TestEstimateOfSoundThatCannotGiveWayAtOnce(t *testing.T) {
	f := newFluid(7, 300e3)
	f.vary = 0
	for _, c := range []struct {
		least float64
		of    time.Duration
	}{{420e3, 4 * time.Second}, {250e3, 6 * time.Second}} {
		f.least = c.least
		for range c.of / fluidTick {
			if f.run(fluidTick); f.est.Others {
				t.Fatalf("%v: taken for somebody else's queue, and the rate is %.0f kbit/s", f.now, f.est.Rate/1e3)
			}
		}
	}
	if queue := f.est.Queue; queue > calmQueue {
		t.Errorf("there is a queue of %v at the end", queue)
	}
}

// Without a far end that reports arrivals nothing is known but what is sent: the rate stays where it is.
func TestEstimateWithoutReports(t *testing.T) {
	e := NewEstimator(0)
	var bytes uint64
	var est Estimate
	for now := time.Duration(0); now < 20*time.Second; now += 100 * ms {
		bytes += 5000
		est = e.Observe(now, []Session{{ID: "old", Bytes: bytes, Datagrams: bytes / 1000, Grant: 700e3}})
	}
	if est.Rate < startRate*0.99 || est.Rate > 2*startRate || est.Used < 390e3 || est.Used > 420e3 {
		t.Errorf("%+v", est)
	}
}

// A single session's congestion control is followed, at once and both ways, and what others find out later begins there.
func TestEstimateOfASingleSession(t *testing.T) {
	e := NewEstimator(0)
	var est Estimate
	var bytes uint64
	alone := func(grant float64) Estimate {
		for until := e.last + time.Second; e.last < until; {
			bytes += 5000
			est = e.Alone(e.last+50*ms, Session{ID: "one", Bytes: bytes, Datagrams: bytes / 1000, Grant: grant, Feedback: true, Queue: 45 * ms})
		}
		return est
	}
	if est := alone(2e6); est.Rate < 2e6 || est.Rate > 2.1e6 || est.Used < 800e3 || est.Queue != 0 {
		t.Errorf("%+v", est)
	}
	if est := alone(300e3); est.Rate < 300e3 || est.Rate > 310e3 {
		t.Errorf("%+v", est)
	}
	e.SetLimit(250e3)
	if est := alone(300e3); !est.Capped || est.Rate != 250e3 {
		t.Errorf("%+v", est)
	}
	e.SetLimit(0)
	if est := e.Observe(e.last+50*ms, []Session{{ID: "one", Grant: 2e6}, {ID: "two", Grant: 2e6}}); est.Rate < 2e6 {
		t.Errorf("with another: %+v", est)
	}
}

func BenchmarkObserve(b *testing.B) {
	f := newFluid(15, 5e6)
	f.run(10 * time.Second)
	sessions := f.sessions()
	b.ReportAllocs()
	for b.Loop() {
		f.now += 100 * ms
		f.e.Observe(f.now, sessions)
	}
}

// A session that has taken another's place under the same name may have sent more, and of it less that was reported; and one that
// goes on at another address begins anew to count what arrives.
func TestAnotherSessionUnderTheSameNameIsNoTraffic(t *testing.T) {
	e := NewEstimator(0)
	first := Session{ID: "a", Bytes: 5_000, DataBytes: 4_000, ArrivedBytes: 4_000, Datagrams: 10, DataDatagrams: 8, Grant: 1e6, Feedback: true}
	e.Observe(0, []Session{first})
	for _, next := range []Session{
		{ID: "a", Bytes: 9_000, DataBytes: 5_000, ArrivedBytes: 900, Datagrams: 20, DataDatagrams: 9, Grant: 1e6, Feedback: true},
		{ID: "a", Bytes: 9_500, DataBytes: 5_100, ArrivedBytes: 800, Datagrams: 21, DataDatagrams: 10, Grant: 1e6, Feedback: true},
	} {
		if got := e.Observe(50*time.Millisecond, []Session{next}); got.Used > 1e9 || got.Delivered > 1e9 {
			t.Errorf("%.0f bit/s used, %.0f arrive", got.Used, got.Delivered)
		}
	}
}

// A way that becomes longer while the uplink is found out looks like a short queue that stays: it is no end of what the uplink carries.
func TestEstimateOnAWayThatBecomesLonger(t *testing.T) {
	for _, longer := range []time.Duration{9 * ms, 12 * ms, 15 * ms} {
		f := newFluid(2, 5e6)
		f.run(300 * ms)
		f.longer = longer
		f.run(10 * time.Second)
		const d = 10 * time.Second
		f.run(d)
		if use := f.use(d); use < 0.5 {
			t.Errorf("%v longer: use %.2f", longer, use)
		}
	}
}

// For a moment nothing arrives, and then there is a queue that stays whatever is given up for it: at the least rate there is nothing more
// to give, so it is somebody else's.
func TestEstimateDoesNotDrainForEver(t *testing.T) {
	e := NewEstimator(0)
	all := []Session{{ID: "a", Grant: 2e6, Feedback: true}, {ID: "b", Grant: 2e6, Feedback: true}}
	now, est := time.Duration(0), Estimate{Rate: startRate}
	run := func(d, queue time.Duration, arrives float64) {
		for end := now + d; now < end; now += fluidTick {
			for i := range all {
				s := &all[i]
				bytes := uint64(min(est.Rate, 300e3) / 2 / 8 * fluidTick.Seconds())
				s.Bytes, s.DataBytes, s.ArrivedBytes = s.Bytes+bytes, s.DataBytes+bytes, s.ArrivedBytes+uint64(float64(bytes)*arrives)
				s.Queue, s.Delivered = queue, max(min(est.Rate, 300e3)/2*arrives, 1)
			}
			est = e.Observe(now, all)
		}
	}
	run(5*time.Second, 0, 1)
	run(useWindow, 0, 0)
	run(5*time.Second, 60*ms, 1)
	if !est.Others || est.Rate < 1e6 {
		t.Errorf("%+v", est)
	}
	run(5*time.Second, 0, 1)
	if est.Others || est.Draining {
		t.Errorf("when the queue has gone: %+v", est)
	}
}

// Whoever has been silent for long, and speaks, finds out as fast as in the beginning what the uplink carries, without a long queue where it is no more.
func TestEstimateOfAnUplinkThatWasNotUsed(t *testing.T) {
	for _, c := range []struct {
		capacity, enough float64
		within           time.Duration
	}{{5e6, 3.5e6, 3 * time.Second}, {1e6, 0.8e6, 3 * time.Second}} {
		f := newFluid(7, 1e6)
		f.run(5 * time.Second)
		f.capacity, f.wants = c.capacity, 60e3
		f.run(20 * time.Second)
		f.wants = 0
		speaks := f.now
		for f.est.Carries < c.enough && f.now < speaks+10*time.Second {
			f.run(fluidTick)
		}
		if took := f.now - speaks; took > c.within {
			t.Errorf("%.0f Mbit/s: %.1f Mbit/s are known after %v, want %v", c.capacity/1e6, c.enough/1e6, took, c.within)
		}
		f.run(5 * time.Second)
		if p95 := f.p95(); p95 > 60*ms {
			t.Errorf("%.0f Mbit/s: a queue of %v", c.capacity/1e6, p95)
		}
	}
}
