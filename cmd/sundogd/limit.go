package main

import (
	"net"
	"net/netip"
	"sync"

	"sundog.dev/sundog/internal/source"
)

// limitedListener accepts no more than a number of connections at a time; others wait in the kernel's queue. It keeps
// idle strangers from taking the process's file descriptors, and one of them from taking all places: of one source
// (an IPv4 address, an IPv6 /64) connections beyond a smaller number are closed. Proxies have no such bound.
type limitedListener struct {
	net.Listener
	slots     chan struct{}
	perSource int
	proxies   proxies
	closed    chan struct{}
	once      sync.Once

	mu       sync.Mutex
	bySource map[netip.Prefix]int
}

func limitConnections(l net.Listener, n, perSource int, trusted proxies) *limitedListener {
	return &limitedListener{
		Listener: l, slots: make(chan struct{}, n), perSource: perSource, proxies: trusted, closed: make(chan struct{}),
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
		from := sourceOf(conn)
		if l.enter(from) {
			return &limitedConn{Conn: conn, free: sync.OnceFunc(func() { l.leave(from); <-l.slots })}, nil
		}
		_ = conn.Close()
	}
}

// enter counts a connection in, if its source may have one more.
func (l *limitedListener) enter(from netip.Prefix) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bySource[from] >= l.perSource && !l.proxies.trust(from.Addr()) {
		return false
	}
	l.bySource[from]++
	return true
}

func (l *limitedListener) leave(from netip.Prefix) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bySource[from]--; l.bySource[from] == 0 {
		delete(l.bySource, from)
	}
}

// sourceOf is where a connection comes from.
func sourceOf(conn net.Conn) netip.Prefix {
	tcp, ok := conn.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.Prefix{}
	}
	return source.Of(tcp.AddrPort().Addr())
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
