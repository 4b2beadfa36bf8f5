package rtmfp

import (
	"slices"
	"time"
)

// Close closes the session in order (RFC 7016 §3.5.5): data already written is
// sent once as far as the congestion window allows, and not waited for. It returns at once; Done is closed when the far end knows or the wait ran out.
func (s *Session) Close() error {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	s.closeNear(time.Now())
	s.e.wake()
	return nil
}

// Abort closes the session abruptly (RFC 7016 §3.5.5): the far end is told once, and nothing is waited for.
func (s *Session) Abort() error {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	if s.state == stateOpen || s.state == stateNearClose {
		s.sendCloseAck(time.Now())
		s.end(ErrClosed)
		s.forget()
		s.e.wake()
	}
	return nil
}

// closeNear moves an open session to S_NEARCLOSE.
func (s *Session) closeNear(now time.Time) {
	if s.state != stateOpen {
		return
	}
	if !s.shown && !s.initiator {
		s.drop()
		return
	}
	s.e.out.unbounded = true
	s.flush(now) // what was just written leaves as far as it may
	s.e.out.unbounded = false
	s.log.closed("the near end closed", now)
	s.stopUse(ErrClosed)
	s.state = stateNearClose
	s.e.closing++
	s.out = outbox{closeRequest: true}
	s.closeWait = nearCloseInterval
	s.e.alarms.set(&s.closer, now.Add(s.closeWait))
	s.markDirty()
}

// closeAlarm asks again for the end, or finishes the lingering.
func (s *Session) closeAlarm(now time.Time) {
	if s.state != stateNearClose || s.closeWait >= nearCloseWait {
		s.end(ErrClosed)
		s.forget()
		return
	}
	s.out.closeRequest = true
	s.markDirty()
	s.closeWait = min(2*s.closeWait+time.Millisecond, nearCloseWait)
	s.e.alarms.set(&s.closer, now.Add(s.closeWait))
}

// receiveClose answers a Close request.
func (s *Session) receiveClose(now time.Time) {
	s.out.closeAck = true
	s.markDirty()
	if s.state == stateOpen {
		s.log.closed("the far end closed", now)
		s.stopUse(ErrClosed)
		s.state = stateFarClose
		s.out = outbox{closeAck: true}
		close(s.done)
		s.e.alarms.set(&s.closer, now.Add(farCloseLinger))
	}
}

// receiveCloseAck ends the session. An abrupt end is acknowledged; so is, before all is forgotten, the Close request of a
// far end that closed at the same time and has it not yet: it would ask in vain until its time is over.
func (s *Session) receiveCloseAck(now time.Time) {
	if s.state == stateOpen || s.out.closeAck {
		s.sendCloseAck(now)
	}
	s.end(ErrClosed)
	s.forget()
}

func (s *Session) sendCloseAck(now time.Time) {
	s.out.closeAck = false
	s.endPacket(appendChunk(s.beginPacket(now), chunkCloseAck, nil), s.farAddr, now)
}

// drop ends a session that nobody has seen, without a word.
func (s *Session) drop() {
	s.log.closed("the far end has not shown the keys", time.Now())
	s.end(ErrClosed)
	s.forget()
}

// end moves the session to S_CLOSED, or an open one's user out of it.
func (s *Session) end(err error) {
	switch s.state {
	case stateOpen:
		s.log.closed(err.Error(), time.Now())
		s.stopUse(err)
		close(s.done)
	case stateNearClose:
		close(s.done)
		s.e.closing--
	}
	s.state = stateClosed
}

// stopUse ends the flows, and what the user waits for; the session leaves the tables in which
// open ones are found.
func (s *Session) stopUse(err error) {
	e := s.e
	s.err = err
	for _, f := range s.sendFlows {
		f.end(err)
	}
	for _, f := range s.recvFlows {
		f.end(err)
	}
	close(s.closingForUser)
	clear(s.sendFlows)
	clear(s.recvFlows)
	clear(s.active[:])
	s.lingering, s.acks.flows = nil, nil
	s.sent = transmissions{}
	s.out = outbox{}
	s.cc.outstanding = 0
	for _, a := range []*alarm{
		&s.confirm, &s.linger, &s.acks.delay, &s.cc.timeout, &s.cc.pace, &s.live.watch, &s.quiet.alarm,
		&s.detect.late, &s.detect.probe, &s.pacer.wait, &s.feedback.wait,
	} {
		e.alarms.drop(a)
	}
	e.shared.forget(s)
	s.path.end(s)
	s.pieces = nil
	if e.byEPD[s.epd] == s {
		delete(e.byEPD, s.epd)
	}
	if !s.initiator {
		if e.answered[s.answer] == s {
			delete(e.answered, s.answer)
		}
		e.unconfirmed = slices.DeleteFunc(e.unconfirmed, func(u *Session) bool { return u == s })
	}
}

// forget takes a closed session out of the endpoint.
func (s *Session) forget() {
	e := s.e
	e.alarms.drop(&s.closer)
	if e.sessions[s.nearID] == s {
		delete(e.sessions, s.nearID)
		if !s.initiator {
			e.leaveSource(s.answer.from.Addr())
		}
	}
	for i := range e.tcReceived {
		if e.tcReceived[i].s == s {
			e.tcReceived[i] = tcArrival{}
		}
	}
}
