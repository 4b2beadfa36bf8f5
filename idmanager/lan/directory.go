package lan

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"sundog.dev/sundog/idmanager"
)

// Config is what a Directory is made of.
type Config struct {
	// Key signs our registration: an Ed25519 key.
	Key crypto.Signer
	// Log takes what an operator may want to know; nil: nobody does.
	Log *slog.Logger
}

// Directory is the people on this network. It implements idmanager.IdManager and idmanager.Finder. One goroutine speaks with the network from New
// to Close, which waits for it; each watch has another one.
type Directory struct {
	key  crypto.Signer
	net  packetNet
	log  *slog.Logger
	wake chan struct{} // something has changed that the goroutine must see

	ctx     context.Context // until Close
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu      sync.Mutex
	engine  *engine
	people  []idmanager.Record // who is there; replaced as a whole
	changed chan struct{}      // closed when people is replaced
	record  *idmanager.Record  // what is registered
}

var (
	_ idmanager.IdManager = (*Directory)(nil)
	_ idmanager.Finder    = (*Directory)(nil)
)

// New begins to listen and to look around; nobody sees us before Register. The error is a sentence for the user.
func New(cfg Config) (*Directory, error) {
	net, err := newSockets()
	if err != nil {
		return nil, err
	}
	d, err := start(cfg, net)
	if err != nil {
		_ = net.Close()
	}
	return d, err
}

func start(cfg Config, net packetNet) (*Directory, error) {
	identity, ok := cfg.Key.Public().(ed25519.PublicKey)
	if !ok {
		return nil, errors.New("lan: the identity key is not an Ed25519 key")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	d := &Directory{
		key: cfg.Key, net: net, log: cfg.Log, wake: make(chan struct{}, 1),
		engine: newEngine(net, identity, cfg.Log), changed: make(chan struct{}),
	}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	d.running.Go(d.run)
	return d, nil
}

// run does what is due, and looks at what comes.
func (d *Directory) run() {
	var settle time.Time // when a change of people is told; zero: none
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case p := <-d.net.packets():
			d.mu.Lock()
			d.engine.receive(time.Now(), p)
			d.mu.Unlock()
		case <-timer.C:
		case <-d.wake:
		case <-d.ctx.Done():
			return
		}
		d.mu.Lock()
		now := time.Now()
		next := d.engine.next()
		if !now.Before(next) {
			d.engine.tick(now)
			next = d.engine.next()
		}
		if d.engine.dirty && settle.IsZero() {
			settle = now.Add(settleTime)
		}
		if !settle.IsZero() && !now.Before(settle) {
			settle, d.engine.dirty = time.Time{}, false
			d.tell()
		}
		d.mu.Unlock()
		timer.Reset(max(time.Until(earliest(next, settle)), 0))
	}
}

// tell replaces the list of people if it has changed. d.mu is held.
func (d *Directory) tell() {
	people := d.engine.people()
	if slices.EqualFunc(people, d.people, idmanager.Record.Equal) {
		return
	}
	d.people = people
	close(d.changed)
	d.changed = make(chan struct{})
}

// poke has the goroutine look.
func (d *Directory) poke() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Where names the directory for the user.
func (d *Directory) Where() string { return "this network" }

// Register shows us to everybody on this network. The first of r.Addresses says where the phone's socket is bound and must have a
// port: [::]:port for all addresses of both families, 0.0.0.0:port for those of IPv4, or particular ones. What is told on
// each interface are its own addresses among these.
func (d *Directory) Register(ctx context.Context, r idmanager.Record) error {
	if err := d.may(ctx); err != nil {
		return err
	}
	r.Name = strings.TrimSpace(r.Name)
	r.PeerID = strings.ToLower(r.PeerID)
	id, err := hex.DecodeString(r.PeerID)
	switch {
	case !idmanager.ValidName(r.Name):
		return fmt.Errorf("%w: a name has 1 to %d bytes that can be read", idmanager.ErrRefused, idmanager.MaxName)
	case err != nil || len(id) != 32:
		return fmt.Errorf("%w: %q is no peer ID", idmanager.ErrRefused, r.PeerID)
	case len(r.Rendezvous) > idmanager.MaxRendezvous:
		return fmt.Errorf("%w: the service's address is too long", idmanager.ErrRefused)
	case len(r.Addresses) == 0 || !valid(r.Addresses):
		return fmt.Errorf("%w: people on this network are called directly, and the record says no port to call", idmanager.ErrRefused)
	}
	reg, err := idmanager.Sign(d.key, r, time.Now())
	if err != nil {
		return err
	}
	txt, err := packTXT(reg)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.engine.setOwn(time.Now(), &own{reg: reg, txt: txt, bound: slices.Clone(r.Addresses)})
	d.record = &r
	d.poke()
	return nil
}

// valid reports whether all addresses are ones, and on one port: an SRV record has one.
func valid(bound []netip.AddrPort) bool {
	return !slices.ContainsFunc(bound, func(a netip.AddrPort) bool {
		return !a.IsValid() || a.Port() == 0 || a.Port() != bound[0].Port()
	})
}

// Refresh shows us again to those who may have missed it. It need not be called: others ask by themselves.
func (d *Directory) Refresh(ctx context.Context) error {
	if err := d.may(ctx); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.record == nil {
		return idmanager.ErrNotRegistered
	}
	if o := d.engine.own; o.defendAt.IsZero() { // at most once per second
		o.defendAt = latest(time.Now(), o.defended.Add(defendWait))
	}
	d.poke()
	return nil
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Unregister tells everybody that we are no longer there; others cannot see us from now on.
func (d *Directory) Unregister(ctx context.Context) error {
	if err := d.may(ctx); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.withdraw()
	return nil
}

// withdraw says goodbye twice: a network that loses packets would otherwise show us for 2 minutes yet. d.mu is held.
func (d *Directory) withdraw() {
	if o := d.engine.own; o != nil {
		d.engine.goodbye(o)
		d.engine.setOwn(time.Now(), nil)
	}
	d.record = nil
	d.poke()
}

// may is what ends a call before it begins.
func (d *Directory) may(ctx context.Context) error {
	if d.ctx.Err() != nil {
		return idmanager.ErrClosed
	}
	return ctx.Err()
}

// Close says goodbye and ends all watches and look-ups.
func (d *Directory) Close() error {
	d.mu.Lock()
	open := d.may(context.Background()) == nil
	if open {
		d.withdraw()
		d.cancel()
	}
	d.mu.Unlock()
	if !open {
		return nil
	}
	d.running.Wait()
	return d.net.Close()
}
