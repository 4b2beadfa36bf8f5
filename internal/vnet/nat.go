package vnet

import (
	"net/netip"
	"time"
)

// Dependence says on which part of the far address a NAT's mapping or filtering depends (RFC 4787 §4.1, §5).
type Dependence uint8

// The kinds of dependence. A NAT that maps address and port dependently is "symmetric".
const (
	EndpointIndependent Dependence = iota
	AddressDependent
	AddressPortDependent
)

// NATConfig is what kind of NAT it is.
type NATConfig struct {
	Mapping   Dependence
	Filtering Dependence
	Timeout   time.Duration // a mapping lives so long after the last outbound packet; 0: 30 s
	Hairpin   bool          // inside hosts reach one another by their public addresses
}

// defaultNATTimeout is what many home routers have, below the 2 minutes of RFC 4787 §4.3.
const defaultNATTimeout = 30 * time.Second

// firstNATPort is the first public port that a NAT gives out.
const firstNATPort = 20000

// NAT is a translator with private hosts behind it. All is guarded by the network's mutex.
type NAT struct {
	n      *Network
	public netip.Addr
	cfg    NATConfig
	inside map[netip.AddrPort]*Conn
	byKey  map[natKey]*natMapping
	byPort map[uint16]*natMapping
	next   uint16
}

type natKey struct {
	conn *Conn
	far  netip.AddrPort // as much of it as the mapping depends on
}

type natMapping struct {
	key     natKey
	port    uint16
	used    time.Time
	allowed map[netip.AddrPort]time.Time // as much of the far addresses as the filter depends on
}

// NAT adds a NAT with a public address to the network.
func (n *Network) NAT(public netip.Addr, cfg NATConfig) *NAT {
	if cfg.Timeout == 0 {
		cfg.Timeout = defaultNATTimeout
	}
	nat := &NAT{n: n, public: public, cfg: cfg, inside: make(map[netip.AddrPort]*Conn)}
	n.mu.Lock()
	defer n.mu.Unlock()
	nat.forget()
	nat.next = firstNATPort
	n.nats[public] = nat
	return nat
}

// Listen opens a packet conn of a host behind the NAT.
func (nat *NAT) Listen(private netip.AddrPort) (*Conn, error) {
	nat.n.mu.Lock()
	defer nat.n.mu.Unlock()
	private, err := freePort(nat.inside, private)
	if err != nil {
		return nil, err
	}
	c := newConn(nat.n, nat, private)
	nat.inside[private] = c
	return c, nil
}

// Restart makes the NAT forget its mappings, as after a power cut. New ones get other ports.
func (nat *NAT) Restart() {
	nat.n.mu.Lock()
	defer nat.n.mu.Unlock()
	nat.forget()
}

func (nat *NAT) forget() {
	nat.byKey = make(map[natKey]*natMapping)
	nat.byPort = make(map[uint16]*natMapping)
}

// part is as much of an address as matters for a kind of dependence.
func part(a netip.AddrPort, d Dependence) netip.AddrPort {
	switch d {
	case EndpointIndependent:
		return netip.AddrPort{}
	case AddressDependent:
		return netip.AddrPortFrom(a.Addr(), 0)
	default:
		return a
	}
}

// outbound sends a packet of an inside host, translated unless it stays inside.
func (nat *NAT) outbound(c *Conn, to netip.AddrPort, data []byte, ecn ECN) {
	if peer := nat.inside[to]; peer != nil {
		peer.arrive(&flight{from: c.addr, to: to, data: append([]byte(nil), data...), ecn: ecn})
		return
	}
	if to.Addr() == nat.public && !nat.cfg.Hairpin {
		return
	}
	now := time.Now()
	key := natKey{c, part(to, nat.cfg.Mapping)}
	m := nat.byKey[key]
	if m == nil || now.Sub(m.used) > nat.cfg.Timeout {
		if m != nil {
			delete(nat.byPort, m.port)
		}
		m = &natMapping{key: key, port: nat.next, allowed: make(map[netip.AddrPort]time.Time)}
		nat.next++
		nat.byKey[key], nat.byPort[m.port] = m, m
	}
	m.used = now
	m.allowed[part(to, nat.cfg.Filtering)] = now
	nat.n.send(netip.AddrPortFrom(nat.public, m.port), to, data, ecn)
}

// inbound takes a packet from outside, if a mapping and the filter let it.
func (nat *NAT) inbound(f *flight) {
	m := nat.byPort[f.to.Port()]
	now := time.Now()
	if m == nil || now.Sub(m.used) > nat.cfg.Timeout {
		return
	}
	at, ok := m.allowed[part(f.from, nat.cfg.Filtering)]
	if !ok || now.Sub(at) > nat.cfg.Timeout {
		return
	}
	m.key.conn.arrive(f)
}
