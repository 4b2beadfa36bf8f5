package rtmfp

// ackState is a session's acknowledging (RFC 7016 §3.6.3.4).
type ackState struct {
	now     bool  // ACK_NOW
	packets int   // RX_DATA_PACKETS
	delay   alarm // DELACK_ALARM
	flows   []*RecvFlow
}

// received counts a packet with user data.
func (a *ackState) received(s *Session) {
	a.packets++
	if a.packets >= 2 {
		a.now = true
	}
	switch {
	case a.now:
		s.markDirty()
	case !a.delay.isSet():
		s.e.alarms.set(&a.delay, s.lastReceived.Add(delayedAck))
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

// appendAcks appends the acknowledgements that are due to a packet, as many as fit.
func (s *Session) appendAcks(b []byte) []byte {
	a := &s.acks
	n := 0
	for _, f := range a.flows {
		mark := len(b)
		if f.state == recvRejected {
			b = appendFlowException(b, f.id, f.exception)
		}
		blocks := f.windowBlocks()
		var ok bool
		if b, ok = appendAckRanges(b, s.path.limit-len(b), f.id, blocks, &f.set); !ok {
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
		a.now, a.packets = false, 0
		a.delay.clear()
	}
	return b
}
