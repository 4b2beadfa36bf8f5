package phone

import (
	"context"
	"fmt"
	"net/netip"
)

// ServiceState is the kind of a ServiceStatus.
type ServiceState int

// The states of the service.
const (
	NoService ServiceState = iota
	ServiceConnecting
	ServiceReachable // connected and, with a name, registered in a directory
	ServiceFailed    // it is tried again by itself
)

// ServiceStatus sums up how others can reach us through the service and its directories; Ways tells each by itself.
type ServiceStatus struct {
	State    ServiceState
	Where    string // the service's host
	Sentence string // of ServiceFailed: what happened and what is tried
}

// Service tells how others can reach us through the service.
func (p *Phone) Service() ServiceStatus {
	st, _ := p.serviceStatus()
	return st
}

func (p *Phone) serviceStatus() (ServiceStatus, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status, p.statusChanged
}

// changeStatus changes what statuses are made of, under the phone's mu, and tells whoever waits.
func (p *Phone) changeStatus(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	p.status = p.summary()
	close(p.statusChanged)
	p.statusChanged = make(chan struct{})
	p.notify()
}

// summary is the status of the present service. p.mu is held.
func (p *Phone) summary() ServiceStatus {
	if p.changing != "" {
		return ServiceStatus{State: ServiceConnecting, Where: p.changing}
	}
	s := p.setup.service
	if s == nil {
		return ServiceStatus{}
	}
	st := ServiceStatus{State: s.state, Where: s.where, Sentence: s.sentence}
	var broken *listing
	opening, listed, all := false, false, 0
	for _, l := range p.setup.listings {
		if l.service != s {
			continue
		}
		all++
		switch l.state {
		case WayOpening:
			opening = true
		case WayFailed:
			broken = l
		default:
			listed = true
		}
	}
	switch {
	case s.state == ServiceFailed && broken != nil:
		st.Sentence = fmt.Sprintf("Neither the service at %s nor its directory answers. Check your network and the address. Trying again.", s.where)
	case s.state == ServiceFailed && listed:
		st.Sentence += " Its directory is there, so others still find your name, but cannot call you by it."
	case s.state != ServiceReachable || listed || all == 0:
	case broken != nil && s.doubted:
		st.State = ServiceConnecting // what is lost is known in a moment
	case broken != nil:
		st.State, st.Sentence = ServiceFailed, broken.sentence
	case opening:
		st.State = ServiceConnecting
	}
	return st
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

// PeerID is our own peer ID at the service, or on this network where there is no service, in hex; "" without either.
func (p *Phone) PeerID() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.setup.ownLine().peerID()
}

// Addr is the local UDP address of that line's socket; the zero value without one.
func (p *Phone) Addr() netip.AddrPort {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l := p.setup.ownLine(); l != nil {
		return l.addr
	}
	return netip.AddrPort{}
}
