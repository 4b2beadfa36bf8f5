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
	echoes source.Bucket // of answers to other addresses than the far end's
	seen   time.Time     // MOB_RX_TS
	direct time.Time     // the session has come from a detour to a direct way
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

// checkMobility pings an address that an authentic packet came from. Until that is answered the old one stays in use. Who has just
// come to the direct way does not go back to the detour that the far end is still at: it comes, too, and if both followed each other
// they would change places for ever.
func (s *Session) checkMobility(from netip.AddrPort, now time.Time) {
	m := &s.mob
	if now.Sub(m.direct) < directStays && IsDetour(from) {
		return
	}
	if m.pings.Take(1, 1/mobilityInterval.Seconds(), mobilityPings, now) != 0 {
		return
	}
	s.askAt(from, now)
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
	s.moveTo(from, now)
}

// moveTo goes on at another address.
func (s *Session) moveTo(to netip.AddrPort, now time.Time) {
	s.log.addressChanged(s.farAddr, to, now)
	s.mob.direct = time.Time{}
	if IsDetour(s.farAddr) && !IsDetour(to) {
		s.mob.direct = now
	}
	s.farAddr = to
	s.mob.tell()
	s.cc.newPath()
	s.resendFlight()
	s.confine(now)
	s.path.moved(now)
	if s.dc != nil {
		s.dc.init()
	}
	s.markDirty()
}

// Move has the session go on at another address of the far end's, on the user's own word: a Detour's. The far end follows once
// it has seen that we answer there. What is in flight is sent again.
func (s *Session) Move(to netip.AddrPort) {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	if now := time.Now(); s.state == stateOpen && to != s.farAddr && to.IsValid() {
		s.moveTo(to, now)
		s.ping(now)
		s.e.wake()
	}
}

// Probe asks the far end at another address than that in use: if it answers from there, the session moves. Both ends should
// do so: that opens their NATs, and what gets through in one direction only moves nothing.
func (s *Session) Probe(at netip.AddrPort) {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	if now := time.Now(); s.state == stateOpen && at != s.farAddr && reachable(at) {
		s.askAt(at, now)
		s.e.wake()
	}
}

// askAt pings an address.
func (s *Session) askAt(at netip.AddrPort, now time.Time) {
	s.log.addressAsked(at, now)
	b := appendChunk(s.beginPacket(now), chunkPing, s.mob.message(uint64(now.Sub(s.e.epoch)), at))
	s.endPacket(b, at, now)
}

// echo answers a Ping at the address that it came from, which is not the far end's: it may be the only one at which the answer
// arrives, when both ends have moved. A few of them; false if it was not one of those.
func (s *Session) echo(message []byte, to netip.AddrPort, now time.Time) bool {
	if s.mob.echoes.Take(1, 1/mobilityInterval.Seconds(), mobilityPings, now) != 0 {
		return false
	}
	s.endPacket(appendChunk(s.beginPacket(now), chunkPingReply, message), to, now)
	return true
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
