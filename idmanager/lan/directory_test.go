package lan

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"sundog.dev/sundog/idmanager"
)

// until waits for a condition and returns how long that took; the test fails after a minute.
func until(t *testing.T, what string, ok func() bool) time.Duration {
	t.Helper()
	start := time.Now()
	for !ok() {
		if time.Since(start) > time.Minute {
			t.Fatalf("%s: not after a minute", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
	return time.Since(start)
}

func wantSees(t *testing.T, who string, p *phone, want string) {
	t.Helper()
	if got := p.sees(); got != want {
		t.Errorf("%s sees %q, want %q", who, got, want)
	}
}

func TestPeopleFindEachOtherAtOnce(t *testing.T) {
	for name, addresses := range map[string][2][]string{
		"IPv4":                      {{"192.0.2.1/24"}, {"192.0.2.2/24"}},
		"IPv6":                      {{"fe80::1/64"}, {"fe80::2/64"}},
		"both":                      {{"192.0.2.1/24", "fe80::1/64"}, {"192.0.2.2/24", "fe80::2/64"}},
		"two phones on one machine": {{"192.0.2.1/24"}, {"192.0.2.1/24"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &segment{}
				ann := newPhone(t, newMemNet().plug(s, 1, addresses[0]...))
				ann.register("Ann", peerID("a"))
				time.Sleep(10 * time.Second)
				bob := newPhone(t, newMemNet().plug(s, 1, addresses[1]...))
				bob.register("Bob", peerID("b"))
				start := time.Now()
				r, err := bob.LookUp(t.Context(), "ann")
				if err != nil || r.PeerID != peerID("a") || !r.Identity.Equal(ann.identity()) {
					t.Fatalf("looking up: %+v, %v", r, err)
				}
				if took := time.Since(start); took > 300*time.Millisecond {
					t.Errorf("the newcomer finds who is there after %v", took)
				}
				if took := until(t, "Ann sees Bob", func() bool { return ann.sees() == "Bob:b" }); took > 1200*time.Millisecond {
					t.Errorf("who is there sees the newcomer after another %v", took)
				}
				if err := bob.Unregister(t.Context()); err != nil {
					t.Fatal(err)
				}
				if took := until(t, "Bob's goodbye", func() bool { return ann.sees() == "" }); took > 1100*time.Millisecond {
					t.Errorf("who has gone is missed after %v", took)
				}
			})
		})
	}
}

// Whoever has just come answers no sooner than a second after having told everybody (RFC 6762 §6): who came too late for that, and looks for
// them at once, waits for it, and a real machine takes its time.
func TestWhoHasJustComeIsFound(t *testing.T) {
	const slow = 300 * time.Millisecond
	for after := time.Duration(0); after < 3*time.Second; after += 170 * time.Millisecond {
		synctest.Test(t, func(t *testing.T) {
			s := &segment{}
			ann := newPhone(t, newMemNet().plug(s, 1, "192.0.2.1/24"))
			ann.register("Ann", peerID("a"))
			time.Sleep(after)
			bob := newPhone(t, newMemNet().plug(s, 1, "192.0.2.2/24"))
			start := time.Now()
			if _, err := bob.LookUp(t.Context(), "ann"); err != nil || time.Since(start) > lookUpWait-slow {
				t.Errorf("%v after Ann has come she is looked for, for %v: %v", after, time.Since(start), err)
			}
		})
	}
}

func TestWhoVanishesIsMissedWithinTwoMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &segment{}
		ann, bobNet := newPhone(t, newMemNet().plug(s, 1, "192.0.2.1/24")), newMemNet().plug(s, 1, "192.0.2.2/24")
		newPhone(t, bobNet).register("Bob", peerID("b"))
		until(t, "Ann sees Bob", func() bool { return ann.sees() == "Bob:b" })
		time.Sleep(3 * time.Hour)
		wantSees(t, "Ann, hours later,", ann, "Bob:b")
		bobNet.unplug(1)
		time.Sleep(recordTTL)
		wantSees(t, "Ann, 2 minutes after Bob's crash,", ann, "")
	})
}

func TestAQuietNetworkStaysQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &segment{}
		var phones []*phone
		for _, id := range []string{"1", "2", "3", "4", "5"} {
			p := newPhone(t, newMemNet().plug(s, 1, "192.0.2."+id+"/24"))
			p.register("Phone "+id, peerID(id))
			phones = append(phones, p)
		}
		time.Sleep(time.Minute)
		s.mu.Lock()
		s.sent = 0
		s.mu.Unlock()
		time.Sleep(time.Hour)
		s.mu.Lock()
		sent := s.sent
		s.mu.Unlock()
		// In 2 minutes each asks and answers once or twice.
		if limit := 5 * 30 * 4; sent > limit {
			t.Errorf("five phones send %d packets an hour, more than %d", sent, limit)
		}
		wantSees(t, "the first", phones[0], "Phone 2:2 Phone 3:3 Phone 4:4 Phone 5:5")
	})
}

func TestTwoPeopleOfOneNameAreBothThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &segment{}
		instances := make(map[string]bool)
		s.seen = func(m message) {
			for _, r := range m.answers {
				if r.kind == dnsmessage.TypeSRV {
					s.mu.Lock()
					instances[r.name] = true
					s.mu.Unlock()
				}
			}
		}
		ann := newPhone(t, newMemNet().plug(s, 1, "192.0.2.1/24"))
		one, two := newPhone(t, newMemNet().plug(s, 1, "192.0.2.2/24")), newPhone(t, newMemNet().plug(s, 1, "192.0.2.3/24"))
		one.register("Bob", peerID("1"))
		two.register("Bob", peerID("2"))
		time.Sleep(5 * time.Second)
		var several *idmanager.AmbiguousError
		if _, err := ann.LookUp(t.Context(), "Bob"); !errors.As(err, &several) || len(several.People) != 2 {
			t.Fatalf("looking up: %v", err)
		}
		found, err := ann.Find(t.Context(), "bob")
		if err != nil || len(found) != 2 || found[0].Identity.Equal(found[1].Identity) {
			t.Errorf("finding: %+v, %v", found, err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(instances) != 2 || !instances["bob."+serviceType] {
			t.Errorf("instances: %v", instances)
		}
	})
}

func TestWhoIsNotRegisteredIsNotSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &segment{}
		s.seen = func(m message) {
			if m.response || len(m.claims) > 0 {
				t.Errorf("somebody tells %+v", m)
			}
		}
		ann := newPhone(t, newMemNet().plug(s, 1, "192.0.2.1/24"))
		newPhone(t, newMemNet().plug(s, 1, "192.0.2.2/24"))
		if _, err := ann.LookUp(t.Context(), "Bob"); !errors.Is(err, idmanager.ErrUnknownName) {
			t.Error(err)
		}
		time.Sleep(time.Hour)
	})
}

func TestWhatIsToldOfAPhone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &segment{}
		var mu sync.Mutex
		told := make(map[string]record)
		s.seen = func(m message) {
			mu.Lock()
			defer mu.Unlock()
			if m.response {
				for _, r := range m.answers {
					told[r.name+" "+r.kind.String()] = r
				}
			}
		}
		ann := newPhone(t, newMemNet().plug(s, 1, "192.0.2.1/24", "2001:db8::1/64", "fe80::1/64"))
		ann.register("Ann", peerID("a"))
		time.Sleep(5 * time.Second)
		mu.Lock()
		defer mu.Unlock()
		srv := told["ann."+serviceType+" TypeSRV"]
		if srv.port != testPort || told[serviceType+" TypePTR"].target != "ann."+serviceType {
			t.Errorf("told are %+v", told)
		}
		if told[srv.target+" TypeA"].addr.String() != "192.0.2.1" || !told[srv.target+" TypeAAAA"].addr.Is6() {
			t.Errorf("addresses of %s: %+v", srv.target, told)
		}
		if machine, _ := os.Hostname(); machine != "" && strings.Contains(srv.target, strings.ToLower(machine)) {
			t.Errorf("the host name %s tells the machine's", srv.target)
		}
	})
}

func TestAddressesAreThoseOfTheSubnetsThatBothAreOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home, cable := &segment{}, &segment{}
		ann := newPhone(t, newMemNet().plug(home, 1, "192.0.2.1/24", "2001:db8::1/64", "fe80::1/64").plug(cable, 2, "198.51.100.1/24"))
		bob := newPhone(t, newMemNet().plug(home, 7, "192.0.2.2/24", "2001:db8::2/64", "fe80::2/64", "203.0.113.5/24").plug(cable, 8, "198.51.100.2/24"))
		bob.register("Bob", peerID("b"))
		time.Sleep(5 * time.Second)
		r, err := ann.LookUp(t.Context(), "Bob")
		var got []string
		for _, a := range r.Addresses {
			got = append(got, a.String())
		}
		want := []string{"192.0.2.2:40000", "[2001:db8::2]:40000", "[fe80::2%eth1]:40000", "198.51.100.2:40000"}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	})
}

func TestASocketBoundToOneAddressIsToldThereOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &segment{}
		ann, bob := newPhone(t, newMemNet().plug(s, 1, "192.0.2.1/24", "fe80::1/64")), newPhone(t, newMemNet().plug(s, 1, "192.0.2.2/24", "fe80::2/64"))
		for bound, want := range map[string]string{"192.0.2.2:5000": "[192.0.2.2:5000]", "0.0.0.0:5001": "[192.0.2.2:5001]"} {
			at := []netip.AddrPort{netip.MustParseAddrPort(bound)}
			if err := bob.Register(t.Context(), idmanager.Record{Name: "Bob", PeerID: peerID("b"), Addresses: at}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(5 * time.Second)
			found, err := ann.LookUp(t.Context(), "Bob")
			if err != nil || found.Addresses == nil || !strings.HasPrefix(want, "["+found.Addresses[0].String()) || len(found.Addresses) != 1 {
				t.Errorf("bound to %s: %v, %v; want %s", bound, found.Addresses, err, want)
			}
		}
	})
}

func TestANewNetworkIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wifi, cable := &segment{}, &segment{}
		bob, carol := newPhone(t, newMemNet().plug(wifi, 1, "192.0.2.2/24")), newPhone(t, newMemNet().plug(cable, 1, "198.51.100.3/24"))
		bob.register("Bob", peerID("b"))
		carol.register("Carol", peerID("c"))
		net := newMemNet()
		ann := newPhone(t, net)
		ann.register("Ann", peerID("a")) // on no network yet
		time.Sleep(time.Minute)
		wantSees(t, "Ann without network", ann, "")
		net.plug(wifi, 3, "192.0.2.1/24")
		if took := until(t, "Ann sees Bob", func() bool { return ann.sees() == "Bob:b" }); took > interfacePoll+time.Second {
			t.Errorf("a new Wi-Fi is noticed after %v", took)
		}
		if took := until(t, "Bob sees Ann", func() bool { return bob.sees() == "Ann:a" }); took > 2*time.Second {
			t.Errorf("we are noticed there after %v", took)
		}
		net.plug(cable, 4, "198.51.100.1/24")
		until(t, "Ann sees both", func() bool { return ann.sees() == "Bob:b Carol:c" })
		net.unplug(3)
		until(t, "Ann sees Carol only", func() bool { return ann.sees() == "Carol:c" })
	})
}

func TestRegisteringWhatCannotBeTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ann := newPhone(t, newMemNet().plug(&segment{}, 1, "192.0.2.1/24"))
		for name, addresses := range map[string][]netip.AddrPort{
			"no address": nil,
			"no port":    {netip.MustParseAddrPort("[::]:0")},
			"two ports":  {netip.MustParseAddrPort("192.0.2.1:1"), netip.MustParseAddrPort("192.0.2.1:2")},
		} {
			err := ann.Register(t.Context(), idmanager.Record{Name: "Ann", PeerID: peerID("a"), Addresses: addresses})
			if !errors.Is(err, idmanager.ErrRefused) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := ann.Refresh(context.Background()); !errors.Is(err, idmanager.ErrNotRegistered) {
			t.Errorf("refreshing: %v", err)
		}
	})
}

func TestLongNamesFit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &segment{}
		ann, bob := newPhone(t, newMemNet().plug(s, 1, "192.0.2.1/24")), newPhone(t, newMemNet().plug(s, 1, "192.0.2.2/24"))
		for _, name := range []string{strings.Repeat("ä", 127), "Dr. Bob E. Smith Jr.", "...", strings.Repeat(".", 255), "x\\y\"z", "名前"} {
			if err := bob.Register(t.Context(), idmanager.Record{
				Name: name, PeerID: peerID("b"), Addresses: everywhere, Rendezvous: "rtmfp://" + strings.Repeat("x", idmanager.MaxRendezvous-8),
			}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(3 * time.Second)
			if r, err := ann.LookUp(t.Context(), name); err != nil || r.Name != name || len(r.Rendezvous) != idmanager.MaxRendezvous {
				t.Errorf("%q: %+v, %v", name, r, err)
			}
		}
	})
}

func TestOwnPacketsFitEveryPath(t *testing.T) {
	reg, err := idmanager.Sign(testKey(1), idmanager.Record{
		Name: strings.Repeat("ä", 127), PeerID: peerID("b"), Rendezvous: strings.Repeat("x", idmanager.MaxRendezvous),
	}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	txt, err := packTXT(reg)
	if err != nil {
		t.Fatal(err)
	}
	o := &own{reg: reg, txt: txt, bound: everywhere, host: randomLabel(10) + "." + domain, instance: instanceName(reg.Name, 9)}
	on := &port{netInterface: netInterface{prefixes: make([]netip.Prefix, 0)}}
	for i := range 20 {
		on.prefixes = append(on.prefixes, netip.PrefixFrom(netip.MustParseAddr("2001:db8::").Next(), 64+i))
	}
	data, err := o.answer(on, recordTTL, true).pack()
	if err != nil || len(data) > ownPacket {
		t.Errorf("%d bytes, %v", len(data), err)
	}
}
