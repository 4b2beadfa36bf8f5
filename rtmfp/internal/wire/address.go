package wire

import (
	"encoding/binary"
	"net/netip"
)

// Origin says how an address became known (RFC 7016 §2.1.5).
type Origin uint8

// The origins of an address.
const (
	OriginUnknown  Origin = 0
	OriginReported Origin = 1 // reported by the endpoint itself
	OriginObserved Origin = 2 // observed by the sender of this address
	OriginRelay    Origin = 3 // a relay, proxy or redirector
)

// addressIPv6 marks a 16-byte address; the low two bits are the origin.
const (
	addressIPv6    = 0x80
	addressOrigins = 0x03
)

// AppendAddress appends a socket address with its origin. IPv4-mapped IPv6
// addresses are written as IPv4; zones are dropped.
func AppendAddress(b []byte, a netip.AddrPort, o Origin) []byte {
	ip := a.Addr().Unmap()
	flags := byte(o) & addressOrigins
	if ip.Is6() {
		flags |= addressIPv6
	}
	b = append(b, flags)
	b = append(b, ip.AsSlice()...)
	return binary.BigEndian.AppendUint16(b, a.Port())
}

// Address reads a socket address from the head of b and returns it with the
// bytes that follow it.
func Address(b []byte) (a netip.AddrPort, o Origin, rest []byte, err error) {
	if len(b) < 1 {
		return netip.AddrPort{}, 0, nil, ErrTruncated
	}
	n := 4
	if b[0]&addressIPv6 != 0 {
		n = 16
	}
	if len(b) < 1+n+2 {
		return netip.AddrPort{}, 0, nil, ErrTruncated
	}
	ip, _ := netip.AddrFromSlice(b[1 : 1+n])
	port := binary.BigEndian.Uint16(b[1+n:])
	return netip.AddrPortFrom(ip.Unmap(), port), Origin(b[0] & addressOrigins), b[1+n+2:], nil
}
