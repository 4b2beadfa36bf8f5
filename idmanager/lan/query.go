package lan

import (
	"net/netip"
	"slices"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// knownAnswerSize is what one known answer takes at most: a pointer to the service's name, the header, the instance's label
// and another pointer.
const knownAnswerSize = 2 + 10 + 1 + maxLabel + 2

// tickQuery asks who is there when it is time: at first often, then seldom (RFC 6762 §5.2), and when somebody's record is about to expire.
func (e *engine) tickQuery(p *port, now time.Time) {
	due := !now.Before(p.queryAt)
	if due {
		p.queryAt = now.Add(p.queryWait)
		p.queryWait = min(2*p.queryWait, queryIntervalMax)
	}
	for _, s := range p.services {
		if at := s.refreshAt(); !at.IsZero() && !now.Before(at) {
			s.asks++
			due = due || now.Sub(p.queried) >= queryInterval
		}
	}
	if due {
		e.query(p, now)
	}
}

// query asks who is there, and for what is missing of those of whom we have heard.
func (e *engine) query(p *port, now time.Time) {
	p.queried = now
	m := message{questions: []question{{name: serviceType, kind: dnsmessage.TypePTR}}}
	size := 0
	for _, s := range p.services {
		name := s.label + "." + serviceType
		if size+len(name) > ownPacket/2 {
			break
		}
		if len(s.registrations) == 0 || s.host == "" {
			m.questions = append(m.questions, question{name: name, kind: dnsmessage.TypeALL})
			size += len(name)
		} else if !s.complete(p.hosts) {
			m.questions = append(m.questions, question{name: s.host, kind: dnsmessage.TypeALL})
			size += len(s.host)
		}
	}
	known := p.known(now)
	if e.own != nil && p.speaks() { // we hear ourselves, and need no answer from us
		known = append(known, record{name: serviceType, kind: dnsmessage.TypePTR, ttl: recordTTL, target: e.own.name()})
	}
	for range knownAnswerPackets {
		n := min(len(known), (ownPacket-size-100)/knownAnswerSize)
		m.answers, known = known[:n], known[n:]
		m.truncated = len(known) > 0
		p.speak(e.net, m)
		if len(known) == 0 {
			break
		}
		m, size = message{}, 0
	}
}

// known are the answers that we have and need not be told: those that live for half their time yet (RFC 6762 §7.1).
func (p *port) known(now time.Time) []record {
	var all []record
	for _, s := range p.services {
		if left := s.expires.Sub(now); left >= s.ttl/2 && s.complete(p.hosts) {
			all = append(all, record{name: serviceType, kind: dnsmessage.TypePTR, ttl: left, target: s.label + "." + serviceType})
		}
	}
	return all
}

// asked takes in a query.
func (e *engine) asked(p *port, now time.Time, source netip.Addr, m message) {
	o := e.own
	if o == nil {
		return
	}
	if o.contest(e, p, now, m) || !p.speaks() {
		return
	}
	knows := slices.ContainsFunc(m.answers, func(r record) bool {
		return r.kind == dnsmessage.TypePTR && r.name == serviceType && o.is(r.target) && r.ttl >= recordTTL/2
	})
	if knows && len(m.questions) == 0 && p.asker == source {
		p.answerAt = time.Time{} // the rest of a list of known answers
		return
	}
	forAll, forUs, types, probed := false, false, false, false
	for _, q := range m.questions {
		is := func(kinds ...dnsmessage.Type) bool {
			return q.kind == dnsmessage.TypeALL || slices.Contains(kinds, q.kind)
		}
		switch {
		case q.name == serviceType && is(dnsmessage.TypePTR):
			forAll = true
		case q.name == allServices && is(dnsmessage.TypePTR):
			types = true
		case o.is(q.name) && is(dnsmessage.TypeSRV, dnsmessage.TypeTXT):
			forUs, probed = true, probed || len(m.claims) > 0
		case q.name == lowerASCII(o.host) && is(dnsmessage.TypeA, dnsmessage.TypeAAAA):
			forUs = true
		}
	}
	if !(forAll && !knows) && !forUs && !types {
		return
	}
	p.askedAll = p.askedAll || types
	at := now.Add(between(answerDelayLeast, answerDelayMost))
	if m.truncated {
		at = now.Add(between(answerDelayListLeast, answerDelayListMost))
	}
	if again := p.answered.Add(answerInterval); !probed && again.After(at) {
		at = again
	}
	switch {
	case p.answerAt.IsZero():
		p.answerAt, p.asker = at, source
		if forUs || types {
			p.asker = netip.Addr{}
		}
	default:
		p.answerAt = earliest(p.answerAt, at)
		if p.asker != source {
			p.asker = netip.Addr{} // several: the answer cannot be spared
		}
	}
}

// contest looks at a probe for our instance name: whoever has the greater host name keeps it while both are probing (RFC 6762 §8.2,
// which compares the whole of the records: they differ in the host name first). Afterwards an answer tells that it is ours. It
// reports whether the probe is our own.
func (o *own) contest(e *engine, p *port, now time.Time, m message) (ours bool) {
	for _, r := range m.claims {
		switch {
		case r.kind != dnsmessage.TypeSRV || !o.is(r.name):
		case r.target == o.host:
			return true
		case !p.speaks() && r.target > o.host:
			o.rename(e, now)
			return false
		}
	}
	return false
}
