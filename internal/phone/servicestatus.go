package phone

import (
	"context"
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

// Service tells how others can reach us.
func (p *Phone) Service() ServiceStatus {
	_, st, _ := p.serviceStatus()
	return st
}

func (p *Phone) serviceStatus() (*service, ServiceStatus, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.service, p.status, p.statusChanged
}

// setStatus takes a status of the present service; one that is not the present one any more has no say.
func (p *Phone) setStatus(of *service, st ServiceStatus) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.service != of || p.status == st {
		return
	}
	p.status = st
	close(p.statusChanged)
	p.statusChanged = make(chan struct{})
	p.notify()
}

// WaitService waits until the service is reachable or has failed once.
func (p *Phone) WaitService(ctx context.Context) (ServiceStatus, error) {
	for {
		_, st, changed := p.serviceStatus()
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
		_, st, changed := p.serviceStatus()
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
