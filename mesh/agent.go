package mesh

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp/flash"
)

// Agent makes and takes calls over one or more NetConnections (one for each service).
// It is the phone's user agent; one call at a time in this version.
//
// Each call has a goroutine that owns its state (run.go); each attached NetConnection has two, and each peer session
// one link (linkrun.go). Close ends them all and waits.
type Agent struct {
	cfg      Config
	log      *slog.Logger
	clock    mediaClock     // of the media that we send
	identity trust.Identity // our own; zero where there is none
	uplink   atomic.Int64   // what ours carried in the last call, bit/s; 0: not known
	incoming chan *Call
	stop     chan struct{} // closed by Close

	// Never held while a call's goroutine is waited for. Taken before a Call's mu, never after it.
	mu       sync.Mutex
	closed   bool
	attached map[*flash.NetConnection]*attachment
	links    map[*flash.Peer]*link
	calls    map[*Call]struct{} // not yet ended
	made     int                // calls so far
	deferred []deferredInvite   // held while a call of ours does not know its peer yet
	wg       sync.WaitGroup     // the calls' goroutines

	farewells map[string]*lastWords // of rooms that we have left, by their IDs
}

type deferredInvite struct {
	link *link
	sig  signal
}

// NewAgent starts an agent.
func NewAgent(cfg Config) *Agent {
	log := cfg.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	identity := trust.Identity{}
	if cfg.Identity != nil {
		var err error
		if identity, err = trust.IdentityOf(cfg.Identity); err != nil {
			log.Error("no call will come about", "error", err) // each proof fails with the same error
		}
	}
	a := &Agent{
		cfg: cfg, log: log, identity: identity,
		clock:    mediaClock{epoch: time.UnixMilli(time.Now().UnixMilli())},
		incoming: make(chan *Call, incomingQueue),
		stop:     make(chan struct{}),
		attached: make(map[*flash.NetConnection]*attachment),
		links:    make(map[*flash.Peer]*link),
		calls:    make(map[*Call]struct{}),

		farewells: make(map[string]*lastWords),
	}
	a.rememberUplink(float64(cfg.Uplink))
	return a
}

// name is the user's own name, bounded as the far end will bound it.
func (a *Agent) name() string {
	if a.cfg.Name == nil {
		return ""
	}
	return tidyName(a.cfg.Name())
}

// admit asks the policy.
func (a *Agent) admit(f FarEnd) Reason {
	if a.cfg.Policy == nil {
		return ""
	}
	return a.cfg.Policy.Admit(f)
}

// Dial calls somebody. The call is in state Calling at once; the resolver runs in the background.
// ErrBusy while another call is not ended (a call that is Reconnecting does not count: it stays and another may be made).
func (a *Agent) Dial(name string, resolve Resolver) (*Call, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return nil, ErrClosed
	}
	if a.busyBut(nil) {
		return nil, ErrBusy
	}
	c := newCall(a, machine{role: caller}, name)
	if err := c.openRoom(time.Now()); err != nil {
		return nil, fmt.Errorf("opening a room: %w", err)
	}
	c.first.resolve = resolve
	a.start(c, inDial)
	return c, nil
}

// start starts a call with its first input, so that it has its first state at once. a.mu is held.
func (a *Agent) start(c *Call, first inputKind) {
	m, do := step(c.first.m, first, "")
	c.first.m = m
	c.first.setStatus(Status{State: m.state})
	a.register(c, do)
}

// register lets a call run. a.mu is held.
func (a *Agent) register(c *Call, do []action) {
	a.made++
	c.number = a.made
	a.calls[c] = struct{}{}
	a.wg.Go(func() { c.run(do) })
}

// busyBut reports whether a call other than except is going on. a.mu is held.
func (a *Agent) busyBut(except *Call) bool {
	for c := range a.calls {
		if s := c.Status().State; c != except && s != Ended && s != Reconnecting {
			return true
		}
	}
	return false
}

// NextIncoming returns the next call that rings.
func (a *Agent) NextIncoming(ctx context.Context) (*Call, error) {
	select {
	case c := <-a.incoming:
		return c, nil
	default:
	}
	select {
	case c := <-a.incoming:
		return c, nil
	case <-a.stop:
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Close ends all calls (hangup) and waits, for their last signal to be acknowledged too, though not longer than a
// second. The NetConnections stay open; their peer sessions are closed.
func (a *Agent) Close() error {
	a.mu.Lock()
	if a.closed {
		a.mu.Unlock()
		a.wg.Wait()
		return nil
	}
	a.closed = true
	close(a.stop)
	for c := range a.calls {
		c.HangUp()
	}
	var all []*flash.NetConnection
	for nc := range a.attached {
		all = append(all, nc)
	}
	a.mu.Unlock()
	a.wg.Wait()
	for _, nc := range all {
		a.Detach(nc)
	}
	return nil
}

// ended is called by a call's goroutine at its end.
func (a *Agent) ended(c *Call) {
	a.mu.Lock()
	delete(a.calls, c)
	a.mu.Unlock()
	a.reconsider()
}

// reconsider looks again at the invites that were held while our own call did not know its peer.
func (a *Agent) reconsider() {
	a.mu.Lock()
	held := a.deferred
	a.deferred = nil
	a.mu.Unlock()
	for _, d := range held {
		a.invited(d.link.at.ctx, d.link, d.sig)
	}
}

// mayPublish reports whether a call may use the streams' names: there is one of each for a connection, and
// the newest call that does not merely ring has them.
func (a *Agent) mayPublish(c *Call) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for other := range a.calls {
		if s := other.Status().State; other.number > c.number && s != Ended && s != Ringing {
			return false
		}
	}
	return true
}

// legOf finds the leg to a peer in a call by its ID (its own, or the one that lost in glare). a.mu is held.
func (a *Agent) legOf(id flash.PeerID, call string) *leg {
	for c := range a.calls {
		if c.id != call && c.alias != call {
			continue
		}
		if g := c.legWith(id); g != nil {
			return g
		}
	}
	return nil
}

// legsWith are the legs to a peer.
func (a *Agent) legsWith(id flash.PeerID) []*leg {
	a.mu.Lock()
	defer a.mu.Unlock()
	var with []*leg
	for c := range a.calls {
		if g := c.legWith(id); g != nil {
			with = append(with, g)
		}
	}
	return with
}

func newCallID() string {
	var b [callIDBytes]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
