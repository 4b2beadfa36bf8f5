package rtmfp

import "time"

// pacer is a token bucket, in bytes of UDP payload.
type pacer struct {
	tokens float64
	at     time.Time
	wait   alarm

	// Among those that share an uplink (sharedPacer):
	turn     float64   // what the session may still send in its turn, in bytes on the link
	pressing bool      // it may send a packet though there is no credit
	waits    time.Time // since when it waits for its turn; zero: it does not
}

// refill gives credit for the time passed, for at most pacingCredit: timers are late, and applications pause.
func (p *pacer) refill(now time.Time, rate float64) {
	most := max(rate/8*pacingCredit.Seconds(), basePacket)
	if p.at.IsZero() {
		p.tokens = most
	} else {
		p.tokens = min(p.tokens+rate/8*now.Sub(p.at).Seconds(), most)
	}
	p.at = now
}

// rateControlled reports whether the delay controller decides how fast to send. Else RFC 7016 Appendix A's window does:
// toward far ends that give no feedback, before the first, and on paths so short that the noise of timers and schedulers
// is more than their delay.
func (s *Session) rateControlled() bool { return s.dc != nil && s.dc.ready && !s.dc.short }

// mayPace reports whether a packet may be sent now under the delay controller, and sees to it that the session is looked at
// again when one may.
func (s *Session) mayPace(now time.Time, priority Priority) bool {
	since := now.Sub(s.e.epoch)
	s.dc.tick(since, s.cc.outstanding > 0)
	window := s.dc.window(since, s.clock.srtt)
	if priority.timeCritical() {
		window += window / 2
	}
	if s.cc.outstanding >= window {
		return false
	}
	p := &s.pacer
	rate := s.dc.pace(since)
	least := 0.0
	if priority.timeCritical() {
		rate *= pacingGain
	}
	rate = s.withinDetour(s.coupling.limit(rate, now))
	if priority > PriorityVideo {
		least = -pacingDebt
	}
	p.refill(now, rate)
	if p.tokens > least {
		return true
	}
	if !p.wait.isSet() {
		wait := time.Duration((least - p.tokens + 1) * 8 / rate * float64(time.Second))
		s.e.alarms.set(&p.wait, now.Add(max(wait, minPacing)))
	}
	return false
}

// mustYield says that others receive time-critical data at the far end, and we send none (RFC 7016 §3.5.2.1).
func (s *Session) mustYield(now time.Time) bool {
	return now.Sub(s.cc.reverse) < timeCriticalPeriod && now.Sub(s.cc.forward) >= timeCriticalPeriod
}
