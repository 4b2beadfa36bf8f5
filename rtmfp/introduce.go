package rtmfp

import (
	"bytes"
	"net/netip"
	"time"
)

// SetIntroducer sets Config.Introducer.
func (e *Endpoint) SetIntroducer(i Introducer) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.intro = i
}

// introduce asks the Introducer about an IHello for somebody else, and redirects
// and forwards as it says (RFC 7016 §3.5.1.4–6).
func (e *Endpoint) introduce(c ihello, from netip.AddrPort, size int, now time.Time) {
	if e.intro == nil {
		e.events.answer(EventIHelloRefused, c.tag, from, "for somebody else", now)
		return
	}
	c = ihello{bytes.Clone(c.epd), bytes.Clone(c.tag)}
	intro := e.intro
	e.mu.Unlock() // the Introducer may look at sessions
	answer, ok := intro.Introduce(c.epd, from)
	e.mu.Lock()
	if !ok || e.closed {
		e.events.answer(EventIHelloRefused, c.tag, from, "the introducer is silent", now)
		return
	}
	if answer.Later != nil {
		e.mu.Unlock()
		answer.Later(&LateIntroduction{e: e, tag: c.tag, from: from, size: size, until: now.Add(lateIntroduction)})
		e.mu.Lock()
		if e.closed {
			return
		}
	}
	e.sendRedirect(c.tag, answer.Redirect, from, size, now)
	if s := answer.Forward; s != nil && s.e == e {
		replyTo := from
		if answer.ReplyTo.IsValid() {
			replyTo = answer.ReplyTo
		}
		s.queueControl(appendFIHello(nil, fihello{c.epd, replyTo, c.tag}))
		e.events.forwarded(EventFIHelloSent, s, c.tag, replyTo, "", now)
	}
}

// redirectsOnward asks Config.Redirect about an IHello for our own identity, and reports whether it was redirected.
func (e *Endpoint) redirectsOnward(c ihello, from netip.AddrPort, size int, now time.Time) bool {
	if e.onward == nil {
		return false
	}
	c = ihello{bytes.Clone(c.epd), bytes.Clone(c.tag)}
	e.mu.Unlock()
	list := e.onward(c.epd, from)
	e.mu.Lock()
	if len(list) > 0 && !e.closed {
		e.sendRedirect(c.tag, list, from, size, now)
	}
	return len(list) > 0 || e.closed
}

// sendRedirect sends a Responder Redirect to as many of the addresses as an initiator looks at.
func (e *Endpoint) sendRedirect(tag []byte, list []Address, to netip.AddrPort, size int, now time.Time) bool {
	if len(list) == 0 {
		return false
	}
	list = list[:min(len(list), maxCandidates)]
	sent := e.sendBounded(to, appendRedirect(e.startupPacket(now), redirect{tag, list}), size, now)
	if sent {
		e.events.redirectSent(tag, to, list, now)
	}
	return sent
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
	case s.forwards.Take(1, forwardRate, forwardBurst, now) != 0:
		refusal = "too many lately"
		s.log.limit("forwardRate", now)
	}
	e.events.forwarded(EventFIHelloReceived, s, c.tag, c.replyTo, refusal, now)
	if refusal != "" {
		return
	}
	e.sendStartup(c.replyTo, 0, e.rhelloPacket(c.tag, c.replyTo, now))
}
