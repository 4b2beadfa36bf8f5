package xmpp

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/idmanager"
)

// inject sends a user's clients something as it is.
func (m *memoryServer) inject(user, xml string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.online {
		if s.user == user && s.conn != nil {
			s.inject(xml)
		}
	}
}

func (s *memorySession) inject(xml string) {
	if s.counting {
		s.sent++
		s.unacked = append(s.unacked, []byte(xml))
	}
	s.out <- []byte(xml)
}

// eventOf is a notification that seems to come from somebody, of a registration as it is given.
func eventOf(from string, registration *element) string {
	return string(el(nsClient, "message", "type", "headline", "from", from).add(el(nsEvent, "event").add(
		el(nsEvent, "items", "node", nsRegistration).add(el(nsEvent, "item", "id", item).add(registration)))).bytes(nsClient))
}

func signed(t *testing.T, key ed25519.PrivateKey, name, id string, at time.Time) *element {
	t.Helper()
	r, err := idmanager.Sign(key, idmanager.Record{Name: name, PeerID: id}, at)
	if err != nil {
		t.Fatal(err)
	}
	return registrationElement(r)
}

// withFriends has ann, whom a hostile server or stranger is after, and bob, who is registered and there.
func withFriends(t *testing.T, test func(t *testing.T, m *memoryServer, ann, bob *Client, bobKey ed25519.PrivateKey)) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryServer(t)
		m.befriend("ann", "bob")
		key := newKey(t)
		ann, bob := m.client(t, "ann", Options{}), m.client(t, "bob", Options{Signer: key})
		for c, id := range map[*Client]string{ann: idA, bob: idB} {
			if err := c.Register(patience(t), recordOf(c, id)); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		test(t, m, ann, bob, key)
	})
}

func TestForgedNotificationsChangeNothing(t *testing.T) {
	const bobs = "bob@" + memoryDomain
	evil := strings.Repeat("ee", 32)
	withFriends(t, func(t *testing.T, m *memoryServer, ann, _ *Client, key ed25519.PrivateKey) {
		now, mallory := time.Now(), newKey(t)
		for name, xml := range map[string]string{
			"signed by nobody":             eventOf(bobs, el(nsRegistration, "registration", "name", bobs, "peer-id", evil)),
			"changed after signing":        strings.Replace(eventOf(bobs, signed(t, key, bobs, strings.Repeat("ef", 32), now)), strings.Repeat("ef", 32), evil, 1),
			"of another name":              eventOf(bobs, signed(t, mallory, "mallory@"+memoryDomain, evil, now)),
			"from a resource":              eventOf(bobs+"/desk", signed(t, key, bobs, evil, now)),
			"from a stranger":              eventOf("mallory@"+memoryDomain, signed(t, mallory, "mallory@"+memoryDomain, evil, now)),
			"from the server itself":       eventOf(memoryDomain, signed(t, mallory, memoryDomain, evil, now)),
			"from the future":              eventOf(bobs, signed(t, key, bobs, evil, now.Add(maxAhead+time.Minute))),
			"older than the one before":    eventOf(bobs, signed(t, key, bobs, evil, now.Add(-time.Hour))),
			"in an error":                  strings.Replace(eventOf(bobs, signed(t, key, bobs, evil, now.Add(time.Second))), "headline", "error", 1),
			"in another node":              strings.Replace(eventOf(bobs, signed(t, key, bobs, evil, now.Add(time.Second))), "node='"+nsRegistration, "node='x", 1),
			"withdrawn by somebody else":   eventOf(bobs, signed(t, mallory, "mallory@"+memoryDomain, "", now)),
			"of a JID that is none":        eventOf("@@", signed(t, key, bobs, evil, now)),
			"without anything in it":       "<message from='" + bobs + "'><event xmlns='" + nsEvent + "'><items node='" + nsRegistration + "'/></event></message>",
			"an answer that nobody wanted": "<iq type='result' id='x' from='" + bobs + "'/>",
		} {
			m.inject("ann", xml)
			synctest.Wait()
			if r, err := ann.LookUp(patience(t), bobs); err != nil || r.PeerID != idB {
				t.Errorf("%s: %+v, %v", name, r, err)
			}
			if r, err := ann.LookUp(patience(t), "mallory@"+memoryDomain); !errors.Is(err, idmanager.ErrUnknownName) {
				t.Errorf("%s: mallory is %+v, %v", name, r, err)
			}
		}
		m.inject("ann", eventOf(bobs, signed(t, key, bobs, evil, now.Add(time.Second))))
		synctest.Wait()
		if r, err := ann.LookUp(patience(t), bobs); err != nil || r.PeerID != evil {
			t.Errorf("the honest one: %+v, %v", r, err)
		}
	})
}

func TestOnlyOurOwnServerChangesTheRoster(t *testing.T) {
	withFriends(t, func(t *testing.T, m *memoryServer, ann, _ *Client, _ ed25519.PrivateKey) {
		push := func(from string) {
			m.inject("ann", string(el(nsClient, "iq", "type", "set", "id", "p", "from", from).add(el(nsRoster, "query").add(
				el(nsRoster, "item", "jid", "mallory@"+memoryDomain, "subscription", "both"))).bytes(nsClient)))
			synctest.Wait()
		}
		has := func() bool { return ann.isFriend("mallory@" + memoryDomain) }
		for _, from := range []string{"mallory@" + memoryDomain, "bob@" + memoryDomain, memoryDomain, "ann@other.example", "ann@" + memoryDomain + "/elsewhere", "@"} {
			if push(from); has() {
				t.Errorf("%s has changed the roster", from)
			}
		}
		if push("ann@" + memoryDomain); !has() {
			t.Error("the account itself has not")
		}
	})
}

func TestAnswersCountOnlyFromWhomWeAsked(t *testing.T) {
	withFriends(t, func(t *testing.T, m *memoryServer, ann, _ *Client, _ ed25519.PrivateKey) {
		evil := signed(t, newKey(t), "carol@"+memoryDomain, idA, time.Now())
		m.mu.Lock()
		m.onIQ = func(s *memorySession, e *element) bool {
			if e.attr("to") != "carol@"+memoryDomain {
				return false
			}
			for _, from := range []string{"mallory@" + memoryDomain, "", s.jid.String(), "carol@" + memoryDomain + "/x"} {
				s.send(el(nsClient, "iq", "type", "result", "id", e.attr("id"), "from", from).add(el(nsPubSub, "pubsub").add(
					el(nsPubSub, "items", "node", nsRegistration).add(el(nsPubSub, "item", "id", item).add(evil)))))
			}
			return true
		}
		m.mu.Unlock()
		if r, err := ann.LookUp(patience(t), "carol@"+memoryDomain); !errors.Is(err, errNoAnswer) {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

func TestServersThatSendWhatTheyMustNotAreLeft(t *testing.T) {
	for name, xml := range map[string]string{
		"a stanza without end":     "<message><body>" + strings.Repeat("x", maxStanza),
		"elements without end":     "<message>" + strings.Repeat("<a/>", maxElements),
		"elements within elements": strings.Repeat("<message>", maxDepth+1),
		"a comment":                "<!-- x -->",
		"a document type":          "<!DOCTYPE lolz [<!ENTITY lol 'lol'>]>",
		"an entity":                "<message>&lol;</message>",
		"text":                     "hello",
		"more than we have sent":   "<a xmlns='urn:xmpp:sm:3' h='4000000000'/>",
		"a count that is none":     "<a xmlns='urn:xmpp:sm:3' h='x'/>",
		"a stream error":           "<stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
		"the end":                  "</stream:stream>",
	} {
		withFriends(t, func(t *testing.T, m *memoryServer, ann, bob *Client, _ ed25519.PrivateKey) {
			before := ann.sessionNow()
			m.inject("ann", xml)
			synctest.Wait()
			if s := ann.sessionNow(); s == before {
				t.Errorf("%s: still on the same stream", name)
			}
			if err := ann.Refresh(patience(t)); err != nil {
				t.Errorf("%s: not signed in again: %v", name, err)
			}
			if _, err := bob.LookUp(patience(t), "ann@"+memoryDomain); err != nil {
				t.Errorf("%s: not found afterwards: %v", name, err)
			}
		})
	}
}

func (c *Client) sessionNow() *session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.online
}

func TestServersThatDoNotSpeakXMPPAreTold(t *testing.T) {
	for name, c := range map[string]struct{ says, want string }{
		"silence":              {"", "does not answer"},
		"a web server":         {"HTTP/1.1 400 Bad Request\r\n\r\n", "no well-formed XML"},
		"another XML":          {"<?xml version='1.0'?><html>", "no well-formed XML"},
		"an old version":       {strings.Replace(testHeader, "version='1.0'>", "version='0.9'>", 1) + "<stream:features/>", "does not keep to XMPP"},
		"another namespace":    {strings.Replace(testHeader, "jabber:client", "jabber:server", 1) + "<stream:features/>", "does not keep to XMPP"},
		"stanzas first":        {testHeader + "<message/>", "does not keep to XMPP"},
		"a host it is not":     {testHeader + "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>", "host-unknown"},
		"a header without end": {"<stream:stream x='" + strings.Repeat("x", maxEarly), "more at once than we take"},
	} {
		_, err := signInTo(t, Options{}, func(m *memoryServer) {
			m.greet = func(w io.Writer) bool { _, _ = io.WriteString(w, c.says); return true }
		})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "the XMPP server of "+memoryDomain) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestAFloodOfRequestsDoesNotBreakTheStream(t *testing.T) {
	withFriends(t, func(t *testing.T, m *memoryServer, ann, _ *Client, _ ed25519.PrivateKey) {
		before := ann.sessionNow()
		for i := range 2000 {
			m.mu.Lock()
			for _, s := range m.online {
				if s.user == "ann" && s.conn != nil {
					s.inject(fmt.Sprintf("<iq type='get' id='%d' from='bob@%s/x'><ping xmlns='urn:xmpp:ping'/></iq>", i, memoryDomain))
				}
			}
			m.mu.Unlock()
		}
		if err := ann.Refresh(patience(t)); err != nil {
			t.Error(err)
		}
		if ann.sessionNow() != before {
			t.Error("the flood has broken the stream")
		}
	})
}

func TestTheRosterAndContactsClientsAreBounded(t *testing.T) {
	c := &Client{jid: JID{"ann", "example.org", ""}, log: quiet()}
	c.people.init("ann@example.org")
	for i := range maxContacts + 100 {
		c.listed(contact{jid: fmt.Sprintf("u%d@example.org", i), subscription: "both"}, false)
	}
	if n := len(c.people.contacts); n != maxContacts {
		t.Errorf("%d contacts", n)
	}
	p := c.people.contacts["u1@example.org"]
	for i := range maxResources + 100 {
		p.present(fmt.Sprint(i), true, available())
	}
	if n := len(p.sundog); n != maxResources {
		t.Errorf("%d resources", n)
	}
	for i := range maxRequests + 100 {
		c.welcome(fmt.Sprintf("s%d@example.org", i))
	}
	if n := len(c.people.wishes); n != maxRequests {
		t.Errorf("%d wishes", n)
	}
	for range 5 * maxIdentities {
		p.accept(idmanager.Registration{Identity: newKey(t).Public().(ed25519.PublicKey), Time: time.Now()})
	}
	if n := len(p.times); n > maxIdentities {
		t.Errorf("%d identities", n)
	}
}

func TestAContextEndsEveryWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryServer(t)
		m.befriend("ann")
		m.greet = func(io.Writer) bool { return true } // and then silence
		c := m.client(t, "ann", Options{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin := time.Now()
		for name, call := range map[string]func() error{
			"Register":   func() error { return c.Register(ctx, recordOf(c, idA)) },
			"LookUp":     func() error { _, err := c.LookUp(ctx, "bob"); return err },
			"AddContact": func() error { return c.AddContact(ctx, "bob@example.org", "") },
		} {
			if err := call(); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if d := time.Since(begin); d != time.Second {
			t.Errorf("after %v", d)
		}
	})
}
