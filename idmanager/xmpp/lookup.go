package xmpp

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"sundog.dev/sundog/idmanager"
)

// LookUp finds somebody by JID, or a contact by the name in the roster or by the JID's local part, if it is the only one
// of that name. Contacts' records have been pushed to us; others' are asked for, and mostly not shown: servers show
// them to contacts only, and say no more than that.
func (c *Client) LookUp(ctx context.Context, name string) (idmanager.Record, error) {
	name = strings.TrimSpace(name)
	if ctx.Err() != nil {
		return idmanager.Record{}, ctx.Err()
	}
	if name == "" || len(name) > 3*maxPart {
		return idmanager.Record{}, idmanager.ErrUnknownName
	}
	if _, err := c.wait(ctx, false); err != nil {
		return idmanager.Record{}, err
	}
	if err := c.arrive(ctx, name); err != nil {
		return idmanager.Record{}, err
	}
	c.mu.Lock()
	jid, known := c.people.find(name, c.jid.Domain)
	var record idmanager.Record
	listed, there := false, false
	if known != nil {
		record, listed, there = known.record(), known.seen(), known.there()
	}
	c.mu.Unlock()
	switch {
	case jid == "":
		return idmanager.Record{}, fmt.Errorf("%s is not among your contacts at %s: %w", shortened(name), c.jid.Domain, idmanager.ErrUnknownName)
	case record.PeerID != "":
		return record, nil
	case listed && !there && jid != c.jid.String():
		return idmanager.Record{}, offline(jid)
	}
	whose := jid
	if jid == c.jid.String() {
		whose = "" // servers differ in how they answer who asks himself by name
	}
	r, err := c.fetch(ctx, whose, func(to string, payload *element) (*element, error) { return c.ask(ctx, to, "get", payload, false) })
	if err != nil {
		return idmanager.Record{}, c.notShown(jid, listed, err)
	}
	if r == nil {
		if listed {
			return idmanager.Record{}, offline(jid)
		}
		return idmanager.Record{}, fmt.Errorf("%s does not use Sundog: %w", jid, idmanager.ErrUnknownName)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if known = c.people.get(jid); known != nil {
		if known.accept(*r) {
			c.people.tell(known)
		}
		r = known.newest
	}
	if r == nil || r.PeerID == "" {
		return idmanager.Record{}, offline(jid)
	}
	return r.Record(), nil
}

// arrive waits for a contact's presence just after we have signed in: it is on its way.
func (c *Client) arrive(ctx context.Context, name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		left := arrivalTime - time.Since(c.own.signedIn)
		if _, known := c.people.find(name, c.jid.Domain); left <= 0 || known == nil || !known.seen() || known.there() || known == c.people.self {
			return nil
		}
		changed := c.changed
		c.mu.Unlock()
		timer := time.NewTimer(left)
		var err error
		select {
		case <-changed:
		case <-timer.C:
		case <-c.ctx.Done():
			err = ErrClosed
		case <-ctx.Done():
			err = ctx.Err()
		}
		timer.Stop()
		c.mu.Lock()
		if err != nil {
			return err
		}
	}
}

func offline(jid string) error {
	return fmt.Errorf("%s is not signed in with Sundog: %w", jid, idmanager.ErrOffline)
}

// notShown says what a refused request for somebody's record means.
func (c *Client) notShown(jid string, listed bool, err error) error {
	var refusal *stanzaError
	if !errors.As(err, &refusal) {
		return c.failed(err)
	}
	switch refusal.condition {
	case "item-not-found":
		if listed {
			return offline(jid)
		}
	case "remote-server-timeout", "internal-server-error", "resource-constraint":
		return c.failed(err)
	}
	if listed {
		return fmt.Errorf("the server of %s does not tell whether they are there: %w: %w", jid, idmanager.ErrOffline, err)
	}
	return fmt.Errorf("%s is not among your contacts, or does not exist; people see each other once both have added the other as a contact: %w: %w",
		jid, idmanager.ErrUnknownName, err)
}
