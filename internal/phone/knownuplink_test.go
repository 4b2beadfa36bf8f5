package phone

import (
	"net"
	"testing"
	"time"

	"sundog.dev/sundog/internal/profile"
)

func TestWhatTheUplinkCarriedHoldsInItsNetworkForSomeTime(t *testing.T) {
	then := time.Unix(1_800_000_000, 0)
	const day = 24 * time.Hour
	home := profile.Uplink{Bits: 4_000_000, At: then, Network: "192.0.2.0/24"}
	for _, c := range []struct {
		what    string
		kept    profile.Uplink
		network string
		after   time.Duration
		want    int
	}{
		{"the next day", home, home.Network, day, home.Bits},
		{"after a month", home, home.Network, 30 * day, home.Bits},
		{"later", home, home.Network, 31 * day, 0},
		{"elsewhere", home, "198.51.100.0/24", day, 0},
		{"at home, and in another network, too", home, "192.0.2.0/24 198.51.100.0/24", day, 0},
		{"without a network", profile.Uplink{Bits: 1, At: then}, "", day, 0},
		{"from the time to come", home, home.Network, -day, 0},
		{"nothing was kept", profile.Uplink{}, home.Network, 0, 0},
		{"a number that is none", profile.Uplink{Bits: -1, At: then, Network: home.Network}, home.Network, 0, 0},
	} {
		if got := heldUplink(c.kept, c.network, then.Add(c.after)); got != c.want {
			t.Errorf("%s: %d bit/s", c.what, got)
		}
	}
}

func TestANetworkIsKnownByItsPrefixes(t *testing.T) {
	address := func(text string) net.Addr {
		ip, n, err := net.ParseCIDR(text)
		if err != nil {
			t.Fatal(err)
		}
		return &net.IPNet{IP: ip, Mask: n.Mask}
	}
	one := networkOf([]net.Addr{address("127.0.0.1/8"), address("192.0.2.7/24"), address("2001:db8::7/64"), address("fe80::1/64")})
	other := networkOf([]net.Addr{address("2001:db8::99/64"), address("2001:db8::98/64"), address("192.0.2.200/24")})
	if one != "192.0.2.0/24 2001:db8::/64" || other != one {
		t.Errorf("%q and %q", one, other)
	}
	if alone := networkOf([]net.Addr{address("127.0.0.1/8"), address("::1/128"), address("fe80::1/64")}); alone != "" {
		t.Errorf("without a network: %q", alone)
	}
}

func TestWhatTheUplinkCarriedIsKnownAtTheNextStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	network := func() string { return "192.0.2.0/24" }
	kept := profile.InMemory()
	src := Sources{Mic: "tone:300", Speaker: "null"}
	ada := w.started(t, Config{Name: "ada", Sources: src, Profile: kept, network: network})
	a, _ := confer(t, ada)
	for _, name := range []string{"bob", "carol"} {
		p := w.phone(t, name, src, AcceptAnyone)
		if err := a.Add(name); err != nil {
			t.Fatal(err)
		}
		answer(t, p)
	}
	eventually(t, "something is known of the uplink", func() bool { return ada.agent.KnownUplink() > 0 })
	a.HangUp()
	eventually(t, "it is kept", func() bool { return kept.Uplink().Bits == ada.agent.KnownUplink() })

	next := profile.InMemory()
	if err := next.KeepUplink(profile.Uplink{Bits: 4_000_000, At: time.Now(), Network: network()}); err != nil {
		t.Fatal(err)
	}
	if got := w.started(t, Config{Name: "eve", Profile: next, network: network}).agent.KnownUplink(); got != 4_000_000 {
		t.Errorf("at the next start it is %d", got)
	}
}
