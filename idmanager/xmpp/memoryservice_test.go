package xmpp

import (
	"errors"
	"io"
	"strconv"
)

// memoryAccount is what the server keeps for a user.
type memoryAccount struct {
	roster map[string]*contact // by bare JID
	item   *element            // in the node of registrations
}

func (m *memoryServer) account(user string) *memoryAccount {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.accounts[user]
}

// befriend makes accounts, each in the others' rosters.
func (m *memoryServer) befriend(users ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, u := range users {
		a := &memoryAccount{roster: make(map[string]*contact)}
		m.accounts[u] = a
		for _, other := range users {
			if jid := other + "@" + m.domain; other != u {
				a.roster[jid] = &contact{jid: jid, name: "My friend " + other, subscription: "both"}
			}
		}
	}
}

// resumed goes on with a session on another connection.
func (s *memorySession) resumed(to *memoryStream, h string) error {
	n, err := strconv.ParseUint(h, 10, 32)
	if err != nil {
		return err
	}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	done := len(s.unacked) - int(s.sent-uint32(n))
	if done < 0 || done > len(s.unacked) {
		return errors.New("counts do not match")
	}
	s.unacked = s.unacked[done:]
	s.conn = to.conn
	s.out = make(chan []byte, 10_000)
	s.out <- el(nsResume, "resumed", "previd", s.id, "h", strconv.Itoa(int(s.handled))).bytes(nsClient)
	for _, b := range s.unacked {
		s.out <- b
	}
	return nil
}

// serve reads stanzas until the connection breaks; another goroutine writes.
func (s *memorySession) serve(stream *memoryStream) error {
	s.server.mu.Lock()
	out := s.out
	s.server.mu.Unlock()
	ended, written := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(written)
		for {
			select {
			case b := <-out:
				if _, err := stream.conn.Write(b); err != nil {
					_ = stream.conn.Close()
					return
				}
			case <-ended:
				for len(out) > 0 {
					if _, err := stream.conn.Write(<-out); err != nil {
						return
					}
				}
				return
			}
		}
	}()
	err := s.read(stream)
	close(ended)
	<-written
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if s.conn == stream.conn {
		s.conn = nil
		if s.id == "" {
			s.leave()
		}
	}
	return err
}

func (s *memorySession) read(stream *memoryStream) error {
	for {
		e, err := stream.in.next()
		if err != nil {
			s.server.mu.Lock()
			if errors.Is(err, io.EOF) { // in good order
				delete(s.server.resume, s.id)
				s.id = ""
				s.out <- []byte("</stream:stream>")
			}
			s.server.mu.Unlock()
			return err
		}
		s.server.mu.Lock()
		switch {
		case e.is(nsResume, "enable"):
			s.counting = true
			s.id = randomID()
			s.server.resume[s.id] = s
			s.raw(el(nsResume, "enabled", "id", s.id, "resume", "true"))
		case e.is(nsResume, "r"):
			s.raw(el(nsResume, "a", "h", strconv.Itoa(int(s.handled))))
		case e.is(nsResume, "a"):
			n, _ := strconv.Atoi(e.attr("h")) // our own client writes numbers
			if waiting := int(int32(s.sent - uint32(n))); waiting >= 0 && waiting <= len(s.unacked) {
				s.unacked = s.unacked[len(s.unacked)-waiting:]
			}
		default:
			s.handled++
			s.stanza(e)
		}
		s.server.mu.Unlock()
	}
}

// raw sends what is not counted; server.mu is held, as in all that follows.
func (s *memorySession) raw(e *element) { s.out <- e.bytes(nsClient) }

func (s *memorySession) send(e *element) {
	b := e.bytes(nsClient)
	if s.counting {
		s.sent++
		s.unacked = append(s.unacked, b)
	}
	if s.conn != nil {
		s.out <- b
		if s.counting {
			s.out <- el(nsResume, "r").bytes(nsClient)
		}
	}
}

func (s *memorySession) stanza(e *element) {
	switch e.name {
	case "iq":
		if e.attr("type") == "get" || e.attr("type") == "set" {
			s.iq(e)
		}
	case "presence":
		s.showPresence(e)
	}
}

func (s *memorySession) answer(e *element, payload ...*element) {
	s.send(el(nsClient, "iq", "type", "result", "id", e.attr("id"), "from", e.attr("to"), "to", s.jid.String()).add(payload...))
}

func (s *memorySession) refuse(e *element, condition string) {
	s.send(el(nsClient, "iq", "type", "error", "id", e.attr("id"), "from", e.attr("to"), "to", s.jid.String()).add(
		el(nsClient, "error", "type", "cancel").add(el(nsStanzas, condition))))
}

func (s *memorySession) iq(e *element) {
	m := s.server
	if m.onIQ != nil && m.onIQ(s, e) {
		return
	}
	me := m.accounts[s.user]
	query := e.children[0]
	switch {
	case query.is(nsRoster, "query") && e.attr("type") == "get":
		q := el(nsRoster, "query")
		for _, c := range me.roster {
			q.add(rosterElement(c))
		}
		s.answer(e, q)
	case query.is(nsRoster, "query"):
		i, _ := rosterItem(query.children[0])
		c := me.roster[i.jid]
		switch {
		case i.subscription == "remove":
			delete(me.roster, i.jid)
			c = &i
		case c == nil:
			c = &contact{jid: i.jid, name: i.name, subscription: "none"}
			me.roster[i.jid] = c
		default:
			c.name = i.name
		}
		m.push(s.user, c)
		s.answer(e)
	case query.child(nsPubSub, "publish") != nil:
		me.item = query.child(nsPubSub, "publish").child(nsPubSub, "item")
		s.answer(e)
		m.notify(s.user)
	case query.child(nsPubSub, "items") != nil:
		s.items(e)
	case query.is(nsPing, "ping"):
		s.answer(e)
	default:
		s.refuse(e, "service-unavailable")
	}
}

// items answers a request for somebody's registration.
func (s *memorySession) items(e *element) {
	to, err := ParseJID(e.attr("to"))
	if err != nil {
		to = s.jid.Bare()
	}
	owner := s.server.accounts[to.Local]
	switch {
	case owner == nil || to.Domain != s.server.domain:
		s.refuse(e, "service-unavailable")
	case to.Local != s.user && !sharesPresence(owner, s.jid):
		s.refuse(e, "not-authorized")
	case owner.item == nil:
		s.refuse(e, "item-not-found")
	default:
		s.answer(e, el(nsPubSub, "pubsub").add(el(nsPubSub, "items", "node", nsRegistration).add(owner.item)))
	}
}

func sharesPresence(owner *memoryAccount, with JID) bool {
	c := owner.roster[with.Bare().String()]
	return c != nil && (c.subscription == "both" || c.subscription == "from")
}

// push tells a user's clients of a change in the roster.
func (m *memoryServer) push(user string, c *contact) {
	for _, s := range m.online {
		if s.user == user {
			s.send(el(nsClient, "iq", "type", "set", "id", randomID(), "to", s.jid.String()).add(el(nsRoster, "query").add(rosterElement(c))))
		}
	}
}

func rosterElement(c *contact) *element {
	ask := ""
	if c.asked {
		ask = "subscribe"
	}
	return el(nsRoster, "item", "jid", c.jid, "name", c.name, "subscription", c.subscription, "ask", ask)
}

// notify tells all who may see it of a user's registration.
func (m *memoryServer) notify(user string) {
	for _, s := range m.online {
		m.notifyOne(user, s)
	}
}

func (m *memoryServer) notifyOne(user string, to *memorySession) {
	owner := m.accounts[user]
	if owner == nil || owner.item == nil || m.deaf == user || to.presence.child(nsCaps, "c").attr("ver") != capsHash || to.user != user && !sharesPresence(owner, to.jid) {
		return
	}
	event := &element{space: nsEvent, name: "item", attrs: owner.item.attrs, children: owner.item.children}
	to.send(el(nsClient, "message", "type", "headline", "from", user+"@"+m.domain, "to", to.jid.String()).add(
		el(nsEvent, "event").add(el(nsEvent, "items", "node", nsRegistration).add(event))))
}

// showPresence passes presence on.
func (s *memorySession) showPresence(e *element) {
	m := s.server
	switch kind := e.attr("type"); kind {
	case "":
		first := s.presence == nil
		s.presence = e
		s.broadcast(e)
		if first {
			for _, other := range m.online {
				if other != s && other.presence != nil && m.sees(s.jid, other) {
					s.send(directed(other.presence, other.jid.String(), s.jid.String()))
				}
			}
			for user := range m.accounts {
				m.notifyOne(user, s)
			}
		}
	case "unavailable":
		s.leave()
	case "subscribe", "subscribed":
		m.subscription(s, e)
	}
}

// leave takes the session out, and tells contacts.
func (s *memorySession) leave() {
	if s.presence != nil {
		s.presence = nil
		s.broadcast(el(nsClient, "presence", "type", "unavailable"))
	}
	if s.server.online[s.jid.String()] == s && s.conn == nil {
		delete(s.server.online, s.jid.String())
	}
}

func (s *memorySession) broadcast(e *element) {
	for _, other := range s.server.online {
		if other.presence != nil && s.server.sees(other.jid, s) || other == s {
			other.send(directed(e, s.jid.String(), other.jid.String()))
		}
	}
}

// sees reports whether a JID may see a session's presence.
func (m *memoryServer) sees(who JID, s *memorySession) bool {
	return who.Bare() == s.jid.Bare() || sharesPresence(m.accounts[s.user], who)
}

func directed(e *element, from, to string) *element {
	return &element{
		space: e.space, name: e.name, text: e.text, children: e.children,
		attrs: append([]attribute{{"from", from}, {"to", to}}, el("", "", "type", e.attr("type")).attrs...),
	}
}

// subscription passes on who wants to see whose presence (RFC 6121 §3).
func (m *memoryServer) subscription(s *memorySession, e *element) {
	to, err := ParseJID(e.attr("to"))
	if err != nil || m.accounts[to.Local] == nil {
		return
	}
	mine, theirs := m.entry(s.user, to), m.entry(to.Local, s.jid)
	if e.attr("type") == "subscribe" {
		mine.asked = true
		m.push(s.user, mine)
	} else {
		grant := map[string]string{"none": "from", "to": "both"}
		if g := grant[mine.subscription]; g != "" {
			mine.subscription = g
		}
		grant = map[string]string{"none": "to", "from": "both"}
		if g := grant[theirs.subscription]; g != "" {
			theirs.subscription = g
		}
		theirs.asked = false
		m.push(s.user, mine)
		m.push(to.Local, theirs)
	}
	for _, other := range m.online {
		if other.user == to.Local {
			other.send(el(nsClient, "presence", "type", e.attr("type"), "from", s.jid.Bare().String(), "to", to.Bare().String()))
			if e.attr("type") == "subscribed" {
				for _, mine := range m.online {
					if mine.user == s.user && mine.presence != nil {
						other.send(directed(mine.presence, mine.jid.String(), other.jid.String()))
					}
				}
				m.notifyOne(s.user, other)
			}
		}
	}
}

func (m *memoryServer) entry(user string, jid JID) *contact {
	a := m.accounts[user]
	c := a.roster[jid.Bare().String()]
	if c == nil {
		c = &contact{jid: jid.Bare().String(), subscription: "none"}
		a.roster[c.jid] = c
	}
	return c
}
