package xmpp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/idmanager"
)

// The tests whose names begin with TestServer run against a server: the one in memory, in a bubble, unless these variables
// name a real one, as make e2e does with Prosody and ejabberd. Its accounts are ann, bob, carol and dave.
const (
	serverVariable    = "SUNDOG_XMPP_SERVER"    // host:port
	directVariable    = "SUNDOG_XMPP_DIRECT"    // host:port for TLS from the first byte
	domainVariable    = "SUNDOG_XMPP_DOMAIN"    // that it serves
	passwordVariable  = "SUNDOG_XMPP_PASSWORD"  // of all accounts
	authorityVariable = "SUNDOG_XMPP_AUTHORITY" // the file of the certificate to trust
	controlVariable   = "SUNDOG_XMPP_CONTROL"   // URL where it is restarted
)

// realServer says whether there is one.
func realServer() bool { return os.Getenv(serverVariable) != "" }

// place is a server under test.
type place struct {
	*testing.T
	memory *memoryServer // nil: a real one
	domain string

	mu    sync.Mutex
	conns []net.Conn
}

// at runs a test at a server where ann, bob and carol are each other's contacts, and dave is nobody's.
func at(t *testing.T, test func(*testing.T, *place)) {
	if realServer() {
		p := &place{T: t, domain: os.Getenv(domainVariable)}
		p.befriend()
		test(t, p)
		return
	}
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryServer(t)
		m.befriend("ann", "bob", "carol")
		m.accounts["dave"] = &memoryAccount{roster: make(map[string]*contact)}
		test(t, &place{T: t, memory: m, domain: m.domain})
	})
}

// options lead to the server.
func (p *place) options(user string) Options {
	o := Options{JID: user + "@" + p.domain, Signer: newKey(p.T), Dial: p.dial}
	if p.memory != nil {
		o.Password, o.TLSConfig, o.Resolver = p.memory.password, &tls.Config{RootCAs: p.memory.roots}, noRecords{}
		return o
	}
	authority, err := os.ReadFile(os.Getenv(authorityVariable))
	if err != nil {
		p.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	o.Password, o.TLSConfig, o.Host = os.Getenv(passwordVariable), &tls.Config{RootCAs: roots}, os.Getenv(serverVariable)
	return o
}

// direct changes options so that TLS begins with the first byte.
func (p *place) direct(o Options) Options {
	o.Host = "xmpps://" + memoryDirect
	if p.memory == nil {
		o.Host = "xmpps://" + os.Getenv(directVariable)
	}
	return o
}

// dial keeps connections so that cut can break them.
func (p *place) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var conn net.Conn
	var err error
	if p.memory != nil {
		conn, err = p.memory.dial(ctx, network, address)
	} else {
		conn, err = (&net.Dialer{}).DialContext(ctx, network, address)
	}
	if err == nil {
		p.mu.Lock()
		p.conns = append(p.conns, conn)
		p.mu.Unlock()
	}
	return conn, err
}

// cut breaks all connections below TLS, as a network does.
func (p *place) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		_ = c.Close()
	}
	p.conns = nil
}

// restart ends the server (by: stop or kill) and starts it again, with another certificate perhaps (show: good, wrong-name or
// self-signed).
func (p *place) restart(by, show string) {
	p.Helper()
	if m := p.memory; m != nil {
		m.stop()
		m.mu.Lock()
		switch show {
		case "good":
			m.cert = m.ca.issue(m.domain, true)
		case "wrong-name":
			m.cert = m.ca.issue("other.example", true)
		default:
			m.cert = m.ca.issue(m.domain, false)
		}
		m.mu.Unlock()
		m.start()
		return
	}
	response, err := http.PostForm(os.Getenv(controlVariable)+"/restart", url.Values{"by": {by}, "show": {show}})
	if err != nil {
		p.Fatal(err)
	}
	defer response.Body.Close()
	said, _ := io.ReadAll(response.Body) // only to be told
	http.DefaultClient.CloseIdleConnections()
	if response.StatusCode != http.StatusOK {
		p.Fatalf("restarting the server: %s: %s", response.Status, said)
	}
}

func (p *place) signIn(o Options) *Client {
	p.Helper()
	c, err := New(o)
	if err != nil {
		p.Fatal(err)
	}
	p.Cleanup(func() { _ = c.Close() })
	return c
}

func (p *place) register(c *Client, id string) {
	p.Helper()
	if err := c.Register(patience(p.T), recordOf(c, id)); err != nil {
		p.Fatalf("registering %s: %v", c.jid, err)
	}
}

// eventually waits until a condition holds.
func (p *place) eventually(what string, holds func() bool) {
	p.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			p.Fatalf("not within 20 s: %s", what)
		}
	}
}

// finds waits until a look-up gives that peer ID; empty: ErrOffline.
func (p *place) finds(c *Client, user, id string) {
	p.Helper()
	var last string
	defer func() {
		if p.Failed() {
			p.Log("the last look-up: " + last)
		}
	}()
	p.eventually(fmt.Sprintf("%s finds %s with peer ID %q", c.jid, user, id), func() bool {
		r, err := c.LookUp(patience(p.T), user+"@"+p.domain)
		last = fmt.Sprint(r.PeerID, " ", err)
		return id == "" && errors.Is(err, idmanager.ErrOffline) || id != "" && err == nil && r.PeerID == id
	})
}

// tells waits until a watch tells of a user with that peer ID.
func (p *place) tells(events <-chan idmanager.Event, user, id string) {
	p.Helper()
	late := time.After(20 * time.Second)
	for {
		select {
		case e, ok := <-events:
			if !ok {
				p.Fatal("the watch has ended")
			}
			if e.Record.Name == user+"@"+p.domain && e.Record.PeerID == id {
				return
			}
		case <-late:
			p.Fatalf("the watch has not told within 20 s of %s with peer ID %q", user, id)
		}
	}
}

func (p *place) watch(c *Client) <-chan idmanager.Event {
	p.Helper()
	ctx, cancel := context.WithCancel(p.Context())
	p.Cleanup(cancel)
	events, err := c.Watch(ctx, nil)
	if err != nil {
		p.Fatal(err)
	}
	return events
}

// figure tells what make e2e holds against its mark; in a bubble it says nothing.
func (p *place) figure(what string, d, most time.Duration) {
	if p.memory == nil {
		p.Logf("figure: %s = %.2f s (at most %g s)", what, d.Seconds(), most.Seconds())
	}
}

// befriend makes ann, bob and carol each other's contacts, as users would: each adds the others.
func (p *place) befriend() {
	users := []string{"ann", "bob", "carol"}
	clients := make(map[string]*Client)
	for _, u := range users {
		c, err := New(p.options(u))
		if err != nil {
			p.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		clients[u] = c
	}
	for _, u := range users {
		if _, err := clients[u].wait(patience(p.T), false); err != nil {
			p.Fatal(err)
		}
		for _, other := range users {
			jid := other + "@" + p.domain
			if other != u && !clients[u].isFriend(jid) {
				if err := clients[u].AddContact(patience(p.T), jid, "My friend "+other); err != nil {
					p.Fatal(err)
				}
			}
		}
	}
	for _, u := range users {
		for _, other := range users {
			if other != u {
				p.eventually(u+" and "+other+" are friends", func() bool { return clients[u].isFriend(other + "@" + p.domain) })
			}
		}
	}
}

func (c *Client) isFriend(jid string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.people.contacts[jid]
	return p != nil && p.subscription == "both"
}
