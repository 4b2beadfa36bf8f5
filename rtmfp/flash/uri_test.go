package flash

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"testing"
)

func TestServiceURIs(t *testing.T) {
	for s, want := range map[string]serviceURI{
		"rtmfp://sundog.example":                       {"sundog.example", 1935, "", "rtmfp://sundog.example"},
		"rtmfp://sundog.example/":                      {"sundog.example", 1935, "", "rtmfp://sundog.example/"},
		"RTMFP://sundog.example:19350/app/room?q=1":    {"sundog.example", 19350, "app/room?q=1", "rtmfp://sundog.example:19350/app/room?q=1"},
		"rtmfp://me:secret@sundog.example/app#private": {"sundog.example", 1935, "app", "rtmfp://sundog.example/app"},
		"rtmfp://[2001:db8::1]:2000/k-1":               {"2001:db8::1", 2000, "k-1", "rtmfp://[2001:db8::1]:2000/k-1"},
		"rtmfp://192.0.2.7":                            {"192.0.2.7", 1935, "", "rtmfp://192.0.2.7"},
	} {
		if got, err := parseURI(s); err != nil || got != want {
			t.Errorf("%q: %+v, %v; want %+v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "rtmfp:", "rtmfp:///app", "http://sundog.example", "rtmfp://h:0", "rtmfp://h:70000", "rtmfp://h:x", "rtmfp:h", "rtmfp://h/\x00", "sundog.example"} {
		if _, err := parseURI(s); !errors.Is(err, ErrURI) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func FuzzServiceURI(f *testing.F) {
	f.Add("rtmfp://user@host:1/app?x#y")
	f.Fuzz(func(t *testing.T, s string) {
		u, err := parseURI(s)
		if err != nil {
			return
		}
		again, err := parseURI(u.public)
		if err != nil || again != u {
			t.Errorf("%q became %+v, and its public form %+v, %v", s, u, again, err)
		}
	})
}

type testAddr string

func (testAddr) Network() string  { return "ip+net" }
func (a testAddr) String() string { return string(a) }

func TestOwnAddresses(t *testing.T) {
	interfaces := func() ([]net.Addr, error) {
		return []net.Addr{
			testAddr("127.0.0.1/8"), testAddr("192.0.2.7/24"), testAddr("192.0.2.7/24"), testAddr("::1/128"),
			testAddr("fe80::1/64"), testAddr("2001:db8::7/64"), testAddr("169.254.3.4/16"), testAddr("nonsense"),
		}, nil
	}
	for bound, want := range map[string][]string{
		"0.0.0.0:5000":     {"192.0.2.7:5000"},
		"[::]:5000":        {"192.0.2.7:5000", "[2001:db8::7]:5000"},
		"127.0.0.1:5000":   {"127.0.0.1:5000"},
		"198.51.100.2:600": {"198.51.100.2:600"},
		"[::1]:5000":       {"[::1]:5000"},
	} {
		var got []string
		for _, a := range ownAddresses(netip.MustParseAddrPort(bound), interfaces) {
			got = append(got, a.String())
		}
		if !slices.Equal(got, want) {
			t.Errorf("bound to %s: %v, want %v", bound, got, want)
		}
	}
	failing := func() ([]net.Addr, error) { return nil, errors.New("no") }
	if got := ownAddresses(netip.MustParseAddrPort("0.0.0.0:1"), failing); len(got) != 0 {
		t.Errorf("without interfaces: %v", got)
	}
}

func TestReachableAddresses(t *testing.T) {
	all := []netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:1"), netip.MustParseAddrPort("[2001:db8::1]:1"), netip.MustParseAddrPort("192.0.2.1:0"), {}}
	for bound, want := range map[string]int{"0.0.0.0:1": 1, "192.0.2.9:1": 1, "[::]:1": 2, "[2001:db8::9]:1": 1} {
		if got := reachable(netip.MustParseAddrPort(bound), slices.Clone(all)); len(got) != want {
			t.Errorf("bound to %s: %v", bound, got)
		}
	}
}
