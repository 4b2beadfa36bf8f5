package turn

import (
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"time"

	"sundog.dev/sundog/internal/source"
)

// generator makes relayed addresses (pion's RelayAddressGenerator).
type generator struct{ s *Server }

// Validate implements turn.RelayAddressGenerator.
func (generator) Validate() error { return nil }

// AllocateConn implements turn.RelayAddressGenerator: there is no relayed TCP.
func (generator) AllocateConn(string, int) (net.Conn, net.Addr, error) {
	return nil, nil, errors.New("turn: there is no relayed TCP")
}

// AllocatePacketConn implements turn.RelayAddressGenerator. The port is a random one of the range that
// is meant for this, so that firewalls can be told.
func (g generator) AllocatePacketConn(_ string, port int) (net.PacketConn, net.Addr, error) {
	var err error
	for range portTries {
		at := uint16(port)
		if port == 0 {
			at = uint16(minPort + rand.IntN(maxPort-minPort+1))
		}
		var conn net.PacketConn
		if conn, err = g.s.listen(netip.AddrPortFrom(g.s.cfg.Bind, at)); err == nil {
			return g.s.take(conn, at)
		}
	}
	return nil, nil, err
}

// take makes a relayed address of a socket.
func (s *Server) take(conn net.PacketConn, port uint16) (net.PacketConn, net.Addr, error) {
	r := &relayedConn{PacketConn: conn, s: s, addr: netip.AddrPortFrom(s.cfg.Relay, port)}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = conn.Close()
		return nil, nil, net.ErrClosed
	}
	s.relayed[r.addr] = r
	s.running.Add(1)
	return r, net.UDPAddrFromAddrPort(r.addr), nil
}

// relayedConn is the socket of a relayed address. It bounds what goes through it, and keeps packets from going to this host's
// own addresses and from there, but for those that are relayed addresses themselves.
type relayedConn struct {
	net.PacketConn
	s    *Server
	addr netip.AddrPort // as clients are told

	closing sync.Once
	mu      sync.Mutex
	in, out source.Bucket // of bytes
}

// ReadFrom implements net.PacketConn.
func (r *relayedConn) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := r.PacketConn.ReadFrom(b)
		if err != nil {
			return n, from, err
		}
		peer := addrPortOf(from)
		if peer.Addr() == r.s.cfg.Bind {
			peer = netip.AddrPortFrom(r.s.cfg.Relay, peer.Port())
			from = net.UDPAddrFromAddrPort(peer)
		}
		if !r.mayTalkTo(peer) || !r.spend(&r.in, n) {
			r.s.counters.dropped.Add(1)
			continue
		}
		r.s.counters.received.Add(uint64(n))
		return n, from, nil
	}
}

// WriteTo implements net.PacketConn. What is not sent counts as sent: it could be lost further on as well.
func (r *relayedConn) WriteTo(b []byte, to net.Addr) (int, error) {
	peer := addrPortOf(to)
	if !r.mayTalkTo(peer) || !r.spend(&r.out, len(b)) {
		r.s.counters.dropped.Add(1)
		return len(b), nil
	}
	if peer.Addr() == r.s.cfg.Relay && r.s.cfg.Bind != r.s.cfg.Relay {
		to = net.UDPAddrFromAddrPort(netip.AddrPortFrom(r.s.cfg.Bind, peer.Port()))
	}
	r.s.counters.sent.Add(uint64(len(b)))
	_, _ = r.PacketConn.WriteTo(b, to)
	return len(b), nil
}

// mayTalkTo reports whether a peer is elsewhere, or another relayed address of ours, or allowed by the operator.
func (r *relayedConn) mayTalkTo(peer netip.AddrPort) bool {
	if peer.Addr() != r.s.cfg.Relay || within(peer.Addr(), r.s.policy.allowed) {
		return true
	}
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	return r.s.relayed[peer] != nil
}

// Close implements net.PacketConn.
func (r *relayedConn) Close() error {
	err := r.PacketConn.Close()
	r.closing.Do(func() {
		r.s.mu.Lock()
		delete(r.s.relayed, r.addr)
		r.s.mu.Unlock()
		r.s.running.Done()
	})
	return err
}

// spend takes n bytes of a bucket, if there are as many.
func (r *relayedConn) spend(b *source.Bucket, n int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return b.Take(float64(n), relayRate, relayBurst, time.Now()) == 0
}
