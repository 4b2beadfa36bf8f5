package http

import (
	"crypto/ed25519"
	"net/http/httptest"
	"testing"
	"time"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/idmanager/http/directory"
	"sundog.dev/sundog/idmanager/idmanagertest"
	"sundog.dev/sundog/internal/cluster"
)

func TestConformanceOfTheOldProtocol(t *testing.T) {
	idmanagertest.Run(t, idmanagertest.Directory{
		Open: func(t *testing.T) idmanagertest.Join {
			h := newOldScript()
			return func(string, ed25519.PrivateKey) idmanager.IdManager { return newClient(t, h) }
		},
		Bubble:       true,
		Within:       2 * watchInterval,
		TellsOffline: true,
	})
}

func TestConformance(t *testing.T) {
	idmanagertest.Run(t, idmanagertest.Directory{
		Open: func(t *testing.T) idmanagertest.Join {
			url := startDirectory(t)
			return func(_ string, key ed25519.PrivateKey) idmanager.IdManager { return newSigner(t, url, key) }
		},
		Within:          10 * time.Second,
		Signed:          true,
		Owned:           true,
		TellsOffline:    true,
		KeepsRendezvous: true,
	})
}

// startDirectory starts a directory of our own and returns its URL.
func startDirectory(t *testing.T, change ...func(*directory.Config)) string {
	t.Helper()
	c, err := cluster.Open(t.Context(), cluster.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	cfg := directory.Config{Cluster: c}
	for _, f := range change {
		f(&cfg)
	}
	d, err := directory.NewServer(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(d)
	t.Cleanup(func() {
		d.Drain()
		server.Close()
		_ = d.Close()
	})
	return server.URL
}

// newSigner makes a client with an identity key.
func newSigner(t *testing.T, url string, key ed25519.PrivateKey) *Client {
	t.Helper()
	c, err := New(url, Options{Signer: key})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}
