package xmpp

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/idmanager/idmanagertest"
)

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
