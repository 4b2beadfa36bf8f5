package rtmfp

import "time"

// feedbackOut is what is to be reported to the far end about its packets with data.
type feedbackOut struct {
	runs []feedbackRun // bounded by maxFeedbackRuns
	due  bool
	sent time.Time // when the last report was
	wait alarm
}

// arrived notes the arrival of a packet with data.
func (o *feedbackOut) arrived(s *Session, seq uint64, at time.Time, ecn byte) {
	units := int64(at.Sub(s.e.epoch) / feedbackUnit)
	// The more waits, the more is taken together.
	together := feedbackTogether * int64(1+4*len(o.runs)/maxFeedbackRuns)
	if n := len(o.runs); n > 0 {
		if last := &o.runs[n-1]; seq == last.first+last.n && ecn == last.ecn && units-last.at < together {
			last.n++
			return
		}
	}
	if len(o.runs) == maxFeedbackRuns {
		o.runs = o.runs[:copy(o.runs, o.runs[maxFeedbackRuns/2:])] // cannot send for some reason: the older half is stale
	}
	o.runs = append(o.runs, feedbackRun{first: seq, n: 1, at: units, ecn: ecn})
	switch {
	case len(o.runs) >= maxFeedbackRuns*3/4:
		o.due = true
		s.markDirty()
	case !o.wait.isSet():
		wait := max(feedbackInterval, s.coupling.acks(at))
		if o.sent.IsZero() {
			wait = feedbackFirst
		}
		s.e.alarms.set(&o.wait, at.Add(wait))
	}
}

// fire: it is time to report.
func (o *feedbackOut) fire(s *Session) {
	o.due = true
	s.markDirty()
}

// append appends a report to a packet, if there is one to make; with others that is going anyway a little before its time, or where
// a packet of its own is dear well before it.
func (o *feedbackOut) append(s *Session, b []byte, going bool, now time.Time) []byte {
	early := feedbackInterval * 4 / 5
	if s.coupling.acks(now) > 0 {
		early = feedbackInterval / 2
	}
	if len(o.runs) == 0 || !o.due && !(going && now.Sub(o.sent) >= early) {
		return b
	}
	b, n := appendFeedback(b, s.path.limit-len(b), o.runs, int64(now.Sub(s.e.epoch)/feedbackUnit))
	if n == 0 {
		return b
	}
	o.sent = now
	o.runs = o.runs[:copy(o.runs, o.runs[n:])]
	if len(o.runs) == 0 {
		o.due = false
		o.wait.clear()
	}
	return b
}
