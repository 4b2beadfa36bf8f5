// Package octets reads messages of binary fields: big-endian numbers, arrays, and texts and lists behind their length. A reader
// never fails in between: it notes that something was missing or out of bounds, gives zeros from there on, and says so at the end.
//
//	r := octets.NewReader(message)
//	kind, name := r.U8(), r.Text(64)
//	if r.Bad() { return ErrMessage }
package octets

import (
	"encoding/binary"
	"net/netip"
	"unicode/utf8"
)

// Reader takes fields off the front of a message.
type Reader struct {
	rest []byte
	bad  bool
}

// NewReader reads b; what it returns shares b's memory where it says so.
func NewReader(b []byte) *Reader { return &Reader{rest: b} }

// Bad reports whether anything was missing or out of bounds so far.
func (r *Reader) Bad() bool { return r.bad }

// Fail marks the message as bad: a field's value makes no sense.
func (r *Reader) Fail() { r.bad = true }

// Rest is what has not been read, in b's memory; nil of a bad message.
func (r *Reader) Rest() []byte {
	if r.bad {
		return nil
	}
	return r.rest
}

// Len is the number of bytes that have not been read.
func (r *Reader) Len() int { return len(r.Rest()) }

// Bytes takes n bytes, in b's memory; nil if there are fewer.
func (r *Reader) Bytes(n int) []byte {
	if r.bad || n < 0 || n > len(r.rest) {
		r.bad = true
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

// Copy fills an array.
func (r *Reader) Copy(to []byte) { copy(to, r.Bytes(len(to))) }

// U8 takes one byte.
func (r *Reader) U8() uint8 {
	if b := r.Bytes(1); b != nil {
		return b[0]
	}
	return 0
}

// U16 takes two bytes.
func (r *Reader) U16() uint16 {
	if b := r.Bytes(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

// U32 takes four bytes.
func (r *Reader) U32() uint32 {
	if b := r.Bytes(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

// U64 takes eight bytes.
func (r *Reader) U64() uint64 {
	if b := r.Bytes(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

// Count takes a byte that is at most limit.
func (r *Reader) Count(limit int) int {
	n := int(r.U8())
	if n > limit {
		r.bad = true
		return 0
	}
	return n
}

// Long takes bytes behind their length of two bytes, at most limit, in b's memory.
func (r *Reader) Long(limit int) []byte {
	n := int(r.U16())
	if n > limit {
		r.bad = true
	}
	return r.Bytes(n)
}

// Text takes UTF-8 behind its length of two bytes, at most limit bytes.
func (r *Reader) Text(limit int) string {
	b := r.Long(limit)
	if !utf8.Valid(b) {
		r.bad = true
		return ""
	}
	return string(b)
}

// Addr takes an address as AppendAddr writes it: one that a packet can be sent to.
func (r *Reader) Addr() netip.AddrPort {
	var a netip.Addr
	switch r.U8() {
	case 4:
		if b := r.Bytes(4); b != nil {
			a = netip.AddrFrom4([4]byte(b))
		}
	case 6:
		if b := r.Bytes(16); b != nil {
			a = netip.AddrFrom16([16]byte(b))
		}
	}
	p := netip.AddrPortFrom(a, r.U16())
	if !CanSend(p) {
		r.bad = true
		return netip.AddrPort{}
	}
	return p
}

// CanSend reports whether an address is one that AppendAddr can write and a packet can go to: a unicast one with a port, IPv4 not
// in IPv6's clothes (a deny list would not know it), without a zone (it means nothing elsewhere).
func CanSend(p netip.AddrPort) bool {
	a := p.Addr()
	return a.IsValid() && p.Port() != 0 && !a.Is4In6() && a.Zone() == "" && !a.IsUnspecified() && !a.IsMulticast() &&
		a != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// AppendAddr writes 4 or 6, the address's 4 or 16 bytes, and the port.
func AppendAddr(b []byte, p netip.AddrPort) []byte {
	a := p.Addr()
	if a.Is4() {
		b = append(b, 4)
	} else {
		b = append(b, 6)
	}
	b = append(b, a.AsSlice()...)
	return binary.BigEndian.AppendUint16(b, p.Port())
}

// AppendLong writes bytes behind their length of two bytes.
func AppendLong[T ~string | ~[]byte](b []byte, s T) []byte {
	return append(binary.BigEndian.AppendUint16(b, uint16(len(s))), s...)
}
