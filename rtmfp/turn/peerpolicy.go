package turn

import (
	"net"
	"net/netip"
	"sync"
	"time"
)

// special are the IPv4 networks that are no public hosts (RFC 6890): this host, private and shared networks, link-local, documentation
// and benchmarks, multicast, and what is reserved.
var special = prefixes("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
	"224.0.0.0/4", "240.0.0.0/4")

// never can be reached by nobody's wish: no host has such an address, or many have.
var never = prefixes("0.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4")

func prefixes(all ...string) (ps []netip.Prefix) {
	for _, p := range all {
		ps = append(ps, netip.MustParsePrefix(p))
	}
	return ps
}

func within(a netip.Addr, networks []netip.Prefix) bool {
	for _, n := range networks {
		if n.Contains(a) {
			return true
		}
	}
	return false
}

// peerPolicy decides which addresses a client's packets may go to. What it is asked about comes from the client, in whatever
// notation suits it: coturn's list of forbidden peers was once passed by writing 127.0.0.1 as ::ffff:127.0.0.1 or 0.0.0.0
// (CVE-2020-26262). So ::ffff:a.b.c.d is brought to its plain form first, and every other IPv6 address is refused, those
// too that stand for IPv4 ones (::a.b.c.d, NAT64, 6to4): relayed addresses are IPv4.
type peerPolicy struct {
	relay   netip.Addr
	allowed []netip.Prefix
	own     func() []netip.Addr // asks the system

	mu     sync.Mutex
	cached map[netip.Addr]struct{}
	asked  time.Time
}

func newPeerPolicy(cfg ServerConfig) *peerPolicy {
	p := &peerPolicy{relay: cfg.Relay, own: interfaceAddresses}
	for _, n := range cfg.Peers {
		if a := n.Addr(); a.Is4In6() && n.Bits() >= 96 {
			n = netip.PrefixFrom(a.Unmap(), n.Bits()-96)
		}
		p.allowed = append(p.allowed, n.Masked())
	}
	return p
}

// allows reports whether a peer with this address may be reached, on some port at least: this host's own addresses are, for other
// relayed addresses (relayedConn sees to the ports).
func (p *peerPolicy) allows(a netip.Addr, now time.Time) bool {
	a = a.Unmap()
	switch {
	case !a.Is4() || within(a, never):
		return false
	case within(a, p.allowed) || a == p.relay:
		return true
	}
	return !within(a, special) && !p.isOwn(a, now)
}

// isOwn reports whether an address is this host's.
func (p *peerPolicy) isOwn(a netip.Addr, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cached == nil || now.Sub(p.asked) > ownAddressesAge {
		p.cached, p.asked = make(map[netip.Addr]struct{}), now
		for _, own := range p.own() {
			p.cached[own.Unmap()] = struct{}{}
		}
	}
	_, own := p.cached[a]
	return own
}

// interfaceAddresses are those of this host; none if the system does not tell.
func interfaceAddresses() (all []netip.Addr) {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok {
			if addr, ok := netip.AddrFromSlice(n.IP); ok {
				all = append(all, addr)
			}
		}
	}
	return all
}
