package rendezvous

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"net/netip"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// clusterVersion is the version of the messages between instances. Those of another version are passed over, so that instances of
// two versions can run at once, and know nothing of each other's clients.
const clusterVersion = 1

// The kinds of messages between instances. Unknown ones are passed over, as from a newer instance.
const (
	kindAsk     = 1 // to all: whoever has this client, introduce it
	kindFound   = 2 // the answer: it is at these addresses, and was told
	kindSeek    = 3 // to all: who has this client?
	kindHere    = 4 // the answer
	kindRelay   = 5 // to the one that has the target: a relay command
	kindRelayed = 6 // the answer, if one is wanted
	kindArrived = 7 // to all: this client is here now
)

// instanceID names an instance, until it ends.
type instanceID [8]byte

func (i instanceID) String() string { return hex.EncodeToString(i[:]) }

// clusterMessage is a message between instances. Which fields count says the kind.
//
//	version (1), kind (1), sender (8), query (8), then
//	ask      client (32), tag (length 1), from, outside, times (1), own addresses (count 1)
//	found    addresses with their origins (count 1)
//	seek     client (32)
//	here     –
//	relay    sending client (32), the RTMP message of the relay command
//	relayed  taken (1): 0 or 1
//	arrived  client (32), time (8)
//
// An address is its length (1: 4 or 16), its bytes and the port (2).
type clusterMessage struct {
	kind   byte
	sender instanceID
	query  uint64 // chosen by who asks; comes back in the answer. 0 in a relay: no answer is wanted
	client flashcrypto.Fingerprint

	tag     []byte           // of the IHello
	from    netip.AddrPort   // where it came from
	outside netip.AddrPort   // the same, as it is known outside the host of the instance that sends this
	times   byte             // the initiator has asked before
	own     []netip.AddrPort // the initiator's own addresses

	addresses []rtmfp.Address
	command   []byte
	taken     bool
	time      int64 // Unix, ns
}

var errClusterMessage = errors.New("rendezvous: malformed message between instances")

// errForeign is what other versions and unknown kinds are.
var errForeign = errors.New("rendezvous: message of another version between instances")

func (m clusterMessage) append(b []byte) []byte {
	b = append(b, clusterVersion, m.kind)
	b = append(b, m.sender[:]...)
	b = binary.BigEndian.AppendUint64(b, m.query)
	switch m.kind {
	case kindAsk:
		b = append(b, m.client[:]...)
		b = append(b, byte(len(m.tag)))
		b = append(b, m.tag...)
		b = appendAddrPort(appendAddrPort(b, m.from), m.outside)
		b = append(b, m.times, byte(len(m.own)))
		for _, a := range m.own {
			b = appendAddrPort(b, a)
		}
	case kindFound:
		b = append(b, byte(len(m.addresses)))
		for _, a := range m.addresses {
			b = appendAddrPort(append(b, byte(a.Origin)), a.AddrPort)
		}
	case kindSeek:
		b = append(b, m.client[:]...)
	case kindRelay:
		b = append(append(b, m.client[:]...), m.command...)
	case kindRelayed:
		if m.taken {
			b = append(b, 1)
		} else {
			b = append(b, 0)
		}
	case kindArrived:
		b = append(b, m.client[:]...)
		b = binary.BigEndian.AppendUint64(b, uint64(m.time))
	}
	return b
}

func appendAddrPort(b []byte, a netip.AddrPort) []byte {
	ip := a.Addr().AsSlice()
	b = append(append(b, byte(len(ip))), ip...)
	return binary.BigEndian.AppendUint16(b, a.Port())
}

// parseClusterMessage reads a message, whose bytes it may alias. Nothing may be left over.
func parseClusterMessage(b []byte) (m clusterMessage, err error) {
	if len(b) == 0 || len(b) > maxClusterMessage {
		return m, errClusterMessage
	}
	if b[0] != clusterVersion {
		return m, errForeign
	}
	r := clusterReader{b: b[1:]}
	m.kind = r.byte()
	copy(m.sender[:], r.take(len(m.sender)))
	m.query = r.uint64()
	switch m.kind {
	case kindAsk:
		copy(m.client[:], r.take(len(m.client)))
		m.tag = r.take(r.count(maxIHelloTag))
		m.from, m.outside = r.addrPort(), r.addrPort()
		m.times = r.byte()
		for range r.count(maxPeerInfo) {
			m.own = append(m.own, r.addrPort())
		}
	case kindFound:
		for range r.count(maxFound) {
			origin := rtmfp.Origin(r.byte())
			if origin > rtmfp.OriginRelay {
				r.bad = true
			}
			m.addresses = append(m.addresses, rtmfp.Address{Origin: origin, AddrPort: r.addrPort()})
		}
		if len(m.addresses) == 0 {
			r.bad = true
		}
	case kindSeek:
		copy(m.client[:], r.take(len(m.client)))
	case kindHere:
	case kindRelay:
		copy(m.client[:], r.take(len(m.client)))
		if m.command = r.take(len(r.b)); len(m.command) > maxCommand {
			r.bad = true
		}
	case kindRelayed:
		m.taken = r.count(1) == 1
	case kindArrived:
		copy(m.client[:], r.take(len(m.client)))
		m.time = int64(r.uint64())
	default:
		return m, errForeign
	}
	if r.bad || len(r.b) > 0 {
		return clusterMessage{}, errClusterMessage
	}
	return m, nil
}

// clusterReader takes a message apart; bad once something was missing or not allowed, and from then on all is zero.
type clusterReader struct {
	b   []byte
	bad bool
}

func (r *clusterReader) take(n int) []byte {
	if r.bad || n > len(r.b) {
		r.bad = true
		return nil
	}
	out := r.b[:n:n]
	r.b = r.b[n:]
	return out
}

func (r *clusterReader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *clusterReader) uint64() uint64 {
	if b := r.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

// count reads a number up to most.
func (r *clusterReader) count(most int) int {
	n := int(r.byte())
	if n > most {
		r.bad = true
	}
	if r.bad {
		return 0
	}
	return n
}

// addrPort reads an address that a packet could be sent to, in its one spelling.
func (r *clusterReader) addrPort() netip.AddrPort {
	ip, ok := netip.AddrFromSlice(r.take(r.count(16)))
	port := r.take(2)
	if r.bad || !ok || ip.Is4In6() {
		r.bad = true
		return netip.AddrPort{}
	}
	a := netip.AddrPortFrom(ip, binary.BigEndian.Uint16(port))
	if !sendable(a) {
		r.bad = true
		return netip.AddrPort{}
	}
	return a
}
