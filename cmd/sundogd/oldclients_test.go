package main

import (
	"context"
	"net"
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// Old clients get in when they may, and ordinary phones in any case.
func TestOldClients(t *testing.T) {
	for _, c := range []struct {
		value    string
		old      bool // the client is one
		admitted bool
	}{
		{"", false, true},
		{"", true, false},
		{"on", false, true},
		{"on", true, true},
	} {
		t.Setenv(oldClientsVariable, c.value)
		i := start(t)
		if err := connect(t, "rtmfp://"+i.rtmfp+"/", flashcrypto.Options{OldClients: c.old}); (err == nil) != c.admitted {
			t.Errorf("%s=%s, old client %v: %v", oldClientsVariable, c.value, c.old, err)
		}
		i.stop()
		<-i.status
	}
}

// connect connects to a service once.
func connect(t *testing.T, uri string, opt flashcrypto.Options) error {
	t.Helper()
	profile, err := flashcrypto.NewProfile(opt)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	endpoint, err := rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: profile})
	if err != nil {
		t.Fatal(err)
	}
	nc := flash.NewNetConnection(flash.Config{Endpoint: endpoint, NearID: profile.Fingerprint()})
	defer func() { _ = nc.Close() }()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return nc.Connect(ctx, uri)
}
