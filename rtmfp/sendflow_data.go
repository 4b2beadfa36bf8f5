package rtmfp

import (
	"slices"
	"time"
)

// fragment is the flow's fragment of a sequence number, if it is still in the queue.
func (f *SendFlow) fragment(seq uint64) *fragment { return f.queue.at(seq) }

func (f *SendFlow) nakLimit() int {
	if f.priority.timeCritical() {
		return nakLimitTimeCritical
	}
	return nakLimit
}

// activate has the flow considered for sending.
func (f *SendFlow) activate() {
	s := f.s
	if s.state != stateOpen || f.unacked == 0 {
		return
	}
	if !f.isActive {
		f.isActive = true
		s.active[f.priority] = append(s.active[f.priority], f)
	}
	s.markDirty()
}

// nextFlow is the flow to send data of next, by priority and within one in turn; nil if none is ready
// or the congestion window or burst limit is reached, or the session's turn among those that share an uplink has not come.
func (s *Session) nextFlow(now time.Time) *SendFlow {
	waits := false
	for p := len(s.active) - 1; p >= 0; p-- {
		for i := 0; i < len(s.active[p]); {
			f := s.active[p][i]
			switch seq := f.nextFragment(now); {
			case seq == 0 || !f.windowOpen():
				// Nothing to send, or no window: an acknowledgement, a loss or a write activates it again.
				f.isActive = false
				s.active[p] = slices.Delete(s.active[p], i, i+1)
			case !s.maySendData(now, f.priority):
				return nil
			case f.ahead || !waits && s.e.shared.mayGo(s, now):
				copy(s.active[p][i:], s.active[p][i+1:])
				s.active[p][len(s.active[p])-1] = f
				return f
			default:
				waits = true // one behind it may be ahead
				i++
			}
		}
	}
	return nil
}

func (f *SendFlow) windowOpen() bool { return f.window > f.outstanding || f.exception != nil }

// nextFragment is the first fragment that is eligible to be sent (RFC 7016 §3.6.2.3); 0 if none is.
func (f *SendFlow) nextFragment(now time.Time) uint64 {
	f.trim()
	if f.unacked == 0 {
		return 0
	}
	if f.lostCount > 0 {
		if f.queue.at(f.queue.base).state == fragmentLost {
			return f.queue.base // abandoned or not: the far end must get past it
		}
		// Abandoned ones that are passed over wait to become the first.
		for f.lostFrom = max(f.lostFrom, f.queue.base); f.lostFrom < f.unsent; f.lostFrom++ {
			if fr := f.queue.at(f.lostFrom); fr.state == fragmentLost && f.eligible(f.lostFrom, fr, now) {
				return f.lostFrom
			}
		}
	}
	f.unsent = max(f.unsent, f.queue.base)
	for ; f.unsent < f.queue.end(); f.unsent++ {
		fr := f.queue.at(f.unsent)
		if f.eligible(f.unsent, fr, now) {
			return f.unsent
		}
		if fr.state == fragmentQueued {
			fr.state = fragmentLost // abandoned before it was sent: waits to become the first
			f.lostCount++
		}
	}
	f.trim()
	if fr := f.queue.at(f.queue.base); fr != nil && fr.state == fragmentLost {
		return f.queue.base // abandoned, and the first: tells the far end of the gap (§3.6.2.7.1)
	}
	return 0
}

// eligible reports whether a fragment that is not in flight is to be sent.
func (f *SendFlow) eligible(seq uint64, fr *fragment, now time.Time) bool {
	fr.msg.expire(now)
	return !fr.msg.abandoned || seq == f.queue.base || seq == f.final
}

// trim drops acknowledged fragments from the head, and of a run of abandoned ones all but the last. That one stays
// to be sent, empty, so that the far end learns of the gap even if nothing else is left to send
// (RFC 7016 §3.6.2.7.1; §3.6.2.3 taken literally would drop it).
func (f *SendFlow) trim() {
	for f.queue.n > 0 {
		fr := f.queue.at(f.queue.base)
		switch {
		case fr.state == fragmentAcked:
		case fr.isGap() && f.queue.n > 1 && f.queue.at(f.queue.base+1).isGap():
			if fr.state == fragmentLost {
				f.lostCount--
			}
			f.unacked--
		default:
			return
		}
		f.queue.pop()
	}
}

// isGap reports whether the fragment is abandoned and not in flight.
func (fr *fragment) isGap() bool {
	return fr.msg.abandoned && (fr.state == fragmentQueued || fr.state == fragmentLost)
}

// forwardSequence is the FSN (RFC 7016 §3.6.2.3).
func (f *SendFlow) forwardSequence() uint64 {
	head := f.queue.at(f.queue.base)
	if !head.msg.abandoned || head.state == fragmentInFlight && !head.sentAbandoned {
		return f.queue.base - 1
	}
	return f.queue.base
}

// appendData appends fragments of the flow to a packet, as many as fit; to an empty one at least one, which may have been
// cut for a wider path.
func (s *Session) appendData(b []byte, empty int, f *SendFlow, now time.Time) []byte {
	tsn := s.sent.nextTSN + 1
	var prev uint64
	for f.windowOpen() {
		seq := f.nextFragment(now)
		if seq == 0 {
			break
		}
		fr := f.queue.at(seq)
		h := dataHeader{
			flow:    f.id,
			seq:     seq,
			fsn:     f.forwardSequence(),
			control: fr.control,
			abandon: fr.msg.abandoned,
			final:   seq == f.final,
			next:    prev != 0 && prev+1 == seq,
		}
		if prev == 0 {
			h.options = f.options
		}
		var data []byte
		if !h.abandon {
			data = fr.msg.data[fr.offset : fr.offset+fr.length]
		}
		size := h.size() + len(data)
		if len(b)+size > s.path.limit && len(b) > empty {
			break
		}
		b = appendUserData(b, &h, data)
		f.sentFragment(seq, fr, size, tsn, now)
		prev = seq
	}
	if prev == 0 {
		return b
	}
	s.sentData(b, f, tsn, now)
	return b
}

// sentFragment marks a fragment as in flight.
func (f *SendFlow) sentFragment(seq uint64, fr *fragment, size int, tsn uint64, now time.Time) {
	if fr.state == fragmentLost {
		f.lostCount--
	}
	fr.state, fr.size, fr.earlier, fr.tsn, fr.sentAt = fragmentInFlight, size, fr.tsn, tsn, now
	fr.sentAbandoned = fr.msg.abandoned
	fr.msg.started = true
	f.unsent = max(f.unsent, seq+1)
	f.outstanding += size
	f.s.cc.outstanding += size
	f.s.sent.add(f, seq, tsn)
}

// sentData keeps book of a packet with data.
func (s *Session) sentData(b []byte, f *SendFlow, tsn uint64, now time.Time) {
	s.sent.nextTSN = tsn
	s.stats.packetsSent++
	s.cc.burst++
	s.path.sentData(s, len(b), tsn, now)
	if f.priority.timeCritical() {
		b[0] |= flagTimeCritical
		s.cc.forward, s.e.tcSent = now, now
	}
	s.e.alarms.set(&s.cc.timeout, now.Add(s.clock.erto))
	s.detect.sent = now
	s.expectAck(now)
	s.live.expect(s, now)
}

// lost takes a fragment out of flight, to be sent again or abandoned.
func (f *SendFlow) lost(seq uint64, fr *fragment) {
	fr.state = fragmentLost
	f.outstanding -= fr.size
	f.s.cc.outstanding -= fr.size
	f.s.path.lost(fr.tsn, f.s.lastReceived)
	if f.lostCount == 0 || seq < f.lostFrom {
		f.lostFrom = seq
	}
	f.lostCount++
	if fr.msg.opt.NoRetransmit {
		fr.msg.abandon()
	}
	f.activate()
}

// receiveAck processes an acknowledgement (RFC 7016 §3.6.2.4).
func (s *Session) receiveAck(c *dataAck) {
	s.cc.anyAcks = true
	f := s.sendFlows[c.flow]
	if f == nil || f.queue.end() == 1 {
		return
	}
	f.options = nil
	f.window = c.window
	last := f.queue.end() - 1
	for seq := f.queue.base; seq <= min(c.cumulative, last); seq++ {
		f.ack(seq)
	}
	c.eachRange(func(r seqRange) {
		for seq := max(r.from, f.queue.base); seq <= min(r.to, last) && s.cc.looks > 0; seq++ {
			s.cc.looks--
			f.ack(seq)
		}
	})
	f.trim()
	f.watchWindow()
	f.activate()
	f.retireIfComplete()
}

// ack takes in the acknowledgement of one sequence number. RFC 7016 counts only what is in flight; a
// fragment that was given up as lost and arrives after all need not be sent again either.
func (f *SendFlow) ack(seq uint64) {
	fr := f.queue.at(seq)
	switch {
	case fr.state == fragmentInFlight:
		f.outstanding -= fr.size
		f.s.cc.outstanding -= fr.size
		f.s.cc.acked += fr.size
		f.s.path.acked(fr.tsn)
		f.s.sent.countAcked(f.s, fr.tsn)
		f.s.sent.maxAcked = max(f.s.sent.maxAcked, fr.acknowledgedTSN(f.s.lastReceived, f.s.clock.srtt))
	case fr.state == fragmentLost:
		f.lostCount--
	default:
		return
	}
	fr.state = fragmentAcked
	f.unacked--
	r := fr.msg
	r.unacked--
	if r.finished {
		return
	}
	r.pending -= fr.length
	f.buffered -= fr.length
	f.signalRoom()
	if r.unacked == 0 {
		r.finish()
	}
}

// watchWindow sends Buffer Probes while the far end's window is closed (RFC 7016 §3.6.2.9.1).
func (f *SendFlow) watchWindow() {
	if f.window > 0 || f.exception != nil || f.unacked == 0 {
		f.probe.clear()
		f.probeWait = 0
		return
	}
	if !f.probe.isSet() {
		f.probeWait = max(probeInterval, f.s.clock.erto)
		f.s.e.alarms.set(&f.probe, time.Now().Add(f.probeWait))
	}
}

// sendProbe asks for the window.
func (f *SendFlow) sendProbe(now time.Time) {
	s := f.s
	s.queueControl(appendBufferProbe(nil, f.id))
	s.live.expect(s, now)
	f.probeWait = max(min(2*f.probeWait, maxProbeInterval), s.clock.erto)
	s.e.alarms.set(&f.probe, now.Add(f.probeWait))
}
