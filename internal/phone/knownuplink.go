package phone

import (
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"sundog.dev/sundog/internal/profile"
)

// uplinkHolds is how long it counts what an uplink carried: contracts change, and what a line carries does not from one week to the next.
const uplinkHolds = 30 * 24 * time.Hour

// heldUplink is what our uplink may be thought to carry, in bit/s: as much as was kept, where we are in the same network as then, and it is
// not long ago; 0: not known. A call begins with a part of it, and finds out.
func heldUplink(kept profile.Uplink, network string, now time.Time) int {
	age := now.Sub(kept.At)
	if network == "" || kept.Network != network || age < 0 || age > uplinkHolds {
		return 0
	}
	return max(kept.Bits, 0)
}

// keepUplink keeps what a call has found out of our uplink; was is what was known before it.
func (p *Phone) keepUplink(was int) {
	bits, network := p.agent.KnownUplink(), p.cfg.network()
	if bits == was || network == "" {
		return
	}
	if err := p.cfg.Profile.KeepUplink(profile.Uplink{Bits: bits, At: time.Now(), Network: network}); err != nil {
		p.log.Warn("what the uplink carries is not kept", "error", err)
	}
}

// localNetwork tells the local network from others: by the prefixes of this machine's addresses; "" where there are none.
func localNetwork() string {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return ""
	}
	return networkOf(all)
}

// networkOf is a name for the network of which a machine with these addresses is.
func networkOf(addresses []net.Addr) string {
	var all []string
	for _, a := range addresses {
		if p, err := netip.ParsePrefix(a.String()); err == nil && !p.Addr().IsLoopback() && !p.Addr().IsLinkLocalUnicast() {
			all = append(all, p.Masked().String())
		}
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), " ")
}
