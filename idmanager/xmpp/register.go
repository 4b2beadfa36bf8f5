package xmpp

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"sundog.dev/sundog/idmanager"
)

// own is what we have registered; Client.mu guards it.
type own struct {
	full     JID               // our address with resource; while signed in
	record   *idmanager.Record // nil: nothing is registered
	withdraw bool              // a record may stand there that could not be withdrawn
	signedIn time.Time         // when we have shown ourselves, on the last fresh stream
	time     time.Time         // of our identity's newest registration
	repaired time.Time         // when a record was last published again that another device had withdrawn
}

// Register publishes the record, and again whenever we sign in anew, until Unregister. On XMPP the name is the account's
// JID: any other with an @ is refused, and one without it gives way to the JID. Addresses are not published.
func (c *Client) Register(ctx context.Context, r idmanager.Record) error {
	r.PeerID = strings.ToLower(r.PeerID)
	if err := c.checkRecord(r); err != nil {
		return err
	}
	release, err := c.alone(ctx)
	if err != nil {
		return err
	}
	defer release()
	if err := c.publish(ctx, r, true); err != nil {
		return err
	}
	c.mu.Lock()
	c.own.record, c.own.withdraw = &r, false
	c.mu.Unlock()
	return nil
}

func (c *Client) checkRecord(r idmanager.Record) error {
	if strings.TrimSpace(r.Name) == "" || len(r.Name) > idmanager.MaxName {
		return fmt.Errorf("%w: a name has 1 to %d bytes", idmanager.ErrRefused, idmanager.MaxName)
	}
	if strings.Contains(r.Name, "@") {
		if j, err := ParseJID(r.Name); err != nil || j.Bare() != c.jid {
			return fmt.Errorf("%w: %s signs in as %s and cannot be %s", idmanager.ErrRefused, "this account", c.jid, shortened(r.Name))
		}
	}
	if b, err := hex.DecodeString(r.PeerID); err != nil || len(b) != 32 {
		return fmt.Errorf("%w: %q is no peer ID", idmanager.ErrRefused, shortened(r.PeerID))
	}
	if len(r.Rendezvous) > idmanager.MaxRendezvous {
		return fmt.Errorf("%w: a rendezvous address has at most %d bytes", idmanager.ErrRefused, idmanager.MaxRendezvous)
	}
	return nil
}

// Refresh publishes the record again. Nothing expires on XMPP; it is for servers that have lost what they held.
func (c *Client) Refresh(ctx context.Context) error {
	release, err := c.alone(ctx)
	if err != nil {
		return err
	}
	defer release()
	c.mu.Lock()
	record := c.own.record
	c.mu.Unlock()
	if record == nil {
		return ErrNotRegistered
	}
	return c.publish(ctx, *record, false)
}

// Unregister withdraws the record, if there is one. When the server cannot be told now, it is told at the next sign-in.
func (c *Client) Unregister(ctx context.Context) error {
	release, err := c.alone(ctx)
	if err != nil {
		return err
	}
	defer release()
	c.mu.Lock()
	registered := c.own.record != nil
	c.own.record = nil
	c.own.withdraw = c.own.withdraw || registered
	c.mu.Unlock()
	if !registered {
		return nil
	}
	if err := c.publish(ctx, idmanager.Record{}, false); err != nil {
		return err
	}
	c.mu.Lock()
	c.own.withdraw = false
	c.mu.Unlock()
	return nil
}

// alone waits until nobody else registers or withdraws.
func (c *Client) alone(ctx context.Context) (release func(), err error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	select {
	case <-c.turn:
		return func() { c.turn <- struct{}{} }, nil
	case <-c.ctx.Done():
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// publish publishes as soon as we are signed in.
func (c *Client) publish(ctx context.Context, r idmanager.Record, insist bool) error {
	for try := 1; ; try++ {
		s, err := c.wait(ctx, insist)
		if err != nil {
			return err
		}
		var refusal *stanzaError
		switch err = c.publishOn(ctx, s, r); {
		case err == nil:
			return nil
		case errors.Is(err, errStreamLost) && try < maxAttempts:
		case errors.As(err, &refusal):
			return fmt.Errorf("the XMPP server of %s does not publish who can be called where (personal eventing, XEP-0163); ask whoever runs it: %w: %w",
				c.jid.Domain, idmanager.ErrRefused, err)
		default:
			return c.failed(err)
		}
	}
}

// nextTime is the time for a registration: now, but later than all before it, even when the clock was put back.
func (c *Client) nextTime() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := time.Now().Truncate(time.Millisecond)
	if !t.After(c.own.time) {
		t = c.own.time.Add(time.Millisecond)
	}
	c.own.time = t
	return t
}

// setUp does what a fresh session needs before anybody uses it.
func (c *Client) setUp(ctx context.Context, s *session) error {
	c.mu.Lock()
	c.people.signedIn()
	c.mu.Unlock()
	if err := c.fetchRoster(ctx, s); err != nil {
		return err
	}
	c.mu.Lock()
	c.own.signedIn = time.Now()
	c.mu.Unlock()
	s.send(available())
	// What stands there tells by how much the clock may be behind.
	before, err := c.fetch(ctx, "", func(to string, payload *element) (*element, error) { return c.askOn(ctx, s, to, "get", payload) })
	var refusal *stanzaError
	if err != nil && !errors.As(err, &refusal) {
		return err
	}
	c.mu.Lock()
	if before != nil {
		c.people.self.accept(*before)
		if before.Identity.Equal(c.opts.Signer.Public()) && before.Time.After(c.own.time) {
			c.own.time = before.Time
		}
	}
	record, withdraw := c.own.record, c.own.withdraw
	c.mu.Unlock()
	switch {
	case record != nil:
		err = c.publishOn(ctx, s, *record)
	case withdraw:
		err = c.publishOn(ctx, s, idmanager.Record{})
	default:
		return nil
	}
	if err != nil && !errors.As(err, &refusal) {
		return err
	}
	if err != nil {
		c.log.Warn("the record cannot be published again", "err", err)
	}
	c.mu.Lock()
	c.own.withdraw = c.own.withdraw && err != nil
	c.mu.Unlock()
	return nil
}

// repair publishes our record again when another device of the user has withdrawn its own, which was the same item. c.mu
// is held.
func (c *Client) repair() {
	if c.own.record == nil || c.closing || c.online == nil || time.Since(c.own.repaired) < repairPause {
		return
	}
	if n := c.people.self.newest; n != nil && n.PeerID == c.own.record.PeerID {
		return
	}
	c.own.repaired = time.Now()
	c.wg.Go(func() {
		if err := c.Refresh(c.ctx); err != nil && c.ctx.Err() == nil {
			c.log.Info("the record cannot be published again", "err", err)
		}
	})
}
