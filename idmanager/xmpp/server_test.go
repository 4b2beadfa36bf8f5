package xmpp

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/idmanager/idmanagertest"
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

func TestServerSignsInByStartTLSAndDirectTLS(t *testing.T) {
	at(t, func(t *testing.T, p *place) {
		for name, o := range map[string]Options{"STARTTLS": p.options("ann"), "direct TLS": p.direct(p.options("ann"))} {
			begin := time.Now()
			c := p.signIn(o)
			p.register(c, idA)
			p.figure("signed in and registered by "+name, time.Since(begin), 3*time.Second)
			if p.memory == nil {
				p.Logf("note: %s: signed in by %s", name, mechanisms[c.login.strongest].name)
			}
			p.finds(c, "ann", idA)
			if err := c.Close(); err != nil {
				p.Fatal(err)
			}
		}
	})
}

func TestServerPublishesAndLooksUp(t *testing.T) {
	at(t, func(t *testing.T, p *place) {
		ann, bob := p.signIn(p.options("ann")), p.signIn(p.direct(p.options("bob")))
		p.register(ann, idA)
		p.finds(bob, "ann", idA)
		r, err := bob.LookUp(patience(t), "my friend ANN")
		if err != nil || r.PeerID != idA || r.Name != "ann@"+p.domain || r.Rendezvous != "rtmfp://service.example" || !r.Identity.Equal(ann.opts.Signer.Public()) {
			t.Errorf("by the name in the roster: %+v, %v", r, err)
		}
		if r, err := bob.LookUp(patience(t), "Ann"); err != nil || r.PeerID != idA {
			t.Errorf("by the local part: %+v, %v", r, err)
		}
		p.register(bob, idB)
		p.finds(ann, "bob", idB)
		if err := ann.Unregister(patience(t)); err != nil {
			t.Fatal(err)
		}
		p.finds(bob, "ann", "")
		for _, name := range []string{"nobody@" + p.domain, "nobody", "nobody@unknown.example"} {
			if _, err := bob.LookUp(patience(t), name); !errors.Is(err, idmanager.ErrUnknownName) && name != "nobody@unknown.example" || err == nil {
				t.Errorf("%s: %v, want ErrUnknownName", name, err)
			}
		}
	})
}

func TestServerShowsRecordsToContactsOnly(t *testing.T) {
	at(t, func(t *testing.T, p *place) {
		ann, dave := p.signIn(p.options("ann")), p.signIn(p.options("dave"))
		p.register(ann, idA)
		_, err := dave.LookUp(patience(t), "ann@"+p.domain)
		if !errors.Is(err, idmanager.ErrUnknownName) || !strings.Contains(err.Error(), "not among your contacts") {
			t.Errorf("a stranger looks ann up: %v", err)
		}
	})
}

func TestServerTellsWhoComesAndGoes(t *testing.T) {
	at(t, func(t *testing.T, p *place) {
		ann := p.signIn(p.options("ann"))
		annSees := p.watch(ann)
		p.register(ann, idA)
		bob := p.signIn(p.options("bob"))
		bobSees := p.watch(bob)
		p.tells(bobSees, "ann", idA)
		begin := time.Now()
		p.register(bob, idB)
		p.tells(annSees, "bob", idB)
		p.figure("a contact's coming is seen after", time.Since(begin), 2*time.Second)
		begin = time.Now()
		if err := bob.Close(); err != nil {
			t.Fatal(err)
		}
		p.tells(annSees, "bob", "")
		p.figure("a contact's going is seen after", time.Since(begin), 2*time.Second)
		p.finds(ann, "bob", "")
		bob = p.signIn(p.options("bob"))
		p.register(bob, idB)
		p.tells(annSees, "bob", idB)
	})
}

func TestServerRefusesAWrongPassword(t *testing.T) {
	at(t, func(t *testing.T, p *place) {
		o := p.options("ann")
		o.Password = "wrong"
		dials := 0
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			dials++
			return p.dial(ctx, network, address)
		}
		c := p.signIn(o)
		begin := time.Now()
		err := c.Register(patience(t), recordOf(c, idA))
		if !errors.Is(err, idmanager.ErrLogin) || !strings.Contains(err.Error(), "check the password") {
			t.Fatalf("registering with a wrong password: %v", err)
		}
		p.figure("a wrong password is told after", time.Since(begin), 3*time.Second)
		for range 5 {
			if _, err := c.LookUp(patience(t), "bob@"+p.domain); !errors.Is(err, idmanager.ErrLogin) {
				t.Errorf("looking up with a wrong password: %v", err)
			}
			if err := c.Register(patience(t), recordOf(c, idA)); !errors.Is(err, idmanager.ErrLogin) {
				t.Errorf("registering again: %v", err)
			}
		}
		time.Sleep(3 * time.Second)
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		if dials != 1 {
			t.Errorf("%d attempts with a wrong password, want 1", dials)
		}
	})
}

func TestServerWithABadCertificateIsRefused(t *testing.T) {
	at(t, func(t *testing.T, p *place) {
		try := func(what string, o Options) {
			t.Helper()
			c := p.signIn(o)
			err := c.Register(patience(t), recordOf(c, idA))
			if !errors.Is(err, idmanager.ErrUntrusted) || !strings.Contains(err.Error(), "no password was sent") {
				t.Errorf("%s: %v, want ErrUntrusted", what, err)
			}
			_ = c.Close()
		}
		unknown := p.options("ann")
		unknown.TLSConfig = &tls.Config{RootCAs: x509.NewCertPool()}
		try("an unknown authority, STARTTLS", unknown)
		try("an unknown authority, direct TLS", p.direct(unknown))
		for _, show := range []string{"self-signed", "wrong-name"} {
			p.restart("stop", show)
			try(show+", STARTTLS", p.options("ann"))
			try(show+", direct TLS", p.direct(p.options("ann")))
		}
		p.restart("stop", "good")
		p.register(p.signIn(p.options("ann")), idA)
	})
}

func TestServerResumesABrokenStream(t *testing.T) {
	at(t, func(t *testing.T, p *place) {
		ann, bob := p.signIn(p.options("ann")), p.signIn(p.options("bob"))
		p.register(ann, idA)
		p.register(bob, idB)
		events := p.watch(bob)
		p.tells(events, "ann", idA)
		ann.mu.Lock()
		stream, full := ann.resume, ann.own.full
		ann.mu.Unlock()
		if stream == nil {
			t.Fatal("the server does not offer resumption")
		}
		before := map[*Client]*session{ann: ann.sessionNow(), bob: bob.sessionNow()}
		p.cut()
		begin := time.Now()
		for c, broken := range before {
			p.eventually("another session", func() bool { s := c.sessionNow(); return s != nil && s != broken })
		}
		p.finds(bob, "ann", idA)
		p.finds(ann, "bob", idB)
		p.figure("a broken stream is back after", time.Since(begin), 3*time.Second)
		ann.mu.Lock()
		if ann.resume != stream || ann.own.full != full {
			t.Error("the stream was not resumed")
		}
		ann.mu.Unlock()
		select {
		case e := <-events:
			t.Errorf("contacts have seen something of it: %+v", e)
		default:
		}
	})
}

func TestServerRestarts(t *testing.T) {
	at(t, func(t *testing.T, p *place) {
		ann, bob := p.signIn(p.options("ann")), p.signIn(p.options("bob"))
		p.register(ann, idA)
		p.register(bob, idB)
		p.finds(bob, "ann", idA)
		for _, by := range []string{"stop", "kill"} {
			p.restart(by, "good")
			begin := time.Now()
			p.finds(bob, "ann", idA)
			p.finds(ann, "bob", idB)
			p.figure("both registered again after the server's restart ("+by+")", time.Since(begin), 10*time.Second)
		}
	})
}

func TestServerConformance(t *testing.T) {
	d := idmanagertest.Directory{
		Within: 5 * time.Second, Bubble: !realServer(),
		Signed: true, TellsOffline: true, KeepsRendezvous: true,
		Open: func(t *testing.T) idmanagertest.Join {
			p := &place{T: t, domain: os.Getenv(domainVariable)}
			if !realServer() {
				p.memory = newMemoryServer(t)
				p.memory.befriend("ann", "bob", "carol")
				p.domain = p.memory.domain
			}
			return func(user string, key ed25519.PrivateKey) idmanager.IdManager {
				o := p.options(strings.ToLower(user))
				o.Signer = key
				return p.signIn(o)
			}
		},
		Name: func(user string) string { return strings.ToLower(user) + "@" + memoryDomain },
	}
	if realServer() {
		at(t, func(*testing.T, *place) {}) // ann, bob and carol become contacts
		d.Name = func(user string) string { return strings.ToLower(user) + "@" + os.Getenv(domainVariable) }
	}
	idmanagertest.Run(t, d)
}
