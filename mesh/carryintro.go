package mesh

import (
	"net/netip"
	"slices"
	"time"

	"sundog.dev/sundog/mesh/room"
	"sundog.dev/sundog/rtmfp/flash"
)

// Members introduce each other (RFC 7016 §3.5.1.4–6), as a service does: an opening asks, besides the addresses that are known, those
// members who hear the one that is sought. Each answers where it sees him, and has him answer, so that both NATs open.

// maxIntroducers bounds whom an opening asks.
const maxIntroducers = 4

// introduces picks the peer whom an Initiator Hello on an attachment asks for, if it comes from the address of a member of a conference in
// which both are with us. Strangers are told nothing. Who fakes that address learns nothing, and has the one introduced send an answer there,
// as a service would.
func (a *Agent) introduces(at *attachment) func(id flash.PeerID, from netip.AddrPort) *flash.Peer {
	return func(id flash.PeerID, from netip.AddrPort) *flash.Peer {
		to := a.linkWith(at, id)
		if to == nil {
			return nil
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		for _, l := range a.links {
			if l.at != at || l.id == id || l.peer.Session().FarAddr() != from {
				continue
			}
			for c := range a.calls {
				if c.hasMember(l) && c.hasMember(to) {
					return to.peer
				}
			}
		}
		return nil
	}
}

// hasMember reports whether a member of the conference is at the other end of a link, and has proved it there.
func (c *Call) hasMember(l *link) bool {
	g := c.legWith(l.id)
	return g != nil && g.Status().State == InCall && g.cleared.Load() == l
}

// tendIntroductions takes introductions from members, and has openings that go on ask those who have come to know whom they seek.
func (c *Call) tendIntroductions() {
	k := &c.carrying
	c.each(func(g *leg) {
		if id := g.PeerID(); g.m.state == InCall && g.link != nil && g.open() && k.knows[id] != g.link {
			if k.knows == nil {
				k.knows = make(map[flash.PeerID]*link)
			}
			k.knows[id] = g.link
			g.link.peer.Session().SetAcceptForwarded(true)
		}
		if g.link == nil && g.opening {
			g.at.nc.Suggest(g.PeerID(), g.introducers(nil)...)
		}
	})
}

// introducers are addresses of members who may introduce us to the far end, in the order in which they came.
func (g *leg) introducers(all []netip.AddrPort) []netip.AddrPort {
	c, n := g.call, 0
	c.each(func(o *leg) {
		if o == g || n >= maxIntroducers || c.carrierLink(o.identity) == nil || !c.conf.in() {
			return
		}
		if c.conf.links.Link(time.Now(), o.identity, g.identity).State == room.Up {
			if a := o.link.peer.Session().FarAddr(); !slices.Contains(all, a) {
				all = append(all, a)
				n++
			}
		}
	})
	return all
}
