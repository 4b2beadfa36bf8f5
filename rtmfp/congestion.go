package rtmfp

import (
	"math"
	"time"
)

// congestion is RFC 7016 Appendix A's window with the burst avoidance of §3.5.2.3:
//
//	loss in a flight            window × 7/8 if we send time-critical data, or much; else × 1/2
//	time-out                    window to one segment
//	acknowledged, window full   grow: doubling per round trip below ssthresh, else additively,
//	                            more slowly while time-critical data is about
//
// Departure: after a cut, losses among packets that were sent before it do not cut again.
type congestion struct {
	window      int // CWND
	ssthresh    int
	accumulator int // ACKED_BYTES_ACCUMULATOR
	outstanding int // S_OUTSTANDING_BYTES
	recovery    uint64
	reverse     time.Time // when the far end last signalled time-critical reverse
	forward     time.Time // when time-critical data was last sent in this session
	timeout     alarm     // TIMEOUT_ALARM

	burst     int // DATA_PACKET_COUNT
	pace      alarm
	pacedAt   time.Time
	paceEvery time.Duration

	// of the packet being received
	looks   int // fragments beyond gaps that acknowledgements may still name
	before  int // PRE_ACK_OUTSTANDING
	acked   int
	anyLoss bool
	anyNaks bool
	anyAcks bool
}

func (c *congestion) init() { c.window, c.ssthresh = initialWindow, math.MaxInt }

// newPath starts anew on a path that may be quite another.
func (c *congestion) newPath() { c.window, c.ssthresh, c.accumulator = initialWindow, math.MaxInt, 0 }

func (c *congestion) beginPacket() {
	c.looks, c.before, c.acked = maxAckedNumbers, c.outstanding, 0
	c.anyLoss, c.anyNaks, c.anyAcks = false, false, false
}

// endPacket adjusts the window (Figure 25). slow says that some session sends time-critical data.
func (c *congestion) endPacket(now time.Time, anySent time.Time) {
	sending := now.Sub(c.forward) < timeCriticalPeriod
	fast := now.Sub(c.reverse) >= timeCriticalPeriod && now.Sub(anySent) >= timeCriticalPeriod
	switch {
	case c.anyLoss:
		if sending || c.before > scalableThreshold && fast {
			c.ssthresh = max(c.before*7/8, initialWindow)
		} else {
			c.ssthresh = max(c.before/2, initialWindow)
		}
		c.window, c.accumulator = c.ssthresh, 0
	case c.anyAcks && !c.anyNaks && c.before > c.window-c.window/64:
		c.window = min(max(c.window+min(c.increase(fast, sending), senderMSS), initialWindow), maxWindow)
	}
}

func (c *congestion) increase(fast, sending bool) int {
	slowStart := c.window < c.ssthresh
	switch {
	case fast && slowStart:
		return c.acked
	case fast:
		return c.additive(4800, 48)
	case slowStart && sending:
		return (c.acked + 3) / 4
	case sending:
		return c.additive(2400, 24)
	default:
		return c.additive(4800, 24)
	}
}

// additive is step for each sixteenth of the window acknowledged, or for each limit bytes of a large one.
func (c *congestion) additive(limit, step int) (increase int) {
	c.accumulator += c.acked
	threshold := min(max(c.window/16, 64), limit)
	increase = c.accumulator / threshold * step
	c.accumulator %= threshold
	return increase
}

// marked takes in a congestion mark as though it were a loss: once for what is in flight.
func (c *congestion) marked(nextTSN, maxAcked uint64) {
	if maxAcked >= c.recovery {
		c.anyLoss = true
		c.recovery = nextTSN
	}
}

// timedOut is Figure 24.
func (c *congestion) timedOut(wasLoss bool) {
	if c.ssthresh == math.MaxInt {
		c.ssthresh = initialWindow // the RFC's maximum would keep it infinite
	}
	c.ssthresh = max(c.ssthresh, c.window*3/4)
	if wasLoss {
		c.window = timedOutWindow
	} else {
		c.window = initialWindow
	}
	c.accumulator = 0
	c.burst = 0
}

// maySendData reports whether another packet with data may be sent.
func (s *Session) maySendData(now time.Time, priority Priority) bool {
	if s.rateControlled() {
		return s.mayPace(now, priority)
	}
	c := &s.cc
	window, burst := c.window, s.burstLimit(now)
	if priority.timeCritical() { // not to wait for what less urgent data has in flight
		window, burst = window+window/2, 2*burst
	}
	if c.outstanding >= window {
		return false
	}
	if c.burst < burst {
		return true
	}
	if s.clock.srtt >= pacingMinRTT && !c.pace.isSet() {
		c.paceEvery = max(s.clock.srtt*senderMSS/time.Duration(c.window), time.Microsecond)
		c.pacedAt = now
		s.e.alarms.set(&c.pace, now.Add(max(c.paceEvery, minPacing)))
	}
	return false
}

// burstLimit is how many packets with data may go at a time (RFC 7016 §3.5.2.3).
func (s *Session) burstLimit(now time.Time) int {
	switch {
	case s.dc == nil || !s.dc.short:
		return burstPackets
	case now.Sub(s.cc.forward) < timeCriticalPeriod:
		return max(burstPackets, shortPathBurst/4/s.path.limit)
	default:
		return max(burstPackets, shortPathBurst/s.path.limit)
	}
}

// paced gives credit for the time passed since a burst was used up.
func (s *Session) paced(now time.Time) {
	c := &s.cc
	credit := int(min(now.Sub(c.pacedAt)/c.paceEvery, burstPackets))
	c.burst = max(0, c.burst-max(credit, 1))
	s.markDirty()
}
