package main

import (
	"context"
	"log/slog"
	"net/netip"
	"slices"
	"testing"
	"time"

	"sundog.dev/sundog/idmanager/http/v1"
	"sundog.dev/sundog/internal/cluster"
)

// until polls for what is bound to come.
func until(t *testing.T, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !f(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

func TestInstancesKnowEachOther(t *testing.T) {
	ctx := context.Background()
	c, err := cluster.Open(ctx, cluster.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	join := func(address string) *instances {
		n, err := joinInstances(ctx, c, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		at := netip.MustParseAddrPort(address)
		n.announce(instanceRecord{Instance: v1.Instance{RTMFP: []string{rtmfpURL(at)}}, Addresses: []netip.AddrPort{at}})
		return n
	}
	first, second, third := join("192.0.2.1:1935"), join("192.0.2.2:1935"), join("192.0.2.3:1935")
	all := []*instances{first, second, third}
	for _, n := range all {
		until(t, "all are seen", func() bool { return n.count() == 3 })
		if n.all()[0].ID != n.self.ID || n.forClients()[0] != n.self.RTMFP[0] || len(n.forDirectory()) != 3 {
			t.Errorf("%+v does not begin with itself", n.all())
		}
	}
	if slices.Equal(first.elsewhere(), second.elsewhere()) {
		t.Error("two instances send their clients to the same one")
	}
	if err := second.drain(); err != nil {
		t.Fatal(err)
	}
	until(t, "nobody is sent to one that drains", func() bool {
		return slices.Equal(first.elsewhere(), []netip.AddrPort{netip.MustParseAddrPort("192.0.2.3:1935")}) && len(first.forClients()) == 2
	})
	if first.count() != 3 || len(second.forClients()) != 2 || !second.forDirectory()[0].Draining {
		t.Errorf("%d instances, clients of the draining one are told %v", first.count(), second.forClients())
	}
	if err := second.close(); err != nil {
		t.Fatal(err)
	}
	until(t, "one that has gone is forgotten", func() bool { return first.count() == 2 })

	// A record that is lost, as with the memory of NATS, is written again at once.
	if err := first.bucket.Delete(ctx, third.self.ID); err != nil {
		t.Fatal(err)
	}
	until(t, "a record is back", func() bool { _, err := first.bucket.Get(ctx, third.self.ID); return err == nil })
	_, _ = first.close(), third.close()
}

func TestPublicAddresses(t *testing.T) {
	ap := netip.MustParseAddrPort
	for _, tt := range []struct{ advertised, listening, want string }{
		{"203.0.113.1:0", "0.0.0.0:1935", "203.0.113.1:1935"},
		{"203.0.113.1:5000", "[::]:1935", "203.0.113.1:5000"},
		{"", "127.0.0.1:1935", "127.0.0.1:1935"},
		{"", "[::ffff:192.0.2.7]:1935", "192.0.2.7:1935"},
	} {
		var advertised netip.AddrPort
		if tt.advertised != "" {
			advertised = ap(tt.advertised)
		}
		if got := publicAddress(advertised, ap(tt.listening)); got != ap(tt.want) {
			t.Errorf("%s, %s: %v, want %s", tt.advertised, tt.listening, got, tt.want)
		}
	}
	if got := publicAddress(netip.AddrPort{}, ap("[::]:1935")); got.Addr().IsUnspecified() || got.Port() != 1935 {
		t.Errorf("listening everywhere: %v", got)
	}
	addr := netip.MustParseAddr
	for _, tt := range []struct{ advertised, listening, outbound, public, bind string }{
		{"203.0.113.1", "0.0.0.0", "10.0.0.5", "203.0.113.1", "10.0.0.5"}, // behind a cloud's NAT
		{"203.0.113.1", "::", "203.0.113.1", "203.0.113.1", "203.0.113.1"},
		{"203.0.113.1", "10.0.0.9", "10.0.0.5", "203.0.113.1", "10.0.0.9"},
		{"2001:db8::1", "0.0.0.0", "10.0.0.5", "10.0.0.5", "10.0.0.5"},
	} {
		public, bind := relayAddresses(addr(tt.advertised), addr(tt.listening), addr(tt.outbound))
		if public != addr(tt.public) || bind != addr(tt.bind) {
			t.Errorf("%+v: %v, %v", tt, public, bind)
		}
	}
}
