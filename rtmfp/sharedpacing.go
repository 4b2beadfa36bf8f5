package rtmfp

import (
	"slices"
	"time"
)

// sharedPacer spreads over time what all coupled sessions of an endpoint send over the uplink that they share: a token bucket, in bytes on
// the link. Pictures go to all at the same moment; without it as many packets stand in the uplink's queue at once, and
// sound behind them. Sound goes before its turn, and what follows waits for as much longer; but were sound alone more than all may send,
// somebody who waits has his turn after sharedPatience all the same. Guarded by Endpoint.mu.
type sharedPacer struct {
	rate    float64   // bit/s on the link
	at      time.Time // the tokens are of then
	until   time.Time // it holds
	tokens  float64
	waiting []*Session // for their turn, each once, longest first
	turned  time.Time  // when somebody last had it
	wait    alarm
}

// allow takes the rate that the user has just said, in bit/s; 0: none holds.
func (p *sharedPacer) allow(rate float64, now time.Time) {
	if p.wait.fire == nil {
		p.wait.fire = p.next
	}
	p.refill(now)
	p.rate, p.until = rate, now.Add(coupleLifetime)
	p.tokens = min(p.tokens, p.credit())
}

// credit is the most that is saved up, in bytes.
func (p *sharedPacer) credit() float64 {
	return max(p.rate/8*sharedCredit.Seconds(), 1)
}

// refill gives credit for the time passed.
func (p *sharedPacer) refill(now time.Time) {
	p.tokens = min(p.tokens+p.rate/8*now.Sub(p.at).Seconds(), p.credit())
	p.at = now
}

// holds reports whether a session is to wait for its turn at all.
func (p *sharedPacer) holds(s *Session, now time.Time) bool {
	return p.rate > 0 && now.Before(p.until) && s.coupling.said.Together > 0 && now.Sub(s.coupling.at) <= coupleLifetime
}

// sent notes a datagram of a session, of size bytes of UDP payload. On a detour it is part of another's, which counts for all.
func (p *sharedPacer) sent(s *Session, size int, now time.Time) {
	if !p.holds(s, now) {
		return
	}
	size += s.coupling.said.Headers
	s.pacer.turn, s.pacer.pressing = max(s.pacer.turn-float64(size), 0), false
	if !IsDetour(s.farAddr) {
		p.tokens = max(p.tokens-float64(size), -p.rate/8*sharedDebt.Seconds())
	}
}

// mayGo reports whether a session may send a packet now that can wait. Else it gets its turn, after those that wait already.
func (p *sharedPacer) mayGo(s *Session, now time.Time) bool {
	if !p.holds(s, now) {
		return true
	}
	p.refill(now)
	if s.pacer.pressing || p.tokens > 0 && (s.pacer.turn > 0 || len(p.waiting) == 0) {
		return true
	}
	if s.pacer.waits.IsZero() {
		s.pacer.waits = now
		p.waiting = append(p.waiting, s)
	}
	p.arm(s.e, now)
	return false
}

// arm sets when the next sessions have their turn.
func (p *sharedPacer) arm(e *Endpoint, now time.Time) {
	if !p.wait.isSet() {
		wait := time.Duration((1 - p.tokens) * 8 / p.rate * float64(time.Second))
		e.alarms.set(&p.wait, now.Add(min(max(wait, minPacing), coupleLifetime)))
	}
}

// next gives those that have waited longest their turn, as many as there is credit for. Who has nothing to send by then keeps it.
func (p *sharedPacer) next(now time.Time) {
	p.refill(now)
	credit := p.tokens
	p.waiting = slices.DeleteFunc(p.waiting, func(s *Session) bool {
		switch {
		case !p.holds(s, now): // it need not wait any more
		case credit > 0:
			credit -= basePacket
			p.turned = now
		case now.Sub(s.pacer.waits) >= sharedPatience && now.Sub(p.turned) >= sharedPatience:
			s.pacer.pressing, p.turned = true, now
		default:
			return false
		}
		s.pacer.turn, s.pacer.waits = s.coupling.turn(), time.Time{}
		s.markDirty()
		return true
	})
	if len(p.waiting) > 0 {
		p.arm(p.waiting[0].e, now)
	}
}

// forget takes out a session that has ended.
func (p *sharedPacer) forget(s *Session) {
	p.waiting = slices.DeleteFunc(p.waiting, func(w *Session) bool { return w == s })
}
