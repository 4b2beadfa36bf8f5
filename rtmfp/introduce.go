package rtmfp

import (
	"bytes"
	"net/netip"
	"time"
)

// introduce asks the Introducer about an IHello for somebody else, and redirects
// and forwards as it says (RFC 7016 §3.5.1.4–6).
func (e *Endpoint) introduce(c ihello, from netip.AddrPort, size int, now time.Time) {
	if e.intro == nil {
		e.events.answer(EventIHelloRefused, c.tag, from, "for somebody else", now)
		return
	}
	c = ihello{bytes.Clone(c.epd), bytes.Clone(c.tag)}
	e.mu.Unlock() // the Introducer may look at sessions
	answer, ok := e.intro.Introduce(c.epd, from)
	e.mu.Lock()
	if !ok || e.closed {
		e.events.answer(EventIHelloRefused, c.tag, from, "the introducer is silent", now)
		return
	}
	if len(answer.Redirect) > 0 {
		list := answer.Redirect[:min(len(answer.Redirect), maxCandidates)]
		if e.sendBounded(from, appendRedirect(e.startupPacket(now), redirect{c.tag, list}), size, now) {
			e.events.redirectSent(c.tag, from, list, now)
		}
	}
	if s := answer.Forward; s != nil && s.e == e {
		s.queueControl(appendFIHello(nil, fihello{c.epd, from, c.tag}))
		e.events.forwarded(EventFIHelloSent, s, c.tag, from, "", now)
	}
}

// receiveFIHello answers an initiator whom the far end introduces, if it may: with an RHello,
// which also opens our own NAT for it (RFC 7016 §3.5.1.1.2).
func (s *Session) receiveFIHello(b []byte, now time.Time) {
	c, err := parseFIHello(b)
	e := s.e
	if err != nil || e.closed || len(c.epd) > maxEPD || len(c.tag) > maxTag {
		return
	}
	refusal := ""
	switch {
	case !s.acceptForwarded:
		refusal = "nobody is to be introduced by this session"
	case !reachable(c.replyTo):
		refusal = "no address to answer to"
	case !e.crypto.SelectedBy(c.epd):
		refusal = "for somebody else"
	case !s.forwards.take(now, forwardRate, forwardBurst):
		refusal = "too many lately"
		s.log.limit("forwardRate", now)
	}
	e.events.forwarded(EventFIHelloReceived, s, c.tag, c.replyTo, refusal, now)
	if refusal != "" {
		return
	}
	e.sendStartup(c.replyTo, 0, e.rhelloPacket(c.tag, c.replyTo, now))
}
