package rtmfp

import (
	"context"
	"net/netip"
	"time"
)

// Suggest adds candidate addresses to Dials of epd that go on; without one it does nothing.
func (e *Endpoint) Suggest(epd []byte, candidates ...netip.AddrPort) {
	e.mu.Lock()
	defer e.mu.Unlock()
	o := e.openingsByEPD[string(epd)]
	if o == nil {
		return
	}
	now := time.Now()
	for _, a := range candidates {
		o.addCandidate(a, now)
	}
	e.wake()
}

// Dial returns the open session with the identity that epd selects, or opens
// one by sending IHellos to the candidate addresses (and those that Redirects
// add) until ctx ends, whose error it then is, or the RFC's 95 s have passed (ErrNoAnswer, at once if there is no candidate).
// In glare (RFC 7016 §3.5.1.3), which only a discriminator of one identity can meet, it returns whichever session won.
// A far end that was found but refused is ErrKeying, as soon as that is certain; when the time is over before, its
// error tells the CryptoProfile's reason as well. ErrTooLarge for an epd beyond 1 KiB, ErrTooMany beyond 256 openings, ErrClosed after Close.
func (e *Endpoint) Dial(ctx context.Context, epd []byte, candidates ...netip.AddrPort) (*Session, error) {
	if len(epd) > maxEPD {
		return nil, ErrTooLarge
	}
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil, ErrClosed
	}
	if s := e.byEPD[string(epd)]; s != nil {
		s.dialed = true
		e.mu.Unlock()
		return s, nil
	}
	o, err := e.openingFor(epd)
	if err != nil {
		e.mu.Unlock()
		return nil, err
	}
	now := time.Now()
	for _, a := range candidates {
		o.addCandidate(a, now)
	}
	if len(o.candidates) == 0 {
		o.finish(nil, ErrNoAnswer)
	}
	o.waiters++
	e.wake()
	e.mu.Unlock()

	var ended error
	select {
	case <-o.done:
	case <-ctx.Done():
		ended = ctx.Err()
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	o.waiters--
	if o.session != nil || o.err != nil {
		if o.session != nil {
			o.session.dialed = true
		}
		return o.session, o.err
	}
	ended = o.failure(ended)
	if o.waiters == 0 {
		o.finish(nil, ended)
	}
	return nil, ended
}
