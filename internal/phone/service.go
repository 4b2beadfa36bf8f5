package phone

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
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
)

// service keeps one service leg up: connected, and the name registered. Its
// endpoint and peer ID stay the same across reconnects, so that calls survive it.
type service struct {
	phone             *Phone
	log               *slog.Logger
	server, directory string // as the user gave them
	where             string
	nc                *flash.NetConnection
	addr              netip.AddrPort
	ids               idmanager.IdManager

	down    chan struct{} // a value: the leg was lost
	renamed chan struct{} // a value: name is another
	hurry   chan struct{} // a value: somebody waits for the service, so try at once
	cancel  context.CancelFunc
	done    chan struct{}

	registered string // the name that the directory has; run's own, and close's behind it

	mu   sync.Mutex
	name string // to register; empty: none
}

// newService makes a service leg with a socket of its own, bound to an address or, for the zero value, to any.
func (p *Phone) newService(server, directory string, bind netip.AddrPort) (*service, error) {
	where, directoryURL, err := CheckService(server, directory)
	if err != nil {
		return nil, err
	}
	ids, err := idhttp.New(directoryURL, nil)
	if err != nil {
		return nil, err
	}
	var local *net.UDPAddr
	if bind.IsValid() {
		local = net.UDPAddrFromAddrPort(bind)
	}
	nc, addr, err := p.newConnection(local)
	if err != nil {
		return nil, err
	}
	return &service{
		phone: p, log: p.log.With("service", where),
		server: server, directory: directory, where: where,
		nc: nc, addr: addr, ids: ids,
		down:    make(chan struct{}, 1),
		renamed: make(chan struct{}, 1),
		hurry:   make(chan struct{}, 1),
		done:    make(chan struct{}),
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
	ep, err := rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: identity, Events: p.events.Writer(), Log: p.log})
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
	poke(s.down)
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// rename registers another name in place of the present one.
func (s *service) rename(name string) {
	s.mu.Lock()
	same := s.name == name
	s.name = name
	s.mu.Unlock()
	if !same {
		poke(s.renamed)
	}
}

// close withdraws the name, ends the calls over this service and waits.
func (s *service) close() {
	if s.cancel != nil {
		s.cancel()
		<-s.done
		s.phone.agent.Detach(s.nc)
		s.unregister(context.Background())
	}
	if err := s.nc.Close(); err != nil {
		s.log.Warn("closing the connection", "error", err)
	}
}

// unregister withdraws the name that the directory has, if any, and if nobody else, such as our own next start, has
// taken it meanwhile: a directory that believes whoever writes last would strike them off.
func (s *service) unregister(ctx context.Context) {
	if s.registered == "" {
		return
	}
	name := s.registered
	s.registered = ""
	ctx, cancel := context.WithTimeout(ctx, unregisterTimeout)
	defer cancel()
	if rec, err := s.ids.LookUp(ctx, name); err == nil && rec.PeerID != s.nc.NearID().String() {
		return
	}
	if err := s.ids.Unregister(ctx); err != nil {
		s.log.Info("name not withdrawn", "error", err)
	}
}

func (s *service) setStatus(state ServiceState, sentence string) {
	s.phone.setStatus(s, ServiceStatus{State: state, Where: s.where, Sentence: sentence})
}

// run connects, registers, refreshes, and begins again when the leg is lost.
func (s *service) run(ctx context.Context) {
	defer close(s.done)
	for pause := s.phone.firstRetry; ; pause = min(2*pause, lastRetry) {
		err := s.enter(ctx)
		if err == nil {
			pause = s.phone.firstRetry
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
		case <-s.hurry:
		case <-s.renamed:
		case <-time.After(pause):
		}
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
	return s.register(ctx)
}

// register sees to it that the directory has our present name, and no former one.
func (s *service) register(ctx context.Context) error {
	s.mu.Lock()
	name := s.name
	s.mu.Unlock()
	if !strings.EqualFold(s.registered, name) {
		s.unregister(ctx)
	}
	if name == "" {
		return nil
	}
	if err := s.ids.Register(ctx, idmanager.Record{Name: name, PeerID: s.nc.NearID().String()}); err != nil {
		return directoryError(s.ids.Where(), err)
	}
	s.registered = name
	return nil
}

// stay returns when the leg was lost or the name could not be registered or refreshed.
func (s *service) stay(ctx context.Context) error {
	refresh := time.NewTicker(refreshEvery)
	defer refresh.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.down:
			return fmt.Errorf("The connection to the service at %s was lost.", s.where) //nolint:revive,staticcheck // a sentence for the user
		case <-s.hurry: // it is there already
		case <-s.renamed:
			if err := s.soon(ctx, s.register); err != nil {
				return err
			}
		case <-refresh.C:
			if s.registered == "" {
				continue
			}
			if err := s.soon(ctx, s.ids.Refresh); err != nil {
				return directoryError(s.ids.Where(), err)
			}
		}
	}
}

// soon gives f the time that a service may take.
func (s *service) soon(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, serviceTimeout)
	defer cancel()
	return f(ctx)
}

// resolve finds somebody in the directory, once the service is there.
func (s *service) resolve(ctx context.Context, name string) (mesh.Target, error) {
	ctx, cancel := context.WithTimeout(ctx, serviceTimeout)
	defer cancel()
	poke(s.hurry)
	for {
		now, st, changed := s.phone.serviceStatus()
		if now != s {
			return mesh.Target{}, fmt.Errorf("%w: another service was chosen", flash.ErrNotConnected)
		}
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
	target := mesh.Target{Conn: s.nc, PeerID: id}
	if strings.EqualFold(rec.Name, name) { // a directory may correct the spelling, and no more
		target.Name = rec.Name
	}
	return target, nil
}

// TryService connects to a service and asks its directory, without keeping
// either, to tell whether the addresses are right. Its errors are sentences.
func (p *Phone) TryService(ctx context.Context, server, directory string) error {
	s, err := p.newService(server, directory, netip.AddrPortFrom(p.cfg.Bind.Addr(), 0)) // our port may be in use: by ourselves
	if err != nil {
		return err
	}
	defer s.close()
	ctx, cancel := context.WithTimeout(ctx, serviceTimeout)
	defer cancel()
	if err := s.enter(ctx); err != nil {
		return err
	}
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
