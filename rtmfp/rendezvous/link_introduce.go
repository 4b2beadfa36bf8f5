package rendezvous

import (
	"net/netip"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// ask puts an IHello for somebody who is not here to the other instances, if it may; the Redirect goes out when one of them has
// answered. The service's mutex is held.
func (l *link) ask(id flashcrypto.Fingerprint, from netip.AddrPort, now time.Time) (rtmfp.Introduction, bool) {
	l.s.counters.unknown.Add(1)
	if l.s.sources.Take(from.Addr(), 1, now) != 0 || !l.mayAsk(from, now) {
		l.s.counters.throttled.Add(1)
		return rtmfp.Introduction{}, false
	}
	i := l.s.initiator(id, from, now)
	return rtmfp.Introduction{Later: func(late *rtmfp.LateIntroduction) {
		m := clusterMessage{
			kind: kindAsk, client: id, tag: late.Tag(), from: i.from, outside: i.outside, own: i.own, times: byte(min(i.times, 255)),
		}
		err := l.question(instanceID{}, m, 0, func(answer *clusterMessage) {
			if answer != nil && answer.kind == kindFound && late.Redirect(answer.addresses) {
				l.s.counters.found.Add(1)
			}
		})
		if err != nil {
			l.s.counters.throttled.Add(1)
			return
		}
		l.s.counters.asked.Add(1)
	}}, true
}

// mayAsk bounds the questions for clients that are elsewhere. Those who ask from the address of a client of ours do not share with
// strangers, whose addresses may be forged. The service's mutex is held.
func (l *link) mayAsk(from netip.AddrPort, now time.Time) bool {
	if l.s.byAddr[unmap(from)] != nil {
		return l.clients.Take(1, clientAskRate, clientAskBurst, now) == 0
	}
	return l.strangers.Take(1, strangerAskRate, strangerAskBurst, now) == 0
}

// asked introduces a client that is here to an initiator at another instance.
func (l *link) asked(m clusterMessage) {
	s := l.s
	now := time.Now()
	i := initiator{from: m.from, outside: m.outside, times: int(m.times)}
	for _, a := range m.own {
		if isOwn(a.Addr(), m.from.Addr()) {
			i.own = append(i.own, a)
		}
	}
	s.mu.Lock()
	c := s.clients[m.client]
	if c == nil || !c.introducible {
		s.mu.Unlock()
		return
	}
	allowed := c.forwards.Take(1, forwardRate, forwardBurst, now) == 0
	reported, observed := c.reported, c.observed // never changed in place
	s.mu.Unlock()
	if !allowed {
		s.counters.throttled.Add(1)
		return
	}
	s.counters.introducedAway.Add(1)
	c.session.ForwardIHello(m.client.EPD(), m.tag, i.replyTo(observed.Addr()))
	l.write(m.sender, clusterMessage{
		kind: kindFound, query: m.query, addresses: s.candidates(c.session.FarAddr(), reported, m.from.Addr()),
	})
}
