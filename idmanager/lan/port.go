package lan

import (
	"net/netip"
	"strings"
	"time"
)

// port is an interface on which we speak. Caches, questions and answers are each port's own (RFC 6762 §14).
type port struct {
	netInterface
	services  map[string]*service // by instance name in lower case
	hosts     map[string]*host    // by name; only those that a service names
	perSource map[netip.Addr]int  // how many services each source has told of

	// As responder.
	probes    int       // still to be sent before we may answer
	announces int       // still to be sent
	next      time.Time // when the next of these is due; zero: none
	wait      time.Duration
	answerAt  time.Time // when an answer is due; zero: nobody has asked
	asker     netip.Addr
	askedAll  bool      // somebody asks for the types of service that there are
	answered  time.Time // the last one

	// As querier.
	queryAt   time.Time // when the next question is due
	queryWait time.Duration
	queried   time.Time // the last one
}

// service is an instance that somebody has told of.
type service struct {
	label         string
	from          netip.Addr
	registrations []registered // by different identities
	host          string       // empty: no SRV record yet
	port          uint16
	learned       time.Time
	ttl           time.Duration
	expires       time.Time
	asks          int // how often it was asked for anew
}

// refreshAt is when it is asked for anew; zero: not again.
func (s *service) refreshAt() time.Time {
	if s.asks >= refreshCount {
		return time.Time{}
	}
	return s.learned.Add(s.ttl * time.Duration(refreshFirst+refreshStep*s.asks) / 100)
}

// complete reports whether nothing is missing to call the person.
func (s *service) complete(hosts map[string]*host) bool {
	return len(s.registrations) > 0 && s.host != "" && hosts[s.host] != nil && len(hosts[s.host].addrs) > 0
}

// host has the addresses under a host name, with the time at which each expires.
type host struct {
	addrs    map[netip.Addr]time.Time
	services int // that name it
}

// newPort begins to speak on an interface.
func newPort(i netInterface, now time.Time) *port {
	return &port{
		netInterface: i,
		services:     make(map[string]*service),
		hosts:        make(map[string]*host),
		perSource:    make(map[netip.Addr]int),
		queryAt:      now.Add(between(queryDelayLeast, queryDelayMost)),
		queryWait:    queryInterval,
	}
}

// add makes a place for an instance.
func (p *port) add(label string, source netip.Addr) *service {
	s := &service{label: label, from: source}
	p.services[label] = s
	p.perSource[source]++
	return s
}

// remove forgets an instance.
func (p *port) remove(label string) {
	s := p.services[label]
	delete(p.services, label)
	p.dropHost(s.host)
	if p.perSource[s.from]--; p.perSource[s.from] == 0 {
		delete(p.perSource, s.from)
	}
}

// dropHost forgets a host unless another service names it.
func (p *port) dropHost(name string) {
	if h := p.hosts[name]; h != nil {
		if h.services--; h.services == 0 {
			delete(p.hosts, name)
		}
	}
}

// setHost takes in an SRV record, and reports whether it says something new.
func (p *port) setHost(s *service, r record) bool {
	if !strings.HasSuffix(r.target, "."+domain) || r.port == 0 || s.host == r.target && s.port == r.port {
		return false
	}
	if s.host != r.target {
		p.dropHost(s.host)
		if p.hosts[r.target] == nil {
			p.hosts[r.target] = &host{addrs: make(map[netip.Addr]time.Time)}
		}
		p.hosts[r.target].services++
	}
	s.host, s.port = r.target, r.port
	return true
}

// speak sends a message in all families of the interface. Errors are an interface's that has just gone, or the
// network's: as good as a lost packet.
func (p *port) speak(net packetNet, m message) {
	data, err := m.pack()
	if err != nil {
		return // ours always pack; a name that somebody told may not
	}
	for _, v6 := range []bool{false, true} {
		if p.has(v6) {
			_ = net.write(data, p.netInterface, v6)
		}
	}
}

// earliest is the earlier of two times, where zero means never.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
