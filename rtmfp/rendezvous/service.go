package rendezvous

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"slices"
	"sync"

	"sundog.dev/sundog/internal/source"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// Config is what a Service may be told. The zero value is fit for use.
type Config struct {
	// Advertise is the host's address as the world knows it. A client on the host
	// itself, which the service sees on a loopback address, is introduced to others by it. Invalid: by nothing else.
	Advertise netip.Addr
	// OldClients admits programs of the Flash age, whose sessions with the service are badly protected
	// (flashcrypto.Options). Others lose nothing but group 31: they use group 14 instead.
	OldClients bool
	// Redirect, if set, is asked about each client that wants to open a session by the service's URI: it is sent on to the
	// addresses of other instances that Redirect returns, and served here if there are none. So instances share the
	// load. It is called on the endpoint's goroutine and must not block.
	Redirect func(from netip.AddrPort) []netip.AddrPort
	// Key, if set, decides about the developer key that a client shows: the first argument of its connect if that is a text, or
	// else the path of its URI. An error refuses the client, who is told its text as a sentence (NetConnection.Connect.Rejected).
	// It is called on the client's goroutine and may take its time. Connectivity checks need no key. nil: anybody may come.
	Key func(key string) error
	// Instances, if set, returns the addresses of the instances that live at this moment, this one's too. Each client is told when
	// it connects ("instances" in the info object), so that it knows where to go when this one dies. It must not block.
	Instances func() []string
	// OnLeave, if set, is called when a client has gone: its session has ended, and it is connected neither by a newer
	// one nor, as far as is known, at another instance. It is not called when the service is closed. It
	// is called on the client's goroutine and may take its time.
	OnLeave func(peerID string)
	// Cluster, if set, is the way to the other instances of the service: clients are introduced to those of all instances, and
	// relay to them. nil: there are no others.
	Cluster Cluster
	// Streams decides what becomes of streams that clients publish and play (package flash/live passes them on). nil refuses
	// both: a rendezvous service carries nobody's sound and picture. With it a session may hold 2 MiB of unread messages.
	Streams flash.Broker
	// Check, if set, lets clients check their connectivity (AppConnectivityCheck).
	Check *Check
	// Events receives the endpoint's event log (rtmfp.Config.Events); nil: none.
	Events io.Writer
	// Log receives what an operator may want to know; nil discards it.
	Log *slog.Logger
}

// Service introduces peers. It owns one goroutine that accepts sessions, two for
// each session, one for each control flow and running connectivity check, one for each packet conn
// of Config.Check, and one that writes to other instances; Close ends them all and waits.
type Service struct {
	cfg      Config
	endpoint *rtmfp.Endpoint
	ctx      context.Context // ends with Close
	cancel   context.CancelFunc
	running  sync.WaitGroup
	counters counters
	checker  *checker // nil: off
	link     *link    // to other instances; nil: there are none

	mu       sync.Mutex
	drained  []netip.AddrPort // where new clients are sent, if anywhere
	sessions int
	bySource map[netip.Prefix]int                // sessions of each source
	clients  map[flashcrypto.Fingerprint]*client // those that are connected
	byAddr   map[netip.AddrPort]*client          // those that have sent setPeerInfo, by where they were then
	sources  *source.Limiter
}

// New starts a service on conn, with a fresh identity, and owns conn from then on.
func New(conn rtmfp.PacketConn, cfg Config) (*Service, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	identity, err := flashcrypto.NewProfile(flashcrypto.Options{Server: true, OldClients: cfg.OldClients})
	if err != nil {
		return nil, fmt.Errorf("rendezvous: making an identity: %w", err)
	}
	s := &Service{
		cfg:      cfg,
		bySource: make(map[netip.Prefix]int),
		clients:  make(map[flashcrypto.Fingerprint]*client),
		byAddr:   make(map[netip.AddrPort]*client),
		sources:  source.NewLimiter(introductionRate, introductionBurst),
		checker:  newChecker(cfg.Check, identity),
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	if s.link, err = newLink(s); err != nil {
		s.cancel()
		return nil, err
	}
	buffer := sessionBuffer
	if cfg.Streams != nil {
		buffer = 0 // the default: key frames fit
	}
	s.endpoint, err = rtmfp.NewEndpoint(conn, rtmfp.Config{
		Crypto: identity, Introducer: introducer{s}, SessionBuffer: buffer, Log: cfg.Log, Events: cfg.Events,
		Redirect: introducer{s}.redirect,
	})
	if err != nil {
		s.cancel()
		s.link.close()
		return nil, fmt.Errorf("rendezvous: %w", err)
	}
	s.running.Go(s.accept)
	if s.checker != nil {
		s.checker.run(&s.running)
	}
	return s, nil
}

// LocalAddr is the address of the packet conn.
func (s *Service) LocalAddr() netip.AddrPort { return s.endpoint.LocalAddr() }

// Drain sends all who want to open a session from now on to other instances, as Config.Redirect may do
// with some. Clients that are here stay, until they leave or the service is closed. Without instances the service takes
// clients again.
func (s *Service) Drain(instances ...netip.AddrPort) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drained = slices.Clone(instances)
}

// Close tells all clients, closes the packet conn and waits for every goroutine.
func (s *Service) Close() error {
	s.cancel()
	if s.checker != nil {
		s.checker.close()
	}
	s.link.close()
	err := s.endpoint.Close()
	s.running.Wait()
	return err
}

func (s *Service) accept() {
	for {
		session, err := s.endpoint.Accept(s.ctx)
		if err != nil {
			return
		}
		from := source.Of(session.FarAddr().Addr())
		if !s.admit(from) {
			s.counters.refused.Add(1)
			_ = session.Close()
			continue
		}
		s.counters.accepted.Add(1)
		s.running.Go(func() {
			defer s.release(from)
			newClient(s, session).serve()
		})
	}
}

// admit counts a session in, if there is room for it.
func (s *Service) admit(from netip.Prefix) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sessions >= maxSessions || s.bySource[from] >= maxSessionsPerSource && !from.Addr().IsLoopback() {
		return false
	}
	s.sessions++
	s.bySource[from]++
	return true
}

func (s *Service) release(from netip.Prefix) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions--
	if s.bySource[from]--; s.bySource[from] == 0 {
		delete(s.bySource, from)
	}
}

// add makes a client known. A client of the same peer ID, which has come back
// before its old session was missed, is replaced, at other instances too.
func (s *Service) add(c *client) {
	s.mu.Lock()
	old := s.clients[c.id]
	s.clients[c.id] = c
	s.mu.Unlock()
	if old != nil && old != c {
		_ = old.session.Close()
	}
	s.link.announce(c)
}

// remove forgets a client that has gone, unless another has replaced it.
func (s *Service) remove(c *client) {
	if s.forget(c) && s.cfg.OnLeave != nil && s.ctx.Err() == nil {
		s.cfg.OnLeave(c.id.String())
	}
}

// forget reports whether the client was known.
func (s *Service) forget(c *client) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byAddr[c.observed] == c {
		delete(s.byAddr, c.observed)
	}
	known := s.clients[c.id] == c
	if known {
		delete(s.clients, c.id)
	}
	return known
}

func (s *Service) find(id flashcrypto.Fingerprint) *client {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clients[id]
}
