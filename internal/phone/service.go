package phone

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	nethttp "net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"sundog.dev/sundog/idmanager"
	idhttp "sundog.dev/sundog/idmanager/http"
	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

const (
	// serviceTimeout is how long a service or directory may take before the
	// user is told; much less than the 90 s of Flash.
	serviceTimeout = 7 * time.Second

	// refreshEvery is the old protocol's rate; a directory drops names after an hour.
	refreshEvery = 30 * time.Minute

	// The pauses between tries: quick at first, for a service that restarts.
	firstRetry = time.Second
	lastRetry  = 15 * time.Second

	// unregisterTimeout bounds how long leaving may take.
	unregisterTimeout = time.Second

	defaultRTMFPPort = "1935"
	directoryPort    = "8035"
)

// ServiceState is the kind of a ServiceStatus.
type ServiceState int

// The states of the service.
const (
	NoService ServiceState = iota
	ServiceConnecting
	ServiceReachable // connected and, with a name, registered
	ServiceFailed    // it is tried again by itself
)

// ServiceStatus says how others can reach us.
type ServiceStatus struct {
	State    ServiceState
	Where    string // the service's host
	Sentence string // of ServiceFailed: what happened and what is tried
}

// service keeps one service leg up: connected, and the name registered. Its
// endpoint and peer ID stay the same across reconnects, so that calls survive it.
type service struct {
	phone             *Phone
	log               *slog.Logger
	server, directory string // as the user gave them
	where             string
	name              string
	nc                *flash.NetConnection
	addr              netip.AddrPort
	ids               idmanager.IdManager

	down   chan struct{} // a value: the leg was lost
	cancel context.CancelFunc
	done   chan struct{}

	mu      sync.Mutex
	status  ServiceStatus
	changed chan struct{} // closed at the next change of status
}

// CheckService says what is wrong with a service's addresses, and returns the
// host and the directory's URL.
func CheckService(server, directory string) (where, directoryURL string, err error) {
	u, err := url.Parse(server)
	if err != nil || u.Scheme != "rtmfp" || u.Hostname() == "" {
		return "", "", fmt.Errorf("%q is not a service's address; it looks like rtmfp://example.org", server)
	}
	if directory == "" {
		return u.Hostname(), (&url.URL{Scheme: "http", Host: net.JoinHostPort(u.Hostname(), directoryPort)}).String(), nil
	}
	d, err := url.Parse(directory)
	if err != nil || (d.Scheme != "http" && d.Scheme != "https") || d.Hostname() == "" {
		return "", "", fmt.Errorf("%q is not a directory's address; it looks like http://example.org:8035", directory)
	}
	return u.Hostname(), directory, nil
}

func (p *Phone) newService(server, directory, name string) (*service, error) {
	where, directoryURL, err := CheckService(server, directory)
	if err != nil {
		return nil, err
	}
	ids, err := idhttp.New(directoryURL, &nethttp.Client{Timeout: serviceTimeout})
	if err != nil {
		return nil, err
	}
	var bind *net.UDPAddr
	if p.cfg.Bind.IsValid() {
		bind = net.UDPAddrFromAddrPort(p.cfg.Bind)
	}
	nc, addr, err := p.newConnection(bind)
	if err != nil {
		return nil, err
	}
	return &service{
		phone: p, log: p.log.With("service", where),
		server: server, directory: directory, where: where, name: name,
		nc: nc, addr: addr, ids: ids,
		down:    make(chan struct{}, 1),
		done:    make(chan struct{}),
		status:  ServiceStatus{State: ServiceConnecting, Where: where},
		changed: make(chan struct{}),
	}, nil
}

// newConnection opens a socket with an identity of its own, and returns its local address too.
func (p *Phone) newConnection(bind *net.UDPAddr) (*flash.NetConnection, netip.AddrPort, error) {
	identity, err := flashcrypto.NewProfile(flashcrypto.Options{})
	if err != nil {
		return nil, netip.AddrPort{}, err
	}
	conn, err := net.ListenUDP("udp", bind)
	if err != nil {
		return nil, netip.AddrPort{}, fmt.Errorf("no UDP socket could be opened: %w", err)
	}
	ep, err := rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: identity, Log: p.log})
	if err != nil {
		return nil, netip.AddrPort{}, errors.Join(err, conn.Close())
	}
	nc := flash.NewNetConnection(flash.Config{
		Endpoint: ep, NearID: identity.Fingerprint(), MaxPeerConnections: p.cfg.MaxPeers, Log: p.log,
	})
	return nc, ep.LocalAddr(), nil
}

func (s *service) start() {
	ctx, cancel := context.WithCancel(s.phone.ctx)
	s.cancel = cancel
	s.phone.agent.Attach(s.nc, s.onStatus)
	go s.run(ctx)
}

// onStatus is told by the agent what the service leg does.
func (s *service) onStatus(st flash.Status) {
	if st.Code != flash.CodeConnectClosed && st.Code != flash.CodeConnectFailed {
		return
	}
	select {
	case s.down <- struct{}{}:
	default:
	}
}

// close withdraws the name, ends the calls over this service and waits.
func (s *service) close() {
	if s.cancel != nil {
		s.cancel()
		<-s.done
		s.phone.agent.Detach(s.nc)
	}
	if s.registered() {
		ctx, cancel := context.WithTimeout(context.Background(), unregisterTimeout)
		if err := s.ids.Unregister(ctx); err != nil {
			s.log.Info("name not withdrawn", "error", err)
		}
		cancel()
	}
	if err := s.nc.Close(); err != nil {
		s.log.Warn("closing the connection", "error", err)
	}
}

func (s *service) registered() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status.State == ServiceReachable && s.name != ""
}

func (s *service) setStatus(state ServiceState, sentence string) {
	s.mu.Lock()
	if s.status.State == state && s.status.Sentence == sentence {
		s.mu.Unlock()
		return
	}
	s.status.State, s.status.Sentence = state, sentence
	close(s.changed)
	s.changed = make(chan struct{})
	s.mu.Unlock()
	s.phone.notify()
}

func (s *service) snapshot() (ServiceStatus, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status, s.changed
}

// run connects, registers, refreshes, and begins again when the leg is lost.
func (s *service) run(ctx context.Context) {
	defer close(s.done)
	retry := firstRetry
	for {
		err := s.enter(ctx)
		if err == nil {
			retry = firstRetry
			s.setStatus(ServiceReachable, "")
			err = s.stay(ctx)
		}
		if ctx.Err() != nil {
			return
		}
		s.log.Warn("service", "error", err)
		s.setStatus(ServiceFailed, err.Error()+" Trying again.")
		select {
		case <-ctx.Done():
			return
		case <-time.After(retry):
		}
		retry = min(2*retry, lastRetry)
	}
}

// enter connects to the service and registers the name. Its errors are sentences.
func (s *service) enter(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, serviceTimeout)
	defer cancel()
	if !s.nc.Connected() {
		select {
		case <-s.down: // of an earlier connection
		default:
		}
		if err := s.nc.Connect(ctx, s.server); err != nil {
			return connectError(s.where, err)
		}
	}
	if s.name == "" {
		return nil
	}
	record := idmanager.Record{Name: s.name, PeerID: s.nc.NearID().String()}
	if err := s.ids.Register(ctx, record); err != nil {
		return directoryError(s.ids.Where(), err)
	}
	return nil
}

// stay returns when the leg was lost or the name could not be refreshed.
func (s *service) stay(ctx context.Context) error {
	refresh := time.NewTicker(refreshEvery)
	defer refresh.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.down:
			return fmt.Errorf("The connection to the service at %s was lost.", s.where) //nolint:revive,staticcheck // a sentence for the user
		case <-refresh.C:
			if s.name == "" {
				continue
			}
			if err := s.refresh(ctx); err != nil {
				return directoryError(s.ids.Where(), err)
			}
		}
	}
}

func (s *service) refresh(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, serviceTimeout)
	defer cancel()
	return s.ids.Refresh(ctx)
}

// resolve finds somebody in the directory, once the service is there.
func (s *service) resolve(ctx context.Context, name string) (mesh.Target, error) {
	ctx, cancel := context.WithTimeout(ctx, serviceTimeout)
	defer cancel()
	for {
		st, changed := s.snapshot()
		if st.State == ServiceReachable {
			break
		}
		select {
		case <-ctx.Done():
			return mesh.Target{}, fmt.Errorf("%w: %s", flash.ErrNotConnected, st.Sentence)
		case <-changed:
		}
	}
	rec, err := s.ids.LookUp(ctx, name)
	if err != nil {
		return mesh.Target{}, err
	}
	id, err := flashcrypto.ParseFingerprint(rec.PeerID)
	if err != nil {
		return mesh.Target{}, fmt.Errorf("the directory's record of %s is not a peer ID: %w", name, err)
	}
	return mesh.Target{Conn: s.nc, PeerID: id}, nil
}

// sentence is an error that is told to the user as it is.
type sentence struct {
	text  string
	cause error
}

func (e *sentence) Error() string { return e.text }
func (e *sentence) Unwrap() error { return e.cause }

func connectError(where string, err error) error {
	var refused *flash.StatusError
	var dns *net.DNSError
	switch {
	case errors.As(err, &refused):
		text := strings.TrimSuffix(refused.Status.Description, ".")
		return &sentence{fmt.Sprintf("The service at %s refused the connection: %s.", where, text), err}
	case errors.As(err, &dns):
		return &sentence{fmt.Sprintf("There is no host by the name %s. Check the address and your network.", where), err}
	}
	return &sentence{fmt.Sprintf("No service answers at %s. Check the address and your network.", where), err}
}

func directoryError(where string, err error) error {
	if errors.Is(err, idmanager.ErrRefused) {
		return &sentence{fmt.Sprintf("The directory at %s did not take your name.", where), err}
	}
	return &sentence{fmt.Sprintf("The service answers, but its directory at %s does not, so others cannot find you.", where), err}
}

// Service tells how others can reach us.
func (p *Phone) Service() ServiceStatus {
	st, _ := p.serviceStatus()
	return st
}

func (p *Phone) serviceStatus() (ServiceStatus, <-chan struct{}) {
	p.mu.Lock()
	s := p.service
	p.mu.Unlock()
	if s == nil {
		return ServiceStatus{}, nil
	}
	return s.snapshot()
}

// WaitService waits until the service is reachable or has failed once.
func (p *Phone) WaitService(ctx context.Context) (ServiceStatus, error) {
	for {
		st, changed := p.serviceStatus()
		if st.State != ServiceConnecting {
			return st, nil
		}
		select {
		case <-ctx.Done():
			return st, ctx.Err()
		case <-changed:
		}
	}
}

// NextService waits until the service's status differs from last.
func (p *Phone) NextService(ctx context.Context, last ServiceStatus) (ServiceStatus, error) {
	for {
		st, changed := p.serviceStatus()
		if st != last {
			return st, nil
		}
		select {
		case <-ctx.Done():
			return st, ctx.Err()
		case <-changed:
		}
	}
}

// PeerID is our own peer ID at the service, in hex, "" without a service.
func (p *Phone) PeerID() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.service == nil {
		return ""
	}
	return p.service.nc.NearID().String()
}

// TryService connects to a service and asks its directory, without keeping
// either, to tell whether the addresses are right. Its errors are sentences.
func (p *Phone) TryService(ctx context.Context, server, directory string) error {
	s, err := p.newService(server, directory, "")
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.enter(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, serviceTimeout)
	defer cancel()
	_, err = s.ids.LookUp(ctx, p.callerName())
	if err != nil && !errors.Is(err, idmanager.ErrUnknownName) && !errors.Is(err, idmanager.ErrOffline) {
		return directoryError(s.ids.Where(), err)
	}
	return nil
}

// Addr is the local UDP address of the service's socket; the zero value without a service.
func (p *Phone) Addr() netip.AddrPort {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.service == nil {
		return netip.AddrPort{}
	}
	return p.service.addr
}
