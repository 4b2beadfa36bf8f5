package uplink

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// fluid is an uplink, and media that send what an Estimator allows over it to some members: fluids instead of packets, so that
// minutes take milliseconds.
type fluid struct {
	e        *Estimator
	rng      *rand.Rand
	now      time.Duration
	capacity float64       // bit/s
	room     time.Duration // longest queue
	oneWay   time.Duration
	wants    float64 // bit/s that the media can use; 0: all there is
	least    float64 // bit/s that they send whatever they may: sound
	idle     float64 // part of what they may send that they do not
	vary     float64 // deviation of what they send
	others   float64 // bit/s that somebody else sends over the uplink, who does not give way
	noise    time.Duration
	longer   time.Duration // how much longer the way is than at best
	paths    []fluidPath

	queue  float64 // bits
	rate   float64 // what the encoders make now
	est    Estimate
	past   []fluidMoment // of what the sessions will hear of
	queues []time.Duration
	falls  int
	sum    float64 // bits sent in this run
}

// fluidPath is what lies behind the uplink on the way to one member.
type fluidPath struct {
	capacity float64 // 0: no bound
	queue    float64 // bits
	sent     float64 // bits
	arrived  float64 // bits, as reported
	gone     time.Duration
	lie      float64 // times what arrives is what it says; 0: it is honest
	heard    Session
}

// fluidMoment is what the reports of a moment say of each session.
type fluidMoment struct {
	at        time.Duration
	queue     []time.Duration
	delivered []float64
}

const (
	fluidStep = 10 * ms
	fluidTick = 50 * ms
)

func newFluid(members int, capacity float64) *fluid {
	return &fluid{
		e: NewEstimator(0), rng: rand.New(rand.NewPCG(1, 2)), capacity: capacity, room: 100 * ms, oneWay: 20 * ms,
		vary: 0.15, noise: ms, paths: make([]fluidPath, members), rate: startRate / 2,
	}
}

// run lets time pass, and forgets the queues of before.
func (f *fluid) run(d time.Duration) {
	f.queues, f.falls, f.sum = nil, 0, 0
	f.advance(d)
}

// advance lets time pass.
func (f *fluid) advance(d time.Duration) {
	for end := f.now + d; f.now < end; {
		f.now += fluidStep
		f.step()
		if f.now%fluidTick == 0 {
			before := f.est.Rate
			f.est = f.e.Observe(f.now, f.sessions())
			if f.est.Rate < before*0.97 {
				f.falls++
			}
		}
	}
}

// step is a hundredth of a second: encoders follow the estimate in some pictures, and queues fill and drain.
func (f *fluid) step() {
	dt := fluidStep.Seconds()
	target := f.est.Rate * (1 - f.idle)
	if f.wants > 0 {
		target = min(target, f.wants)
	}
	target = max(target, f.least)
	f.rate += (target - f.rate) * 0.07
	sent := max(f.rate*(1+f.vary*f.rng.NormFloat64()), 0) * dt
	room := f.room.Seconds() * f.capacity
	before := f.queue
	total := sent + f.others*dt
	f.queue = min(max(f.queue+total-f.capacity*dt, 0), room)
	passed := min(before+total, f.capacity*dt)
	ours := 0.0
	if total > 0 {
		ours = passed * sent / total
	}
	f.sum += sent
	moment := fluidMoment{at: f.now}
	shared := f.queue / f.capacity
	f.queues = append(f.queues, time.Duration(shared*float64(time.Second)))
	n := float64(len(f.paths))
	for i := range f.paths {
		p := &f.paths[i]
		p.sent += sent / n
		delay, through := shared, ours/n
		if p.capacity > 0 {
			waits := p.queue + through
			through = min(waits, p.capacity*dt)
			p.queue = min(waits-through, p.capacity*0.2)
			delay += p.queue / p.capacity
		}
		delay += math.Abs(f.rng.NormFloat64())*f.noise.Seconds() + f.longer.Seconds()
		moment.queue = append(moment.queue, time.Duration(delay*float64(time.Second)))
		moment.delivered = append(moment.delivered, through/dt)
	}
	f.past = append(f.past, moment)
	if len(f.past) > 200 {
		f.past = slices.Delete(f.past, 0, 100)
	}
}

// sessions are what the sessions' congestion controls say: what was so a round trip ago, in the mean of a report, and the least
// delay of it.
func (f *fluid) sessions() []Session {
	all := make([]Session, len(f.paths))
	newest := f.now - 2*f.oneWay - time.Duration(f.queue/f.capacity*float64(time.Second))
	for i := range all {
		p := &f.paths[i]
		queue, delivered, n := time.Hour, 0.0, 0
		for k := len(f.past) - 1; k >= 0 && f.past[k].at > newest-2*fluidTick; k-- {
			if m := f.past[k]; m.at <= newest {
				if m.at > newest-50*ms {
					queue = min(queue, m.queue[i])
				}
				delivered += m.delivered[i]
				n++
			}
		}
		if n > 0 {
			p.heard.Queue, p.heard.Delivered = queue, delivered/float64(n)
			if p.lie > 0 {
				p.heard.Delivered *= p.lie
			}
			p.arrived += p.heard.Delivered * fluidTick.Seconds()
		}
		s := Session{
			ID: fmt.Sprint(i), Bytes: uint64(p.sent / 8), DataBytes: uint64(p.sent / 8), ArrivedBytes: uint64(p.arrived / 8), Headers: HeadersIPv4, Feedback: true,
			Queue: p.heard.Queue, Delivered: p.heard.Delivered, Grant: 1.5*p.heard.Delivered + 300e3, Silent: p.gone,
		}
		if p.gone > 0 {
			p.gone += fluidTick
		}
		all[i] = s
	}
	return all
}

// use is the part of the capacity that was sent in the last run.
func (f *fluid) use(d time.Duration) float64 { return f.sum / d.Seconds() / f.capacity }

// p95 is the 95th percentile of the queue of the last run.
func (f *fluid) p95() time.Duration {
	slices.Sort(f.queues)
	return f.queues[len(f.queues)*95/100]
}
