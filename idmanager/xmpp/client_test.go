package xmpp

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"sundog.dev/sundog/idmanager"
)

var (
	idA = strings.Repeat("a1", 32)
	idB = strings.Repeat("b1", 32)

	// fixedKey is the same in each run, for seeds that stay valid.
	fixedKey = ed25519.NewKeyFromSeed([]byte(strings.Repeat("k", ed25519.SeedSize)))
)

// client makes a client of the server that ends with the test. What o leaves out is filled in.
func (m *memoryServer) client(t *testing.T, user string, o Options) *Client {
	t.Helper()
	if o.JID == "" {
		o.JID = user + "@" + m.domain
	}
	if o.Password == "" {
		o.Password = m.password
	}
	if o.Signer == nil {
		o.Signer = newKey(t)
	}
	if o.TLSConfig == nil {
		o.TLSConfig = &tls.Config{RootCAs: m.roots}
	}
	if o.Dial == nil {
		o.Dial = m.dial
	}
	if o.Resolver == nil {
		o.Resolver = noRecords{}
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func newKey(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// noRecords is a DNS without SRV records.
type noRecords struct{}

func (noRecords) LookupSRV(_ context.Context, _, _, name string) (string, []*net.SRV, error) {
	return "", nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func patience(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func recordOf(c *Client, id string) idmanager.Record {
	return idmanager.Record{Name: c.jid.String(), PeerID: id, Rendezvous: "rtmfp://service.example"}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
