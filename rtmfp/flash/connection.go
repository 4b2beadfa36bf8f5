package flash

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// PeerID names a peer: the fingerprint of its certificate.
type PeerID = flashcrypto.Fingerprint

// Config is what a NetConnection needs.
type Config struct {
	// Endpoint carries the service leg and all peer sessions; the NetConnection owns it.
	Endpoint *rtmfp.Endpoint
	// NearID is the endpoint's own peer ID.
	NearID PeerID
	// MaxPeerConnections bounds peers, in + out together; 0 means 8. Lowering hits only new inbound peers.
	MaxPeerConnections int
	// ObjectEncoding is what connect asks for (NetConnection.objectEncoding); what a service agrees to is Encoding. Flash's
	// default is AMF3, ours AMF0, which every service reads.
	ObjectEncoding ObjectEncoding
	// ConnectInfo has further members of connect's command object (swfUrl, pageUrl, capabilities …).
	ConnectInfo amf.Object
	// Log receives what an operator may want to know; nil discards it.
	Log *slog.Logger
	// Resolver finds the addresses of a service's host; nil: net.DefaultResolver.
	Resolver Resolver
	// Interfaces lists the machine's addresses for setPeerInfo; nil: net.InterfaceAddrs.
	Interfaces func() ([]net.Addr, error)
}

// Resolver finds the addresses of a host name; *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// NetConnection is the connection to a rendezvous service and the home of all
// peer sessions of one endpoint. Peers outlive the service leg (a departure from RFC 7425 §5.3).
//
// It owns these goroutines, all of which end with Close: one accepts sessions; the service leg and each peer
// have one that watches and one that accepts flows; each incoming flow has one that reads; each dial has one.
type NetConnection struct {
	cfg      Config
	log      *slog.Logger
	ctx      context.Context // ends with Close
	cancel   context.CancelFunc
	running  sync.WaitGroup
	closing  sync.Once
	events   *queue[Event]
	accepted *queue[*Peer]

	// decision is held while onPeerConnect decides about a play, and only by goroutines of the NetConnection: its users
	// may hold locks of their own in their calls.
	decision sync.Mutex

	mu            sync.Mutex // of all below; before any other lock of the package but decision
	closed        bool
	maxPeers      int
	connecting    bool
	leg           *serviceLeg // nil: not connected
	peerKeepalive time.Duration
	peers         map[PeerID]*Peer
	dials         map[PeerID]*dial
	streams       map[string]*PublishStream
	pending       []*PeerStream
}

// NewNetConnection takes over the endpoint: it accepts its sessions from now on.
func NewNetConnection(cfg Config) *NetConnection {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.MaxPeerConnections == 0 {
		cfg.MaxPeerConnections = defaultMaxPeers
	}
	if cfg.Resolver == nil {
		cfg.Resolver = net.DefaultResolver
	}
	if cfg.Interfaces == nil {
		cfg.Interfaces = net.InterfaceAddrs
	}
	nc := &NetConnection{
		cfg:           cfg,
		log:           cfg.Log,
		events:        newQueue[Event](maxEvents),
		accepted:      newQueue[*Peer](maxUnaccepted),
		maxPeers:      cfg.MaxPeerConnections,
		peerKeepalive: peerKeepalive,
		peers:         make(map[PeerID]*Peer),
		dials:         make(map[PeerID]*dial),
		streams:       make(map[string]*PublishStream),
	}
	nc.ctx, nc.cancel = context.WithCancel(context.Background())
	nc.running.Go(nc.acceptSessions)
	return nc
}

// NearID is our own peer ID (NetConnection.nearID).
func (nc *NetConnection) NearID() PeerID { return nc.cfg.NearID }

// NearCertificate is the certificate whose fingerprint NearID is.
func (nc *NetConnection) NearCertificate() rtmfp.Certificate { return nc.cfg.Endpoint.Certificate() }

// LocalAddr is the address of the endpoint's socket.
func (nc *NetConnection) LocalAddr() netip.AddrPort { return nc.cfg.Endpoint.LocalAddr() }

// Next returns the next event of the service leg (what NetConnection dispatches as netStatus, and calls of its client): an
// Invocation by the service
// (onRelay) or a Status (NetConnection.Connect.Closed …). The queue is bounded: beyond it
// invocations are dropped. After Close it is rtmfp.ErrClosed.
func (nc *NetConnection) Next(ctx context.Context) (Event, error) { return nc.events.pop(ctx) }

// SetMaxPeerConnections changes the bound on peers (NetConnection.maxPeerConnections).
func (nc *NetConnection) SetMaxPeerConnections(n int) {
	nc.mu.Lock()
	defer nc.mu.Unlock()
	nc.maxPeers = n
}

// Close closes everything (NetConnection.close), the endpoint too, and waits.
func (nc *NetConnection) Close() error {
	var err error
	nc.closing.Do(func() {
		nc.mu.Lock()
		nc.closed = true
		nc.mu.Unlock()
		nc.cancel()
		err = nc.cfg.Endpoint.Close()
		nc.running.Wait()
		nc.events.close(rtmfp.ErrClosed, true)
		nc.accepted.close(rtmfp.ErrClosed, true)
	})
	return err
}

// start runs f on a goroutine of the NetConnection, unless that is closed. nc.mu must not be held.
func (nc *NetConnection) start(f func()) bool {
	nc.mu.Lock()
	defer nc.mu.Unlock()
	if nc.closed {
		return false
	}
	nc.running.Go(f)
	return true
}
