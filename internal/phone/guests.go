package phone

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"sundog.dev/sundog/rtmfp/flash"
)

const (
	// maxGuests bounds the services of others that we are connected to at once: each is a socket, and whoever writes a record
	// says to which.
	maxGuests = 4
	// guestIdle is how long such a connection stays without a call: people call each other again.
	guestIdle = time.Minute
)

// guests are the lines to services that are not ours, for calls to people who are introduced there.
type guests struct {
	phone *Phone
	idle  time.Duration
	wg    sync.WaitGroup // services that are being closed

	mu     sync.Mutex // taken before the agent's, so never in what the agent calls
	closed bool
	all    []*guest
}

// guest is one of them.
type guest struct {
	service *service
	users   int
	idle    *time.Timer // closes it; runs while users is 0
}

var errGuests = errors.New("calls over too many services are going on")

// borrow returns the line to a service, ours or one of others, connected. Each borrow that succeeds is followed by a release once
// the call is over.
func (g *guests) borrow(ctx context.Context, own *service, rendezvous string) (l *line, release func(), err error) {
	if own != nil && (rendezvous == "" || own.serves(rendezvous)) {
		return own.line, func() {}, own.awaitConnected(ctx)
	}
	if rendezvous == "" {
		return nil, nil, errors.New("the record names no service, and none is set")
	}
	v, err := g.visit(rendezvous)
	if err != nil {
		return nil, nil, err
	}
	release = sync.OnceFunc(func() { g.release(v) })
	if err := v.service.awaitConnected(ctx); err != nil {
		release()
		return nil, nil, err
	}
	return v.service.line, release, nil
}

// server is the service of others that a connection of ours goes to; "" for one that goes to none.
func (g *guests) server(nc *flash.NetConnection) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, v := range g.all {
		if v.service.line.nc == nc {
			return published(v.service.server)
		}
	}
	return ""
}

// visit finds or opens the line to a service, for one more user.
func (g *guests) visit(rendezvous string) (*guest, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return nil, errClosed
	}
	var unused *guest
	for _, v := range g.all {
		if sameService(v.service.server, rendezvous) {
			v.users++
			v.idle.Stop()
			return v, nil
		}
		if v.users == 0 {
			unused = v
		}
	}
	if len(g.all) >= maxGuests {
		if unused == nil {
			return nil, errGuests
		}
		g.dismiss(unused)
	}
	s, err := g.phone.newService(rendezvous, netip.AddrPortFrom(g.phone.cfg.Bind.Addr(), 0))
	if err != nil {
		return nil, fmt.Errorf("the service of the record cannot be used: %w", err)
	}
	v := &guest{service: s, users: 1}
	v.idle = time.AfterFunc(g.idle, func() { g.expire(v) })
	v.idle.Stop()
	g.all = append(g.all, v)
	s.start()
	return v, nil
}

func (g *guests) release(v *guest) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if v.users--; v.users == 0 && slices.Contains(g.all, v) {
		v.idle.Reset(g.idle)
	}
}

// expire closes a guest that nobody has used for a while.
func (g *guests) expire(v *guest) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if v.users == 0 && slices.Contains(g.all, v) {
		g.dismiss(v)
	}
}

// dismiss takes a guest out and closes it in the background. g.mu is held.
func (g *guests) dismiss(v *guest) {
	g.all = slices.DeleteFunc(g.all, func(other *guest) bool { return other == v })
	v.idle.Stop()
	g.wg.Go(v.service.close)
}

// close closes all of them and waits.
func (g *guests) close() {
	g.mu.Lock()
	g.closed = true
	for _, v := range slices.Clone(g.all) {
		g.dismiss(v)
	}
	g.mu.Unlock()
	g.wg.Wait()
}
