package phone

import (
	"context"
	"errors"

	"sundog.dev/sundog/mesh"
)

// Call calls somebody by name or by link; a link into a conference joins that. The error is a sentence; what goes wrong later is the call's reason.
func (p *Phone) Call(nameOrLink string) (*Call, error) {
	w, err := p.want(nameOrLink)
	if err != nil {
		return nil, err
	}
	if w.intoRoom {
		return p.JoinRoom(nameOrLink)
	}
	return p.dial(w)
}

// CallOnce calls somebody who shows another identity than the remembered one (Call.OtherIdentity), for this once: nothing is
// remembered of the call, nor of the identity. The zero one stands for somebody who cannot prove any. The error is a sentence.
func (p *Phone) CallOnce(nameOrLink string, identity Identity) (*Call, error) {
	w, err := p.want(nameOrLink)
	if err != nil {
		return nil, err
	}
	w.once, w.identity = true, nil
	if identity != (Identity{}) {
		w.identity = identity[:]
	}
	return p.dial(w)
}

func (p *Phone) dial(w wanted) (*Call, error) {
	return p.begin(w, func(r mesh.Resolver) (*mesh.Call, error) { return p.agent.Dial(w.shown, r) })
}

// begin begins a call to whom the user wants.
func (p *Phone) begin(w wanted, dial func(mesh.Resolver) (*mesh.Call, error)) (*Call, error) {
	p.mu.Lock()
	s, changing := p.setup, p.changing
	p.mu.Unlock()
	switch {
	case changing != "":
		return nil, errChanging
	case s.found == nil:
		return nil, errClosed
	}
	reached := &reach{wanted: w}
	p.calling.add(reached)
	c, err := dial(func(ctx context.Context) (mesh.Target, error) {
		r, err := p.resolve(ctx, s, w, nil)
		reached.set(r, err)
		return r.target, err
	})
	if err != nil {
		p.calling.remove(reached)
		return nil, dialError(err)
	}
	call := p.newCall(c, s.where())
	call.reach = reached
	p.follow(call)
	return call, nil
}

// follow lets go of what a call needed, once it is over. Close does so anyway.
func (p *Phone) follow(c *Call) {
	c.reach.begin(c.call)
	p.mu.Lock()
	defer p.mu.Unlock()
	c.call.SetUplinkCap(p.cfg.UplinkCap, p.cfg.SaveData)
	if p.closed {
		return
	}
	p.calls[c] = true
	known := p.agent.KnownUplink()
	p.wg.Go(func() {
		<-c.call.Done()
		p.mu.Lock()
		delete(p.calls, c)
		p.mu.Unlock()
		p.calling.remove(c.reach)
		c.reach.letGo()
		c.closeFiles()
		c.mu.Lock()
		added := c.added
		c.mu.Unlock()
		for _, r := range added {
			c.forgetAdded(r)
		}
		p.keepUplink(known)
	})
}

// ErrOwnName is the error of calling oneself.
var ErrOwnName = errors.New("that is your own name")

// errClosed is the error of a phone that is closed.
var errClosed = errors.New("the phone is closed")

func dialError(err error) error {
	switch {
	case errors.Is(err, mesh.ErrBusy):
		return errors.New("another call is going on; hang up first")
	case errors.Is(err, mesh.ErrClosed):
		return errClosed
	}
	return err
}
