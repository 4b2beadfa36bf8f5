package mesh

import (
	"sync/atomic"
	"time"

	"sundog.dev/sundog/mesh/uplink"
	"sundog.dev/sundog/rtmfp"
)

// carryOverhead is what a carried packet takes in its flow beyond its own bytes: cipher, HMAC, headers, acknowledgements.
const carryOverhead = 48

// carryMeterWindow is how long what is carried is counted before a rate is made of it.
const carryMeterWindow = 500 * time.Millisecond

// carryMeter counts what of a link's session is carried packets: the uplink's division must leave them room.
type carryMeter struct {
	ours, others atomic.Uint64 // bytes, as UDP payload of the session: by ways of ours, and passed on

	// The call's goroutine's.
	at         time.Time
	before     [2]uint64
	ourRate    float64 // bit/s of UDP payload, of late
	othersRate float64
}

// count counts a packet.
func (m *carryMeter) count(packet int, ours bool) {
	if ours {
		m.ours.Add(uint64(packet + carryOverhead))
	} else {
		m.others.Add(uint64(packet + carryOverhead))
	}
}

// measure takes a look, now and then.
func (m *carryMeter) measure(now time.Time) {
	since := now.Sub(m.at)
	if since < carryMeterWindow {
		return
	}
	ours, others := m.ours.Load(), m.others.Load()
	if !m.at.IsZero() {
		m.ourRate = float64(ours-m.before[0]) * 8 / since.Seconds()
		m.othersRate = float64(others-m.before[1]) * 8 / since.Seconds()
	}
	m.at, m.before = now, [2]uint64{ours, others}
}

// rate is what is carried in the session.
func (m *carryMeter) rate() float64 { return m.ourRate + m.othersRate }

// besideCarried is what is left of a path, in bit/s, for our own sound and pictures.
func besideCarried(path float64, l *link) float64 {
	if carried := l.carries.rate(); carried > 0 && path > 0 {
		return max(path-carried, path/4)
	}
	return path
}

// withCarried is what a session may send, in bit/s, with what it carries; 0: as much as it finds to get through.
func (s *sharing) withCarried(limit float64, l *link) float64 {
	if limit == 0 {
		return 0
	}
	return limit + l.carries.ourRate + l.carries.othersRate*s.guestsGet
}

// guests is what we send for others, in bit/s on the link.
func (s *sharing) guests() (sum float64) {
	for i, g := range s.legs {
		sum += g.link.carries.othersRate * s.onLink(i)
	}
	return sum
}

// onLink is how much more carried packets are with their headers of IP and UDP.
func (s *sharing) onLink(i int) float64 {
	return 1 + float64(s.sessions[i].Headers)/(rtmfp.DetourDatagram/2)
}

// guestsMost is the part of the uplink that what we send for others may take. What is more waits in their flows and is dropped: their
// congestion controls see that, and give way.
const guestsMost = 0.5

// leaveRoom leaves room in the division for what we send for others, as much as they may have. They go before our own pictures, though
// not before sound.
func (s *sharing) leaveRoom() {
	guests := s.guests()
	most := guestsMost * s.request.Uplink
	s.guestsGet, s.forOthers = 1, guests
	if guests > most {
		s.guestsGet, guests = most/guests, most
	}
	s.request.Uplink -= guests
	s.request.Carries = max(s.request.Carries-guests, s.request.Carries*(1-guestsMost))
}

// ourEstimate is the estimate of the uplink without that.
func (s *sharing) ourEstimate() uplink.Estimate {
	e := s.estimate
	e.Rate = s.request.Uplink
	return e
}
