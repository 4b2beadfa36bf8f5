package mesh

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"time"

	"sundog.dev/sundog/mesh/internal/octets"
	"sundog.dev/sundog/mesh/room"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
)

// Carrying: of two members whose link is broken, or never came about, a third who hears both passes the packets on.
//
//	A ══ session A–B, end to end ═══════════════════════════════ B
//	└ detour ─ flow "to B" ──▶ C ──▶ flow "from A" ─ detour ┘         (and the same back)
//
// Who carries for whom follows from the members' reports alone (room.Matrix.Carriers), so all choose the same. A and B have a detour
// (rtmfp.Detour) to each other by way of C: their session goes on over it by address mobility, or is opened over it, with keys that
// C does not have. C sees whose packets they are, when and how long.
//
//   - carry.go: limits, and the metadata of the flows
//   - carryflow.go: packets, on the goroutines of links and of the endpoint
//   - carrytend.go: who has a way, and whose packets we pass on; the call's goroutine
//   - carrydoubt.go, carrydelay.go: who carries badly is replaced
//   - carryback.go: back to the direct way
//   - carryintro.go: members introduce each other, so that there is less to carry
//
// docs/rooms.md says what somebody hostile can do.

// Limits of carrying.
const (
	// carryRate is the most that is carried of a pair each way, in bit/s of its datagrams: sound (63 kbit/s) and a small picture (200 kbit/s)
	// with what packets add. A carrier of several, or with a small uplink, allows less. The ends keep to what he says.
	carryRate = 320_000
	// carrySound is what sound takes of it.
	carrySound = 90_000
	// carryLeast is the uplink from which somebody carries for a pair at all, in bit/s: their sound both ways, and his own to a few. The
	// congestion control of theirs finds out what there is beyond that.
	carryLeast = 400_000
	// carryAtFirst is what they send until he has said it.
	carryAtFirst = 160_000
	// carrySlack is how much more passes before packets are dropped, for ends whose clocks and bursts differ; and carryBurst, in bytes,
	// what may come at once: a key frame of the small picture.
	carrySlack = 1.25
	carryBurst = 24 << 10
	// carryCounted is what a packet counts at least, in bytes: so many small ones would take far more of the uplink than they hold.
	carryCounted = 128
	// carryPerSecond bounds the packets of one direction that we read in a second, beyond which we read slower, and the flow's window stops
	// the sender: each makes us acknowledge it. Sound and a small picture are a hundred.
	carryPerSecond = 500
	// carryDeadline is how long a packet may wait for its turn, with us or with the carrier: what is later comes too late for a
	// conversation, and the newest wins.
	carryDeadline = 100 * time.Millisecond
	// carryBuffer bounds the packets of one direction that are neither acknowledged nor given up, in bytes: a round trip of half a second.
	carryBuffer = 32 << 10
	// maxCarryPacket bounds a packet: the longest of an endpoint's usual packets, those that open a session. In a flow of another session
	// those take two packets; the others fit into one (rtmfp.DetourDatagram).
	maxCarryPacket = 1400
	// maxCarryFlows bounds the flows of one link for which we read packets: to and from those for whom a member may carry, and as many
	// again that are about to end.
	maxCarryFlows = 4 * room.MaxCarried

	// carryAfter is the silence from which a link counts as broken for the others, so that it is carried: longer than keepalive and a round
	// trip, and much less than reconnectingAfter, so that nobody notices more than a pause.
	carryAfter = 2500 * time.Millisecond
	// carryFirst is how long the first session with a member may take until it does: an opening that goes well takes a
	// second, through NATs two.
	carryFirst = 3 * time.Second
	// carryAgain is how often a flow is opened anew that its far end has rejected: it may not know of the room yet.
	carryAgain = 2 * time.Second
)

// carryMetadata marks flows of carried packets; behind it come a carryHeader's bytes. Each message is one packet.
var carryMetadata = []byte("sundog-carry\x01")

// carryHeader says what a flow of packets is for.
//
//	0   1: for the peer that is named, please carry; 2: from that peer
//	1   the room's ID (16)
//	17  the peer ID (32)
//	49  of 2: what the pair may send each way, in kbit/s of packets (2); the address at which the sender sees that peer: 4 or 6, the
//	    address's 4 or 16 bytes, the port (2)
//	…   whatever later versions add, ignored
type carryHeader struct {
	from bool // 2
	call string
	peer flash.PeerID
	at   netip.AddrPort
	rate float64 // bit/s
}

const (
	carryTo   = 1
	carryFrom = 2
)

// metadata is a flow's.
func (h carryHeader) metadata(id room.ID) []byte {
	b := bytes.Clone(carryMetadata)
	if !h.from {
		b = append(append(b, carryTo), id[:]...)
		return append(b, h.peer[:]...)
	}
	b = append(append(b, carryFrom), id[:]...)
	b = binary.BigEndian.AppendUint16(append(b, h.peer[:]...), uint16(h.rate/1000))
	return octets.AppendAddr(b, h.at)
}

// parseCarry reads a flow's metadata; false if the flow is not one of carried packets, or of a kind that we do not know.
func parseCarry(metadata []byte) (h carryHeader, ok bool) {
	rest, ok := bytes.CutPrefix(metadata, carryMetadata)
	if !ok {
		return carryHeader{}, false
	}
	in := octets.NewReader(rest)
	kind := in.U8()
	var id room.ID
	in.Copy(id[:])
	in.Copy(h.peer[:])
	if h.from = kind == carryFrom; h.from {
		h.rate = float64(in.U16()) * 1000
		h.at = in.Addr()
	}
	if in.Bad() || kind != carryTo && kind != carryFrom || rtmfp.IsDetour(h.at) {
		return carryHeader{}, false
	}
	h.call = hex.EncodeToString(id[:])
	return h, true
}
