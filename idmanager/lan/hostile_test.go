package lan

import (
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"sundog.dev/sundog/idmanager"
)

// testKey is a key that is the same in every run.
func testKey(n uint64) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(binary.BigEndian.AppendUint64(make([]byte, 24), n))
}

// claim is what a phone tells of itself.
func claim(t testing.TB, key ed25519.PrivateKey, name, id, addr string, at time.Time) (*own, *port) {
	t.Helper()
	reg, err := idmanager.Sign(key, idmanager.Record{Name: name, PeerID: id}, at)
	if err != nil {
		t.Fatal(err)
	}
	txt, err := packTXT(reg)
	if err != nil {
		t.Fatal(err)
	}
	host := fmt.Sprintf("%x.%s", key.Public().(ed25519.PublicKey)[:10], domain)
	return &own{reg: reg, txt: txt, bound: everywhere, host: host, instance: instanceName(name, 0)},
		&port{netInterface: netInterface{index: 1, prefixes: []netip.Prefix{netip.MustParsePrefix(addr)}}}
}

// tell packs a message.
func tell(t testing.TB, m message) []byte {
	t.Helper()
	data, err := m.pack()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

var mallory = netip.MustParseAddrPort("192.0.2.66:5353")

func TestWhatIsNotBelieved(t *testing.T) {
	later := time.Hour
	for name, tt := range map[string]struct {
		change func(m *message)
		from   netip.AddrPort
		want   string
	}{
		"nothing wrong":    {func(*message) {}, mallory, "Bob:b"},
		"a forged peer ID": {func(m *message) { replaceTXT(m, txtPeerID, base64URL.EncodeToString(make([]byte, 32))) }, mallory, ""},
		"a forged name":    {func(m *message) { replaceTXT(m, txtName, "Bobby") }, mallory, ""},
		"another key": {func(m *message) {
			replaceTXT(m, txtIdentity, base64URL.EncodeToString(testKey(9).Public().(ed25519.PublicKey)))
		}, mallory, ""},
		"no signature":         {func(m *message) { replaceTXT(m, txtSignature, "") }, mallory, ""},
		"another time":         {func(m *message) { replaceTXT(m, txtTime, "1") }, mallory, ""},
		"no version":           {func(m *message) { replaceTXT(m, txtVersion, "2") }, mallory, ""},
		"an empty TXT record":  {func(m *message) { m.answers[1].txt = []string{""} }, mallory, ""},
		"no port":              {func(m *message) { m.answers[2].port = 0 }, mallory, ""},
		"a host elsewhere":     {func(m *message) { m.answers[2].target = "bank.example." }, mallory, ""},
		"an address elsewhere": {func(m *message) { m.answers[3].addr = netip.MustParseAddr("203.0.113.9") }, mallory, ""},
		"loopback":             {func(m *message) { m.answers[3].addr = netip.MustParseAddr("127.0.0.1") }, mallory, ""},
		"a multicast address":  {func(m *message) { m.answers[3].addr = netip.MustParseAddr("224.0.0.251") }, mallory, ""},
		"from another port":    {func(*message) {}, netip.MustParseAddrPort("192.0.2.66:5354"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &segment{}
				ann := newPhone(t, newMemNet().plug(s, 1, "192.0.2.1/24"))
				time.Sleep(later)
				o, p := claim(t, testKey(1), "Bob", peerID("b"), "192.0.2.2/24", time.Now())
				m := o.answer(p, recordTTL, false)
				tt.change(&m)
				s.send(tell(t, m), tt.from)
				time.Sleep(time.Second)
				wantSees(t, "Ann", ann, tt.want)
			})
		})
	}
}

func replaceTXT(m *message, key, value string) {
	for i, s := range m.answers[1].txt {
		if strings.HasPrefix(s, key+"=") {
			m.answers[1].txt = append([]string(nil), m.answers[1].txt...)
			m.answers[1].txt[i] = key + "=" + value
		}
	}
}

func TestOnlyTheLinkIsListenedTo(t *testing.T) {
	e, now := newEngineOn(t, "192.0.2.1/24", "fe80::1/64")
	o, p := claim(t, testKey(1), "Bob", peerID("b"), "192.0.2.2/24", now)
	data := tell(t, o.answer(p, recordTTL, false))
	for name, tt := range map[string]struct {
		in   packet
		want int
	}{
		"to the group":                          {packet{from: netip.MustParseAddrPort("198.51.100.9:5353"), via: 1, toGroup: true}, 1},
		"to us, from our subnet":                {packet{from: netip.MustParseAddrPort("192.0.2.9:5353"), via: 1}, 1},
		"to us, link-local":                     {packet{from: netip.MustParseAddrPort("[fe80::9%eth1]:5353"), via: 1}, 1},
		"to us, from elsewhere":                 {packet{from: netip.MustParseAddrPort("198.51.100.9:5353"), via: 1}, 0},
		"to us, from elsewhere, IPv6":           {packet{from: netip.MustParseAddrPort("[2001:db8::9]:5353"), via: 1}, 0},
		"by an interface that we do not know":   {packet{from: netip.MustParseAddrPort("192.0.2.9:5353"), via: 5, toGroup: true}, 0},
		"by one that the system does not tell":  {packet{from: netip.MustParseAddrPort("192.0.2.9:5353")}, 1},
		"by such a one, from elsewhere":         {packet{from: netip.MustParseAddrPort("198.51.100.9:5353")}, 0},
		"by such a one, another zone":           {packet{from: netip.MustParseAddrPort("[fe80::9%wlan0]:5353")}, 0},
		"by such a one, the zone of ours":       {packet{from: netip.MustParseAddrPort("[fe80::9%1]:5353")}, 1},
		"an address that is none, to the group": {packet{via: 1, toGroup: true}, 0},
	} {
		e.ports[1].services = make(map[string]*service)
		e.ports[1].hosts = make(map[string]*host)
		tt.in.data = data
		e.receive(now, tt.in)
		if got := len(e.people()); got != tt.want {
			t.Errorf("%s: %d people, want %d", name, got, tt.want)
		}
	}
}

// newEngineOn makes an engine without a goroutine on one interface.
func newEngineOn(t testing.TB, addresses ...string) (*engine, time.Time) {
	t.Helper()
	now := time.Unix(1e9, 0)
	e := newEngine(newMemNet().plug(&segment{}, 1, addresses...), testKey(0).Public().(ed25519.PublicKey), slog.New(slog.DiscardHandler))
	e.tick(now)
	return e, now
}

func TestFalseGoodbyesDoNotHideAnybody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &segment{}
		ann, bob := newPhone(t, newMemNet().plug(s, 1, "192.0.2.1/24")), newPhone(t, newMemNet().plug(s, 1, "192.0.2.2/24"))
		bob.register("Bob", peerID("b"))
		time.Sleep(10 * time.Second)
		events, err := ann.Watch(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if ev := <-events; ev.Record.PeerID != peerID("b") {
			t.Fatalf("at first: %v", ev)
		}
		for range 20 {
			s.send(tell(t, message{response: true, answers: []record{{name: serviceType, kind: dnsmessage.TypePTR, target: "Bob." + serviceType}}}), mallory)
			time.Sleep(1700 * time.Millisecond)
		}
		select {
		case ev := <-events:
			t.Errorf("an event: %+v", ev)
		default:
		}
	})
}

func TestSomebodyElseUnderOnesInstanceNameTakesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &segment{}
		ann, bob := newPhone(t, newMemNet().plug(s, 1, "192.0.2.1/24")), newPhone(t, newMemNet().plug(s, 1, "192.0.2.2/24"))
		bob.register("Bob", peerID("b"))
		time.Sleep(10 * time.Second)
		for n := range 200 {
			o, p := claim(t, testKey(7), "Bob", peerID("7"), "192.0.2.66/24", time.Now())
			bob.mu.Lock()
			o.instance = bob.engine.own.instance // whatever it is by now
			bob.mu.Unlock()
			s.send(tell(t, o.answer(p, recordTTL, false)), mallory)
			time.Sleep(time.Duration(n) * 10 * time.Millisecond)
		}
		found, err := ann.Find(t.Context(), "Bob")
		if err != nil || len(found) != 2 {
			t.Fatalf("found %v, %v", found, err)
		}
		for _, r := range found {
			if r.Identity.Equal(bob.identity()) && r.PeerID != peerID("b") {
				t.Errorf("Bob is %+v", r)
			}
		}
	})
}

func TestAnOldRegistrationDoesNotReplaceANewOne(t *testing.T) {
	e, now := newEngineOn(t, "192.0.2.1/24")
	told := func(id string, at time.Time) {
		o, p := claim(t, testKey(1), "Bob", id, "192.0.2.2/24", at)
		e.receive(now, packet{data: tell(t, o.answer(p, recordTTL, false)), from: mallory, via: 1, toGroup: true})
	}
	told(peerID("2"), now)
	told(peerID("1"), now.Add(-time.Hour))
	if people := e.people(); len(people) != 1 || people[0].PeerID != peerID("2") {
		t.Errorf("after an old one: %+v", people)
	}
	told(peerID("3"), now.Add(time.Second))
	if people := e.people(); len(people) != 1 || people[0].PeerID != peerID("3") {
		t.Errorf("after a new one: %+v", people)
	}
}

func TestAFloodOfQuestionsGetsOneAnswerPerSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &segment{}
		var answers atomic.Int32
		s.seen = func(m message) {
			if m.response {
				answers.Add(1)
			}
		}
		newPhone(t, newMemNet().plug(s, 1, "192.0.2.2/24")).register("Bob", peerID("b"))
		time.Sleep(10 * time.Second)
		answers.Store(0)
		ask := tell(t, message{questions: []question{{name: serviceType, kind: dnsmessage.TypePTR}, {name: "bob." + serviceType, kind: dnsmessage.TypeALL}}})
		for n := range 5000 {
			s.send(ask, netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(n)}), mdnsPort))
			time.Sleep(time.Millisecond)
		}
		time.Sleep(2 * time.Second)
		if n := answers.Load(); n < 1 || n > 7 {
			t.Errorf("%d answers to 5000 questions in 5 s", n)
		}
	})
}

func TestAFloodOfFakePeopleIsBoundedAndHidesNoContact(t *testing.T) {
	e, now := newEngineOn(t, "10.0.0.1/8")
	e.wanted["bob"] = 1
	flood := func(sources, each int) {
		for n := range sources * each {
			o, p := claim(t, testKey(uint64(n+100)), fmt.Sprintf("Fake %d", n), peerID("f"), "10.1.1.1/8", now)
			from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 2, byte(n / each >> 8), byte(n / each)}), mdnsPort)
			e.receive(now, packet{data: tell(t, o.answer(p, recordTTL, false)), from: from, via: 1, toGroup: true})
			now = now.Add(6 * time.Millisecond)
		}
	}
	flood(1, 100)
	if got := len(e.ports[1].services); got > maxPerSource {
		t.Errorf("one source has %d places, more than %d", got, maxPerSource)
	}
	flood(maxInstances+200, 1)
	if got := len(e.ports[1].services); got > maxInstances || got < maxInstances/2 {
		t.Errorf("%d instances are kept, the bound is %d", got, maxInstances)
	}
	now = now.Add(time.Second)
	o, p := claim(t, testKey(1), "Bob", peerID("b"), "10.0.0.2/8", now)
	for range 3 {
		e.receive(now, packet{data: tell(t, o.answer(p, recordTTL, false)), from: netip.MustParseAddrPort("10.0.0.2:5353"), via: 1, toGroup: true})
		now = now.Add(time.Second)
	}
	found := false
	for _, r := range e.people() {
		found = found || r.Name == "Bob"
	}
	if !found {
		t.Error("Bob, whom somebody watches, finds no place among the fakes")
	}
	for e.tick(now); len(e.ports[1].services) > 0; e.tick(now) {
		now = now.Add(time.Minute)
	}
	if p := e.ports[1]; len(p.hosts) != 0 || len(p.perSource) != 0 {
		t.Errorf("after all have gone %d hosts and %d sources are kept", len(p.hosts), len(p.perSource))
	}
}

func TestAFloodOfSignaturesIsNotChecked(t *testing.T) {
	e, now := newEngineOn(t, "192.0.2.1/24")
	checked := 0
	for n := range 1000 {
		o, p := claim(t, testKey(uint64(n)), "Bob", peerID("b"), "192.0.2.2/24", now)
		m := o.answer(p, recordTTL, false)
		before := e.rates.of(mallory.Addr()).verifications.tokens
		e.receive(now, packet{data: tell(t, m), from: mallory, via: 1, toGroup: true})
		if after := e.rates.of(mallory.Addr()).verifications.tokens; after < before || before == 0 && after > 0 {
			checked++
		}
	}
	if checked > sourceVerifyBurst+1 {
		t.Errorf("%d signatures of one source checked at once, the bound is %d", checked, sourceVerifyBurst)
	}
}

func FuzzPacket(f *testing.F) {
	o, p := claim(f, testKey(1), "Bob", peerID("b"), "192.0.2.2/24", time.Unix(1e9, 0))
	mine, _ := claim(f, testKey(0), "Ann", peerID("a"), "192.0.2.1/24", time.Unix(1e9, 0))
	for _, m := range []message{
		o.answer(p, recordTTL, true), o.answer(p, 0, false), o.probe(p), mine.probe(p), mine.answer(p, recordTTL, false),
		{questions: []question{{name: serviceType, kind: dnsmessage.TypePTR}, {name: allServices, kind: dnsmessage.TypePTR}}},
		{truncated: true, questions: []question{{name: serviceType, kind: dnsmessage.TypeALL}}, answers: []record{{name: serviceType, kind: dnsmessage.TypePTR, ttl: recordTTL, target: "Ann." + serviceType}}},
	} {
		f.Add(tell(f, m))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e, now := newEngineOn(t, "192.0.2.1/24", "fe80::1/64")
		ours := *mine
		e.setOwn(now, &ours)
		for range 12 {
			now = now.Add(200 * time.Millisecond)
			e.tick(now)
		}
		for range 3 {
			e.receive(now, packet{data: data, from: mallory, via: 1, toGroup: true})
			e.tick(now)
			for _, r := range e.people() {
				if !idmanager.ValidName(r.Name) || len(r.Addresses) == 0 || len(r.PeerID) != 64 || r.Identity == nil {
					t.Fatalf("%+v is taken for a person", r)
				}
			}
			if next := e.next(); !next.After(now) {
				t.Fatalf("something is due at %v, and it is %v", next, now)
			}
			now = now.Add(time.Second)
			e.tick(now)
		}
		if n := len(e.ports[1].services); n > maxPerSource {
			t.Fatalf("%d instances of one source", n)
		}
	})
}

func FuzzTXT(f *testing.F) {
	o, _ := claim(f, testKey(1), "Bob", peerID("b"), "192.0.2.2/24", time.Unix(1e9, 0))
	f.Add(strings.Join(o.txt, "\n"))
	f.Add("txtvers=1\nn=a\nn=b\nn2=c\nt=-1\n=\nk")
	f.Fuzz(func(t *testing.T, all string) {
		reg, err := parseTXT(strings.Split(all, "\n"))
		if err != nil {
			return
		}
		txt, err := packTXT(reg)
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseTXT(txt)
		if err != nil || again.Name != reg.Name || again.PeerID != reg.PeerID || again.Rendezvous != reg.Rendezvous || !again.Time.Equal(reg.Time) ||
			!again.Identity.Equal(reg.Identity) || again.Nonce != reg.Nonce || string(again.Signature) != string(reg.Signature) {
			t.Fatalf("%+v becomes %+v, %v", reg, again, err)
		}
	})
}
