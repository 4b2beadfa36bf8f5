package turn

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/logging"
	pionturn "github.com/pion/turn/v4"

	"sundog.dev/sundog/internal/source"
)

// ServerConfig is what a Server needs.
type ServerConfig struct {
	// Relay is the IPv4 address that clients are told: this host's as the world knows it. Required.
	Relay netip.Addr
	// Bind is the host's own address for relayed packets, where it is another, as behind a cloud's NAT. Invalid: Relay.
	Bind netip.Addr
	// Realm goes with user names. Required.
	Realm string
	// Secret is what credentials are made with (Issue). Required.
	Secret []byte
	// Peers are networks that may be reached though they are private, or this host. Without them relayed packets go to public
	// addresses only, and to other relayed addresses of this server: a relay that reaches more opens
	// the network behind it to everybody with credentials.
	Peers []netip.Prefix
	// Log receives what an operator may want to know; nil discards it.
	Log *slog.Logger
}

// Server is a TURN server for UDP peers. It owns the goroutines of its sockets; Close ends them all and waits.
type Server struct {
	cfg      ServerConfig
	pion     *pionturn.Server
	policy   *peerPolicy
	requests *source.Limiter
	counters serverCounters
	running  sync.WaitGroup // of relayed addresses and TCP connections

	listen func(netip.AddrPort) (net.PacketConn, error) // for relayed addresses

	mu          sync.Mutex
	closed      bool
	allocations map[clientKey]*allocation
	identities  map[string]int // allocations of each
	sources     map[netip.Prefix]int
	relayed     map[netip.AddrPort]*relayedConn // by the address that clients are told
	streams     map[*framed]struct{}            // TCP connections
}

// NewServer serves TURN on a packet conn and, if tcp is not nil, on a listener, and owns both.
func NewServer(udp net.PacketConn, tcp net.Listener, cfg ServerConfig) (*Server, error) {
	return newServer(udp, tcp, cfg, func(at netip.AddrPort) (net.PacketConn, error) {
		return net.ListenUDP("udp4", net.UDPAddrFromAddrPort(at))
	})
}

func newServer(udp net.PacketConn, tcp net.Listener, cfg ServerConfig, listen func(netip.AddrPort) (net.PacketConn, error)) (*Server, error) {
	if cfg.Relay = cfg.Relay.Unmap(); !cfg.Relay.Is4() || cfg.Relay.IsUnspecified() {
		return nil, errors.New("turn: the relay needs a public IPv4 address")
	}
	if cfg.Bind = cfg.Bind.Unmap(); !cfg.Bind.IsValid() {
		cfg.Bind = cfg.Relay
	}
	if cfg.Realm == "" || len(cfg.Secret) == 0 {
		return nil, errors.New("turn: the relay needs a realm and a secret")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		cfg: cfg, listen: listen,
		policy:      newPeerPolicy(cfg),
		requests:    source.NewLimiter(requestRate, requestBurst),
		allocations: make(map[clientKey]*allocation),
		identities:  make(map[string]int),
		sources:     make(map[netip.Prefix]int),
		relayed:     make(map[netip.AddrPort]*relayedConn),
		streams:     make(map[*framed]struct{}),
	}
	config := pionturn.ServerConfig{
		Realm: cfg.Realm, AuthHandler: s.authenticate, QuotaHandler: s.admit, EventHandler: s.events(),
		LoggerFactory: quiet{}, InboundMTU: maxMessage,
		PacketConnConfigs: []pionturn.PacketConnConfig{{
			PacketConn: &requestLimited{PacketConn: udp, s: s}, RelayAddressGenerator: generator{s}, PermissionHandler: s.permit,
		}},
	}
	if tcp != nil {
		config.ListenerConfigs = []pionturn.ListenerConfig{{
			Listener: streamListener{tcp, s}, RelayAddressGenerator: generator{s}, PermissionHandler: s.permit,
		}}
	}
	var err error
	if s.pion, err = pionturn.NewServer(config); err != nil {
		return nil, fmt.Errorf("turn: %w", err)
	}
	return s, nil
}

// Close ends all allocations and waits for them.
func (s *Server) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		s.running.Wait()
		return nil
	}
	s.closed = true
	streams := make([]*framed, 0, len(s.streams))
	for f := range s.streams {
		streams = append(streams, f)
	}
	relayed := make([]*relayedConn, 0, len(s.relayed))
	for _, r := range s.relayed {
		relayed = append(relayed, r)
	}
	s.mu.Unlock()
	err := s.pion.Close()
	for _, f := range streams {
		_ = f.Close()
	}
	for _, r := range relayed {
		_ = r.Close()
	}
	s.running.Wait()
	return err
}

// requestLimited drops requests of sources that send too many. Packets to be relayed are not counted: they cost no answer.
type requestLimited struct {
	net.PacketConn
	s *Server
}

// ReadFrom implements net.PacketConn.
func (c *requestLimited) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := c.PacketConn.ReadFrom(b)
		if err != nil || !isRequest(b[:n]) || c.s.mayAsk(from) {
			return n, from, err
		}
	}
}

// isRequest reports whether a message is no channel data and no indication (RFC 8489 §5: the class is in two bits of the type).
func isRequest(b []byte) bool {
	return len(b) >= 2 && b[0]>>6 == 0 && (b[0]&1 != 0 || b[1]&0x10 == 0)
}

// mayAsk takes a request of a source into account.
func (s *Server) mayAsk(from net.Addr) bool {
	addr := addrPortOf(from).Addr()
	if addr.IsLoopback() || s.requests.Take(addr, 1, time.Now()) == 0 {
		return true
	}
	s.counters.throttled.Add(1)
	return false
}

// streamListener makes conns of messages of the connections that it accepts.
type streamListener struct {
	net.Listener
	s *Server
}

// Accept implements net.Listener.
func (l streamListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		f := newFramed(conn)
		key := clientKeyOf(conn.RemoteAddr())
		f.patience = func() time.Duration {
			if l.s.has(key) {
				return clientTimeout
			}
			return strangerTimeout
		}
		f.onClose = func() {
			l.s.mu.Lock()
			delete(l.s.streams, f)
			l.s.mu.Unlock()
			l.s.running.Done()
		}
		l.s.mu.Lock()
		closed := l.s.closed
		if !closed {
			l.s.streams[f] = struct{}{}
			l.s.running.Add(1)
		}
		l.s.mu.Unlock()
		if !closed {
			return f, nil
		}
		_ = conn.Close()
	}
}

// addrPortOf is the address of a UDP or TCP socket.
func addrPortOf(a net.Addr) netip.AddrPort {
	var ap netip.AddrPort
	switch a := a.(type) {
	case *net.UDPAddr:
		ap = a.AddrPort()
	case *net.TCPAddr:
		ap = a.AddrPort()
	}
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// quiet keeps pion's log lines to itself: they name addresses, some of them for each packet. What matters is counted.
type quiet struct{}

// NewLogger implements logging.LoggerFactory.
func (quiet) NewLogger(string) logging.LeveledLogger { return quiet{} }

func (quiet) Trace(string)          {}
func (quiet) Tracef(string, ...any) {}
func (quiet) Debug(string)          {}
func (quiet) Debugf(string, ...any) {}
func (quiet) Info(string)           {}
func (quiet) Infof(string, ...any)  {}
func (quiet) Warn(string)           {}
func (quiet) Warnf(string, ...any)  {}
func (quiet) Error(string)          {}
func (quiet) Errorf(string, ...any) {}
