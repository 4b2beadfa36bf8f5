package rtmfp

import (
	"net/netip"
	"time"
)

// maxStartupChunks bounds the chunks of one startup packet that are looked at: there is one, usually.
const maxStartupChunks = 4

// receiveStartup handles a datagram for session ID 0 (RFC 7016 §2.2.3).
func (e *Endpoint) receiveStartup(b []byte, from netip.AddrPort, now time.Time) {
	if e.closed {
		return
	}
	if !e.sources.allow(from.Addr(), now) {
		e.events.limit("sourceRate", Event{Addr: from}, now)
		return
	}
	var err error
	if e.opened, err = e.defaultCipher.Open(e.opened[:0], b[sessionIDSize:]); err != nil {
		return
	}
	h, chunks, err := parseHeader(e.opened)
	if err != nil || h.mode() != modeStartup {
		return
	}
	e.receiveStartupChunks(chunks, from, len(b), now)
}

// receiveStartupChunks handles the chunks of a startup packet that came in size bytes. An IHello or IIKeying, which cost
// an answer, ends the packet.
func (e *Endpoint) receiveStartupChunks(chunks []byte, from netip.AddrPort, size int, now time.Time) {
	for range maxStartupChunks {
		typ, payload, rest, ok := nextChunk(chunks)
		if !ok {
			return
		}
		chunks = rest
		switch typ {
		case chunkIHello:
			if c, err := parseIHello(payload); err == nil {
				e.receiveIHello(c, from, size, now)
				return
			}
		case chunkIIKeying:
			if c, err := parseIIKeying(payload); err == nil {
				e.receiveIIKeying(c, from, now)
				return
			}
		case chunkRHello:
			if c, err := parseRHello(payload); err == nil {
				e.receiveRHello(c, from, now)
			}
		case chunkRedirect:
			if c, err := parseRedirect(payload); err == nil {
				e.receiveRedirect(c, from, now)
			}
		case chunkFragment:
			if c, err := parsePacketFragment(payload); err == nil {
				if whole := e.pieces.add(c, from, now); whole != nil {
					e.receiveReassembled(whole, from, size, now)
				}
			}
		}
	}
}

// receiveReassembled handles a startup packet that came in fragments.
func (e *Endpoint) receiveReassembled(plain []byte, from netip.AddrPort, size int, now time.Time) {
	h, chunks, err := parseHeader(plain)
	if err != nil || h.mode() != modeStartup {
		return
	}
	if typ, _, _, ok := nextChunk(chunks); !ok || typ == chunkFragment {
		return // fragments of fragments lead nowhere
	}
	e.receiveStartupChunks(chunks, from, size, now)
}

// startupPacket begins a plain startup packet. The timestamp is of no use to
// us, but running peers insist on it.
func (e *Endpoint) startupPacket(now time.Time) []byte {
	return appendHeader(e.plain[:0], header{flags: modeStartup | flagTimestamp, timestamp: ticks(now.Sub(e.epoch))})
}

// sendStartup sends a plain startup packet to session id 0, or to an initiator's ID; a long one in fragments.
func (e *Endpoint) sendStartup(to netip.AddrPort, id uint32, plain []byte) {
	e.plain = plain
	if len(plain) <= basePacket {
		e.send(to, id, e.defaultCipher, plain, ecnNotCapable)
		return
	}
	for _, c := range e.pieces.divide(plain, basePacket) {
		e.plain = appendPacketFragment(e.startupPacket(time.Now()), c)
		e.send(to, id, e.defaultCipher, e.plain, ecnNotCapable)
	}
}

// startupSize is the sum of the datagrams that a plain startup packet takes, at most.
func (e *Endpoint) startupSize(plain []byte) int {
	each := sessionIDSize + e.defaultCipher.Overhead()
	if len(plain) <= basePacket {
		return each + len(plain)
	}
	n := pieceCount(len(plain), basePacket)
	return n*(each+maxHeader+fragmentHeader) + len(plain)
}

// sendBounded sends an answer to an unproven address, if it is short for what asked for it, or else
// if few such were sent lately; else false.
func (e *Endpoint) sendBounded(to netip.AddrPort, plain []byte, received int, now time.Time) bool {
	if e.startupSize(plain) > amplification*received && e.shortHellos.Take(1, shortHelloRate, shortHelloBurst, now) != 0 {
		e.events.limit("shortHelloRate", Event{Addr: to}, now)
		return false
	}
	e.sendStartup(to, 0, plain)
	return true
}

// reachable reports whether an address that somebody told us may be sent to at all. A detour's is nobody's business but ours.
func reachable(a netip.AddrPort) bool {
	ip := a.Addr()
	return a.IsValid() && a.Port() != 0 && !ip.IsUnspecified() && !ip.IsMulticast() &&
		ip != netip.AddrFrom4([4]byte{255, 255, 255, 255}) && !IsDetour(a)
}
