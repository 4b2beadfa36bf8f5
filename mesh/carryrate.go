package mesh

import (
	"sync/atomic"
	"time"

	"sundog.dev/sundog/mesh/uplink"
)

// carryOverhead is what a carried packet takes in its flow beyond its own bytes: cipher, HMAC, headers, acknowledgements.
const carryOverhead = 48

// carryMeterWindow is how long what is carried is counted before a rate is made of it.
const carryMeterWindow = 500 * time.Millisecond

// carryMeter counts what of a link's session is carried packets: the uplink's division must leave them room.
type carryMeter struct {
	ours, others carryCount // by ways of ours, and passed on
	at           time.Time
}

// carryCount counts packets; what it makes of them is the call's goroutine's own.
type carryCount struct {
	bytes, packets atomic.Uint64 // their own, without what carries them
	before         [2]uint64
	bits, each     float64 // bit/s and packets a second, of late
}

// count counts a packet.
func (m *carryMeter) count(packet int, ours bool) {
	c := &m.others
	if ours {
		c = &m.ours
	}
	c.bytes.Add(uint64(packet))
	c.packets.Add(1)
}

// measure takes a look, now and then.
func (m *carryMeter) measure(now time.Time) {
	since := now.Sub(m.at)
	if since < carryMeterWindow {
		return
	}
	for _, c := range []*carryCount{&m.ours, &m.others} {
		sum := [2]uint64{c.bytes.Load(), c.packets.Load()}
		if !m.at.IsZero() {
			c.bits = float64(sum[0]-c.before[0]) * 8 / since.Seconds()
			c.each = float64(sum[1]-c.before[1]) / since.Seconds()
		}
		c.before = sum
	}
	m.at = now
}

// rate is what they take with so many bytes more for each, in bit/s.
func (c *carryCount) rate(beyond int) float64 { return c.bits + c.each*float64(beyond)*8 }

// besideCarried is what is left of a path, in bit/s, for our own sound and pictures.
func besideCarried(path float64, l *link) float64 {
	if carried := l.carries.ours.rate(carryOverhead) + l.carries.others.rate(carryOverhead); carried > 0 && path > 0 {
		return max(path-carried, path/4)
	}
	return path
}

// withCarried is what a session may send, in bit/s, with what it carries; 0: as much as it finds to get through.
func (s *sharing) withCarried(limit float64, l *link) float64 {
	if limit == 0 {
		return 0
	}
	return limit + l.carries.ours.rate(carryOverhead) + l.carries.others.rate(carryOverhead)*s.guests.get
}

// guestShare is what we send for others, and may; the call's goroutine's own.
type guestShare struct {
	may  float64 // what it may take of the uplink, bit/s on the link
	more float64 // how much more packets take there than they hold
	sent float64 // bit/s on the link
	get  float64 // the part of what is to be sent that the sessions let pass
}

// carriedAcks is how long acknowledgements and reports wait on a carried way, to go along with sound: each packet of their own would take
// three times its bytes of the carrier's uplink.
const carriedAcks = 35 * time.Millisecond

// acks is how long those of a link may wait; 0: as usual.
func (l *link) acks() time.Duration {
	if l.direct() {
		return 0
	}
	return carriedAcks
}

// guestsMost is the part of the uplink that what we send for others may take in any case. It may take more where that is more than what sound
// and a small picture to everybody take of ours.
const guestsMost = 0.5

// carriedUsual is how much more packets are on the link than by themselves, as long as none were carried: those of sound, that is.
const carriedUsual = 1.5

// guestsTime is in about what time what they may have, and how much more they take than they hold, follow what is now: the ends change the layers of
// their pictures by it.
const guestsTime = 4 * time.Second

// leaveRoom leaves room in the division for what we send for others, as much as they may have. They go before our own pictures, though
// not before sound. They are told what they may have (passageRate), and keep to that: of what is more for long, some waits in their flows
// and is dropped.
func (s *sharing) leaveRoom() {
	u, packets := &s.guests, 0.0
	u.sent = 0
	for _, g := range s.legs {
		u.sent += g.link.carries.others.rate(carryOverhead + g.uplink.headers)
		packets += g.link.carries.others.bits
	}
	least := s.request.Least()
	may := max(guestsMost*s.request.Carries, s.request.Carries-least)
	if u.may == 0 || s.estimate.Afresh {
		u.may = may
	}
	if u.more == 0 {
		u.more = carriedUsual
	}
	const step = float64(shareEvery) / float64(guestsTime)
	u.may += (may - u.may) * step
	if packets > 0 {
		u.more += (u.sent/packets - u.more) * step
	}
	guests := min(u.sent, u.may*carrySlack)
	u.get = 1
	if u.sent > 0 {
		u.get = guests / u.sent
	}
	s.request.Uplink = max(s.request.Uplink-guests, s.request.Uplink*(1-guestsMost*carrySlack))
	s.request.Carries = max(s.request.Carries-guests, min(s.request.Carries*(1-guestsMost), least))
}

// ourEstimate is the estimate of the uplink without that.
func (s *sharing) ourEstimate() uplink.Estimate {
	e := s.estimate
	e.Rate = s.request.Uplink
	return e
}
