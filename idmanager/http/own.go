package http

import (
	"context"
	"errors"
	"fmt"
	nethttp "net/http"
	"net/url"
	"time"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/idmanager/http/v1"
)

// register registers by /v1.
func (c *Client) register(ctx context.Context, r idmanager.Record) error {
	var done v1.Registered
	err := c.signed(ctx, "register", r, "", &done)
	if err != nil {
		return c.answer(err)
	}
	key, err := v1.Fold(r.Name)
	if err != nil {
		return err
	}
	c.setOwn(&own{record: r, key: key, token: done.Token})
	return nil
}

// signed posts a signed registration, anew if the directory takes it for an old one.
func (c *Client) signed(ctx context.Context, path string, r idmanager.Record, token string, done *v1.Registered) (err error) {
	for range maxSignings {
		var reg idmanager.Registration
		if reg, err = idmanager.Sign(c.opt.Signer, r, c.clock.sign()); err != nil {
			return err
		}
		err = c.call(ctx, nethttp.MethodPost, path, v1.Unregister{Registration: v1.FromRegistration(reg), Token: token}, done)
		var no *v1.Error
		switch {
		case !errors.As(err, &no):
			return err
		case no.Code == v1.CodeReplayed:
			c.clock.after(no.After)
		case no.Code != v1.CodeWrongTime: // the clock has been set by the answer
			return err
		}
	}
	return err
}

// refresh sees to it that our registration by /v1 is kept: an open stream does that.
func (c *Client) refresh(ctx context.Context) error {
	c.mu.Lock()
	mine, live := c.mine, c.live
	c.mu.Unlock()
	switch {
	case mine == nil:
		return ErrNotRegistered
	case mine.replaced, mine.token != "" && mine.token == live:
		return nil
	case mine.token == "":
		return c.register(ctx, mine.record)
	}
	var done v1.Registered
	err := c.call(ctx, nethttp.MethodPost, "refresh", v1.Refresh{Name: mine.record.Name, Token: mine.token}, &done)
	if no := (*v1.Error)(nil); !errors.As(err, &no) || !c.endedBy(no, mine.token) {
		return c.answer(err)
	} else if no.Code == v1.CodeReplaced { // by another device of ours, which is the one to be called
		c.restream()
		return nil
	}
	return c.register(ctx, mine.record)
}

// withdraw withdraws our registration by /v1.
func (c *Client) withdraw(ctx context.Context, mine *own) error {
	r := mine.record
	r.PeerID = ""
	var done v1.Registered
	return c.answer(c.signed(ctx, "unregister", r, mine.token, &done))
}

// lookUp finds somebody by /v1.
func (c *Client) lookUp(ctx context.Context, name string) (idmanager.Record, error) {
	name, err := v1.Normalise(name)
	if err != nil {
		return idmanager.Record{}, idmanager.ErrUnknownName
	}
	var all v1.Names
	if err := c.call(ctx, nethttp.MethodGet, "names?name="+url.QueryEscape(name), nil, &all); err != nil {
		return idmanager.Record{}, c.answer(err)
	}
	if len(all.Names) != 1 {
		return idmanager.Record{}, c.failed(errUnreadable)
	}
	return c.record(name, &all.Names[0])
}

// record is what the directory says of a name, if that can be believed.
func (c *Client) record(asked string, n *v1.Name) (idmanager.Record, error) {
	switch n.State {
	case v1.Unknown:
		return idmanager.Record{}, idmanager.ErrUnknownName
	case v1.Here:
	default:
		return idmanager.Record{}, idmanager.ErrOffline
	}
	if n.Registration == nil { // an old client
		if !v1.SameName(n.Name, asked) || !isPeerID(n.PeerID) {
			return idmanager.Record{}, c.failed(fmt.Errorf("%w: it knows %q by something that is no peer ID", errUnreadable, asked))
		}
		return friend{identity: n.PeerID, registered: n.Name, known: true}.record(asked)
	}
	reg, err := n.Registration.Verify()
	if err == nil && (!v1.SameName(reg.Name, asked) || reg.PeerID == "") {
		err = idmanager.ErrForged
	}
	if err != nil {
		c.log.Warn("the directory shows a registration that its owner has not signed; it is ignored", "name", asked, "error", err)
		return idmanager.Record{}, fmt.Errorf("%w: %w", idmanager.ErrOffline, err)
	}
	return reg.Record(), nil
}

// RelayCredentials asks for short-lived credentials of the TURN relay, for the user with our identity key, and tells by our own clock how long
// they serve. ErrNoRelay.
func (c *Client) RelayCredentials(ctx context.Context) (r v1.Relay, expires time.Time, err error) {
	ctx, cancel := c.bound(ctx)
	defer cancel()
	d, err := c.dialect(ctx)
	switch {
	case err != nil:
		return r, expires, err
	case d == dialectOld || c.opt.Signer == nil:
		return r, expires, c.failed(ErrNoRelay)
	}
	for range 2 {
		var request v1.RelayRequest
		if request, err = v1.SignRelayRequest(c.opt.Signer, c.clock.sign()); err != nil {
			return r, expires, err
		}
		err = c.call(ctx, nethttp.MethodPost, "relay", request, &r)
		var no *v1.Error
		switch {
		case err == nil:
			return r, time.Now().Add(time.Duration(r.Expires-r.Time) * time.Millisecond), nil
		case !errors.As(err, &no):
			return r, expires, c.answer(err)
		case no.Code == v1.CodeNoRelay:
			return r, expires, c.failed(ErrNoRelay)
		case no.Code != v1.CodeWrongTime:
			return r, expires, c.answer(err)
		}
	}
	return r, expires, c.answer(err)
}

// answer makes a sentence, and one of idmanager's errors, of what a call returned.
func (c *Client) answer(err error) error {
	var no *v1.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errNotV1): // it was one before
		c.dialects.set(dialectUnknown)
	case errors.As(err, &no) && no.Code == v1.CodeNameTaken:
		return fmt.Errorf("%w: %w", idmanager.ErrNameTaken, c.failed(err))
	case errors.As(err, &no) && no.RetryAfterSeconds == 0:
		return fmt.Errorf("%w: %w", idmanager.ErrRefused, c.failed(err))
	}
	return c.failed(err)
}
