package lan

import (
	"net/netip"
	"slices"
)

// packetNet is the network as multicast DNS sees it: this machine's interfaces, and packets to and from the groups.
type packetNet interface {
	// interfaces are those that are up and can multicast.
	interfaces() ([]netInterface, error)
	// join takes part in the groups on an interface, in the families in which it has addresses; leave ends that.
	join(i netInterface)
	leave(i netInterface)
	// write sends to the group of a family.
	write(packet []byte, i netInterface, v6 bool) error
	// packets are those that came; the channel is closed by Close.
	packets() <-chan packet
	Close() error
}

// packet is one that has come.
type packet struct {
	data    []byte
	from    netip.AddrPort
	via     int  // the index of the interface; 0: unknown
	toGroup bool // it was sent to the group; false: to us alone, or unknown
}

// netInterface is one of this machine's interfaces.
type netInterface struct {
	index    int
	name     string
	prefixes []netip.Prefix // its addresses with their subnets; without zones
}

func (i netInterface) equal(other netInterface) bool {
	return i.index == other.index && i.name == other.name && slices.Equal(i.prefixes, other.prefixes)
}

// has reports whether it has addresses of a family.
func (i netInterface) has(v6 bool) bool {
	return slices.ContainsFunc(i.prefixes, func(p netip.Prefix) bool { return p.Addr().Is6() == v6 })
}

// onLink reports whether an address is on a subnet of this interface, or link-local in a family that it speaks.
func (i netInterface) onLink(a netip.Addr) bool {
	a = a.WithZone("")
	if a.Is6() && a.IsLinkLocalUnicast() {
		return i.has(true)
	}
	return slices.ContainsFunc(i.prefixes, func(p netip.Prefix) bool { return p.Contains(a) })
}
