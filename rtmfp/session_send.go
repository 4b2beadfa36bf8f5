package rtmfp

import (
	"net/netip"
	"time"
)

// flush sends what the session has to send and may send, until the batch is full.
func (s *Session) flush(now time.Time) {
	for s.state != stateClosed && !s.e.out.full() {
		b := s.beginPacket(now)
		empty := len(b)
		b = s.appendControl(b)
		data := false
		if s.state == stateOpen {
			f := s.nextFlow(now)
			before := len(b)
			b = s.feedback.append(s, b, f != nil || s.acks.now, now)
			if f != nil || s.acks.now || len(b) > before {
				b = s.appendECNReport(b)
				b = s.appendAcks(b, f == nil && len(b) == empty, now)
			}
			if f != nil {
				before := len(b)
				b = s.appendData(b, empty, f, now)
				data = len(b) > before // else what came first has taken the room
			}
		}
		if len(b) == empty {
			return
		}
		s.sendPacket(b, data, now)
	}
}

// sendPacket sends a packet to the far end. One that has to hold a fragment cut for a wider path goes in pieces. While it
// is not known that the far end puts those together, since few other implementations do, every other one goes whole: the
// path may be wide again, or the network may fragment it.
func (s *Session) sendPacket(b []byte, data bool, now time.Time) {
	p := &s.path
	if len(b) <= p.limit {
		s.seal(b, s.farAddr, data, now)
		return
	}
	if p.inPieces = !p.inPieces || p.joined || s.keys.Feedback; !p.inPieces {
		s.seal(b, s.farAddr, data, now)
		return
	}
	if data {
		p.pieceTSN = s.sent.nextTSN
	}
	for _, c := range s.e.pieces.divide(b, s.path.limit) {
		s.seal(appendPacketFragment(s.beginPacket(now), c), s.farAddr, data, now)
	}
}

// beginPacket begins a plain packet of the session.
func (s *Session) beginPacket(now time.Time) []byte {
	h := s.clock.header(now, s.e.epoch)
	h.flags |= s.nearMode()
	if s.othersReceiveTimeCritical(now) {
		h.flags |= flagTimeCriticalReverse
	}
	return appendHeader(s.e.plain[:0], h)
}

// endPacket sends a packet that beginPacket began, without data of flows.
func (s *Session) endPacket(b []byte, to netip.AddrPort, now time.Time) {
	s.seal(b, to, false, now)
}

// seal sends a packet that beginPacket began.
func (s *Session) seal(b []byte, to netip.AddrPort, data bool, now time.Time) {
	s.e.plain = b
	ecn := byte(ecnNotCapable)
	if data {
		ecn = s.ecnOut.mark()
	}
	size := s.e.send(to, s.farID, s.keys.Seal, b, ecn)
	s.stats.bytesSent += uint64(size)
	s.stats.datagramsSent++
	s.e.shared.sent(s, size, now)
	if data {
		s.stats.dataBytesSent += uint64(size)
	}
	p := &s.e.out.packets[len(s.e.out.packets)-1]
	p.session, p.plain = s, len(b)
	s.lastSent = now
	if c, ok := s.keys.Seal.(SequencedCipher); ok && data && s.keys.Feedback {
		if s.dc == nil {
			s.dc = new(delayControl)
			s.dc.init()
		}
		s.sentLog.add(c.Sequence(), now.Sub(s.e.epoch), size)
		s.pacer.tokens -= float64(size)
		s.dc.sentPacket(size)
	}
}

// appendControl appends what goes before acknowledgements and data. What does not fit even an empty packet, since the path
// has become narrower, is appended to one nevertheless.
func (s *Session) appendControl(b []byte) []byte {
	o := &s.out
	empty := len(b)
	// The request first: the acknowledgement ends the far end's session, and what is behind it is not looked at.
	if o.closeRequest {
		o.closeRequest = false
		b = appendChunk(b, chunkClose, nil)
	}
	if o.closeAck {
		o.closeAck = false
		b = appendChunk(b, chunkCloseAck, nil)
	}
	for len(o.pingReplies) > 0 && (len(b)+chunkHeaderSize+len(o.pingReplies[0]) <= s.path.limit || len(b) == empty) {
		b = appendChunk(b, chunkPingReply, o.pingReplies[0])
		o.pingReplies = o.pingReplies[1:]
	}
	for len(o.control) > 0 && (len(b)+len(o.control[0]) <= s.path.limit || len(b) == empty) {
		b = append(b, o.control[0]...)
		o.controlBytes -= len(o.control[0])
		o.control = o.control[1:]
	}
	if o.ping && len(b)+chunkHeaderSize <= s.path.limit {
		o.ping = false
		b = appendChunk(b, chunkPing, nil)
	}
	return b
}

// queueControl queues a whole chunk to be sent before data; beyond a bound it is dropped.
func (s *Session) queueControl(chunk []byte) {
	if s.state != stateOpen || len(chunk) > basePacket-maxHeader {
		return
	}
	if s.out.controlBytes+len(chunk) > maxControlBytes {
		s.log.limit("maxControlBytes", time.Now())
		return
	}
	s.out.control = append(s.out.control, chunk)
	s.out.controlBytes += len(chunk)
	s.markDirty()
}
