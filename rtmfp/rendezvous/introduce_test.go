package rendezvous

import (
	"fmt"
	"net/netip"
	"reflect"
	"testing"

	"sundog.dev/sundog/rtmfp"
)

func ap(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

func TestReportedAddressesAreCheckedAndBounded(t *testing.T) {
	got := parsePeerInfo([]string{
		"192.0.2.1:50001", "[2001:db8::2]:50002", "192.0.2.1:50001", "[::ffff:192.0.2.3]:50003",
		"example.org:1", "192.0.2.1", "192.0.2.1:0", "0.0.0.0:1", "224.0.0.1:1", "[fe80::1]:1", "169.254.1.1:1", "", "127.0.0.1:4",
	})
	want := []netip.AddrPort{ap("192.0.2.1:50001"), ap("[2001:db8::2]:50002"), ap("192.0.2.3:50003"), ap("127.0.0.1:4")}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	var many []string
	for i := range 1000 {
		many = append(many, fmt.Sprintf("192.0.2.1:%d", i+1))
	}
	if n := len(parsePeerInfo(many)); n != maxPeerInfo {
		t.Errorf("%d addresses are kept", n)
	}
}

func TestCandidatesForAnInitiator(t *testing.T) {
	const observed, reported = rtmfp.OriginObserved, rtmfp.OriginReported
	home := []netip.AddrPort{ap("192.168.1.2:5000"), ap("127.0.0.1:5000")}
	for name, tt := range map[string]struct {
		advertise, initiator string
		observed             string
		want                 []rtmfp.Address
	}{
		"the observed address comes first, and once": {
			"", "198.51.100.1", "192.168.1.2:5000", []rtmfp.Address{{AddrPort: ap("192.168.1.2:5000"), Origin: observed}},
		},
		"then the reported ones": {
			"", "198.51.100.1", "[::ffff:203.0.113.9]:20000",
			[]rtmfp.Address{{AddrPort: ap("203.0.113.9:20000"), Origin: observed}, {AddrPort: ap("192.168.1.2:5000"), Origin: reported}},
		},
		"loopback is for this host": {
			"", "127.0.0.1", "127.0.0.1:5000",
			[]rtmfp.Address{{AddrPort: ap("127.0.0.1:5000"), Origin: observed}, {AddrPort: ap("192.168.1.2:5000"), Origin: reported}},
		},
		"a client on this host is advertised to others": {
			"203.0.113.1", "198.51.100.1", "127.0.0.1:5000",
			[]rtmfp.Address{{AddrPort: ap("203.0.113.1:5000"), Origin: observed}, {AddrPort: ap("192.168.1.2:5000"), Origin: reported}},
		},
		"but not to this host": {
			"203.0.113.1", "127.0.0.1", "127.0.0.1:5000",
			[]rtmfp.Address{{AddrPort: ap("127.0.0.1:5000"), Origin: observed}, {AddrPort: ap("192.168.1.2:5000"), Origin: reported}},
		},
	} {
		s := &Service{}
		if tt.advertise != "" {
			s.cfg.Advertise = netip.MustParseAddr(tt.advertise)
		}
		if got := (introducer{s}).candidates(ap(tt.observed), home, netip.MustParseAddr(tt.initiator)); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

func FuzzParsePeerInfo(f *testing.F) {
	f.Add("192.0.2.1:50001", "[2001:db8::2]:50002")
	f.Add("[fe80::1%eth0]:1", "192.0.2.1")
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, got := range parsePeerInfo([]string{a, b}) {
			if !got.IsValid() || got.Port() == 0 || got.Addr().Is4In6() || got.Addr().Zone() != "" {
				t.Fatalf("%q, %q gave %v", a, b, got)
			}
		}
	})
}
