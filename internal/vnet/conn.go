package vnet

import (
	"net"
	"net/netip"
)

// connBacklog is how many packets wait at a conn for a reader; more are dropped,
// as a socket's buffer would.
const connBacklog = 1024

// Conn is a packet conn on a Network, with the methods of *net.UDPConn that an endpoint needs.
type Conn struct {
	n    *Network
	nat  *NAT           // nil for a public host
	addr netip.AddrPort // guarded by n.mu

	queue  chan *flight
	closed chan struct{} // closed under n.mu
}

func newConn(n *Network, nat *NAT, addr netip.AddrPort) *Conn {
	return &Conn{n: n, nat: nat, addr: addr, queue: make(chan *flight, connBacklog), closed: make(chan struct{})}
}

// arrive queues a packet for the reader. The caller holds n.mu.
func (c *Conn) arrive(f *flight) {
	select {
	case c.queue <- f:
	default:
	}
}

// ReadFromUDPAddrPort reads the next packet; what does not fit b is cut off.
func (c *Conn) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	k, from, _, err := c.ReadFromUDPAddrPortECN(b)
	return k, from, err
}

// ReadFromUDPAddrPortECN is ReadFromUDPAddrPort, with the packet's ECN field.
func (c *Conn) ReadFromUDPAddrPortECN(b []byte) (int, netip.AddrPort, byte, error) {
	select {
	case <-c.closed:
		return 0, netip.AddrPort{}, 0, net.ErrClosed
	default:
	}
	select {
	case f := <-c.queue:
		return copy(b, f.data), f.from, byte(f.ecn), nil
	case <-c.closed:
		return 0, netip.AddrPort{}, 0, net.ErrClosed
	}
}

// WriteToUDPAddrPort sends a packet. It never blocks.
func (c *Conn) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	return c.WriteToUDPAddrPortECN(b, to, 0)
}

// WriteToUDPAddrPortECN is WriteToUDPAddrPort, with the packet's ECN field.
func (c *Conn) WriteToUDPAddrPortECN(b []byte, to netip.AddrPort, ecn byte) (int, error) {
	c.n.mu.Lock()
	defer c.n.mu.Unlock()
	if c.isClosed() {
		return 0, net.ErrClosed
	}
	to = netip.AddrPortFrom(to.Addr().Unmap(), to.Port())
	if c.nat == nil {
		c.n.send(c.addr, to, b, ECN(ecn))
	} else {
		c.nat.outbound(c, to, b, ECN(ecn))
	}
	return len(b), nil
}

// LocalAddr is the conn's own address: behind a NAT the private one.
func (c *Conn) LocalAddr() net.Addr {
	c.n.mu.Lock()
	defer c.n.mu.Unlock()
	return net.UDPAddrFromAddrPort(c.addr)
}

// Rebind gives the conn another address, as when a laptop changes networks. Packets
// that are under way to the old one are lost.
func (c *Conn) Rebind(addr netip.AddrPort) error {
	c.n.mu.Lock()
	defer c.n.mu.Unlock()
	taken := c.peers()
	addr, err := freePort(taken, addr)
	if err != nil {
		return err
	}
	delete(taken, c.addr)
	taken[addr] = c
	c.addr = addr
	return nil
}

// Close ends the conn and unblocks its reader.
func (c *Conn) Close() error {
	c.n.mu.Lock()
	defer c.n.mu.Unlock()
	if c.isClosed() {
		return net.ErrClosed
	}
	close(c.closed)
	delete(c.peers(), c.addr)
	return nil
}

func (c *Conn) isClosed() bool {
	select {
	case <-c.closed:
		return true
	default:
		return false
	}
}

// peers is the table that holds the conn: of the public network, or of its NAT's inside.
func (c *Conn) peers() map[netip.AddrPort]*Conn {
	if c.nat != nil {
		return c.nat.inside
	}
	return c.n.conns
}
