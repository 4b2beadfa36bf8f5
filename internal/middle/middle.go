package middle

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/rendezvous"
)

// connectTimeout bounds how long a face may take to connect to the service, which is in the same process.
const connectTimeout = 10 * time.Second

// seenCalls bounds the calls that nobody has asked for with Next.
const seenCalls = 64

// ErrNobody says that no phone of that name has registered.
var ErrNobody = errors.New("middle: nobody of that name has registered")

// Config is what he needs.
type Config struct {
	// Listen opens a packet conn: one for the service and one for each face.
	Listen func() (rtmfp.PacketConn, error)
	// Strategy is what he does with calls; SetStrategy changes it.
	Strategy Strategy
	// Log receives what he does; nil discards it.
	Log *slog.Logger
}

// OnLoopback is a Config.Listen for phones on this machine.
func OnLoopback() (rtmfp.PacketConn, error) {
	return net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
}

// Middle is the man in the middle, with a rendezvous service and a directory (ServeHTTP). Each face has two goroutines, each
// call one and those that read its sessions; Close ends them all and waits.
type Middle struct {
	cfg       Config
	log       *slog.Logger
	service   *rendezvous.Service
	calls     chan *Call
	making    chan struct{} // holds a value while a face is being made, which takes a round trip
	beginning chan struct{} // and while a call is looked for and begun
	ctx       context.Context
	cancel    context.CancelFunc
	wg        sync.WaitGroup

	mu       sync.Mutex
	strategy Strategy
	phones   map[string]*registered // by folded name
	running  map[*Call]struct{}
	memory   memory
	closed   bool
}

// registered is what he knows of somebody who has registered, and the face that he shows to others in their place.
type registered struct {
	name string
	id   flash.PeerID
	face *face // nil until somebody looks for them
	away bool  // withdrawn, or gone from the service
}

// New starts him.
func New(cfg Config) (*Middle, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	conn, err := cfg.Listen()
	if err != nil {
		return nil, err
	}
	m := &Middle{
		cfg: cfg, log: cfg.Log, strategy: cfg.Strategy, calls: make(chan *Call, seenCalls), making: make(chan struct{}, 1), beginning: make(chan struct{}, 1),
		phones: make(map[string]*registered), running: make(map[*Call]struct{}),
	}
	if m.service, err = rendezvous.New(conn, rendezvous.Config{OnLeave: m.left}); err != nil {
		return nil, err
	}
	m.ctx, m.cancel = context.WithCancel(context.Background())
	return m, nil
}

// Server is the address of his rendezvous service.
func (m *Middle) Server() string { return "rtmfp://" + m.Address() }

// Address is that of his rendezvous service, host and port.
func (m *Middle) Address() string { return m.service.LocalAddr().String() }

// SetStrategy changes what he does with the calls to come.
func (m *Middle) SetStrategy(s Strategy) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.strategy = s
}

// Register tells him where a phone really is.
func (m *Middle) Register(name string, id flash.PeerID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.phones[fold(name)]
	if p == nil {
		p = &registered{name: name}
		m.phones[fold(name)] = p
	}
	p.id, p.away = id, false
}

// Show is what he tells others of a name: the peer ID of a face. ErrNobody for names that nobody has.
func (m *Middle) Show(name string) (flash.PeerID, error) {
	f, err := m.faceOf(name)
	if err != nil {
		return flash.PeerID{}, err
	}
	return f.nc.NearID(), nil
}

// faceOf is the face that stands for a phone.
func (m *Middle) faceOf(name string) (*face, error) {
	m.making <- struct{}{}
	defer func() { <-m.making }()
	m.mu.Lock()
	p, closed := m.phones[fold(name)], m.closed
	if closed || p == nil || p.away || p.face != nil {
		defer m.mu.Unlock()
		switch {
		case closed:
			return nil, rtmfp.ErrClosed
		case p == nil || p.away:
			return nil, ErrNobody
		}
		return p.face, nil
	}
	m.mu.Unlock()
	f, err := m.newFace(p.name)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	p.face = f
	return f, nil
}

// phoneOf finds the phone that has a peer ID.
func (m *Middle) phoneOf(id flash.PeerID) (name string, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.phones {
		if p.id == id {
			return p.name, true
		}
	}
	return "", false
}

// idOf is where a phone really is.
func (m *Middle) idOf(name string) flash.PeerID {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p := m.phones[fold(name)]; p != nil {
		return p.id
	}
	return flash.PeerID{}
}

// left is told by the service that a client has gone.
func (m *Middle) left(peerID string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.phones {
		if p.id.String() == peerID {
			p.away = true
		}
	}
}

// Forget takes off the faces of phones that are gone and in no call, so that he can go on for thousands of them.
func (m *Middle) Forget() {
	m.mu.Lock()
	var idle []*face
	for key, p := range m.phones {
		busy := false
		for c := range m.running {
			busy = busy || p.face != nil && (c.legs[0].face == p.face || c.legs[1].face == p.face)
		}
		if p.away && !busy {
			delete(m.phones, key)
			if p.face != nil {
				idle = append(idle, p.face)
			}
		}
	}
	m.mu.Unlock()
	for _, f := range idle {
		f.close()
	}
}

// Next waits for a call that passes through him.
func (m *Middle) Next(ctx context.Context) (*Call, error) {
	select {
	case c := <-m.calls:
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// between is the call that a phone has with whom the face stands for, begun if there is none; nil if he does not know the phone.
func (m *Middle) between(f *face, from flash.PeerID) *Call {
	name, ok := m.phoneOf(from)
	if !ok || fold(name) == fold(f.name) {
		return nil
	}
	other, err := m.faceOf(name)
	if err != nil {
		m.log.Info("no face", "of", name, "error", err)
		return nil
	}
	m.beginning <- struct{}{} // both phones may be heard of at once
	defer func() { <-m.beginning }()
	to := m.idOf(f.name)
	for {
		c, former := m.runningBetween(f, from, other, to)
		if former == nil {
			if c == nil {
				c = m.begin(newLeg(f, name, from), newLeg(other, f.name, to))
			}
			return c
		}
		former.cancel() // the caller's program was started anew
		<-former.Done()
	}
}

// runningBetween finds the call that two phones have; or else a former one, of which one of the sessions is still there.
func (m *Middle) runningBetween(f *face, from flash.PeerID, other *face, to flash.PeerID) (now, former *Call) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for c := range m.running {
		here, there := false, false
		for _, l := range c.legs {
			here = here || l.face == f && l.far == from
			there = there || l.face == other && l.far == to
		}
		switch {
		case here && there && !c.isOver():
			return c, nil
		case here || there:
			former = c
		}
	}
	return nil, former
}

// begin begins a call; nil when he is closed.
func (m *Middle) begin(caller, callee *leg) *Call {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil
	}
	c := newCall(m, m.strategy, caller, callee)
	m.running[c] = struct{}{}
	m.wg.Go(c.run)
	select {
	case m.calls <- c:
	default:
	}
	return c
}

// over is told by a call's goroutine that it has ended.
func (m *Middle) over(c *Call) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.running, c)
}

// Close ends everything and waits.
func (m *Middle) Close() error {
	m.making <- struct{}{}
	m.mu.Lock()
	m.closed = true
	var faces []*face
	for _, p := range m.phones {
		if p.face != nil {
			faces = append(faces, p.face)
		}
	}
	m.mu.Unlock()
	<-m.making
	m.cancel()
	m.wg.Wait()
	for _, f := range faces {
		f.close()
	}
	return m.service.Close()
}

func fold(name string) string { return strings.ToLower(name) }
