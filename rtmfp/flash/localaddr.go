package flash

import (
	"net"
	"net/netip"
	"slices"

	"sundog.dev/sundog/rtmfp"
)

// ownAddresses are the addresses to report in setPeerInfo (RFC 7425 §5.3.3): those of all interfaces with the socket's
// port, without loopback and link-local ones. A socket that is bound to one address has just that one, loopback too, so
// that two phones on one machine find each other.
func ownAddresses(local netip.AddrPort, interfaces func() ([]net.Addr, error)) []netip.AddrPort {
	bound := local.Addr().Unmap()
	if !bound.IsValid() {
		return nil
	}
	if !bound.IsUnspecified() {
		return []netip.AddrPort{netip.AddrPortFrom(bound.WithZone(""), local.Port())}
	}
	list, err := interfaces()
	if err != nil {
		return nil // the service observes our address anyway
	}
	var out []netip.AddrPort
	for _, a := range list {
		prefix, err := netip.ParsePrefix(a.String())
		if err != nil {
			continue
		}
		addr := prefix.Addr().Unmap().WithZone("")
		if addr.IsLoopback() || addr.IsLinkLocalUnicast() || addr.IsMulticast() || addr.IsUnspecified() {
			continue
		}
		if bound.Is4() && !addr.Is4() {
			continue
		}
		if ap := netip.AddrPortFrom(addr, local.Port()); !slices.Contains(out, ap) && len(out) < maxAddresses {
			out = append(out, ap)
		}
	}
	return out
}

// reachable keeps the addresses of a kind that the socket can send to.
func reachable(local netip.AddrPort, addrs []netip.AddrPort) []netip.AddrPort {
	bound := local.Addr()
	return slices.DeleteFunc(addrs, func(a netip.AddrPort) bool {
		switch {
		case !a.IsValid() || a.Port() == 0:
			return true
		case rtmfp.IsDetour(a):
			return false
		case bound.Is4() || bound.Is4In6():
			return !a.Addr().Unmap().Is4()
		case bound.Is6() && !bound.IsUnspecified():
			return !a.Addr().Unmap().Is6()
		}
		return false // bound to all addresses of both kinds
	})
}
