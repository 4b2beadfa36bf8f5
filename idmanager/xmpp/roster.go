package xmpp

import (
	"context"
	"fmt"
)

// rosterItem reads an entry; false: it is none.
func rosterItem(e *element) (contact, bool) {
	j, err := ParseJID(e.attr("jid"))
	if err != nil || !e.is(nsRoster, "item") {
		return contact{}, false
	}
	return contact{jid: j.Bare().String(), name: e.attr("name"), subscription: e.attr("subscription"), asked: e.attr("ask") == "subscribe"}, true
}

// fetchRoster asks for the whole (RFC 6121 §2.1.3), and forgets who is no longer in it.
func (c *Client) fetchRoster(ctx context.Context, s *session) error {
	answer, err := c.askOn(ctx, s, "", "get", el(nsRoster, "query"))
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	listed := make(map[string]bool)
	if q := answer.child(nsRoster, "query"); q != nil {
		for _, e := range q.children {
			if item, ok := rosterItem(e); ok && len(listed) < maxContacts {
				listed[item.jid] = true
				c.listed(item, false)
			}
		}
	}
	for jid, p := range c.people.contacts {
		if !listed[jid] {
			c.people.drop(p)
		}
	}
	return nil
}

// listed takes an entry of the roster, or one that we have just wanted there; c.mu is held.
func (c *Client) listed(item contact, wanted bool) {
	p := c.people.contacts[item.jid]
	item.wanted = wanted
	switch {
	case item.jid == c.jid.String():
	case p != nil && wanted: // the server has told already, and knows more
		p.wanted = true
	case item.subscription == "remove":
		if p != nil {
			c.people.drop(p)
		}
	case p != nil:
		p.name, p.subscription, p.asked = item.name, item.subscription, item.asked
	case len(c.people.contacts) < maxContacts:
		c.people.contacts[item.jid] = &item
	default:
		c.log.Warn("the roster is too large; somebody is left out", "most", maxContacts)
	}
}

// rosterPush takes a change. Only our own server may push, in the account's name (RFC 6121 §2.1.6): from anybody else it
// would be somebody making himself our contact.
func (c *Client) rosterPush(from string, query *element) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.isAccount(from) {
		c.log.Warn("a forged change of the roster", "from", shortened(from))
		return false
	}
	if len(query.children) != 1 {
		return false
	}
	item, ok := rosterItem(query.children[0])
	if ok {
		c.listed(item, false)
	}
	return ok
}

// AddContact puts somebody into the roster, asks to see their presence, and lets them see ours: they see our record once
// they have added us as well. An empty name: none.
func (c *Client) AddContact(ctx context.Context, jid, name string) error {
	j, err := ParseJID(jid)
	if err != nil {
		return err
	}
	if j.Local == "" || j.Bare() == c.jid {
		return fmt.Errorf("%s cannot be a contact", j)
	}
	to := j.Bare().String()
	if _, err := c.ask(ctx, "", "set", el(nsRoster, "query").add(el(nsRoster, "item", "jid", to, "name", name)), false); err != nil {
		return c.failed(err)
	}
	s, err := c.wait(ctx, false)
	if err != nil {
		return err
	}
	c.mu.Lock()
	// From now on a wish to see our presence is granted as it comes; one that has come already is granted below.
	c.listed(contact{jid: to, name: name, subscription: "none"}, true)
	_, wishes := c.people.wishes[to]
	delete(c.people.wishes, to)
	c.mu.Unlock()
	s.send(el(nsClient, "presence", "type", "subscribe", "to", to))
	if wishes {
		s.send(el(nsClient, "presence", "type", "subscribed", "to", to))
	}
	return nil
}

// RemoveContact removes somebody from the roster: neither sees the other's presence any more (RFC 6121 §2.5).
func (c *Client) RemoveContact(ctx context.Context, jid string) error {
	j, err := ParseJID(jid)
	if err != nil {
		return err
	}
	_, err = c.ask(ctx, "", "set", el(nsRoster, "query").add(el(nsRoster, "item", "jid", j.Bare().String(), "subscription", "remove")), false)
	if err != nil {
		return c.failed(err)
	}
	return nil
}
