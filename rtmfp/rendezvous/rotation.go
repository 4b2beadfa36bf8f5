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

// initiator is somebody who asks for a client, and the ways to answer it.
type initiator struct {
	from    netip.AddrPort   // where the IHello came from
	outside netip.AddrPort   // the same, as others than our own host's clients know it
	own     []netip.AddrPort // its own addresses, if it is a client here
	times   int              // that it has asked before
}

// initiator looks at who asks for a client, and counts that. The service's mutex is held.
func (s *Service) initiator(id flashcrypto.Fingerprint, from netip.AddrPort, now time.Time) initiator {
	from = unmap(from)
	i := initiator{from: from, outside: s.advertised(from)}
	c := s.byAddr[from]
	if c == nil {
		return i
	}
	for _, a := range c.reported {
		if a != from && isOwn(a.Addr(), from.Addr()) {
			i.own = append(i.own, a)
		}
	}
	i.times = c.asksFor(id, now)
	return i
}

// replyTo is where the target of an introduction, which is seen at an address, is to answer the initiator: where its IHello
// came from, and when it asks again, since that was no use, each of its own addresses in turn. Two clients behind one NAT are
// told the inner addresses first: few NATs lead back in.
func (i initiator) replyTo(target netip.Addr) netip.AddrPort {
	order := make([]netip.AddrPort, 0, 1+len(i.own))
	seen := i.from
	if !target.IsLoopback() {
		seen = i.outside
	}
	if target == i.from.Addr() {
		order = append(append(order, i.own...), seen)
	} else {
		order = append(append(order, seen), i.own...)
	}
	return order[i.times%len(order)]
}

// advertised is an address as others than this host's own clients know it.
func (s *Service) advertised(a netip.AddrPort) netip.AddrPort {
	if a.Addr().IsLoopback() && s.cfg.Advertise.IsValid() {
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
