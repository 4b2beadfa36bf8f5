package rtmfp

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"net/netip"
	"time"

	"sundog.dev/sundog/internal/source"
)

// mobility checks a far end's change of address (RFC 7016 §3.5.4.2):
//
//	Ping message: 'M' | time (8) | HMAC-SHA-256(secret, 'M' | time | address), 16 bytes of it
type mobility struct {
	pings  source.Bucket // instead of MOB_TX_TS
	seen   time.Time     // MOB_RX_TS
	secret [32]byte
	moved  chan struct{} // of Session.Moved, made when asked for
}

const (
	mobilityMark = 'M'
	mobilityMAC  = 16
	mobilitySize = 1 + 8 + mobilityMAC
)

func (m *mobility) init() {
	rand.Read(m.secret[:])
}

// message is the Ping message for an address.
func (m *mobility) message(at uint64, addr netip.AddrPort) []byte {
	b := binary.BigEndian.AppendUint64([]byte{mobilityMark}, at)
	h := hmac.New(sha256.New, m.secret[:])
	h.Write(b)
	ip := addr.Addr().As16()
	h.Write(ip[:])
	h.Write(binary.BigEndian.AppendUint16(nil, addr.Port()))
	return append(b, h.Sum(nil)[:mobilityMAC]...)
}

// checkMobility pings an address that an authentic packet came from. Until that is answered the old one stays in use.
func (s *Session) checkMobility(from netip.AddrPort, now time.Time) {
	m := &s.mob
	if m.pings.Take(1, 1/mobilityInterval.Seconds(), mobilityPings, now) != 0 {
		return
	}
	s.log.addressAsked(from, now)
	b := appendChunk(s.beginPacket(now), chunkPing, m.message(uint64(now.Sub(s.e.epoch)), from))
	s.endPacket(b, from, now)
}

// receivePingReply moves the session if the reply proves a new address. Other
// replies have served by arriving.
func (s *Session) receivePingReply(b []byte, from netip.AddrPort, now time.Time) {
	if len(b) > 0 && b[0] == probeMark {
		s.path.answered(b, now)
		return
	}
	if len(b) != mobilitySize || b[0] != mobilityMark {
		return
	}
	stamp := binary.BigEndian.Uint64(b[1:])
	at := s.e.epoch.Add(time.Duration(stamp))
	m := &s.mob
	if at.After(now) || now.Sub(at) > mobilityLifetime || !at.After(m.seen) || !hmac.Equal(b, m.message(stamp, from)) {
		return
	}
	m.seen = at
	if from == s.farAddr {
		return
	}
	s.e.log.Debug("rtmfp: the far end has moved", "from", s.farAddr, "to", from)
	s.log.addressChanged(s.farAddr, from, now)
	s.farAddr = from
	m.tell()
	s.cc.newPath()
	s.resendFlight()
	s.path.moved(now)
	if s.dc != nil {
		s.dc.init()
	}
	s.markDirty()
}

// Moved gets a value (capacity one, coalesced) when the far end's address has changed: FarAddr is the new one.
func (s *Session) Moved() <-chan struct{} {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	if s.mob.moved == nil {
		s.mob.moved = make(chan struct{}, 1)
	}
	return s.mob.moved
}

// tell tells whoever has asked for Moved.
func (m *mobility) tell() {
	select {
	case m.moved <- struct{}{}: // never, if it is nil
	default:
	}
}

// resendFlight takes all that is in flight for lost: since the far end moved it has gone to the old address.
func (s *Session) resendFlight() {
	for i := s.sent.head; i < len(s.sent.list); i++ {
		e := &s.sent.list[i]
		if e.flow == nil {
			continue
		}
		if fr := e.flow.fragment(e.seq); fr != nil && fr.tsn == e.tsn && fr.state == fragmentInFlight {
			e.flow.lost(e.seq, fr)
		}
	}
	s.cc.recovery = s.sent.nextTSN // that is no sign of congestion
	s.cc.burst = 0
}
