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
		var f *SendFlow
		if s.state == stateOpen {
			f = s.nextFlow(now)
			if f != nil || s.acks.now {
				b = s.appendAcks(b)
			}
			if f != nil {
				b = s.appendData(b, f, now)
			}
		}
		if len(b) == empty {
			return
		}
		s.endPacket(b, s.farAddr, now)
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

// endPacket sends a packet that beginPacket began.
func (s *Session) endPacket(b []byte, to netip.AddrPort, now time.Time) {
	s.e.plain = b
	s.stats.bytesSent += uint64(s.e.send(to, s.farID, s.keys.Seal, b, s.ecn))
	s.lastSent = now
}

// appendControl appends what goes before acknowledgements and data.
func (s *Session) appendControl(b []byte) []byte {
	o := &s.out
	if o.closeAck {
		o.closeAck = false
		b = appendChunk(b, chunkCloseAck, nil)
	}
	if o.closeRequest {
		o.closeRequest = false
		b = appendChunk(b, chunkClose, nil)
	}
	for len(o.pingReplies) > 0 && len(b)+chunkHeaderSize+len(o.pingReplies[0]) <= maxPlainPacket {
		b = appendChunk(b, chunkPingReply, o.pingReplies[0])
		o.pingReplies = o.pingReplies[1:]
	}
	for len(o.control) > 0 && len(b)+len(o.control[0]) <= maxPlainPacket {
		b = append(b, o.control[0]...)
		o.controlBytes -= len(o.control[0])
		o.control = o.control[1:]
	}
	if o.ping && len(b)+chunkHeaderSize <= maxPlainPacket {
		o.ping = false
		b = appendChunk(b, chunkPing, nil)
	}
	return b
}

// queueControl queues a whole chunk to be sent before data; beyond a bound it is dropped.
func (s *Session) queueControl(chunk []byte) {
	if s.state != stateOpen || len(chunk) > maxPlainPacket-8 || s.out.controlBytes+len(chunk) > maxControlBytes {
		return
	}
	s.out.control = append(s.out.control, chunk)
	s.out.controlBytes += len(chunk)
	s.markDirty()
}
