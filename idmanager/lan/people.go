package lan

import (
	"bytes"
	"cmp"
	"net/netip"
	"slices"

	"sundog.dev/sundog/idmanager"
)

// candidate is a registration as one interface has it.
type candidate struct {
	reg   idmanager.Registration
	port  *port
	addrs []netip.AddrPort
}

// personKey tells people apart: two identities with one name are two, and an identity with two names is listed under both.
func personKey(r idmanager.Record) string {
	return string(r.Identity) + idmanager.FoldName(r.Name)
}

// choose makes a record of each person: of several registrations (two devices, or an old one) the latest, with its addresses
// on all interfaces.
func choose(found []candidate) []idmanager.Record {
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(b.reg.Time.Compare(a.reg.Time), bytes.Compare(a.reg.Signature, b.reg.Signature), cmp.Compare(a.port.index, b.port.index))
	})
	people := make(map[string]*idmanager.Record)
	var order []*idmanager.Record
	for _, c := range found {
		r := c.reg.Record()
		key := personKey(r)
		if people[key] == nil {
			people[key] = &r
			order = append(order, &r)
		}
		if best := people[key]; best.PeerID == r.PeerID {
			slices.SortFunc(c.addrs, func(a, b netip.AddrPort) int { return c.port.compare(a.Addr(), b.Addr()) })
			for _, a := range c.addrs {
				if !slices.Contains(best.Addresses, a) {
					best.Addresses = append(best.Addresses, a)
				}
			}
		}
	}
	slices.SortFunc(order, func(a, b *idmanager.Record) int {
		return cmp.Or(cmp.Compare(idmanager.FoldName(a.Name), idmanager.FoldName(b.Name)), bytes.Compare(a.Identity, b.Identity))
	})
	all := make([]idmanager.Record, len(order))
	for i, r := range order {
		all[i] = *r
	}
	return all
}

// compare orders addresses, the best first: IPv4 on our subnet, global IPv6 on our subnet, then link-local ones.
func (p *port) compare(a, b netip.Addr) int {
	rank := func(a netip.Addr) int {
		switch {
		case a.IsLinkLocalUnicast():
			return 2
		case a.Is6():
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), a.Compare(b))
}
