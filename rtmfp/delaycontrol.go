package rtmfp

import (
	"math"
	"time"
)

// delayControl finds the rate of a session whose far end reports when packets arrive. It is in the manner of NADA
// (RFC 8698): it holds a small queue at the narrowest link, larger the lower the rate, so that sessions which share a link
// come to share it equally. Random loss is not congestion.
//
//	packet delays ──► least of each report ──► minus base ──► queuing delay d
//	arrivals ───────► delivered rate R                                      │
//	losses, marks ──► excess loss, CE                                       ▼
//	                                  ┌──────────────────────────────────────────────┐
//	           d stays ≈ 0, no loss   │ starting   up to ×2 a round trip, ≤ 2 R      │
//	                                  │     │ d rises, CE, excess loss               │
//	                                  │     ▼                                        │
//	    d < reference: grow, faster   │ steady     rate × exp(a·(ref−d)·t − b·Δd)    │──► rate ──► pacing, window
//	    the longer the queue is empty │     │ d ≫ reference: at most a part of R     │
//	                                  │     │ and d does not fall though we did      │
//	                                  │     ▼                                        │
//	                                  │ competing  as TCP does: + a packet a round   │
//	                                  │            trip, × 0.8 a loss, until d is    │
//	                                  │            small again                       │
//	                                  └──────────────────────────────────────────────┘
//
// Where nothing has shown the link empty for long, the rate dips for a moment, so that all who share the link see its true
// base delay (one who came when there was a queue would take it for part of the path).
//
// A rate of which little is used did not make the queue, and what is delivered says nothing of what the path carries: it falls
// to startRate at most, with which sessions begin.
//
// What a far end says can only lower the rate or raise it to twice what it says has arrived, in at least half the time in
// which it was sent; what is in flight remains bounded by acknowledgements.
//
// All times are since some epoch, of the near end or the far one; it owns no clock. Rates are in bit/s of UDP payload.
type delayControl struct {
	rate  float64
	ready bool // the first report has come
	short bool // the path is so short that the window rules
	phase delayPhase

	base   baseDelay
	flow   deliveredRate
	used   usedRate
	loss   lossWatch
	srtt   time.Duration // least of late
	queue  float64       // the queuing delay, seconds, without what is shared
	whole  float64       // the queuing delay with it
	shared coupledQueue  // of it, what the user of several sessions looks after
	calm   float64       // the least of the last two reports
	latest float64       // least delay of the last report
	prev   float64       // of the report before
	noise  float64       // how much it varies by itself, seconds

	heard     time.Duration // when the last report came, or sending began after a pause
	silent    float64       // the rate when reports ended; 0: they have not
	resume    float64       // up to which the rate grows after that, used or not
	least     float64       // of the samples since the last report, seconds
	leastPrev float64
	samples   int
	prevFew   bool
	marked    int     // of them, with CE
	patience  float64 // share of the reference that marks have left

	quick     float64 // growth a second while the queue stays empty
	others    competition
	lastCut   time.Duration
	confirmed time.Duration // when the base was last seen
	dipUntil  time.Duration
	dipBlind  time.Duration // until when reports show the dip

	brake      int           // reports of a long queue on a short path
	brakeUntil time.Duration // the rate rules until then
}

type delayPhase uint8

const (
	delayStarting delayPhase = iota
	delaySteady
)

func (c *delayControl) init() {
	*c = delayControl{rate: startRate, least: math.Inf(1), patience: 1}
}

// sample takes in one packet's report: when it was sent by the near clock, when it came by the far one.
func (c *delayControl) sample(sent, arrived time.Duration, size int, marked bool) {
	c.samples++
	c.least = min(c.least, (arrived - sent).Seconds())
	c.flow.add(sent, arrived, size)
	if marked {
		c.marked++
	}
}

// reference is the queuing delay to hold, in seconds.
func (c *delayControl) reference() float64 {
	ref := referenceDelay.Seconds() * math.Sqrt(referenceRate/c.rate)
	ref = min(max(ref, minReference.Seconds()), maxReference.Seconds()) * c.patience
	ref = max(ref, basePacket*8/c.rate) // no queue is shorter than a packet
	return ref + min(c.noise/2, maxReference.Seconds()/4)
}

// report ends a report of samples. rtt is the round trip time of the newest of them. yield says that others receive
// time-critical data at the far end, and we send none (RFC 7016 §3.5.2.1).
func (c *delayControl) report(now, rtt time.Duration, yield bool) {
	if c.samples == 0 {
		return
	}
	c.measureRTT(now, rtt)
	dt := min(max(now-c.heard, 0), 200*time.Millisecond).Seconds()
	c.heard = now
	if c.silent > 0 {
		c.resume, c.silent = c.silent/2, 0
	}
	few := c.samples < fewSamples
	least := c.least
	if few && c.prevFew {
		least = min(least, c.leastPrev)
	}
	c.leastPrev, c.prevFew = c.least, few
	marks := float64(c.marked) / float64(c.samples)
	c.least, c.samples = math.Inf(1), 0
	c.flow.mark(now)

	c.prev = c.queue
	was := c.base.value()
	base := c.base.update(now, least, c.others.since > 0 && now-c.others.since < baseHold)
	if c.base.isNew {
		c.prev = least - base
		c.latest = least
	} else {
		c.prev += was - base
	}
	c.whole = max(least-base, 0)
	c.queue = c.shared.rest(c.whole)
	c.calm = min(c.queue, max(min(least, c.latest)-base-c.shared.said, 0))
	c.latest = least
	c.noise += (math.Abs(c.queue-c.prev) - c.noise) / 16
	c.marked = 0

	c.ready = true
	if c.shortPath(now) {
		return
	}
	if now < c.dipBlind {
		return
	}
	ref := c.reference()
	if c.calm+c.shared.said < ref/4+c.noise/2 {
		c.confirmed = now
	}
	before, used := c.rate, c.used.rate(now)
	switch {
	case c.phase == delayStarting:
		c.start(now, dt, ref, marks, yield)
	default:
		c.steady(now, dt, ref, marks, yield)
	}
	if used < unusedShare*before {
		c.rate = max(c.rate, min(before, startRate))
	}
	c.rate = min(max(c.rate, minRate), maxRate)
	c.dip(now)
}

func (c *delayControl) measureRTT(now, rtt time.Duration) {
	if rtt <= 0 || rtt > 10*time.Second {
		return
	}
	c.base.rtt(rtt)
	if c.srtt == 0 {
		c.srtt = rtt
		c.rate = max(c.rate, min(initialWindow*8/rtt.Seconds(), startMost))
	}
	c.srtt += (rtt - c.srtt) / 8
}

// shortPath looks after paths on which the window rules: the rate follows what is delivered.
func (c *delayControl) shortPath(now time.Duration) bool {
	if c.queue < brakeDelay {
		c.brake = 0
	} else if c.brake++; c.brake >= brakeAfter {
		c.brakeUntil = now + brakeFor
	}
	c.short = c.base.leastRTT() < shortPath && now >= c.brakeUntil
	if c.short {
		c.rate = max(c.rate*0.98, c.flow.rate(rateWindow), startRate)
		c.confirmed = now
	}
	return c.short
}

// start doubles the rate in a round trip until a queue builds up.
func (c *delayControl) start(now time.Duration, dt, ref, marks float64, yield bool) {
	delivered := c.flow.rate(max(startWindow, min(c.srtt, 2*startWindow)))
	excess, _ := c.loss.check(now, c.rate, delivered)
	enough := c.queue > ref && c.prev > ref/2 || c.queue > 2*ref
	if enough || marks > 0 || excess || yield {
		c.phase, c.resume = delaySteady, 0
		c.confirmed = now - dipEvery + dipFirst
		if !yield && delivered > 0 {
			c.rate = min(c.rate, 0.9*delivered)
		}
		return
	}
	// A rate that is not used says nothing.
	grown := min(c.rate*math.Exp2(dt/max(c.srtt, feedbackInterval).Seconds()), max(startGain*delivered, c.resume))
	c.rate = max(c.rate, grown)
}

// steady holds the reference delay.
func (c *delayControl) steady(now time.Duration, dt, ref, marks float64, yield bool) {
	window := max(rateWindow, min(c.srtt, 2*rateWindow))
	delivered := c.flow.rate(window)
	excess, ceiling := c.loss.check(now, c.rate, delivered)
	before := c.rate
	c.rate = max(c.rate, c.loss.takeRestored())
	if c.others.watch(now, c.srtt, c.queue, ref, c.rate, delivered) {
		c.rate = max(c.rate, competeStart*c.others.share)
	}
	if c.others.competing {
		c.compete(now, dt)
	} else {
		// What takes effect late must be done gently.
		gentle := min(1, gainDelay.Seconds()/(c.srtt+2*feedbackInterval).Seconds())
		change := delayGain*gentle*gentle*max(ref-c.calm, -0.3)*dt - delayDamping*(c.queue-c.prev)
		switch {
		case c.calm > ref/2:
			c.quick = 0
		case c.quick == 0:
			c.quick = quickFirst
		default:
			c.quick = min(c.quick*math.Exp2(dt/quickDoubling.Seconds()), quickMost)
		}
		change += c.quick * dt
		c.rate *= math.Exp(min(max(change, -0.5), 0.15))
		if over := c.queue - ref; over > max(ref, 2*c.noise, overDelay.Seconds()) && delivered > 0 {
			c.rate = min(c.rate, delivered*(1-min(max(over/drainTime.Seconds(), 0.1), 0.35)))
		}
		if c.rate < before && delivered > 0 {
			c.rate = max(c.rate, min(before, max(0.65*delivered, competeLeast*c.others.known(now))))
		}
	}
	c.patience = min(c.patience*math.Exp(dt*patienceGrowth), 1)
	if marks > 0 && now-c.lastCut > c.srtt {
		c.lastCut = now
		c.rate = min(c.rate, before*(1-markCut*max(min(2*marks, 1), 0.5)))
		c.quick = 0
		if c.queue < 2*ref { // else the reference is not to blame
			c.patience = max(c.patience*patienceCut, patienceLeast)
		}
	}
	if excess {
		c.rate = min(c.rate, ceiling)
		c.quick = 0
	}
	if c.rate > before {
		c.rate = max(before, min(c.rate, delivered*useGain, c.loss.limit(now)))
		if yield {
			perRTT := max(before*0.005, 384*8/max(c.srtt, tick).Seconds())
			c.rate = min(c.rate, before+perRTT*dt/max(c.srtt, tick).Seconds())
		}
	}
}

// dip begins a dip if the base has not been seen for long.
func (c *delayControl) dip(now time.Duration) {
	if c.phase == delayStarting || now-c.confirmed < dipEvery {
		return
	}
	c.confirmed = now
	c.dipUntil = now + min(c.base.leastRTT(), dipMost)/2 + dipLength
	c.dipBlind = c.dipUntil + c.srtt
}

// sentPacket counts a packet with data, of so many bytes of UDP payload.
func (c *delayControl) sentPacket(size int) { c.used.bytes += size }

// lostPacket and ackedPacket count packets with data.
func (c *delayControl) lostPacket()  { c.loss.lost++; c.others.losses++ }
func (c *delayControl) ackedPacket() { c.loss.acked++ }

// silence: there have been no reports for long, or no acknowledgements. The rate falls, for the far end or the path may be
// gone; to a part of what it was, from which it starts anew.
func (c *delayControl) silence() {
	if c.silent == 0 {
		c.silent = c.rate
	}
	c.rate = max(c.rate*silentCut, c.silent*silentLeast, minRate)
	c.phase = delayStarting
}

// tick is called before sending; inFlight says that something is. Without reports the rate falls.
func (c *delayControl) tick(now time.Duration, inFlight bool) {
	if !inFlight {
		if idle := now - c.heard; idle > idleAfter && c.heard > 0 {
			// What the path was able to carry may be somebody else's now.
			c.rate = max(c.rate*max(math.Exp2(-(idle/idleHalf).Seconds()), idleLeast), min(c.rate, startRate))
			c.phase = delaySteady
			c.quick = quickFirst
		}
		c.heard = max(c.heard, now-feedbackInterval)
		return
	}
	if now-c.heard > silentAfter+2*c.srtt {
		c.heard = now
		c.silence()
	}
}

// pace is the rate to send with now.
func (c *delayControl) pace(now time.Duration) float64 {
	if now < c.dipUntil {
		return c.rate * dipDepth
	}
	return c.rate
}

// window is how much may be in flight, in bytes: what the rate makes of a round trip, the queue that is meant to be, and
// the delay of acknowledgements.
func (c *delayControl) window(now time.Duration, srtt time.Duration) int {
	rtt := c.base.leastRTT()
	if rtt == 0 {
		rtt = srtt
	}
	allowed := rtt.Seconds() + min(c.queue, c.reference()) + c.shared.said + windowSlack.Seconds()
	if c.others.competing {
		allowed += c.queue
	}
	return min(max(int(c.pace(now)/8*allowed), initialWindow), maxWindow)
}
