package directory

import (
	"context"
	"errors"
	nethttp "net/http"
	"time"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/idmanager/http/v1"
)

// register is POST /v1/register.
func (s *Server) register(w nethttp.ResponseWriter, r *nethttp.Request) error {
	var body v1.Registration
	if err := readJSON(w, r, v1.MaxBody, &body); err != nil {
		return err
	}
	if body.PeerID == "" {
		return refuse(nethttp.StatusBadRequest, v1.CodeBadRequest, "The peer ID is missing; to withdraw a name there is /v1/unregister.")
	}
	reg, key, err := s.check(body)
	if err != nil {
		return err
	}
	ctx, cancel := withStore(r)
	defer cancel()
	taken, err := s.take(ctx, key, reg, func() error { return s.mayClaim(r) })
	if err != nil {
		return err
	}
	token, err := s.put(ctx, key, reg)
	if err != nil {
		return err
	}
	s.notePeer(ctx, reg.PeerID, key)
	status := nethttp.StatusOK
	if taken {
		status = nethttp.StatusCreated
		s.counters.claims.Add(1)
		s.forgetOld(ctx, reg.Name)
	}
	s.counters.registrations.Add(1)
	writeJSON(w, status, s.registered(reg.Name, token))
	return nil
}

// unregister is POST /v1/unregister.
func (s *Server) unregister(w nethttp.ResponseWriter, r *nethttp.Request) error {
	var body v1.Unregister
	if err := readJSON(w, r, v1.MaxBody, &body); err != nil {
		return err
	}
	if body.PeerID != "" {
		return refuse(nethttp.StatusBadRequest, v1.CodeBadRequest, "Withdrawing a name, the peer ID is to be left out.")
	}
	reg, key, err := s.check(body.Registration)
	if err != nil {
		return err
	}
	ctx, cancel := withStore(r)
	defer cancel()
	if _, err := s.take(ctx, key, reg, nil); err != nil {
		return err
	}
	done := v1.Registered{Name: reg.Name, Time: s.cfg.Now().UnixMilli()}
	last, _, found, err := read[presence](ctx, s.presence.Get, key)
	if err != nil {
		return err
	}
	if !found || body.Token != "" && !last.has(hashToken(body.Token)) { // it has ended, or another device has taken its place
		writeJSON(w, nethttp.StatusOK, done)
		return nil
	}
	if _, err := s.put(ctx, key, reg); err != nil {
		return err
	}
	writeJSON(w, nethttp.StatusOK, done)
	return nil
}

// refresh is POST /v1/refresh.
func (s *Server) refresh(w nethttp.ResponseWriter, r *nethttp.Request) error {
	var body v1.Refresh
	if err := readJSON(w, r, v1.MaxBody, &body); err != nil {
		return err
	}
	key, err := v1.Fold(body.Name)
	if err != nil {
		return err
	}
	ctx, cancel := withStore(r)
	defer cancel()
	p, _, err := s.renew(ctx, key, hashToken(body.Token), "")
	if err != nil {
		return tokenError(err)
	}
	s.notePeer(ctx, p.Registration.PeerID, key)
	writeJSON(w, nethttp.StatusOK, s.registered(p.Registration.Name, ""))
	return nil
}

// tokenError makes a refusal of errEnded.
func tokenError(err error) error {
	var ended errEnded
	if !errors.As(err, &ended) {
		return err
	}
	if ended.state == v1.OwnReplaced {
		return refuse(nethttp.StatusForbidden, v1.CodeReplaced, "Another device has registered under that name.")
	}
	return refuse(nethttp.StatusForbidden, v1.CodeUnknownToken, "That registration has ended: register again.")
}

// check verifies a registration and its time.
func (s *Server) check(body v1.Registration) (reg idmanager.Registration, key string, err error) {
	if err := s.fresh(time.UnixMilli(body.Time)); err != nil {
		return reg, "", err
	}
	if key, err = v1.Fold(body.Name); err != nil {
		return reg, "", err
	}
	reg, err = body.Verify()
	return reg, key, err
}

// admitKey takes a token of an identity key. It is asked only about what the key's owner has signed and nobody has sent before: identity keys and
// registrations are public, and others could use up an owner's tokens with forged or repeated ones. Those are paid for by their source.
func (s *Server) admitKey(identity []byte) error {
	if wait := s.keys.TakeKey(identity, 1, s.cfg.Now()); wait > 0 {
		return tooMany(wait, "Too many requests are signed by your identity key.")
	}
	return nil
}

// mayClaim takes a token for a new name.
func (s *Server) mayClaim(r *nethttp.Request) error {
	from := sourceOf(r)
	if from.IsLoopback() {
		return nil
	}
	if wait := s.claims.Take(from, 1, s.cfg.Now()); wait > 0 {
		return tooMany(wait, "Too many new names were taken from your address.")
	}
	return nil
}

func (s *Server) registered(name, token string) v1.Registered {
	return v1.Registered{
		Name: name, Token: token, RefreshSeconds: seconds(s.cfg.Refresh), ExpiresSeconds: seconds(s.expiry), Time: s.cfg.Now().UnixMilli(),
	}
}

// seconds are at least one.
func seconds(d time.Duration) int { return max(1, int(d/time.Second)) }

// relay is POST /v1/relay.
func (s *Server) relay(w nethttp.ResponseWriter, r *nethttp.Request) error {
	if s.cfg.Relay == nil {
		return refuse(nethttp.StatusNotFound, v1.CodeNoRelay, "This service has no relay.")
	}
	var body v1.RelayRequest
	if err := readJSON(w, r, v1.MaxBody, &body); err != nil {
		return err
	}
	if err := s.fresh(time.UnixMilli(body.Time)); err != nil {
		return err
	}
	identity, err := body.Verify()
	if err != nil {
		return err
	}
	if err := s.admitKey(identity); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), storeTimeout)
	defer cancel()
	credentials, err := s.cfg.Relay(ctx, identity)
	if err != nil {
		return err
	}
	credentials.URLs = append([]string{}, credentials.URLs...)
	credentials.Time = s.cfg.Now().UnixMilli()
	writeJSON(w, nethttp.StatusOK, credentials)
	return nil
}
