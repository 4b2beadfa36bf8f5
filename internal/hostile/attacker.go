// Package hostile attacks running endpoints, services and calls for the tests:
// an endpoint that behaves, whose session keys lie open, so that damaged packets can be
// sent sealed as well as forged ones.
package hostile

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net/netip"
	"sync"

	"sundog.dev/sundog/rtmfp"
)

// maxSamples is how many plain packets of a session are kept to make damaged ones of.
const maxSamples = 256

// Tap stands between an endpoint and its crypto profile and network. Give it to
// rtmfp.NewEndpoint as both, let the endpoint talk to a target for a while, and then flood that.
type Tap struct {
	rtmfp.PacketConn
	rtmfp.CryptoProfile

	mu       sync.Mutex
	sessions []*session
	byFar    map[netip.AddrPort]*session
	sealed   *session // the session whose packet was sealed last: the next write is that packet
}

// NewTap taps a conn and a profile.
func NewTap(conn rtmfp.PacketConn, profile rtmfp.CryptoProfile) *Tap {
	return &Tap{PacketConn: conn, CryptoProfile: profile, byFar: map[netip.AddrPort]*session{}}
}

// session is what the tap knows of one session of its endpoint.
type session struct {
	tap     *Tap
	cipher  rtmfp.PacketCipher
	farID   uint32
	known   bool
	samples [][]byte
}

// Initiate implements rtmfp.CryptoProfile.
func (t *Tap) Initiate(far rtmfp.Certificate) (rtmfp.InitiatorKeying, error) {
	k, err := t.CryptoProfile.Initiate(far)
	if err != nil {
		return nil, err
	}
	return &keying{k, t}, nil
}

// Respond implements rtmfp.CryptoProfile.
func (t *Tap) Respond(far rtmfp.Certificate, skic []byte) ([]byte, rtmfp.SessionKeys, error) {
	skrc, keys, err := t.CryptoProfile.Respond(far, skic)
	if err == nil {
		keys = t.tapped(keys)
	}
	return skrc, keys, err
}

type keying struct {
	rtmfp.InitiatorKeying
	tap *Tap
}

// Complete implements rtmfp.InitiatorKeying.
func (k *keying) Complete(skrc []byte) (rtmfp.SessionKeys, error) {
	keys, err := k.InitiatorKeying.Complete(skrc)
	if err == nil {
		keys = k.tap.tapped(keys)
	}
	return keys, err
}

func (t *Tap) tapped(keys rtmfp.SessionKeys) rtmfp.SessionKeys {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := &session{tap: t, cipher: keys.Seal}
	t.sessions = append(t.sessions, s)
	keys.Seal = s
	return keys
}

// Overhead implements rtmfp.PacketCipher.
func (s *session) Overhead() int { return s.cipher.Overhead() }

// Open implements rtmfp.PacketCipher; a tapped cipher only seals.
func (s *session) Open([]byte, []byte) ([]byte, error) {
	return nil, errors.New("hostile: a sealing cipher")
}

// Seal implements rtmfp.PacketCipher: it keeps a sample of the plain packet.
func (s *session) Seal(dst, plain []byte) []byte {
	s.tap.mu.Lock()
	defer s.tap.mu.Unlock()
	sample := append([]byte(nil), plain...)
	if len(s.samples) < maxSamples {
		s.samples = append(s.samples, sample)
	} else {
		s.samples[rand.IntN(maxSamples)] = sample
	}
	s.tap.sealed = s
	return s.cipher.Seal(dst, plain)
}

// WriteToUDPAddrPort implements rtmfp.PacketConn: it learns the far session's ID and address.
func (t *Tap) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	t.mu.Lock()
	if s := t.sealed; s != nil && len(b) >= 12 {
		id := unscramble(b)
		if id != 0 {
			s.farID, s.known = id, true
			t.byFar[unmap(to)] = s
			t.sealed = nil
		}
	}
	t.mu.Unlock()
	return t.PacketConn.WriteToUDPAddrPort(b, to)
}

// unscramble reads the session ID of a packet (RFC 7016 §2.2.2).
func unscramble(b []byte) uint32 {
	return binary.BigEndian.Uint32(b) ^ binary.BigEndian.Uint32(b[4:]) ^ binary.BigEndian.Uint32(b[8:])
}

// ErrNoSession says that the tapped endpoint has no session with that address yet.
var ErrNoSession = errors.New("hostile: no session with that address")

// Flood sends n damaged packets to a far end with which the endpoint has a session. Sealed ones are
// damaged and then sealed with the session's own keys; the others are sealed and then damaged.
// wait is called after every packet and may hold the flood up.
func (t *Tap) Flood(to netip.AddrPort, n int, sealed bool, rnd *rand.Rand, wait func() error) error {
	to = unmap(to)
	out := make([]byte, 0, 4096)
	for range n {
		t.mu.Lock()
		s := t.byFar[to]
		if s == nil || len(s.samples) == 0 {
			t.mu.Unlock()
			return ErrNoSession
		}
		plain := append([]byte(nil), s.samples[rnd.IntN(len(s.samples))]...)
		if sealed {
			plain = mutate(plain, s.samples, rnd)
			if closes(plain) && rnd.IntN(closesKept) > 0 {
				plain = plain[:min(1, len(plain))] // it would end the session, and the flood with it
			}
		}
		out = s.cipher.Seal(append(out[:0], 0, 0, 0, 0), plain)
		if len(out) >= 12 {
			binary.BigEndian.PutUint32(out, s.farID^binary.BigEndian.Uint32(out[4:])^binary.BigEndian.Uint32(out[8:]))
		}
		t.mu.Unlock()
		if !sealed {
			out = mutate(out, [][]byte{out}, rnd)
		}
		if _, err := t.PacketConn.WriteToUDPAddrPort(out, to); err != nil {
			return err
		}
		if err := wait(); err != nil {
			return err
		}
	}
	return nil
}

// closesKept is one in how many packets that close the session are sent.
const closesKept = 2000

// closes reports whether a plain packet has a chunk that closes the session
// (RFC 7016 §2.3.17, §2.3.18) where a receiver would look for chunks.
func closes(plain []byte) bool {
	if len(plain) < 1 {
		return false
	}
	rest := plain[1:]
	if plain[0]&0x08 != 0 { // a timestamp
		rest = rest[min(2, len(rest)):]
	}
	if plain[0]&0x04 != 0 { // its echo
		rest = rest[min(2, len(rest)):]
	}
	for len(rest) >= 3 {
		if rest[0] == 0x0c || rest[0] == 0x4c {
			return true
		}
		rest = rest[min(len(rest), 3+int(binary.BigEndian.Uint16(rest[1:]))):]
	}
	return false
}

func unmap(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }
