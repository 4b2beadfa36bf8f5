package turn

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

var (
	relayAddr       = netip.MustParseAddrPort("192.0.2.1:3478")
	peerAddrForTest = netip.MustParseAddrPort("192.0.2.9:5000")
)

// packetConn is a conn of the network in memory as the server needs it.
type packetConn struct{ *vnet.Conn }

func (c packetConn) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.ReadFromUDPAddrPort(b)
	return n, net.UDPAddrFromAddrPort(from), err
}

func (c packetConn) WriteTo(b []byte, to net.Addr) (int, error) {
	return c.WriteToUDPAddrPort(b, addrPortOf(to))
}
func (packetConn) SetDeadline(time.Time) error      { return nil }
func (packetConn) SetReadDeadline(time.Time) error  { return nil }
func (packetConn) SetWriteDeadline(time.Time) error { return nil }

// link is a client's conn to the relay.
type link struct{ packetConn }

func (l link) Read(b []byte) (int, error) {
	n, _, err := l.ReadFromUDPAddrPort(b)
	return n, err
}
func (l link) Write(b []byte) (int, error) { return l.WriteToUDPAddrPort(b, relayAddr) }
func (link) RemoteAddr() net.Addr          { return net.UDPAddrFromAddrPort(relayAddr) }

// world is a relay, a client and a peer in memory, on a virtual clock.
type world struct {
	t      *testing.T
	net    *vnet.Network
	server *Server
	conn   *Conn
	peer   *vnet.Conn
}

// inWorld runs f with credentials that last as long as told.
func inWorld(t *testing.T, credentials time.Duration, f func(world)) {
	synctest.Test(t, func(t *testing.T) {
		w := world{t: t, net: vnet.New(1)}
		defer w.net.Close()
		w.net.SetDefaultLink(vnet.Link{Latency: 10 * time.Millisecond})
		w.server = w.serve()
		defer func() { _ = w.server.Close() }()
		near, err := w.net.Listen(netip.MustParseAddrPort("198.51.100.1:4000"))
		if err != nil {
			t.Fatal(err)
		}
		user, password := Issue(secret, "ann", time.Now().Add(credentials))
		w.conn, err = dial(context.Background(), URL{Host: relayAddr.String(), User: user, Password: password}, link{packetConn{near}})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = w.conn.Close() }()
		if w.peer, err = w.net.Listen(peerAddrForTest); err != nil {
			t.Fatal(err)
		}
		f(w)
	})
}

func (w world) serve() *Server {
	w.t.Helper()
	conn, err := w.net.Listen(relayAddr)
	if err != nil {
		w.t.Fatal(err)
	}
	s, err := newServer(packetConn{conn}, nil, ServerConfig{
		Relay: relayAddr.Addr(), Realm: "example.org", Secret: secret, Peers: prefixes("192.0.2.0/24"),
	}, func(at netip.AddrPort) (net.PacketConn, error) {
		c, err := w.net.Listen(at)
		if err != nil {
			return nil, err
		}
		return packetConn{c}, nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// ping sends a packet to the peer, and reports whether it came and its answer too.
func (w world) ping() bool {
	w.t.Helper()
	if _, err := w.conn.WriteToUDPAddrPort([]byte("ping"), peerAddrForTest); err != nil {
		w.t.Fatal(err)
	}
	answered := make(chan struct{})
	go func() {
		b := make([]byte, 100)
		if n, _, err := w.conn.ReadFromUDPAddrPort(b); err == nil && string(b[:n]) == "pong" {
			close(answered)
		}
	}()
	b := make([]byte, 100)
	n, from, err := w.peer.ReadFromUDPAddrPort(b)
	if err != nil || string(b[:n]) != "ping" {
		w.t.Fatalf("the peer reads %q, %v", b[:n], err)
	}
	if _, err := w.peer.WriteToUDPAddrPort([]byte("pong"), from); err != nil {
		w.t.Fatal(err)
	}
	select {
	case <-answered:
		return true
	case <-time.After(time.Second):
		return false
	}
}

func TestAnAllocationIsKeptUpForHoursBeyondItsCredentials(t *testing.T) {
	inWorld(t, time.Hour, func(w world) {
		relayed := w.conn.LocalAddr().String()
		for range 3 * 60 * 2 {
			if !w.ping() {
				t.Fatal("a packet got lost")
			}
			time.Sleep(30 * time.Second)
		}
		if w.conn.LocalAddr().String() != relayed || w.server.Stats().Allocated != 1 {
			t.Errorf("%+v", w.server.Stats())
		}
		w.conn.mu.Lock()
		bound := w.conn.peers[peerAddrForTest].bound(time.Now())
		w.conn.mu.Unlock()
		if !bound {
			t.Error("the peer has lost its channel")
		}
	})
}

func TestWhatIsNotUsedIsForgotten(t *testing.T) {
	inWorld(t, time.Hour, func(w world) {
		if !w.ping() {
			t.Fatal("a packet got lost")
		}
		time.Sleep(40 * time.Minute)
		w.conn.mu.Lock()
		peers, permissions, channels := len(w.conn.peers), len(w.conn.permissions), len(w.conn.channels)
		w.conn.mu.Unlock()
		if peers+permissions+channels != 0 {
			t.Errorf("%d peers, %d permissions and %d channels are left", peers, permissions, channels)
		}
		if !w.ping() {
			t.Error("a forgotten peer cannot be reached again")
		}
	})
}

func TestAFloodOfPeersIsBounded(t *testing.T) {
	inWorld(t, time.Hour, func(w world) {
		for i := range 4 * maxPeers {
			to := netip.AddrPortFrom(netip.MustParseAddr("192.0.2.50"), uint16(1+i))
			for range 2 * maxWaiting {
				if _, err := w.conn.WriteToUDPAddrPort([]byte("x"), to); err != nil {
					t.Fatal(err)
				}
			}
		}
		w.conn.mu.Lock()
		peers := len(w.conn.peers)
		for _, p := range w.conn.peers {
			if len(p.waiting) > maxWaiting {
				t.Errorf("%d packets wait", len(p.waiting))
			}
		}
		w.conn.mu.Unlock()
		if peers > maxPeers {
			t.Errorf("%d peers", peers)
		}
		time.Sleep(time.Second)
		if !w.ping() {
			t.Error("the flood has not ended")
		}
	})
}

func TestARelayThatIsGoneEndsTheConn(t *testing.T) {
	inWorld(t, time.Hour, func(w world) {
		if err := w.server.Close(); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		_, _, err := w.conn.ReadFromUDPAddrPort(make([]byte, 10))
		if !errors.Is(err, ErrLost) || !errors.Is(err, ErrNoAnswer) || !errors.Is(err, net.ErrClosed) {
			t.Errorf("%v", err)
		}
		if waited := time.Since(began); waited > allocationLifetime+time.Minute {
			t.Errorf("found out after %v", waited)
		}
	})
}

func TestARelayThatHasForgottenUsEndsTheConn(t *testing.T) {
	inWorld(t, time.Hour, func(w world) {
		if err := w.server.Close(); err != nil {
			t.Fatal(err)
		}
		second := w.serve() // knows nothing of what the first had
		defer func() { _ = second.Close() }()
		if _, _, err := w.conn.ReadFromUDPAddrPort(make([]byte, 10)); !errors.Is(err, ErrLost) {
			t.Errorf("%v", err)
		}
	})
}

func TestLossOnTheWayToTheRelayIsMadeUpFor(t *testing.T) {
	inWorld(t, time.Hour, func(w world) {
		w.net.SetDefaultLink(vnet.Link{Latency: 10 * time.Millisecond, Loss: 0.2})
		for range 2 * 60 {
			if _, err := w.conn.WriteToUDPAddrPort([]byte("x"), peerAddrForTest); err != nil {
				t.Fatal(err)
			}
			time.Sleep(30 * time.Second)
		}
		if got := w.server.Stats(); got.Allocations != 1 || got.Sent < 60 {
			t.Errorf("%+v", got)
		}
	})
}
