package uplink

import (
	"math"
	"time"
)

// Estimator finds out how much the uplink carries for all sessions together. Each session's congestion control sees only its
// own part and keeps a queue of its own; the estimator keeps the sum so low that they all see none.
//
//	        more is used, and no queue
//	     ┌─────────────────────────────┐
//	     ▼                             │        a queue that most sessions see
//	┌─────────┐   holdFor and no queue ┌┴────────┐  ──────────────────────────►  ┌──────────┐
//	│ growing │ ◄───────────────────── │ holding │                               │ draining │
//	└────┬────┘                        └─────────┘ ◄───────────────────────────  └──────────┘
//	     │                                           the queue is gone                ▲
//	     └────────────────────────────────────────────────────────────────────────────┘
//
// What arrives while there is a queue is what the uplink carries: proven, and the rate falls below it at once. It grows only
// as far beyond what is really sent as a probe must, gently at first. A queue that stays although we have given way is somebody
// else's, who sends over the same uplink: then the sessions' own congestion controls know best how to stand up to it.
//
// The zero Estimator is not ready: NewEstimator makes one. It belongs to one goroutine.
type Estimator struct {
	flows map[string]*flow
	limit float64 // the user's; 0: none

	rate    float64
	phase   phase
	since   time.Duration // of the phase
	last    time.Duration
	started bool
	first   bool          // no queue has been seen yet
	joined  time.Duration // when the last session was new
	used    time.Duration // when much of the rate was sent last
	stale   bool          // that was long ago, and no queue has been seen since

	growth  float64 // of the rate, per second
	proven  float64 // what arrived while there was a queue, at the last one
	best    float64 // the most of that for a while
	moment  float64 // the sum of what arrived in moments of the present fall
	moments int
	before  footing // what the present fall began with
	over    int     // observations with a queue, in a row
	usual   float64 // queue while there is none to speak of, seconds
	fallen  time.Duration
	failed  int           // probes in a row that ended near the last one's end
	stays   time.Duration // since when a queue has not become shorter in spite of a fall; 0: there is none
	stayed  float64       // what was proven then
	stood   float64       // how long it was, seconds
	others  bool          // the queue is somebody else's
	held    int           // observations in a row in which most sessions had to give way
	carries float64       // as said last
}

type phase uint8

const (
	growing phase = iota
	holding
	draining
)

// footing is what was held of the uplink before a fall.
type footing struct {
	phase         phase
	since         time.Duration
	rate, carries float64
	proven        float64
	first         bool
	queue         bool // is why it fell
}

// Estimate is what an Estimator knows.
type Estimate struct {
	// Rate is what may be sent to all together at this moment, in bit/s on the link: what encoders follow.
	Rate float64
	// Carries is what the uplink carries for longer: without the moments in which a queue must go.
	Carries float64
	// Used is what is sent, and Delivered what arrives.
	Used, Delivered float64
	// Queue is the delay that all sessions have in common: the queue at the uplink.
	Queue time.Duration
	// Capped says that a limit of the user's holds, not the uplink.
	Capped bool
	// Draining says that there is a queue, which is to go, and that what is lost is lost there.
	Draining bool
	// Drained says that the queue has gone only just now: pictures that had to wait for that are still to be sent.
	Drained bool
	// Growing says that more is being tried: what media do not fill may be filled with repeated sound, so that it is proven.
	Growing bool
	// Proven says that there has been a queue, so that the end of what the uplink carries is known; and that it was not much more of late.
	Proven bool
	// Others says that the queue is somebody else's: each session's own congestion control is to see all of it, and what it loses.
	Others bool
	// Beginning says that what the uplink carries is only about to be found out: there has been no queue yet.
	Beginning bool
	// Afresh says that it is found out fast: that it is the beginning, or that little was sent for long and what was known before
	// may not hold any more. What grows so is worth following at once.
	Afresh bool
}

// NewEstimator is an Estimator that knows nothing yet. known is what the uplink carried the last time, in bit/s; 0: not known.
func NewEstimator(known float64) *Estimator {
	return &Estimator{flows: map[string]*flow{}, rate: max(startRate, known*knownShare), first: true, growth: startGrowth}
}

// SetLimit sets what the user allows to be sent, in bit/s on the link; 0: no limit. It is a hard one.
func (e *Estimator) SetLimit(bits float64) { e.limit = bits }

// Limit is what the user allows to be sent, for SetLimit: his own cap in bit/s on the link, 0 for none, and whether he saves data.
func Limit(bits float64, saver bool) float64 {
	if saver && (bits <= 0 || bits > saverLimit) {
		return saverLimit
	}
	return max(bits, 0)
}

// Observe takes in all sessions' figures, about each 50 ms. now is since any epoch.
func (e *Estimator) Observe(now time.Duration, sessions []Session) Estimate {
	dt := (now - e.last).Seconds()
	e.last = now
	flows := e.observe(now, sessions)
	queue := sharedQueue(flows)
	sent := carried(flows, queue)
	if !e.started {
		e.started, e.since, dt = true, now, 0
	}
	e.step(now, dt, flows, sent, queue.Seconds())
	est := Estimate{Rate: e.rate, Carries: e.rate, Used: sent.sent, Delivered: sent.arrives, Queue: queue, Growing: e.phase == growing && !e.settles(now), Draining: e.phase == draining, Drained: e.phase == holding && now-e.since < drainedFor, Others: e.others, Proven: !e.first && !e.isBad(), Beginning: e.first, Afresh: e.afresh()}
	sure := e.proven * useShare
	switch {
	case e.phase == draining && now-e.since < doubtFor && !e.others:
		est.Carries = max(e.before.carries, sure) // it may have been a moment in which nothing left
	case !e.first && !e.others && e.rate < e.proven*provenShare:
		est.Carries = sure
	}
	e.carries = est.Carries
	return e.limited(est)
}

// Alone is Observe for a single session, which is not to be told a Coupling: its congestion control sees all that there is to see, and
// tells noise and chance from a full uplink by what it knows of its path. Whatever limits it, the uplink carries that much.
func (e *Estimator) Alone(now time.Duration, s Session) Estimate {
	e.last = now
	f := e.observe(now, []Session{s})[0]
	rate := max(f.grant(), minRate)
	if e.first {
		e.rate = max(e.rate, rate)
	}
	return e.limited(Estimate{Rate: rate, Carries: rate, Used: f.link, Delivered: f.arrived, Beginning: e.first && now-e.joined < pathBegins, Afresh: e.first && now-e.joined < pathBegins})
}

// limited is an estimate within the user's limit.
func (e *Estimator) limited(est Estimate) Estimate {
	if e.limit > 0 && est.Carries >= e.limit {
		est.Rate, est.Carries, est.Capped, est.Growing = min(est.Rate, e.limit), e.limit, true, false
	}
	return est
}

// observe keeps the flows of the sessions that there are.
func (e *Estimator) observe(now time.Duration, sessions []Session) []*flow {
	flows := make([]*flow, 0, len(sessions))
	there := make(map[string]bool, len(sessions))
	for _, s := range sessions {
		f := e.flows[s.ID]
		if f == nil {
			f = &flow{}
			e.flows[s.ID] = f
			e.joined = now
		}
		f.observe(now, s)
		there[s.ID] = true
		flows = append(flows, f)
	}
	for id := range e.flows {
		if !there[id] {
			delete(e.flows, id)
		}
	}
	return flows
}

// step is one observation's worth of the diagram above.
func (e *Estimator) step(now time.Duration, dt float64, flows []*flow, sent traffic, queue float64) {
	excess := queue - e.usual
	full := fallQueue
	if e.afresh() {
		full = startQueue
	}
	switch {
	case sent.sent >= e.rate*staleShare || e.used == 0:
		e.used = now
	case now-e.used > staleAfter:
		e.stale = true
	}
	if excess > full.Seconds() {
		e.over++
	} else {
		e.over = 0
		// A queue that stays so short though we have given way is none: the way has become longer.
		if e.phase != draining || now-e.since > othersAfter {
			e.usual += (min(queue, usualMost.Seconds()) - e.usual) * min(dt/usualTime.Seconds(), 1)
		}
	}
	e.best = max(e.best*math.Exp(-dt/bestTime.Seconds()), sent.arrives)
	if e.watchOthers(now, excess, sent.sent, flows) {
		return
	}
	e.held = e.countLimited(flows)
	switch {
	case e.phase == draining:
		e.drain(now, sent, excess)
	case excess > alarmQueue.Seconds():
		e.fall(now, min(sent.moment, sent.arrives), excess)
	case e.over >= fallAfter:
		e.fall(now, sent.arrives, excess)
	case e.held >= limitedAfter:
		granted, _ := grants(flows)
		e.fall(now, min(sent.arrives, granted), 0)
	case e.phase == holding:
		if now-e.since >= e.hold() && e.over == 0 {
			e.enter(growing, now)
			if e.growth = firstGrowth; e.isBad() {
				e.growth = fastGrowth
			}
		}
	default:
		e.grow(now, dt, sent.sent)
	}
	e.rate = max(e.rate, minRate)
}

func (e *Estimator) enter(p phase, now time.Duration) { e.phase, e.since = p, now }

// fall takes what arrives for what the uplink carries.
func (e *Estimator) fall(now time.Duration, arrives, excess float64) {
	if math.Abs(arrives-e.proven) < sameRate*e.proven && e.phase == growing {
		e.failed++
	} else {
		e.failed = 0
	}
	e.before = footing{e.phase, e.since, e.rate, e.carries, e.proven, e.first, excess > 0}
	e.proven, e.first, e.stale, e.fallen = arrives, false, false, now
	e.moment, e.moments = 0, 0
	e.enter(draining, now)
	e.rate = min(e.rate, e.proven*drained(excess))
}

// drained is the part of what the uplink carries that may be sent while a queue, in seconds, is to go.
func drained(excess float64) float64 {
	return useShare - min(max(excess, 0)/drainTime.Seconds(), drainMost)
}

// drain waits until the queue is gone. What arrives meanwhile is what the uplink carries: at first only if it is less, since it may
// have become slower just now; once all that is measured has passed a full uplink that is certain.
func (e *Estimator) drain(now time.Duration, sent traffic, excess float64) {
	if excess <= calmQueue.Seconds() {
		if e.before.queue && now-e.since <= goneAtOnce {
			e.resume()
			return
		}
		if e.moments > 1 {
			mean := e.moment / float64(e.moments)
			if mean*useShare >= e.before.rate {
				e.resume()
				return
			}
			// What was measured for longer was less than the uplink carries, since the rate grew.
			e.proven = min(max(e.proven, mean), max(e.proven*growthBlur, e.before.rate/useShare))
		}
		e.rate = e.proven * useShare
		e.enter(holding, now)
		return
	}
	switch {
	case excess < fallQueue.Seconds(): // it may be over
	case now-e.since >= useWindow:
		e.proven, e.moments = sent.arrives, 0
	default:
		e.moment += sent.moment
		e.moments++
		e.proven = min(e.proven, sent.arrives, sent.moment)
	}
	e.rate = min(e.rate, e.proven*drained(excess))
}

// resume goes on as before a fall: the queue was gone before it can have been our giving way, or while it went more arrived than we
// send. So it was not that which had made it, but a large picture, or a moment in which nothing left.
func (e *Estimator) resume() {
	b := e.before
	e.phase, e.since, e.rate, e.first, e.proven = b.phase, b.since, b.rate, b.first, max(b.proven, 0)
}

// hold is how long the rate stays after a fall. An uplink that carried far more of late may do so again any moment.
func (e *Estimator) hold() time.Duration {
	if e.failed >= patientAfter && !e.isBad() {
		return holdLong
	}
	return holdFor
}

// isBad reports whether the uplink carries far less than it did of late.
func (e *Estimator) isBad() bool { return e.proven < bestShare*e.best }

// grow tries more, if what there is is used.
func (e *Estimator) grow(now time.Duration, dt, used float64) {
	share, gain, most := usedShare, probeGain, mostGrowth
	switch {
	case e.first:
		share, gain, most = startUsed, startGain, startGrowth
	case e.stale:
		share, gain, most = startUsed, startGain, staleGrowth
		e.growth = staleGrowth
	}
	if used < e.rate*share || e.over > 0 || e.settles(now) {
		return
	}
	e.rate = max(e.rate, min(e.rate*math.Exp(e.growth*dt), used*gain))
	e.growth = min(e.growth*math.Exp2(dt/growthDoubling.Seconds()), most)
	if now-e.fallen > forgetAfter {
		e.failed = 0
	}
}

// afresh reports whether what the uplink carries is to be found out fast: in the beginning, and when it has hardly been used for long.
func (e *Estimator) afresh() bool { return e.first || e.stale }

// settles reports whether sessions are just being opened, in the beginning: what that takes of the uplink, in bursts, passes.
func (e *Estimator) settles(now time.Duration) bool { return e.first && now-e.joined < settleFor }

// countLimited is for how many observations most sessions have had to give way.
func (e *Estimator) countLimited(flows []*flow) int {
	if e.phase != draining && giveWay(flows) {
		return e.held + 1
	}
	return 0
}
