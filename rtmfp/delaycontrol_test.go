package rtmfp

import (
	"math/rand/v2"
	"testing"
	"time"
)

// simPath is a path for one delay controller: a queue in front of a link, and the way back. The far clock is an hour ahead.
type simPath struct {
	c        *delayControl
	rng      *rand.Rand
	now      time.Duration
	oneWay   time.Duration
	capacity float64       // bit/s; 0: nothing arrives
	room     time.Duration // longest queue
	loss     float64
	app      float64 // bit/s that the application has; 0: as much as may be sent
	size     int     // of a packet, bytes
	mark     time.Duration
	drift    float64 // of the far clock
	lie      float64 // share of the true spacing of arrivals that the far end reports; 0: it is honest
	yield    bool

	busy    time.Duration
	queue   []simPacket // under way
	next    time.Duration
	worst   time.Duration // longest queue of late
	arrived int           // bytes
}

type simPacket struct {
	sent, at time.Duration
	marked   bool
	lost     bool
}

func newSimPath(capacity float64) *simPath {
	p := &simPath{c: new(delayControl), rng: rand.New(rand.NewPCG(1, 2)), oneWay: 20 * time.Millisecond, size: basePacket, capacity: capacity, room: 300 * time.Millisecond}
	p.c.init()
	p.now = time.Second
	p.next = p.now
	return p
}

// run lets time pass, in steps of a report's interval.
func (p *simPath) run(d time.Duration) {
	p.worst, p.arrived = 0, 0
	for end := p.now + d; p.now < end; {
		p.now += feedbackInterval
		p.c.tick(p.now, len(p.queue) > 0)
		for ; p.next < p.now; p.next += p.spacing() {
			p.send(p.next)
		}
		p.report()
	}
}

func (p *simPath) spacing() time.Duration {
	rate := p.c.pace(p.now)
	switch {
	case p.c.short:
		rate = p.app
	case p.app > 0:
		rate = min(rate, p.app)
	}
	return time.Duration(float64(p.size) * 8 / rate * float64(time.Second))
}

func (p *simPath) send(at time.Duration) {
	p.c.sentPacket(p.size)
	s := simPacket{sent: at, lost: p.rng.Float64() < p.loss || p.capacity == 0}
	if !s.lost {
		wait := max(p.busy-at, 0)
		if s.lost = wait > p.room; !s.lost {
			p.worst = max(p.worst, wait)
			s.marked = p.mark > 0 && wait > p.mark
			p.busy = at + wait + time.Duration(float64(p.size)*8/p.capacity*float64(time.Second))
		}
	}
	s.at = max(p.busy, at) + p.oneWay
	p.queue = append(p.queue, s)
}

// report tells of what had arrived half a round trip ago.
func (p *simPath) report() {
	seen := p.now - p.oneWay
	var newest *simPacket
	n := 0
	for ; n < len(p.queue) && p.queue[n].at <= seen; n++ {
		s := &p.queue[n]
		if s.lost {
			p.c.lostPacket()
			continue
		}
		p.c.ackedPacket()
		p.arrived += p.size
		far := time.Duration(float64(s.at)*(1+p.drift)) + time.Hour
		if p.lie > 0 {
			far = time.Duration(float64(s.at)*p.lie) + time.Hour
		}
		p.c.sample(s.sent, far, p.size, s.marked)
		newest = s
	}
	if newest != nil {
		p.c.report(p.now, p.now-newest.sent-(seen-newest.at), p.yield)
	}
	p.queue = p.queue[:copy(p.queue, p.queue[n:])]
}

// use is the share of the capacity that arrived in the last run.
func (p *simPath) use(d time.Duration) float64 {
	return float64(p.arrived) * 8 / p.capacity / d.Seconds()
}

// On links of any rate the controller comes up within 5 s, then uses them and keeps their queue short.
func TestDelayControlFillsLinks(t *testing.T) {
	for _, c := range []struct {
		name  string
		set   func(*simPath)
		use   float64
		queue time.Duration
	}{
		{"200 kb/s", func(p *simPath) { p.capacity = 200e3 }, 0.9, 150 * time.Millisecond},
		{"1 Mb/s", func(p *simPath) {}, 0.9, 60 * time.Millisecond},
		{"10 Mb/s", func(p *simPath) { p.capacity = 10e6 }, 0.9, 40 * time.Millisecond},
		{"100 Mb/s", func(p *simPath) { p.capacity = 100e6 }, 0.9, 40 * time.Millisecond},
		{"150 ms one way", func(p *simPath) { p.oneWay = 150 * time.Millisecond }, 0.85, 100 * time.Millisecond},
		{"10 % random loss", func(p *simPath) { p.loss = 0.1 }, 0.9, 100 * time.Millisecond},
		{"a far clock that is 100 ppm fast", func(p *simPath) { p.drift = 100e-6 }, 0.9, 60 * time.Millisecond},
		{"a far clock that is 100 ppm slow", func(p *simPath) { p.drift = -100e-6 }, 0.9, 60 * time.Millisecond},
		{"a queue of 5 ms only", func(p *simPath) { p.capacity, p.room = 10e6, 5*time.Millisecond }, 0.85, 10 * time.Millisecond},
		{"marks above 10 ms", func(p *simPath) { p.mark = 10 * time.Millisecond }, 0.7, 60 * time.Millisecond},
	} {
		p := newSimPath(1e6)
		c.set(p)
		p.run(5 * time.Second)
		const d = 60 * time.Second
		p.run(d)
		if use := p.use(d); use < c.use || p.worst > c.queue {
			t.Errorf("%s: use %.2f, longest queue %v; want %.2f, %v", c.name, use, p.worst, c.use, c.queue)
		}
	}
}

// What changes and what the controller makes of it.
func TestDelayControlFollows(t *testing.T) {
	p := newSimPath(2.5e6)
	p.run(10 * time.Second)

	p.capacity = 600e3
	p.run(1500 * time.Millisecond)
	p.run(time.Second)
	if p.worst > 120*time.Millisecond {
		t.Errorf("1.5 s after a fall to a quarter the queue is %v", p.worst)
	}
	p.capacity = 2.5e6
	p.run(5 * time.Second)
	if p.run(time.Second); p.use(time.Second) < 0.85 {
		t.Errorf("5 s after the capacity came back the use is %.2f", p.use(time.Second))
	}

	p.capacity = 0
	p.run(3 * time.Second)
	if p.c.rate > 1e6 {
		t.Errorf("after 3 s without reports the rate is %.0f", p.c.rate)
	}
	p.queue, p.capacity = nil, 2.5e6
	p.run(5 * time.Second)
	if p.run(time.Second); p.use(time.Second) < 0.85 {
		t.Errorf("5 s after the path came back the use is %.2f", p.use(time.Second))
	}
}

// An application that sends less than it may neither inflates nor collapses the rate.
func TestDelayControlOfASparingApplication(t *testing.T) {
	p := newSimPath(10e6)
	p.app = 500e3
	p.run(60 * time.Second)
	if p.c.rate < 550e3 || p.c.rate > 1500e3 {
		t.Errorf("an application of 500 kb/s may send %.0f", p.c.rate)
	}
	p.app = 64e3
	p.run(60 * time.Second)
	if p.c.rate < 500e3 {
		t.Errorf("after a minute of 64 kb/s it may send %.0f", p.c.rate)
	}
}

// A bad moment while there is sound alone does not take away what a picture needs; one with a picture in it does, since the
// picture may be what made it.
func TestDelayControlInABadMoment(t *testing.T) {
	for _, c := range []struct {
		name        string
		app         float64
		after       time.Duration // the beginning
		least, most float64
	}{
		{"sound, as it begins", 60e3, 0, 190e3, 310e3},
		{"sound, later", 60e3, 10 * time.Second, 190e3, 310e3},
		{"a picture that is too large", 280e3, 10 * time.Second, 0, 180e3},
	} {
		p := newSimPath(10e6)
		if p.app = c.app; p.app < 100e3 {
			p.size = 150
		}
		p.run(c.after)
		p.capacity = 50e3 // the link stands still, all but
		p.run(400 * time.Millisecond)
		if p.capacity, p.busy = 10e6, 0; c.least == 0 {
			p.capacity = 150e3
		}
		p.run(2 * time.Second)
		if p.c.rate < c.least || p.c.rate > c.most {
			t.Errorf("%s: %.0f, want %.0f to %.0f", c.name, p.c.rate, c.least, c.most)
		}
	}
}

// Marks cost a fifth, once a round trip.
func TestDelayControlAnswersMarks(t *testing.T) {
	p := newSimPath(10e6)
	p.run(20 * time.Second)
	before := p.c.rate
	p.mark = 1
	p.run(100 * time.Millisecond)
	if after := p.c.rate; after > before*0.85 || after < before*0.5 {
		t.Errorf("from %.0f to %.0f", before, after)
	}
}

// A far end that reports arrivals in half their time gains at most as much again; more is not believed.
func TestDelayControlDoubtsReports(t *testing.T) {
	p := newSimPath(1e6)
	p.room = time.Hour // nothing is lost, and the liar hides the queue
	p.app = 1e6
	p.lie = 0.001
	p.run(30 * time.Second)
	if p.c.rate > 2*startGain*p.app {
		t.Errorf("rate %.0f", p.c.rate)
	}
}

// Beside others' time-critical data the rate grows by half a percent or 384 bytes a round trip (RFC 7016 §3.5.2.1).
func TestDelayControlYields(t *testing.T) {
	p := newSimPath(100e6)
	p.yield = true
	p.run(time.Second)
	before := p.c.rate
	p.run(4 * time.Second)
	rtts := 4.0 / 0.040
	if most := before + rtts*384*8/0.040; p.c.rate > most {
		t.Errorf("from %.0f to %.0f in %.0f round trips, want %.0f at most", before, p.c.rate, rtts, most)
	}
}

// On a very short path the window rules, until there is a queue that cannot be noise.
func TestDelayControlOnAShortPath(t *testing.T) {
	p := newSimPath(1e9)
	p.oneWay = 200 * time.Microsecond
	p.app = 100e6
	p.run(2 * time.Second)
	if !p.c.short {
		t.Fatal("not taken for short")
	}
	p.capacity = 90e6
	p.run(2 * time.Second)
	if p.c.short {
		t.Error("a queue is no reason for the rate to rule")
	}
}
