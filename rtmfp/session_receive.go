package rtmfp

import (
	"net/netip"
	"time"
)

// receive handles a datagram of the session.
func (s *Session) receive(b []byte, from netip.AddrPort, now time.Time) {
	e := s.e
	var err error
	if e.opened, err = s.keys.Open.Open(e.opened[:0], b[sessionIDSize:]); err != nil {
		return
	}
	h, chunks, err := parseHeader(e.opened)
	if err != nil || h.mode() != s.farMode() {
		return
	}
	s.stats.bytesReceived += uint64(len(b))
	s.lastReceived = now
	s.live.heard()
	if !s.shown {
		s.shown = true
		e.alarms.drop(&s.confirm)
		if !s.initiator {
			s.confirmed(now)
		}
	}
	if s.state == stateOpen {
		s.clock.receive(h, now, e.epoch)
		s.receiveTimeCritical(h, now)
	}
	s.cc.beginPacket()
	s.ecnOut.congested = false
	s.ecnIn.received(e.rx.ecn)
	anyData := s.receiveChunks(chunks, from, false, now)
	if s.state != stateOpen {
		return
	}
	if anyData {
		s.acks.allowed.received(len(b))
		s.acks.received(s)
		s.quiet.data(s, now)
		if c, ok := s.keys.Open.(SequencedCipher); ok && s.keys.Feedback {
			s.feedback.arrived(s, c.Sequence(), e.rx.at, e.rx.ecn)
		}
	}
	if s.cc.anyAcks {
		s.acknowledged(now)
	}
	s.live.recheck(s, now)
	if from != s.farAddr {
		s.checkMobility(from, now)
	}
}

// receiveChunks handles the chunks of a packet and reports whether there was user data. inPieces says that the packet came
// in fragments; it may not hold fragments of another.
func (s *Session) receiveChunks(chunks []byte, from netip.AddrPort, inPieces bool, now time.Time) (anyData bool) {
	var err error
	var data userData // of the last User Data chunk
	for s.state != stateClosed {
		typ, payload, rest, ok := nextChunk(chunks)
		if !ok {
			break
		}
		chunks = rest
		switch typ {
		case chunkClose:
			s.receiveClose(now)
			continue
		case chunkCloseAck:
			s.receiveCloseAck(now)
			continue
		}
		if s.state != stateOpen {
			continue
		}
		switch typ {
		case chunkUserData:
			if data, err = parseUserData(payload); err == nil {
				anyData = true
				s.receiveData(&data, now)
			} else {
				data = userData{} // no Next User Data may follow it
			}
		case chunkNextUserData:
			if data, err = parseNextUserData(payload, data); err == nil {
				s.receiveData(&data, now)
			} else {
				data = userData{}
			}
		case chunkAckRanges, chunkAckBitmap:
			if c, err := parseAck(payload, typ == chunkAckBitmap); err == nil {
				s.acks.bitmaps = s.acks.bitmaps || c.bitmap
				s.receiveAck(&c)
			}
		case chunkFeedback:
			if c, err := parseFeedback(payload); err == nil {
				s.receiveFeedback(&c, now)
			}
		case chunkECNReport:
			s.receiveECNReport(payload)
		case chunkPing:
			s.receivePing(payload, from, now)
		case chunkPingReply:
			s.receivePingReply(payload, from, now)
		case chunkBufferProbe:
			if flow, err := parseBufferProbe(payload); err == nil {
				s.receiveProbe(flow)
			}
		case chunkFlowException:
			if flow, code, err := parseFlowException(payload); err == nil {
				s.receiveException(flow, code)
			}
		case chunkFIHello:
			s.receiveFIHello(payload, now)
		case chunkFragment:
			if c, err := parsePacketFragment(payload); err == nil && !inPieces && s.receivePiece(c, from, now) {
				anyData = true
			}
		}
	}
	return anyData
}

// receivePiece takes in a Packet Fragment. If that completes a packet, its chunks are handled as if they had come in the
// one that completed it; the answer is whether there was user data.
func (s *Session) receivePiece(c packetFragment, from netip.AddrPort, now time.Time) bool {
	if s.pieces == nil {
		s.pieces = &packetPieces{most: s.e.recvPieces}
	}
	whole := s.pieces.add(c, netip.AddrPort{}, now)
	if whole == nil {
		return false
	}
	h, chunks, err := parseHeader(whole)
	if err != nil || h.mode() != s.farMode() {
		return false // RFC 7016 §3.4 wants the same mode
	}
	s.receiveTimeCritical(h, now)
	return s.receiveChunks(chunks, from, true, now)
}

// nearMode and farMode are the modes of the session's packets in each direction (RFC 7016 §2.2.4).
func (s *Session) nearMode() byte {
	if s.initiator {
		return modeInitiator
	}
	return modeResponder
}

func (s *Session) farMode() byte { return modeInitiator + modeResponder - s.nearMode() }

// receiveTimeCritical keeps book of the header's flags (RFC 7016 §3.5.2.1).
func (s *Session) receiveTimeCritical(h header, now time.Time) {
	if h.has(flagTimeCriticalReverse) {
		s.cc.reverse = now
	}
	if !h.has(flagTimeCritical) {
		return
	}
	s.e.rx.urgent = true
	last := &s.e.tcReceived
	if last[0].s != s {
		last[1] = last[0]
	}
	last[0] = tcArrival{s, now}
}

// othersReceiveTimeCritical reports whether another session has received time-critical packets lately.
func (s *Session) othersReceiveTimeCritical(now time.Time) bool {
	last := s.e.tcReceived[0]
	if last.s == s {
		last = s.e.tcReceived[1]
	}
	return last.s != nil && now.Sub(last.at) < timeCriticalPeriod
}
