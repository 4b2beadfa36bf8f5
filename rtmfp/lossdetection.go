package rtmfp

import "time"

// lossDetection finds lost packets sooner than by RFC 7016 §3.6.2.5–6, three negative acknowledgements or a time-out,
// where these take long because little is under way. Besides those,
//
//   - a packet that another one overtook is lost if it is still not acknowledged a round trip and a quarter after it was sent
//     (in the manner of RFC 8985): early retransmission without counting, and with patience for reordering;
//   - when nothing is acknowledged for two round trips, the last packet is sent again (a tail-loss probe), so that the
//     acknowledgement of it tells what else is missing, before the time-out takes all for lost.
//
// Time-critical fragments are sent again at the first negative acknowledgement; what is not lost costs a repetition only,
// for the congestion control hears of it at the third, or as said above.
type lossDetection struct {
	late   alarm // when the oldest overtaken packet is to count as lost
	probe  alarm
	probed bool      // since the last acknowledgement
	sent   time.Time // when the last data was
}

func (l *lossDetection) init(s *Session) {
	l.late.fire = func(now time.Time) {
		s.cc.beginPacket()
		s.countNaks(now, 0)
		s.adjustWindow(now)
		s.markDirty()
	}
	l.probe.fire = s.probeTail
}

// overdue is how old an overtaken packet is when it is lost.
func (s *Session) overdue() time.Duration { return s.clock.srtt + s.clock.srtt/4 + tick }

// countNaks counts negative acknowledgements, of which there are new ones, for everything sent before the newest that
// was acknowledged.
func (s *Session) countNaks(now time.Time, naks int) {
	t := &s.sent
	var next time.Time // when one more may be overdue
	for i := t.head; i < len(t.list) && t.list[i].tsn < t.maxAcked; i++ {
		e := &t.list[i]
		if e.flow == nil {
			continue
		}
		fr := e.flow.fragment(e.seq)
		if fr == nil || fr.state == fragmentAcked {
			e.flow = nil
			continue
		}
		e.naks += naks
		s.cc.anyNaks = true
		overdue := false
		inFlight := fr.tsn == e.tsn && fr.state == fragmentInFlight
		if inFlight && s.clock.srtt > 0 {
			due := fr.sentAt.Add(s.overdue())
			if overdue = !due.After(now); !overdue && (next.IsZero() || due.Before(next)) {
				next = due
			}
		}
		if inFlight && (overdue || e.naks >= e.flow.nakLimit()) {
			e.flow.lost(e.seq, fr)
		}
		if overdue || e.naks >= nakLimit {
			t.countLost(s, e.tsn)
			if e.tsn >= s.cc.recovery {
				s.cc.anyLoss = true
				s.cc.recovery = t.nextTSN
			}
			e.flow = nil
		}
	}
	if next.IsZero() {
		s.detect.late.clear()
	} else {
		s.e.alarms.set(&s.detect.late, next)
	}
}

// expectAck has the tail probed if no acknowledgement comes in time.
func (s *Session) expectAck(now time.Time) {
	l := &s.detect
	if l.probed || s.clock.srtt == 0 || s.cc.outstanding == 0 {
		l.probe.clear()
		return
	}
	wait := 2*s.clock.srtt + tick
	switch {
	case s.cc.outstanding > s.path.limit: // two packets or more are acknowledged at once
	case s.keys.Feedback:
		wait += feedbackInterval // reports take acknowledgements along
	default:
		wait += delayedAck
	}
	if wait >= s.clock.erto {
		l.probe.clear()
		return
	}
	s.e.alarms.set(&l.probe, later(l.sent.Add(wait), now.Add(tick)))
}

// probeTail sends the last packet in flight again. That it may be lost is not yet known, and nobody is told.
func (s *Session) probeTail(time.Time) {
	t := &s.sent
	var tsn uint64
	for i := len(t.list) - 1; i >= t.head; i-- {
		e := &t.list[i]
		if e.flow == nil {
			continue
		}
		fr := e.flow.fragment(e.seq)
		if fr == nil || fr.tsn != e.tsn || fr.state != fragmentInFlight || fr.msg.opt.NoRetransmit || tsn != 0 && e.tsn != tsn {
			if tsn != 0 {
				break
			}
			continue
		}
		tsn = e.tsn
		e.flow.lost(e.seq, fr)
	}
	if tsn != 0 {
		s.detect.probed = true
		s.markDirty()
	}
}
