package xmpp

import "time"

// presence takes who comes and goes (RFC 6121 §4), and who wants to see our presence (§3).
func (c *Client) presence(s *session, e *element) {
	from, err := ParseJID(e.attr("from"))
	if err != nil {
		return
	}
	bare := from.Bare().String()
	switch kind := e.attr("type"); kind {
	case "", "unavailable", "error":
		c.mu.Lock()
		defer c.mu.Unlock()
		if p := c.people.get(bare); p != nil && from != c.own.full {
			was := p.sundog[from.Resource]
			p.present(from.Resource, kind == "", e)
			if p != c.people.self && p.sundog[from.Resource] && !was {
				c.came(p)
			}
			c.people.tell(p)
			if time.Since(c.own.signedIn) < arrivalTime {
				c.announce()
			}
			if p == c.people.self && kind != "" {
				c.repair() // the record may have been that device's
			}
		}
	case "subscribe":
		if c.welcome(bare) {
			s.send(el(nsClient, "presence", "type", "subscribed", "to", bare))
		}
	}
}

// welcome reports whether somebody may see our presence: a contact whose presence we want to see as well. Others are
// remembered until AddContact; the server keeps their wish for the user's other clients.
func (c *Client) welcome(jid string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.people.contacts[jid]; p != nil && (p.seen() || p.asked || p.wanted) {
		return true
	}
	if len(c.people.wishes) < maxRequests {
		c.people.wishes[jid] = struct{}{}
	}
	c.log.Info("somebody wants to be a contact", "jid", jid)
	return false
}

// present takes the presence of a resource; without resource: of all.
func (p *contact) present(resource string, available bool, e *element) {
	if !available {
		if resource == "" {
			p.sundog, p.stale = nil, nil
			return
		}
		delete(p.sundog, resource)
		delete(p.stale, resource)
		return
	}
	caps := e.child(nsCaps, "c")
	was, known := p.sundog[resource]
	if !known && len(p.sundog) >= maxResources {
		return
	}
	if p.sundog == nil {
		p.sundog = make(map[string]bool)
	}
	delete(p.stale, resource)
	// Servers may leave capabilities out that have not changed (XEP-0115 §8.4).
	p.sundog[resource] = caps.attr("node") == capsNode || caps == nil && was
}
