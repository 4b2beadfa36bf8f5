package lan

import (
	"crypto/ed25519"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"sundog.dev/sundog/idmanager"
)

// engine is the protocol: what comes and what time it is go in, packets go out. It has no goroutine and no lock.
type engine struct {
	net      packetNet
	log      *slog.Logger
	identity ed25519.PublicKey // our own, whose records are not reported

	ports  map[int]*port // by interface index
	pollAt time.Time
	rates  rates
	own    *own           // what we are registered as; nil: we only look
	wanted map[string]int // names that are watched or looked up, folded, and by how many
	dirty  bool           // people may have changed
}

func newEngine(net packetNet, identity ed25519.PublicKey, log *slog.Logger) *engine {
	return &engine{net: net, log: log, identity: identity, ports: make(map[int]*port), wanted: make(map[string]int)}
}

// between is a random time: so many do not speak at once (RFC 6762 §6, §5.2).
func between(from, to time.Duration) time.Duration { return from + rand.N(to-from+1) }

// tick does all that is due.
func (e *engine) tick(now time.Time) {
	if !now.Before(e.pollAt) {
		e.pollAt = now.Add(interfacePoll)
		e.setInterfaces(now)
	}
	for _, p := range e.sorted() {
		e.expire(p, now)
		e.tickOwn(p, now)
		e.tickQuery(p, now)
	}
	if e.own != nil {
		e.own.tick(e, now)
	}
}

// next is when the next thing is due.
func (e *engine) next() time.Time {
	at := e.pollAt
	for _, p := range e.ports {
		at = earliest(earliest(at, p.next), earliest(p.answerAt, p.queryAt))
		for _, s := range p.services {
			at = earliest(earliest(at, s.expires), s.refreshAt())
		}
	}
	if e.own != nil {
		at = earliest(at, e.own.defendAt)
	}
	return at
}

// sorted are the ports in their order, so that tests repeat.
func (e *engine) sorted() []*port {
	all := make([]*port, 0, len(e.ports))
	for _, p := range e.ports {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *port) int { return a.index - b.index })
	return all
}

// setInterfaces takes notice of interfaces that have come, gone or have other addresses.
func (e *engine) setInterfaces(now time.Time) {
	all, err := e.net.interfaces()
	if err != nil {
		e.log.Warn("the network interfaces cannot be read", "error", err)
		return
	}
	for index, p := range e.ports {
		if !slices.ContainsFunc(all, func(i netInterface) bool { return i.index == index }) {
			e.net.leave(p.netInterface)
			delete(e.ports, index)
			e.dirty = true
		}
	}
	for _, i := range all {
		old := e.ports[i.index]
		if old != nil && old.equal(i) {
			continue
		}
		e.net.join(i)
		if old != nil && old.name == i.name {
			// The same interface, perhaps in another network: the people there must show themselves anew, and soon.
			old.netInterface = i
			old.queryAt, old.queryWait = now.Add(between(queryDelayLeast, queryDelayMost)), queryInterval
			for _, s := range old.services {
				s.expires = earliest(s.expires, now.Add(recheckTime))
			}
		} else {
			e.ports[i.index] = newPort(i, now)
		}
		e.dirty = true
		if e.own != nil {
			e.ports[i.index].beginProbing(now)
		}
	}
}

// receive looks at a packet.
func (e *engine) receive(now time.Time, in packet) {
	source := in.from.Addr()
	if in.from.Port() != mdnsPort || !e.rates.packet(now, source.WithZone("")) {
		return
	}
	p := e.portOf(in)
	if p == nil {
		return
	}
	m, err := parseMessage(in.data)
	if err != nil {
		e.log.Debug("a packet that is no multicast DNS", "from", in.from, "error", err)
		return
	}
	if m.response {
		e.hear(p, now, source, m)
	} else {
		e.asked(p, now, source, m)
	}
}

// portOf is the interface that a packet came by: the one that the system names, or, where it cannot, the one on whose subnet
// the source is. RFC 6762 §11: what was sent to the group has not left the link; all else must come from a subnet of ours.
func (e *engine) portOf(in packet) *port {
	if in.via != 0 {
		p := e.ports[in.via]
		if p != nil && (in.toGroup || p.onLink(in.from.Addr())) {
			return p
		}
		return nil
	}
	for _, p := range e.sorted() {
		if zone := in.from.Addr().Zone(); p.onLink(in.from.Addr()) && (zone == "" || zone == p.name || zone == strconv.Itoa(p.index)) {
			return p
		}
	}
	return nil
}

// people are all who are there, each identity once per name, by name and key.
func (e *engine) people() []idmanager.Record {
	var found []candidate
	for _, p := range e.sorted() {
		for _, s := range p.services {
			h := p.hosts[s.host]
			if h == nil || s.port == 0 {
				continue
			}
			var addrs []netip.AddrPort
			for a := range h.addrs {
				addrs = append(addrs, netip.AddrPortFrom(a, s.port))
			}
			if len(addrs) == 0 {
				continue
			}
			for _, r := range s.registrations {
				if !r.Identity.Equal(e.identity) {
					found = append(found, candidate{reg: r.Registration, port: p, addrs: addrs})
				}
			}
		}
	}
	return choose(found)
}
