package main

import (
	"net"
	"net/netip"
	"sync"
)

// limitedListener accepts no more than a number of connections at a time; others wait in the kernel's queue. It keeps
// idle strangers from taking the process's file descriptors, and one of them from taking all places: of one source
// (an IPv4 address, an IPv6 /64) connections beyond a smaller number are closed. Loopback, where a proxy may be, has no
// such bound.
type limitedListener struct {
	net.Listener
	slots     chan struct{}
	perSource int
	closed    chan struct{}
	once      sync.Once

	mu       sync.Mutex
	bySource map[netip.Prefix]int
}

func limitConnections(l net.Listener, n, perSource int) *limitedListener {
	return &limitedListener{
		Listener: l, slots: make(chan struct{}, n), perSource: perSource, closed: make(chan struct{}),
		bySource: make(map[netip.Prefix]int),
	}
}

// Accept implements net.Listener.
func (l *limitedListener) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			<-l.slots
			return nil, err
		}
		source := sourceOf(conn.RemoteAddr())
		if l.enter(source) {
			return &limitedConn{Conn: conn, free: sync.OnceFunc(func() { l.leave(source); <-l.slots })}, nil
		}
		_ = conn.Close()
	}
}

// enter counts a connection in, if its source may have one more.
func (l *limitedListener) enter(source netip.Prefix) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bySource[source] >= l.perSource && !source.Addr().IsLoopback() {
		return false
	}
	l.bySource[source]++
	return true
}

func (l *limitedListener) leave(source netip.Prefix) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bySource[source]--; l.bySource[source] == 0 {
		delete(l.bySource, source)
	}
}

// sourceOf is the network that a connection comes from.
func sourceOf(a net.Addr) netip.Prefix {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.Prefix{}
	}
	addr, bits := tcp.AddrPort().Addr().Unmap(), 32
	if addr.Is6() {
		bits = 64
	}
	p, err := addr.WithZone("").Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

// Close implements net.Listener.
func (l *limitedListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// limitedConn gives its place back when it is closed.
type limitedConn struct {
	net.Conn
	free func()
}

// Close implements net.Conn.
func (c *limitedConn) Close() error {
	defer c.free()
	return c.Conn.Close()
}
