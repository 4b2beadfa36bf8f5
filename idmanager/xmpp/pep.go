package xmpp

import (
	"context"
	"errors"
	"time"

	"sundog.dev/sundog/idmanager"
)

// item is the name of the only item in the node; with a fixed one publishing replaces it.
const item = "current"

// publishOn signs a record and publishes it (XEP-0163 §3); one without peer ID withdraws.
func (c *Client) publishOn(ctx context.Context, s *session, r idmanager.Record) error {
	r.Name = c.jid.String()
	reg, err := idmanager.Sign(c.opts.Signer, r, c.nextTime())
	if err != nil {
		return err
	}
	publish := el(nsPubSub, "publish", "node", nsRegistration).add(el(nsPubSub, "item", "id", item).add(registrationElement(reg)))
	config := func(kind string) *element {
		return form(kind, "pubsub#access_model", "presence", "pubsub#persist_items", "true")
	}
	_, err = c.askOn(ctx, s, "", "set", el(nsPubSub, "pubsub").add(publish,
		el(nsPubSub, "publish-options").add(config(nsPubSub+"#publish-options"))))
	var refusal *stanzaError
	if !errors.As(err, &refusal) {
		return err
	}
	// The node has another configuration, or the server knows no options (XEP-0060 §7.1.5). Who may read the node comes
	// before what stands in it; one that does not exist yet begins as we want it (XEP-0163 §3).
	_, err = c.askOn(ctx, s, "", "set", el(nsOwner, "pubsub").add(
		el(nsOwner, "configure", "node", nsRegistration).add(config(nsPubSub+"#node_config"))))
	if err == nil || errors.As(err, &refusal) && refusal.condition == "item-not-found" {
		_, err = c.askOn(ctx, s, "", "set", el(nsPubSub, "pubsub").add(publish))
	}
	return err
}

// form is a submitted data form (XEP-0004); fields are names and values by turns.
func form(kind string, fields ...string) *element {
	x := el(nsForm, "x", "type", "submit")
	x.add(el(nsForm, "field", "var", "FORM_TYPE", "type", "hidden").add(el(nsForm, "value").say(kind)))
	for i := 0; i+1 < len(fields); i += 2 {
		x.add(el(nsForm, "field", "var", fields[i]).add(el(nsForm, "value").say(fields[i+1])))
	}
	return x
}

// fetch asks for somebody's registration; empty: our own account's. Without one: nil. An item that is none is as good as
// absent.
func (c *Client) fetch(ctx context.Context, jid string, ask func(to string, payload *element) (*element, error)) (*idmanager.Registration, error) {
	answer, err := ask(jid, el(nsPubSub, "pubsub").add(el(nsPubSub, "items", "node", nsRegistration)))
	if err != nil {
		return nil, err
	}
	if jid == "" {
		jid = c.jid.String()
	}
	items := answer.child(nsPubSub, "pubsub").child(nsPubSub, "items")
	if items == nil {
		return nil, nil
	}
	var found *idmanager.Registration
	for _, i := range items.children {
		if r := c.published(i, jid); r != nil && (found == nil || r.Time.After(found.Time)) {
			found = r
		}
	}
	return found, nil
}

// published is the valid registration in an item, or nil.
func (c *Client) published(item *element, jid string) *idmanager.Registration {
	e := item.child(nsRegistration, "registration")
	if e == nil {
		return nil
	}
	r, err := parseRegistration(e, jid, time.Now())
	if err != nil {
		c.log.Warn("a registration that does not count", "of", jid, "err", err)
		return nil
	}
	return &r
}

// message takes a notification (XEP-0163 §4.3), which comes from the bare JID of the one whose node it is. All other
// messages are for other clients.
func (c *Client) message(e *element) {
	items := e.child(nsEvent, "event").child(nsEvent, "items")
	if items == nil || items.attr("node") != nsRegistration || e.attr("type") == "error" {
		return
	}
	from := c.jid
	if f := e.attr("from"); f != "" {
		var err error
		if from, err = ParseJID(f); err != nil || from.Resource != "" {
			return
		}
	}
	jid := from.String()
	c.mu.Lock()
	p := c.people.get(jid)
	c.mu.Unlock()
	if p == nil {
		c.log.Warn("a registration of somebody who is no contact", "of", jid)
		return
	}
	for _, i := range items.children {
		r := c.published(i, jid)
		gone := i.is(nsEvent, "retract") && i.attr("id") == item
		c.mu.Lock()
		switch {
		case gone:
			p.newest = nil
		case r != nil && p.accept(*r):
			p.came = time.Time{}
		case r != nil:
			c.log.Warn("a registration that is older than one seen before", "of", jid)
		}
		if p == c.people.self && (gone || r != nil && r.PeerID == "") {
			c.repair()
		}
		c.people.tell(p)
		c.mu.Unlock()
	}
}
