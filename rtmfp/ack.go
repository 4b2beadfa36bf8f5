package rtmfp

import "time"

// ackState is a session's acknowledging (RFC 7016 §3.6.3.4).
type ackState struct {
	now     bool  // ACK_NOW
	packets int   // RX_DATA_PACKETS
	delay   alarm // DELACK_ALARM
	flows   []*RecvFlow
	bitmaps bool // the far end has sent one
	allowed ackAllowance
}

// received counts a packet with user data.
func (a *ackState) received(s *Session) {
	a.packets++
	wait := s.coupling.acks(s.lastReceived)
	if a.packets >= 2 && wait == 0 {
		a.now = true
	}
	switch {
	case a.now:
		s.markDirty()
	case !a.delay.isSet():
		if wait == 0 {
			wait = delayedAck
		}
		s.e.alarms.set(&a.delay, s.lastReceived.Add(wait))
	}
}

// acknowledge has an acknowledgement of the flow sent, at once or with the next packet.
func (f *RecvFlow) acknowledge(now bool) {
	a := &f.s.acks
	if !f.shouldAck {
		f.shouldAck = true
		a.flows = append(a.flows, f)
	}
	if now {
		a.now = true
		f.s.markDirty()
	}
}

// appendAcks appends the acknowledgements that are due to a packet, as many as fit and are allowed; alone says that it goes for their sake.
// Only the first may be truncated (RFC 7016 §3.6.3.4.2). Bitmaps are sent to ends of our own kind and to those that send some: rtmfp-cpp,
// for one, reads of a bitmap only the cumulative number.
func (s *Session) appendAcks(b []byte, alone bool, now time.Time) []byte {
	a := &s.acks
	if len(a.flows) == 0 {
		a.settled()
		return b
	}
	allowed, wait := a.allowed.room(now)
	if wait > 0 {
		a.now = false
		s.e.alarms.setIfEarlier(&a.delay, now.Add(wait))
		return b
	}
	start, n := len(b), 0
	room := min(s.path.limit, start+allowed)
	bitmaps := s.keys.Feedback || a.bitmaps
	for _, f := range a.flows {
		mark := len(b)
		if f.state == recvRejected {
			b = appendFlowException(b, f.id, f.exception)
		}
		blocks := f.windowBlocks()
		before := len(b)
		var whole bool
		if b, whole = appendAck(b, room-len(b), f.id, blocks, &f.set, bitmaps); len(b) == before || !whole && n > 0 {
			b = b[:mark]
			break
		}
		f.shouldAck, f.advertised = false, blocks
		n++
	}
	rest := copy(a.flows, a.flows[n:])
	clear(a.flows[rest:])
	a.flows = a.flows[:rest]
	if rest == 0 {
		a.settled()
	}
	if n > 0 {
		a.allowed.sent(len(b)-start, alone)
	}
	return b
}

// settled: there is nothing left to acknowledge.
func (a *ackState) settled() {
	a.now, a.packets = false, 0
	a.delay.clear()
}
