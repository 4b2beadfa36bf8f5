package xmpp

import (
	"context"
	"errors"
	"fmt"
)

// request is an iq that waits for its answer.
type request struct {
	to     string // whom it was sent to; empty: our account
	answer chan *element
	lost   chan struct{} // closed when no answer can come any more
	err    error         // then
}

// maxAttempts bounds how often a request is sent whose stream broke.
const maxAttempts = 3

// ask sends a request as soon as we are signed in, again when the stream breaks under it, and waits for the answer. An answer
// of type error is a *stanzaError.
func (c *Client) ask(ctx context.Context, to, kind string, payload *element, insist bool) (*element, error) {
	for try := 1; ; try++ {
		s, err := c.wait(ctx, insist)
		if err != nil {
			return nil, err
		}
		answer, err := c.askOn(ctx, s, to, kind, payload)
		if !errors.Is(err, errStreamLost) || try == maxAttempts {
			return answer, err
		}
	}
}

// askOn does so on one session.
func (c *Client) askOn(ctx context.Context, s *session, to, kind string, payload *element) (*element, error) {
	limited, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	id := randomID()
	r := &request{to: to, answer: make(chan *element, 1), lost: make(chan struct{})}
	c.mu.Lock()
	if len(c.requests) >= maxRequests {
		c.mu.Unlock()
		return nil, fmt.Errorf("%d requests wait for their answers already", maxRequests)
	}
	c.requests[id] = r
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.requests, id)
		c.mu.Unlock()
	}()
	if !s.send(el(nsClient, "iq", "type", kind, "id", id, "to", to).add(payload)) {
		return nil, errStreamLost
	}
	select {
	case answer := <-r.answer:
		if answer.attr("type") == "error" {
			return nil, parseStanzaError(answer)
		}
		return answer, nil
	case <-r.lost:
		return nil, r.err
	case <-c.ctx.Done():
		return nil, ErrClosed
	case <-limited.Done():
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, errNoAnswer
	}
}

// failRequests tells all who wait that no answer will come.
func (c *Client) failRequests(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, r := range c.requests {
		r.err = err
		close(r.lost)
		delete(c.requests, id)
	}
}

// answered hands an answer to who waits for it: only from whom it was asked, since others may guess ids (RFC 6120 §8.1.2.1).
func (c *Client) answered(e *element) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.requests[e.attr("id")]
	if r == nil {
		return
	}
	from := e.attr("from")
	if from != r.to && !(r.to == "" && c.isAccount(from)) {
		c.log.Warn("an answer from somebody who was not asked", "from", shortened(from))
		return
	}
	select {
	case r.answer <- e:
	default:
	}
}

// isAccount reports whether a stanza comes from our own account, in whose name the server speaks: without a sender, or
// with our own address (RFC 6120 §8.1.2.1, RFC 6121 §2.1.6).
func (c *Client) isAccount(from string) bool {
	if from == "" {
		return true
	}
	j, err := ParseJID(from)
	return err == nil && (j == c.jid || j == c.own.full)
}

// handle takes a stanza from the server.
func (c *Client) handle(s *session, e *element) {
	switch e.name {
	case "iq":
		switch e.attr("type") {
		case "result", "error":
			c.answered(e)
		case "get", "set":
			c.asked(s, e)
		}
	case "presence":
		c.presence(s, e)
	case "message":
		c.message(e)
	}
}

// asked answers somebody's request (RFC 6120 §8.2.3: every one), unless so many come that the answers pile up: a contact who
// floods us would break our stream.
func (c *Client) asked(s *session, e *element) {
	if len(s.outbox) > maxOutbox || s.resume.waiting() > maxUnacked/2 {
		return
	}
	answer := el(nsClient, "iq", "type", "result", "id", e.attr("id"), "to", e.attr("from"))
	var query *element
	if len(e.children) > 0 {
		query = e.children[0]
	}
	get := e.attr("type") == "get"
	switch {
	case get && query.is(nsPing, "ping"):
	case get && query.is(nsDisco, "query") && (query.attr("node") == "" || query.attr("node") == capsNode+"#"+capsHash):
		answer.add(discoInfo(query.attr("node")))
	case !get && query.is(nsRoster, "query") && c.rosterPush(e.attr("from"), query):
	default:
		answer.attrs[0].value = "error"
		answer.add(el(nsClient, "error", "type", "cancel").add(el(nsStanzas, "service-unavailable")))
	}
	s.send(answer)
}
