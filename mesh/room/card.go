package room

import (
	"bytes"
	"cmp"
	"crypto"
	"encoding/binary"
	"net/netip"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"sundog.dev/sundog/mesh/internal/octets"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// Details are what a member says about himself, and how others find him.
type Details struct {
	PeerID     flashcrypto.Fingerprint
	Name       string
	Addresses  []netip.AddrPort // candidates; IPv4 or IPv6 unicast
	Rendezvous string           // the service that can introduce him; empty: none
}

// check reports ErrDetails for what a card cannot hold.
func (d Details) check() error {
	if len(d.Name) > MaxName || !oneLine(d.Name) || len(d.Addresses) > MaxAddresses || len(d.Rendezvous) > MaxRendezvous || !oneLine(d.Rendezvous) {
		return ErrDetails
	}
	if slices.ContainsFunc(d.Addresses, func(a netip.AddrPort) bool { return !octets.CanSend(a) }) {
		return ErrDetails
	}
	return nil
}

// oneLine reports whether a text can be shown without looking like another, or like several.
func oneLine(s string) bool {
	for _, r := range s {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

// card is what a member says about himself; the newest counts. At most cardMax bytes:
//
//	0   type 4, version 1
//	2   room, 16
//	18  identity, 32
//	50  stay, 4
//	54  incarnation, 8: higher each time that the program starts
//	62  version of the card, 4
//	66  flags, 1: bit 0: he has left; others are ignored
//	67  the reason for leaving, 1 (see Reason)
//	68  time, 8 (Unix ms)
//	76  peer ID, 32
//	108 name: length 2, UTF-8
//	…   number of addresses, 1; each: 4 or 6, 4 or 16 bytes, port 2
//	…   rendezvous: length 2, UTF-8
//	…   whatever later versions add, ignored
//	…   signature of the member, 64
type card struct {
	room     ID
	identity Identity
	at       moment
	left     bool
	reason   Reason
	time     time.Time
	details  Details
	raw      []byte
}

const (
	cardMin = headSize + 16 + identitySize + 4 + 8 + 4 + 1 + 1 + 8 + 32 + 2 + 1 + 2 + signatureSize
	cardMax = cardMin + MaxName + MaxAddresses*(1+16+2) + MaxRendezvous + maxCardExtra
)

// moment is how new a card is.
type moment struct {
	stay        uint32
	incarnation uint64
	version     uint32
}

func (m moment) compare(other moment) int {
	return cmp.Or(cmp.Compare(m.stay, other.stay), cmp.Compare(m.incarnation, other.incarnation), cmp.Compare(m.version, other.version))
}

func (m moment) append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, m.stay)
	b = binary.BigEndian.AppendUint64(b, m.incarnation)
	return binary.BigEndian.AppendUint32(b, m.version)
}

// readMoment takes a moment: the highest numbers are none, so that there is always one more.
func readMoment(r *octets.Reader) moment {
	m := moment{readStay(r), r.U64(), r.U32()}
	if m.incarnation == 1<<64-1 || m.version == 1<<32-1 {
		r.Fail()
	}
	return m
}

func (c card) sign(key crypto.Signer) (*card, error) {
	if err := c.details.check(); err != nil {
		return nil, err
	}
	b := append([]byte{typeCard, version}, c.room[:]...)
	b = c.at.append(append(b, c.identity[:]...))
	var flags byte
	if c.left {
		flags = 1
	}
	b = append(b, flags, byte(c.reason))
	b = binary.BigEndian.AppendUint64(b, stamp(c.time))
	b = append(b, c.details.PeerID[:]...)
	b = octets.AppendLong(b, c.details.Name)
	b = append(b, byte(len(c.details.Addresses)))
	for _, a := range c.details.Addresses {
		b = octets.AppendAddr(b, a)
	}
	raw, err := seal(key, cardContext, octets.AppendLong(b, c.details.Rendezvous))
	if err != nil {
		return nil, err
	}
	return parseCard(raw)
}

// parseCard decodes a card. It does not check the signature.
func parseCard(raw []byte) (*card, error) {
	r, err := readDocument(raw, typeCard, cardMin, cardMax)
	if err != nil {
		return nil, err
	}
	c := &card{raw: bytes.Clone(raw)}
	r.Copy(c.room[:])
	c.identity, c.at = readIdentity(r), readMoment(r)
	c.left, c.reason, c.time = r.U8()&1 != 0, Reason(r.U8()), readTime(r)
	r.Copy(c.details.PeerID[:])
	c.details.Name = r.Text(MaxName)
	for range r.Count(MaxAddresses) {
		c.details.Addresses = append(c.details.Addresses, r.Addr())
	}
	c.details.Rendezvous = r.Text(MaxRendezvous)
	if r.Len() > maxCardExtra || r.Bad() || c.details.check() != nil {
		return nil, ErrDocument
	}
	return c, nil
}

func (c *card) verify() error { return sealed(c.identity, cardContext, c.raw) }

// newer is the order of a member's cards. If he signs two with one number, all take the same one.
func (c *card) newer(other *card) bool {
	return cmp.Or(c.at.compare(other.at), bytes.Compare(c.raw, other.raw)) > 0
}
