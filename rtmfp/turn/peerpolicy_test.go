package turn

import (
	"net/netip"
	"testing"
	"time"
)

func TestWhichPeersAreReached(t *testing.T) {
	p := newPeerPolicy(ServerConfig{
		Relay: netip.MustParseAddr("198.51.101.9"),
		Peers: []netip.Prefix{netip.MustParsePrefix("192.168.7.0/24"), netip.MustParsePrefix("::ffff:10.1.0.0/112"), netip.MustParsePrefix("0.0.0.0/0")}[:2],
	})
	p.own = func() []netip.Addr {
		return []netip.Addr{netip.MustParseAddr("203.0.114.5"), netip.MustParseAddr("::ffff:203.0.114.6")}
	}
	for address, want := range map[string]bool{
		"8.8.8.8":              true,
		"::ffff:8.8.8.8":       true,
		"198.51.101.9":         true, // to other relayed addresses; relayedConn sees to that
		"192.168.7.20":         true,
		"::ffff:192.168.7.20":  true,
		"10.1.2.3":             true,
		"10.2.0.1":             false,
		"192.168.8.1":          false,
		"172.16.0.1":           false,
		"100.64.0.1":           false,
		"127.0.0.1":            false,
		"::ffff:127.0.0.1":     false,
		"::127.0.0.1":          false,
		"::1":                  false,
		"::":                   false,
		"0.0.0.0":              false,
		"::ffff:0.0.0.0":       false,
		"0.1.2.3":              false,
		"64:ff9b::7f00:1":      false,
		"2002:7f00:1::1":       false,
		"169.254.169.254":      false,
		"::ffff:a9fe:a9fe":     false,
		"224.0.0.251":          false,
		"255.255.255.255":      false,
		"203.0.114.5":          false, // this host
		"::ffff:203.0.114.6":   false,
		"::ffff:203.0.114.5":   false,
		"2001:db8::1":          false,
		"2606:4700:4700::1111": false,
		"fe80::1%eth0":         false,
	} {
		if got := p.allows(netip.MustParseAddr(address), time.Now()); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
	if p.allows(netip.Addr{}, time.Now()) {
		t.Error("no address is a peer")
	}
	all := newPeerPolicy(ServerConfig{Relay: netip.MustParseAddr("198.51.101.9"), Peers: prefixes("0.0.0.0/0")})
	for address, want := range map[string]bool{"127.0.0.1": true, "224.0.0.1": false, "0.0.0.0": false, "255.255.255.255": false} {
		if got := all.allows(netip.MustParseAddr(address), time.Now()); got != want {
			t.Errorf("everything is allowed, but %s: %v", address, got)
		}
	}
}

func FuzzPeer(f *testing.F) {
	for _, seed := range []string{"127.0.0.1", "::ffff:127.0.0.1", "::7f00:1", "64:ff9b::a00:1", "2002:a00:1::"} {
		f.Add(netip.MustParseAddr(seed).AsSlice())
	}
	p := newPeerPolicy(ServerConfig{Relay: netip.MustParseAddr("198.51.101.9")})
	p.own = func() []netip.Addr { return nil }
	f.Fuzz(func(t *testing.T, b []byte) {
		a, ok := netip.AddrFromSlice(b)
		if !ok {
			return
		}
		plain := a.Unmap()
		if p.allows(a, time.Now()) && (!plain.Is4() || plain.IsLoopback() || plain.IsPrivate() || plain.IsMulticast() || plain.IsUnspecified() || plain.IsLinkLocalUnicast()) {
			t.Errorf("%v is reached", a)
		}
	})
}
