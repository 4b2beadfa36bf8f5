package vnet

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"
)

// ErrAddressInUse says that somebody listens at the address already.
var ErrAddressInUse = errors.New("vnet: address in use")

// Packet is a datagram on its way, as a Filter sees it.
type Packet struct {
	From, To netip.AddrPort // as on the public network, behind the sender's NAT
	Data     []byte         // not to be modified or kept
}

// Filter decides about every packet that enters the network; false drops it.
// It is called by one goroutine at a time and must not call the network.
type Filter func(Packet) bool

// Network is a packet network. One goroutine delivers what is delayed; Close ends it.
type Network struct {
	mu     sync.Mutex
	rng    *rand.Rand
	conns  map[netip.AddrPort]*Conn // public hosts
	nats   map[netip.Addr]*NAT      // by public address
	deflt  *Link
	ways   map[hostPair]*way
	filter Filter
	events events
	order  uint64
	closed bool

	began time.Time
	timer *time.Timer // of the next event
	quit  chan struct{}
	done  chan struct{}
}

type hostPair struct{ from, to netip.Addr }

// New starts a network whose randomness comes from seed.
func New(seed uint64) *Network {
	n := &Network{
		rng:   rand.New(rand.NewPCG(seed, 0x5eed)),
		conns: make(map[netip.AddrPort]*Conn),
		nats:  make(map[netip.Addr]*NAT),
		deflt: &Link{},
		ways:  make(map[hostPair]*way),
		began: time.Now(),
		timer: time.NewTimer(time.Hour), // nothing happens then
		quit:  make(chan struct{}),
		done:  make(chan struct{}),
	}
	go n.run()
	return n
}

// SetDefaultLink sets how packets travel between hosts that have no link of their own.
func (n *Network) SetDefaultLink(l Link) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.deflt = &l
}

// SetLink sets how packets travel from one host to another, in that direction.
// Hosts behind a NAT are known by the NAT's public address.
func (n *Network) SetLink(from, to netip.Addr, l Link) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.way(from, to).link = &l
}

// SetFilter sets the filter; nil lets everything pass.
func (n *Network) SetFilter(f Filter) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.filter = f
}

// Listen opens a packet conn of a public host. Port 0 takes a free one.
func (n *Network) Listen(addr netip.AddrPort) (*Conn, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	addr, err := freePort(n.conns, addr)
	if err != nil {
		return nil, err
	}
	c := newConn(n, nil, addr)
	n.conns[addr] = c
	return c, nil
}

// freePort checks that nobody has addr, or chooses a port if it has none.
func freePort(taken map[netip.AddrPort]*Conn, addr netip.AddrPort) (netip.AddrPort, error) {
	if addr.Port() != 0 {
		if taken[addr] != nil {
			return addr, ErrAddressInUse
		}
		return addr, nil
	}
	for port := uint16(49152); port != 0; port++ {
		a := netip.AddrPortFrom(addr.Addr(), port)
		if taken[a] == nil {
			return a, nil
		}
	}
	return addr, ErrAddressInUse
}

// Close ends the network; packets on their way are lost. Conns stay to be closed by their owners.
func (n *Network) Close() {
	n.mu.Lock()
	if n.closed {
		n.mu.Unlock()
		<-n.done
		return
	}
	n.closed = true
	n.mu.Unlock()
	close(n.quit)
	<-n.done
}

// send takes a packet into the network. The caller holds mu.
func (n *Network) send(from, to netip.AddrPort, data []byte, ecn ECN) {
	if n.closed || n.filter != nil && !n.filter(Packet{from, to, data}) {
		return
	}
	w := n.way(from.Addr(), to.Addr())
	link := w.link
	if link == nil {
		link = n.deflt
	}
	if link.MTU > 0 && len(data) > link.MTU {
		return
	}
	f := &flight{from: from, to: to, data: append([]byte(nil), data...), ecn: ecn, way: w, link: link}
	if link.Bottleneck != nil {
		link.Bottleneck.enter(f)
		return
	}
	n.travel(f)
}

// deliver hands an arrived packet to its conn, through a NAT if one has the
// address. The caller holds mu.
func (n *Network) deliver(f *flight) {
	if nat := n.nats[f.to.Addr()]; nat != nil {
		nat.inbound(f)
		return
	}
	if c := n.conns[f.to]; c != nil {
		c.arrive(f)
	}
}
