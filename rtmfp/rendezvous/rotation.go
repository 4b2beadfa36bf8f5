package rendezvous

import (
	"net/netip"
	"time"

	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// asked is how often a client has lately asked to be introduced to somebody.
type asked struct {
	times int
	first time.Time
}

// locate notes where a client is, which makes it introducible.
func (s *Service) locate(c *client, observed netip.AddrPort, reported []netip.AddrPort) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.clients[c.id] != c {
		return // replaced, or gone
	}
	if s.byAddr[c.observed] == c {
		delete(s.byAddr, c.observed)
	}
	c.observed, c.reported, c.introducible = observed, reported, true
	s.byAddr[observed] = c
}

// replyTo is where the target of an introduction is to answer the initiator: where its IHello came from, and when it
// asks again, since that was no use, each of its own addresses in turn. Two clients behind one NAT are
// told the inner addresses first: few NATs lead back in. The service's mutex is held.
func (s introducer) replyTo(target *client, from netip.AddrPort, now time.Time) netip.AddrPort {
	from = unmap(from)
	initiator := s.byAddr[from]
	if initiator == nil {
		return s.advertised(from, target.observed.Addr())
	}
	var own []netip.AddrPort
	for _, a := range initiator.reported {
		if a != from && isOwn(a.Addr(), from.Addr()) {
			own = append(own, a)
		}
	}
	order := append([]netip.AddrPort{s.advertised(from, target.observed.Addr())}, own...)
	if target.observed.Addr() == from.Addr() {
		order = append(own, order[0])
	}
	return order[initiator.asksFor(target.id, now)%len(order)]
}

// advertised is an address as others than this host's own clients know it.
func (s introducer) advertised(a netip.AddrPort, other netip.Addr) netip.AddrPort {
	if a.Addr().IsLoopback() && !other.IsLoopback() && s.cfg.Advertise.IsValid() {
		return netip.AddrPortFrom(s.cfg.Advertise, a.Port())
	}
	return a
}

// isOwn reports whether an address that a client has reported can be taken for its own: a private one, or another port of
// where it is seen. Others could be a victim's, to whom the target would send.
func isOwn(a, observed netip.Addr) bool { return a.IsPrivate() || a == observed }

// asksFor counts a request to be introduced to somebody, and tells how many there were before. The service's mutex is held.
func (c *client) asksFor(id flashcrypto.Fingerprint, now time.Time) int {
	a, known := c.asked[id]
	if !known || now.Sub(a.first) > rotationPeriod {
		a = asked{first: now}
	}
	if !known && len(c.asked) >= maxAsked {
		c.forgetAsked(now)
		if len(c.asked) >= maxAsked {
			return 0
		}
	}
	if c.asked == nil {
		c.asked = make(map[flashcrypto.Fingerprint]asked)
	}
	before := a.times
	a.times++
	c.asked[id] = a
	return before
}

func (c *client) forgetAsked(now time.Time) {
	for id, a := range c.asked {
		if now.Sub(a.first) > rotationPeriod {
			delete(c.asked, id)
		}
	}
}
