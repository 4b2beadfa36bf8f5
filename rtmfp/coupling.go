package rtmfp

import (
	"slices"
	"time"
)

// coupleLifetime is how long what Couple says holds: several observations of a user's controller. One that has stopped leaves
// the sessions to themselves.
const coupleLifetime = 500 * time.Millisecond

// coupledReports is for how many reports a queue must last to be the session's own: 150 ms, in which the user's controller has
// looked at all of them.
const coupledReports = 4

// Coupling is what the user of several sessions that share one uplink has found out about it. Each session's congestion
// control sees the uplink's queue alone, and makes way for the others without end; a controller that sees them all
// keeps the sum of them within the uplink instead (in the manner of RFC 8699).
type Coupling struct {
	// Rate is the most that the session may send at any moment, in bit/s of UDP payload, if its path takes more; 0: as much as
	// its path takes. Sound may go before its turn. A large picture is spread over time by it, which would fill the uplink if
	// all sessions sent it as fast as their paths allow.
	Rate float64
	// Together is the most that all the sessions may send at any moment, in bit/s on the link, where each datagram takes Headers bytes
	// more than its UDP payload; 0: nothing is known of it. What can wait takes turns.
	Together float64
	Headers  int
	// Queue is the delay that all the sessions have in common. The session leaves it to its user, who must see to it that it
	// goes, and reacts to what is longer: the queue of its own path.
	Queue time.Duration
	// Losing says that they all lose packets there at present. The session takes no loss of its own from that.
	Losing bool
	// Acks is how long acknowledgements and reports may wait for data to go along with, where a packet of their own is dear since sound
	// goes in few; 0: as usual. What has not come is told at once all the same.
	Acks time.Duration
}

// coupling is what was last said, and when.
type coupling struct {
	said Coupling
	at   time.Time
}

// Couple tells the session about an uplink that it shares. It holds for half a second and is to be said again meanwhile.
func (s *Session) Couple(c Coupling) {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	now := time.Now()
	s.coupling = coupling{said: c, at: now}
	if c.Together > 0 {
		s.e.shared.allow(c.Together, now)
	}
}

// limit is a rate within what the user allows.
func (c *coupling) limit(rate float64, now time.Time) float64 {
	if c.said.Rate <= 0 || now.Sub(c.at) > coupleLifetime {
		return rate
	}
	return min(rate, c.said.Rate)
}

// turn is how much the session may send in its turn among those that share the uplink, in bytes: the more, the more it may send at all.
func (c *coupling) turn() float64 { return max(c.said.Rate/8*sharedTurn.Seconds(), basePacket) }

// acks is how long acknowledgements and reports may wait; 0: as usual.
func (c *coupling) acks(now time.Time) time.Duration {
	if now.Sub(c.at) > coupleLifetime {
		return 0
	}
	return min(c.said.Acks, delayedAck)
}

// queue is the delay that the user looks after, in seconds, if he does.
func (c *coupling) queue(now time.Time) (queue float64, on bool) {
	if c.at.IsZero() || now.Sub(c.at) > coupleLifetime {
		return 0, false
	}
	return max(c.said.Queue.Seconds(), 0), true
}

// losing reports whether what is lost now is lost where all sessions go.
func (c *coupling) losing(now time.Time) bool {
	return c.said.Losing && now.Sub(c.at) <= coupleLifetime
}

// coupledQueue tells the queue of a session's own path from the one that it shares. The latter is known a little later than
// the session sees it, so only what has lasted for a few reports counts as its own.
type coupledQueue struct {
	said  float64 // what the user looks after, seconds
	on    bool
	rests [coupledReports - 1]float64 // what was left of the last reports
}

// rest is what is left of a queuing delay, in seconds.
func (q *coupledQueue) rest(whole float64) float64 {
	rest := max(whole-q.said, 0)
	least := min(rest, slices.Min(q.rests[:]))
	copy(q.rests[1:], q.rests[:])
	q.rests[0] = rest
	if !q.on {
		return rest
	}
	return least
}
