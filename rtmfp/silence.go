package rtmfp

import "time"

// silence notices that a stream of data from the far end has stopped, and pings. Should the near end have moved without
// knowing it, the Ping is what shows the far end the new address (RFC 7016 §3.5.4.1).
type silence struct {
	last    time.Time     // when data last came
	gap     time.Duration // about the longest between packets lately
	packets int           // in the stream
	pings   int           // in this silence
	alarm   alarm
}

// data: a packet with user data came.
func (q *silence) data(s *Session, now time.Time) {
	gap := now.Sub(q.last)
	q.last, q.pings = now, 0
	if gap > steadyGap {
		q.packets, q.gap = 0, 0
		q.alarm.clear()
		return
	}
	q.gap = max(gap, q.gap-q.gap/16)
	if q.packets++; q.packets >= steadyPackets {
		s.e.alarms.set(&q.alarm, now.Add(q.wait()))
	}
}

func (q *silence) wait() time.Duration { return max(2*q.gap, silenceFloor) << q.pings }

// check is the alarm: nothing has come for a while.
func (q *silence) check(s *Session, now time.Time) {
	if s.state != stateOpen || q.pings > 0 && s.lastReceived.After(q.last) || q.pings >= silencePings {
		return // the far end is there, it just has no more to say; or the keep-alive must see to it
	}
	s.ping(now)
	q.pings++
	s.e.alarms.set(&q.alarm, now.Add(q.wait()))
}
