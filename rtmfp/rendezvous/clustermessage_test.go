package rendezvous

import (
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sundog.dev/sundog/internal/source"
	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// hostile is what somebody who can write to the others, but means no good, could send.
func hostile(client flashcrypto.Fingerprint) map[string][]byte {
	from := ap("203.0.113.1:5000")
	valid := clusterMessage{kind: kindAsk, sender: instanceID{1}, query: 7, client: client, tag: []byte("tag"), from: from, outside: from}
	with := func(f func(*clusterMessage)) []byte { m := valid; f(&m); return m.append(nil) }
	other := valid.append(nil)
	other[0] = clusterVersion + 1
	return map[string][]byte{
		"nothing":               {},
		"half a message":        valid.append(nil)[:20],
		"more than a message":   append(valid.append(nil), 0),
		"another version":       other,
		"an unknown kind":       with(func(m *clusterMessage) { m.kind = 99 }),
		"port 0":                with(func(m *clusterMessage) { m.from = ap("203.0.113.1:0") }),
		"a multicast address":   with(func(m *clusterMessage) { m.from = ap("224.0.0.1:1") }),
		"no address":            with(func(m *clusterMessage) { m.from = netip.AddrPort{} }),
		"a long tag":            with(func(m *clusterMessage) { m.tag = make([]byte, 200) }),
		"many addresses":        with(func(m *clusterMessage) { m.own = slices.Repeat([]netip.AddrPort{from}, 100) }),
		"an answer to nothing":  clusterMessage{kind: kindFound, sender: instanceID{1}, query: 7, addresses: []rtmfp.Address{{AddrPort: from}}}.append(nil),
		"an answer of nothing":  clusterMessage{kind: kindFound, sender: instanceID{1}, query: 7}.append(nil),
		"a relay of nothing":    clusterMessage{kind: kindRelay, sender: instanceID{1}, query: 7}.append(nil),
		"a relay of much":       clusterMessage{kind: kindRelay, sender: instanceID{1}, query: 7, command: make([]byte, maxCommand+1)}.append(nil),
		"a relay of a connect":  clusterMessage{kind: kindRelay, sender: instanceID{1}, command: command(flash.Command{Name: "connect"})}.append(nil),
		"a relay to nobody":     clusterMessage{kind: kindRelay, sender: instanceID{1}, command: command(flash.Command{Name: "relay"})}.append(nil),
		"an arrival of nobody":  clusterMessage{kind: kindArrived, sender: instanceID{1}, client: flashcrypto.Fingerprint{3}}.append(nil),
		"a relay answer, late":  clusterMessage{kind: kindRelayed, sender: instanceID{1}, query: 7, taken: true}.append(nil),
		"a megabyte of nothing": make([]byte, 1<<20),
	}
}

func command(c flash.Command) []byte {
	b, err := flash.AppendCommandMessage(nil, flash.AMF0, c)
	if err != nil {
		panic(err)
	}
	return b
}

func TestHostileMessagesBetweenInstances(t *testing.T) {
	inInstances(t, 2, Config{}, func(h *hub, w []world) {
		t := w[0].t
		ann, bob := w[0].connected("198.51.100.1:5000"), w[1].connected("198.51.100.2:5000")
		for name, message := range hostile(bob.id) {
			before := h.count(kindFound)
			if err := h.Send("", message); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			if h.count(kindFound) != before {
				t.Errorf("%s: was answered", name)
			}
		}
		if s := w[1].service.Stats(); s.Clients != 1 || s.IntroducedAway != 0 || s.Relayed != 0 || s.ClusterForeign != 2 || s.ClusterMalformed < 8 {
			t.Errorf("%+v", s)
		}
		if bob.hears() {
			t.Error("bob was told something")
		}
		if _, err := ann.dial(bob.id); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

// Whoever asks for a client in the name of others makes it send no more than forwardRate has it send anyway, and never
// to a third party that is named as one of the initiator's own addresses.
func TestOtherInstancesIntroduceNoVictim(t *testing.T) {
	inInstances(t, 2, Config{}, func(h *hub, w []world) {
		t := w[0].t
		bob := w[1].connected("198.51.100.2:5000")
		from, victim := ap("203.0.113.1:5000"), ap("203.0.113.99:53")
		var toVictim, toInitiator atomic.Int32
		w[0].net.SetFilter(func(p vnet.Packet) bool {
			switch p.To {
			case victim:
				toVictim.Add(1)
			case from:
				toInitiator.Add(1)
			}
			return true
		})
		for i := range 10 * forwardBurst {
			m := clusterMessage{
				kind: kindAsk, sender: instanceID{1}, query: uint64(i), client: bob.id, tag: []byte(fmt.Sprint(i)), from: from, outside: from,
				times: byte(i), own: []netip.AddrPort{victim},
			}
			w[1].service.link.deliver(m.append(nil))
		}
		time.Sleep(5 * time.Second)
		if v, i := toVictim.Load(), toInitiator.Load(); v != 0 || i == 0 || i > forwardBurst {
			t.Errorf("%d packets to a victim, %d to the initiator", v, i)
		}
	})
}

func TestClusterMessages(t *testing.T) {
	v4, v6 := ap("192.0.2.1:1"), ap("[2001:db8::1]:65535")
	base := clusterMessage{sender: instanceID{1, 2, 3}, query: 1 << 63}
	for name, f := range map[string]func(*clusterMessage){
		"ask": func(m *clusterMessage) {
			m.kind, m.client, m.tag, m.from, m.outside, m.times, m.own = kindAsk, flashcrypto.Fingerprint{1}, []byte("tag"), v4, v6, 3, []netip.AddrPort{v6, v4}
		},
		"found": func(m *clusterMessage) {
			m.kind, m.addresses = kindFound, []rtmfp.Address{{AddrPort: v4, Origin: rtmfp.OriginObserved}, {AddrPort: v6, Origin: rtmfp.OriginReported}}
		},
		"seek": func(m *clusterMessage) { m.kind, m.client = kindSeek, flashcrypto.Fingerprint{2} },
		"here": func(m *clusterMessage) { m.kind = kindHere },
		"relay": func(m *clusterMessage) {
			m.kind, m.client, m.command = kindRelay, flashcrypto.Fingerprint{2}, []byte{1, 2}
		},
		"relayed": func(m *clusterMessage) { m.kind, m.taken = kindRelayed, true },
		"arrived": func(m *clusterMessage) { m.kind, m.client, m.time = kindArrived, flashcrypto.Fingerprint{2}, -5 },
	} {
		m := base
		f(&m)
		b := m.append(nil)
		got, err := parseClusterMessage(b)
		if err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, m)
		}
		if m.kind == kindRelay {
			continue // any length is right
		}
		for n := range b {
			if _, err := parseClusterMessage(b[:n]); err == nil {
				t.Errorf("%s: %d bytes of %d are taken for a message", name, n, len(b))
			}
		}
	}
}

func FuzzClusterMessage(f *testing.F) {
	for _, b := range hostile(flashcrypto.Fingerprint{1}) {
		if len(b) < 10_000 {
			f.Add(b)
		}
	}
	from := ap("[2001:db8::1]:5000")
	f.Add(clusterMessage{kind: kindAsk, tag: []byte("t"), from: from, outside: from, own: []netip.AddrPort{from}}.append(nil))
	f.Add(clusterMessage{kind: kindFound, addresses: []rtmfp.Address{{AddrPort: from}}}.append(nil))
	f.Add(clusterMessage{kind: kindRelay, command: command(flash.Command{Name: "relay", Args: []amf.Value{strings.Repeat("ab", 32), "x"}})}.append(nil))
	s := &Service{clients: map[flashcrypto.Fingerprint]*client{}, sources: source.NewLimiter(introductionRate, introductionBurst)}
	s.link = &link{s: s, out: make(chan clusterLetter, 1), pending: map[uint64]*question{}}
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := parseClusterMessage(b); err == nil && string(m.append(nil)) != string(b) {
			t.Fatalf("%x reads as %+v, which is written %x", b, m, m.append(nil))
		}
		s.link.deliver(b)
		select {
		case <-s.link.out:
		default:
		}
	})
}
