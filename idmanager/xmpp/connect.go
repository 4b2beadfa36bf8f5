package xmpp

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"sundog.dev/sundog/idmanager"
)

// connect finds the server, signs in, and resumes the last stream or binds a resource.
func (c *Client) connect(ctx context.Context) (s *session, resumed bool, err error) {
	targets, err := c.targets(ctx)
	if err != nil {
		return nil, false, err
	}
	for _, t := range targets {
		stream, failure := c.dial(ctx, t)
		if failure == nil {
			if s, resumed, failure = c.negotiate(ctx, stream); failure == nil {
				return s, resumed, nil
			}
			_ = stream.raw.Close()
		}
		c.log.Debug("cannot sign in", "address", t.address(), "direct", t.direct, "err", failure)
		if !errors.Is(err, idmanager.ErrUntrusted) { // of several, what the user has to know
			err = failure
		}
		var redirect *streamError
		if ctx.Err() != nil || errors.Is(failure, idmanager.ErrLogin) || errors.As(failure, &redirect) {
			return nil, false, failure
		}
	}
	return nil, false, err
}

func (c *Client) targets(ctx context.Context) ([]target, error) {
	c.mu.Lock()
	redirect := c.redirect
	c.mu.Unlock()
	switch {
	case redirect != nil && c.fixed != nil:
		return []target{{redirect.host, redirect.port, c.fixed.direct}}, nil
	case redirect != nil:
		return []target{*redirect}, nil
	case c.fixed != nil:
		return []target{*c.fixed}, nil
	}
	looking, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	targets, err := findTargets(looking, c.opts.Resolver, c.jid.ascii())
	if err != nil && errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return []target{{host: c.jid.ascii(), port: portClient}}, nil // a DNS that knows no SRV records, and does not say so
	}
	return targets, err
}

// negotiate signs in on a stream that stands, and resumes or binds.
func (c *Client) negotiate(ctx context.Context, s *stream) (_ *session, resumed bool, err error) {
	stop := context.AfterFunc(ctx, func() { _ = s.conn.SetDeadline(time.Unix(1, 0)) })
	defer func() {
		if !stop() && err == nil || err != nil && ctx.Err() != nil {
			err = ctx.Err()
		}
	}()
	if err := c.login.signIn(s); err != nil {
		return nil, false, err
	}
	s.limit = maxStanza
	if err := s.open(c.jid.Domain, c.jid.String()); err != nil {
		return nil, false, err
	}
	c.mu.Lock()
	resume := c.resume
	c.mu.Unlock()
	canResume := s.features.child(nsResume, "sm") != nil
	if resume != nil && canResume {
		ok, err := resume.again(s)
		if err != nil {
			return nil, false, err
		}
		if ok {
			return newSession(c, s, resume), true, nil
		}
	}
	c.mu.Lock()
	c.resume = nil
	c.mu.Unlock()
	if err := c.bind(s); err != nil {
		return nil, false, err
	}
	resume = &resumption{}
	if canResume {
		if err := resume.enable(s); err != nil {
			return nil, false, err
		}
		c.mu.Lock()
		if resume.id != "" {
			c.resume = resume
		}
		c.mu.Unlock()
	}
	return newSession(c, s, resume), false, nil
}

// bind binds a resource (RFC 6120 §7), another one if that is taken, and opens a session where an old server wants one.
func (c *Client) bind(s *stream) error {
	if s.features.child(nsBind, "bind") == nil {
		return fmt.Errorf("%w: it offers no resource", errProtocol)
	}
	for try := 0; ; try++ {
		c.mu.Lock()
		resource := c.resource
		c.mu.Unlock()
		answer, err := ask(s, el(nsBind, "bind").add(el(nsBind, "resource").say(resource)))
		var refusal *stanzaError
		if errors.As(err, &refusal) && refusal.condition == "conflict" && try == 0 {
			c.mu.Lock()
			c.resource = "sundog-" + randomID()
			c.mu.Unlock()
			continue
		}
		if err != nil {
			return err
		}
		full, err := ParseJID(answer.child(nsBind, "bind").child(nsBind, "jid").words())
		if err != nil || full.Bare() != c.jid || full.Resource == "" {
			return fmt.Errorf("%w: it gives us another address than %s", errProtocol, c.jid)
		}
		c.mu.Lock()
		c.own.full = full
		c.mu.Unlock()
		break
	}
	if old := s.features.child(nsSession, "session"); old != nil && old.child(nsSession, "optional") == nil {
		_, err := ask(s, el(nsSession, "session"))
		return err
	}
	return nil
}

// ask sends a request while nobody else uses the stream.
func ask(s *stream, payload *element) (*element, error) {
	id := randomID()
	answer, err := s.ask(el(nsClient, "iq", "type", "set", "id", id).add(payload))
	switch {
	case err != nil:
		return nil, err
	case !answer.is(nsClient, "iq") || answer.attr("id") != id:
		return nil, fmt.Errorf("%w: %s where the answer to %s should be", errProtocol, shortened(answer.name), payload.name)
	case answer.attr("type") == "error":
		return nil, parseStanzaError(answer)
	}
	return answer, nil
}

// randomTime is a random time up to d.
func randomTime(d time.Duration) time.Duration { return time.Duration(rand.Int64N(int64(d) + 1)) }
