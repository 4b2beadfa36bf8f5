package lan

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"sundog.dev/sundog/idmanager"
)

// own is our own registration: what we answer with.
type own struct {
	reg      idmanager.Registration
	txt      []string
	bound    []netip.AddrPort // where the phone's socket is
	host     string           // a random name
	instance string           // the label; others may have taken it: then another
	attempt  int              // how many labels were taken
	renameAt time.Time        // the label is not changed again before
	defendAt time.Time        // when we announce ourselves against a false goodbye; zero: no need
	defended time.Time
}

func (o *own) name() string { return o.instance + "." + serviceType }

// is reports whether a name is our instance's.
func (o *own) is(name string) bool { return name == lowerASCII(o.name()) }

func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// setOwn registers, or, with nil, withdraws. Whoever is registered under the same name already only tells the news.
func (e *engine) setOwn(now time.Time, o *own) {
	old := e.own
	e.own = o
	if o != nil && old != nil && old.reg.Name == o.reg.Name {
		o.host, o.instance, o.attempt, o.renameAt = old.host, old.instance, old.attempt, old.renameAt
		for _, p := range e.sorted() {
			if p.speaks() {
				p.announces, p.wait, p.next = announceCount, announceInterval, now
			}
		}
		return
	}
	if old != nil {
		e.goodbye(old)
	}
	if o == nil {
		for _, p := range e.ports {
			p.probes, p.announces, p.next, p.answerAt = 0, 0, time.Time{}, time.Time{}
		}
		return
	}
	o.host = randomLabel(10) + "." + domain
	o.instance = instanceName(o.reg.Name, 0)
	for _, p := range e.sorted() {
		p.beginProbing(now)
	}
}

// beginProbing asks whether the instance's name is free before it is used (RFC 6762 §8.1).
func (p *port) beginProbing(now time.Time) {
	p.probes, p.announces, p.wait = probeCount, announceCount, announceInterval
	p.next = now.Add(between(0, probeDelay))
}

// speaks reports whether the instance's name is ours on this interface, and told.
func (p *port) speaks() bool { return p.probes == 0 && p.announces < announceCount }

// tickOwn sends the probe, the announcement or the answer that is due.
func (e *engine) tickOwn(p *port, now time.Time) {
	if e.own == nil {
		return
	}
	if !p.next.IsZero() && !now.Before(p.next) {
		switch {
		case p.probes > 0:
			p.speak(e.net, e.own.probe(p))
			p.probes--
			p.next = now.Add(probeInterval)
		case p.announces > 0:
			e.answer(p, now)
			p.announces--
			p.next, p.wait = now.Add(p.wait), 2*p.wait
		}
		if p.probes == 0 && p.announces == 0 {
			p.next = time.Time{}
		}
	}
	if !p.answerAt.IsZero() && !now.Before(p.answerAt) {
		e.answer(p, now)
	}
}

// answer tells all that we have to tell.
func (e *engine) answer(p *port, now time.Time) {
	p.speak(e.net, e.own.answer(p, recordTTL, p.askedAll))
	p.answered, p.answerAt, p.askedAll = now, time.Time{}, false
}

// answer is the message that tells everything about us on one interface: one packet holds all that a caller needs.
func (o *own) answer(p *port, ttl time.Duration, types bool) message {
	m := message{response: true, answers: []record{{name: serviceType, kind: dnsmessage.TypePTR, ttl: ttl, target: o.name()}}}
	if types {
		m.answers = append(m.answers, record{name: allServices, kind: dnsmessage.TypePTR, ttl: ttl, target: serviceType})
	}
	m.answers = append(m.answers,
		record{name: o.name(), kind: dnsmessage.TypeTXT, flush: true, ttl: ttl, txt: o.txt},
		o.srv(true, ttl))
	for _, a := range o.addresses(p) {
		kind := dnsmessage.TypeA
		if a.Is6() {
			kind = dnsmessage.TypeAAAA
		}
		m.answers = append(m.answers, record{name: o.host, kind: kind, flush: true, ttl: ttl, addr: a})
	}
	return m
}

func (o *own) srv(flush bool, ttl time.Duration) record {
	return record{name: o.name(), kind: dnsmessage.TypeSRV, flush: flush, ttl: ttl, target: o.host, port: o.bound[0].Port()}
}

// probe asks who has the instance's name, and says that we claim it.
func (o *own) probe(*port) message {
	return message{
		questions: []question{{name: o.name(), kind: dnsmessage.TypeALL}},
		claims:    []record{o.srv(false, recordTTL)},
	}
}

// addresses are those of the interface at which the phone's socket can be reached: all, if it is bound to all. IPv6 link-local ones
// come before others, which a packet may have no room for.
func (o *own) addresses(p *port) []netip.Addr {
	var all []netip.Addr
	for _, prefix := range p.prefixes {
		a := prefix.Addr()
		if slices.ContainsFunc(o.bound, func(b netip.AddrPort) bool {
			return b.Addr() == netip.IPv6Unspecified() || b.Addr() == netip.IPv4Unspecified() && a.Is4() || b.Addr().Unmap().WithZone("") == a
		}) {
			all = append(all, a)
		}
	}
	slices.SortFunc(all, func(a, b netip.Addr) int {
		later := func(a netip.Addr) int {
			if a.Is6() && !a.IsLinkLocalUnicast() {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(later(a), later(b)), a.Compare(b))
	})
	return all[:min(len(all), maxAddresses)]
}

// goodbye tells everybody that we are no longer there (RFC 6762 §10.1).
func (e *engine) goodbye(o *own) {
	for _, p := range e.sorted() {
		if p.speaks() {
			p.speak(e.net, o.answer(p, 0, false))
		}
	}
}

// heard looks at a record of a response for what concerns us, and reports whether it is about us: our own, or somebody's who has our
// instance name.
func (o *own) heard(e *engine, p *port, now time.Time, r record) bool {
	switch {
	case r.kind == dnsmessage.TypePTR && r.name == serviceType && o.is(r.target):
		if r.ttl == 0 && o.defendAt.IsZero() {
			o.defendAt = now
			if again := o.defended.Add(defendWait); again.After(now) {
				o.defendAt = again
			}
		}
		return true
	case !o.is(r.name):
		return false
	case r.kind == dnsmessage.TypeSRV:
		if r.target == o.host {
			return true
		}
		if r.ttl > 0 {
			o.rename(e, now)
		}
		return false // the other is to be listed
	case r.kind == dnsmessage.TypeTXT:
		return slices.Equal(r.txt, o.txt)
	}
	return false
}

// rename takes another instance name, since somebody else has this one (RFC 6762 §9).
func (o *own) rename(e *engine, now time.Time) {
	if now.Before(o.renameAt) && o.attempt > 1 {
		return // somebody says so of each; receivers tell us apart by the identity
	}
	o.attempt++
	o.renameAt = now.Add(renameWait)
	o.instance = instanceName(o.reg.Name, o.attempt)
	e.log.Info("another phone on this network has the same name", "instance", o.instance)
	for _, p := range e.sorted() {
		p.beginProbing(now)
	}
}

// tick announces us again after a false goodbye: receivers forget us 1 s after it (RFC 6762 §10.1).
func (o *own) tick(e *engine, now time.Time) {
	if o.defendAt.IsZero() || now.Before(o.defendAt) {
		return
	}
	o.defendAt, o.defended = time.Time{}, now
	for _, p := range e.sorted() {
		if p.speaks() {
			e.answer(p, now)
		}
	}
}
