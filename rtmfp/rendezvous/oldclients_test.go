package rendezvous

import (
	"context"
	"fmt"
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// Old clients get in where they may, ordinary phones in any case; and old clients are introduced to each other.
func TestOldClients(t *testing.T) {
	for _, c := range []struct {
		service, client bool // for old clients, is one
		admitted        bool
	}{
		{false, false, true},
		{false, true, false},
		{true, false, true},
		{true, true, true},
	} {
		t.Run(fmt.Sprintf("service %v, client %v", c.service, c.client), func(t *testing.T) {
			inWorldWith(t, Config{OldClients: c.service}, func(w world) {
				connect := func(addr string) (*flash.NetConnection, error) {
					identity, err := flashcrypto.NewProfile(flashcrypto.Options{OldClients: c.client})
					if err != nil {
						w.t.Fatal(err)
					}
					conn, err := w.net.Listen(ap(addr))
					if err != nil {
						w.t.Fatal(err)
					}
					endpoint, err := rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: identity})
					if err != nil {
						w.t.Fatal(err)
					}
					nc := flash.NewNetConnection(flash.Config{Endpoint: endpoint, NearID: identity.Fingerprint()})
					w.t.Cleanup(func() { _ = nc.Close() })
					ctx, cancel := context.WithTimeout(w.t.Context(), 10*time.Second)
					defer cancel()
					return nc, nc.Connect(ctx, "rtmfp://192.0.2.1/phone")
				}
				ann, err := connect("198.51.100.1:5000")
				if (err == nil) != c.admitted {
					w.t.Fatalf("connect: %v", err)
				}
				if err != nil {
					return
				}
				bob, err := connect("198.51.100.2:5000")
				if err != nil {
					w.t.Fatal(err)
				}
				time.Sleep(time.Second) // for bob's setPeerInfo
				ctx, cancel := context.WithTimeout(w.t.Context(), 10*time.Second)
				defer cancel()
				if _, err := ann.OpenPeer(ctx, bob.NearID()); err != nil {
					w.t.Errorf("introduced: %v", err)
				}
			})
		})
	}
}
