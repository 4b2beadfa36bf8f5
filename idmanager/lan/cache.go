package lan

import (
	"net/netip"
	"slices"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"sundog.dev/sundog/idmanager"
)

// registered is a registration that was verified, and the TXT record that it came in.
type registered struct {
	idmanager.Registration
	txt []string
}

// hear takes in a response.
func (e *engine) hear(p *port, now time.Time, source netip.Addr, m message) {
	for _, r := range m.answers {
		if e.own != nil && e.own.heard(e, p, now, r) {
			continue
		}
		switch r.kind {
		case dnsmessage.TypePTR:
			if r.name == serviceType {
				e.hearService(p, now, source, r.target, r)
			}
		case dnsmessage.TypeSRV, dnsmessage.TypeTXT:
			e.hearService(p, now, source, r.name, r)
		}
	}
	// Addresses belong to hosts that a service names.
	for _, r := range m.answers {
		if r.kind == dnsmessage.TypeA || r.kind == dnsmessage.TypeAAAA {
			e.hearAddress(p, now, r)
		}
	}
}

// hearService takes in a PTR, SRV or TXT record of an instance.
func (e *engine) hearService(p *port, now time.Time, source netip.Addr, name string, r record) {
	label, ok := instanceOf(name)
	if !ok {
		return
	}
	s := p.services[label]
	if r.ttl == 0 { // goodbye
		if s != nil {
			s.expires = earliest(s.expires, now.Add(goodbyeDelay))
		}
		return
	}
	var reg registered
	if r.kind == dnsmessage.TypeTXT {
		var known bool
		if reg, known, ok = e.readTXT(s, now, source, r); !ok {
			return
		} else if known {
			s.live(now, r.ttl)
			return
		}
	}
	if s == nil {
		if r.kind == dnsmessage.TypePTR && !e.room(p, source) || r.kind != dnsmessage.TypePTR && !e.roomFor(p, source, reg.Name) {
			return
		}
		s = p.add(label, source)
	}
	s.live(now, r.ttl)
	switch r.kind {
	case dnsmessage.TypeSRV:
		e.dirty = p.setHost(s, r) || e.dirty
	case dnsmessage.TypeTXT:
		s.register(reg)
		e.dirty = true
	}
}

// live notes that a record has been told again, with its TTL.
func (s *service) live(now time.Time, ttl time.Duration) {
	s.learned, s.ttl, s.asks = now, min(ttl, maxTTL), 0
	s.expires = now.Add(s.ttl)
}

// readTXT reads and verifies a TXT record. Known: it is one that we have.
func (e *engine) readTXT(s *service, now time.Time, source netip.Addr, r record) (reg registered, known, ok bool) {
	if s != nil && slices.ContainsFunc(s.registrations, func(x registered) bool { return slices.Equal(x.txt, r.txt) }) {
		return registered{}, true, true
	}
	found, err := parseTXT(r.txt)
	if err != nil {
		e.log.Debug("a registration that cannot be read", "from", source, "error", err)
		return registered{}, false, false
	}
	if !e.rates.verification(now, source.WithZone("")) {
		return registered{}, false, false // it will be told again
	}
	if err := found.Verify(); err != nil {
		e.log.Info("somebody on this network tells a registration that its owner has not signed", "from", source, "name", found.Name)
		return registered{}, false, false
	}
	return registered{Registration: found, txt: r.txt}, false, true
}

// register puts a registration in place of an earlier one of the same identity. Earlier ones that come late change nothing.
func (s *service) register(reg registered) {
	for i, old := range s.registrations {
		if old.Identity.Equal(reg.Identity) {
			if reg.Time.After(old.Time) {
				s.registrations[i] = reg
			}
			return
		}
	}
	if len(s.registrations) < maxIdentities {
		s.registrations = append(s.registrations, reg)
	}
}

// hearAddress takes in an A or AAAA record.
func (e *engine) hearAddress(p *port, now time.Time, r record) {
	h := p.hosts[r.name]
	if h == nil || r.addr.IsUnspecified() || r.addr.IsMulticast() || !p.onLink(r.addr) {
		return
	}
	a := r.addr
	if a.Is6() && a.IsLinkLocalUnicast() {
		a = a.WithZone(p.name) // it means nothing elsewhere
	}
	_, known := h.addrs[a]
	if r.ttl == 0 {
		if known {
			h.addrs[a] = earliest(h.addrs[a], now.Add(goodbyeDelay))
		}
		return
	}
	if r.flush { // RFC 6762 §10.2: what was not told within the last second is outdated
		for other, expires := range h.addrs {
			if other.Is4() == a.Is4() && expires.Sub(now) < min(r.ttl, maxTTL)-flushDelay {
				h.addrs[other] = earliest(expires, now.Add(flushDelay))
			}
		}
	}
	if known || len(h.addrs) < maxAddresses {
		h.addrs[a] = now.Add(min(r.ttl, maxTTL))
		e.dirty = e.dirty || !known
	}
}

// room reports whether one more instance of a source finds a place.
func (e *engine) room(p *port, source netip.Addr) bool {
	all := 0
	for _, other := range e.ports {
		all += len(other.services)
	}
	return all < maxInstances && p.perSource[source] < maxPerSource
}

// roomFor is room for somebody whose registration we have. Whoever is looked for finds a place among strangers: they have one of somebody
// for whom nobody looks.
func (e *engine) roomFor(p *port, source netip.Addr, name string) bool {
	if e.room(p, source) {
		return true
	}
	if name == "" || !e.looksFor(name) {
		return false
	}
	same, stranger := 0, ""
	for label, s := range p.services {
		if s.named(name) {
			same++
		} else if !slices.ContainsFunc(s.registrations, func(r registered) bool { return e.looksFor(r.Name) }) {
			stranger = label
		}
	}
	if same >= maxPerName || stranger == "" {
		return false
	}
	p.remove(stranger)
	e.dirty = true
	return true
}

func (e *engine) looksFor(name string) bool { return e.wanted[idmanager.FoldName(name)] > 0 }

func (s *service) named(name string) bool {
	return slices.ContainsFunc(s.registrations, func(r registered) bool {
		return idmanager.FoldName(r.Name) == idmanager.FoldName(name)
	})
}

// expire forgets what has expired.
func (e *engine) expire(p *port, now time.Time) {
	for label, s := range p.services {
		if !now.Before(s.expires) {
			p.remove(label)
			e.dirty = true
		}
	}
	for _, h := range p.hosts {
		for a, expires := range h.addrs {
			if !now.Before(expires) {
				delete(h.addrs, a)
				e.dirty = true
			}
		}
	}
}
