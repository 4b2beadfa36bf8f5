package rtmfp

import (
	"encoding/hex"
	"net/netip"
	"time"
)

// Hooks of openings, introductions and the endpoint. See Event for what the kinds mean.

// tagInEvents is how much of a tag is in an event: enough to tell openings apart, not enough to answer one.
const tagInEvents = 8

func openingName(tag []byte) string { return hex.EncodeToString(tag[:min(len(tag), tagInEvents)]) }

func peerName(c Certificate) string {
	fingerprint := c.Fingerprint()
	return hex.EncodeToString(fingerprint[:])
}

func (l *eventLog) endpointStarted(e *Endpoint, now time.Time) {
	if l == nil {
		return
	}
	ev := Event{Kind: EventEndpointStarted, Addr: e.local}
	if own, err := e.crypto.ParseCertificate(e.crypto.Certificate()); err == nil {
		ev.Peer = peerName(own)
	}
	l.put(ev, now)
}

func (l *eventLog) endpointClosed(reason string) {
	if l != nil {
		l.put(Event{Kind: EventEndpointClosed, Reason: reason}, time.Now())
	}
}

// opening is what happens to one of our own openings.
func (l *eventLog) opening(o *opening, ev Event, now time.Time) {
	if l == nil {
		return
	}
	ev.Opening = openingName(o.tag[:])
	l.put(ev, now)
}

func (l *eventLog) openingStarted(o *opening, now time.Time) {
	if l == nil {
		return
	}
	name := ""
	if p, ok := o.e.crypto.(interface{ DescribeEPD(epd []byte) string }); ok {
		name = p.DescribeEPD(o.epd)
	}
	if name == "" {
		name = hex.EncodeToString(o.epd)
	}
	l.opening(o, Event{Kind: EventOpeningStarted, EPD: name}, now)
}

func (l *eventLog) openingEnded(o *opening) {
	if l == nil {
		return
	}
	ev := Event{Kind: EventOpeningEnded}
	if o.session != nil {
		ev.Session = o.session.nearID
	} else {
		ev.Reason = o.err.Error()
	}
	l.opening(o, ev, time.Now())
}

func (l *eventLog) redirectReceived(o *opening, c redirect, from netip.AddrPort, now time.Time) {
	if l != nil {
		l.opening(o, Event{Kind: EventRedirectReceived, Addr: from, Addrs: addrPorts(c.destinations)}, now)
	}
}

func (l *eventLog) rhelloReceived(o *opening, from netip.AddrPort, far Certificate, now time.Time) {
	if l != nil {
		l.opening(o, Event{Kind: EventRHelloReceived, Addr: from, Peer: peerName(far)}, now)
	}
}

// answer is what became of an IHello, or a FIHello, with the tag. Anybody can cause it.
func (l *eventLog) answer(kind EventKind, tag []byte, addr netip.AddrPort, reason string, now time.Time) {
	if l != nil {
		l.stranger(Event{Kind: kind, Opening: openingName(tag), Addr: addr, Reason: reason}, now)
	}
}

func (l *eventLog) redirectSent(tag []byte, to netip.AddrPort, list []Address, now time.Time) {
	if l != nil {
		l.stranger(Event{Kind: EventRedirectSent, Opening: openingName(tag), Addr: to, Addrs: addrPorts(list)}, now)
	}
}

// forwarded is about a FIHello in a session.
func (l *eventLog) forwarded(kind EventKind, s *Session, tag []byte, replyTo netip.AddrPort, reason string, now time.Time) {
	if l != nil {
		l.stranger(Event{Kind: kind, Opening: openingName(tag), Addr: replyTo, Session: s.nearID, Reason: reason}, now)
	}
}

// keying is what became of an IIKeying. Whoever has a cookie can cause it.
func (l *eventLog) keying(kind EventKind, from netip.AddrPort, reason string, now time.Time) {
	if l != nil {
		l.stranger(Event{Kind: kind, Addr: from, Reason: reason}, now)
	}
}

func (l *eventLog) rikeyingSent(s *Session, now time.Time) {
	if l != nil {
		l.stranger(Event{Kind: EventRIKeyingSent, Addr: s.answer.from, Session: s.nearID, Peer: peerName(s.far)}, now)
	}
}

func addrPorts(list []Address) []netip.AddrPort {
	out := make([]netip.AddrPort, len(list))
	for i, a := range list {
		out[i] = a.AddrPort
	}
	return out
}

// openingLimit notes that an opening met a limit of params.go.
func (l *eventLog) openingLimit(name string, o *opening, addr netip.AddrPort, now time.Time) {
	if l != nil {
		l.limit(name, Event{Opening: openingName(o.tag[:]), Addr: addr}, now)
	}
}
