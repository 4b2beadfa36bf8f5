// Package source says from whom a packet or a connection comes, where what one stranger may do is limited.
//
//	if count[source.Of(from.Addr())] >= limit {
//		refuse()
//	}
package source

import "net/netip"

// Of is what one household or host has: an IPv4 address, also where it is written as IPv6, or an IPv6 /64. The zero
// prefix stands for all that is no address.
func Of(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}
