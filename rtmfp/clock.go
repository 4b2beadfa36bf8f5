package rtmfp

import "time"

// clock is a session's timestamps and what they measure (RFC 7016 §3.5.2.2).
type clock struct {
	received     uint16    // TS_RX
	receivedAt   time.Time // TS_RX_TIME; zero: none
	echoSent     uint16    // TS_ECHO_TX
	echoSentSet  bool
	echoReceived uint16 // TS_ECHO_RX
	echoSet      bool

	srtt, rttvar time.Duration // srtt 0: unknown
	measured     bool
	mrto, erto   time.Duration
}

func (c *clock) init() { c.mrto, c.erto = initialMRTO, initialERTO }

// receive takes in a received packet's header.
func (c *clock) receive(h header, now, epoch time.Time) {
	if h.has(flagTimestamp) && (c.receivedAt.IsZero() || h.timestamp != c.received) {
		c.received, c.receivedAt = h.timestamp, now
	}
	if h.has(flagTimestampEcho) && (!c.echoSet || h.timestampEcho != c.echoReceived) {
		c.echoReceived, c.echoSet = h.timestampEcho, true
		if passed := ticks(now.Sub(epoch)) - h.timestampEcho; passed <= 32767 {
			c.measure(time.Duration(passed) * tick)
		}
	}
}

// measure takes in a round trip time.
func (c *clock) measure(rtt time.Duration) {
	if c.measured {
		c.rttvar = (3*c.rttvar + (c.srtt - rtt).Abs()) / 4
		c.srtt = (7*c.srtt + rtt) / 8
	} else {
		c.measured, c.srtt, c.rttvar = true, rtt, rtt/2
	}
	c.mrto = c.srtt + 4*c.rttvar + ackDelayAllowance
	c.erto = max(c.mrto, minERTO)
}

// backOff lengthens the retransmission timeout. Where the session is to notice within keepalive that its far end is gone, it tries as
// often: else a path that was down for half a minute would be found again ten seconds after it has healed, since data and Pings
// of both ends wait for the timeout.
func (c *clock) backOff(keepalive time.Duration) {
	c.erto = max(min(time.Duration(float64(c.erto)*1.4142), maxERTO, max(keepalive, initialERTO)), c.mrto)
}

// header is the header of a packet sent now. The timestamp is always there: some
// running peers drop packets without.
func (c *clock) header(now, epoch time.Time) header {
	h := header{flags: flagTimestamp, timestamp: ticks(now.Sub(epoch))}
	if c.receivedAt.IsZero() {
		return h
	}
	elapsed := now.Sub(c.receivedAt)
	if elapsed > timestampLifetime {
		c.receivedAt, c.echoSentSet = time.Time{}, false
		return h
	}
	echo := c.received + ticks(elapsed)
	if !c.echoSentSet || echo != c.echoSent {
		c.echoSent, c.echoSentSet = echo, true
		h.flags |= flagTimestampEcho
		h.timestampEcho = echo
	}
	return h
}
