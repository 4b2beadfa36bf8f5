package rendezvous

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// hub is a Cluster in memory.
type hub struct {
	latency time.Duration

	mu      sync.Mutex
	down    bool
	lossy   bool // messages seem to be sent, but are lost
	members map[string]chan<- hubMessage
	sent    []clusterMessage
}

type hubMessage struct {
	at      time.Time
	message []byte
}

func (h *hub) Join(instance string, deliver func([]byte)) (func(), error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.down {
		return nil, errors.New("the hub is down")
	}
	if h.members == nil {
		h.members = make(map[string]chan<- hubMessage)
	}
	queue := make(chan hubMessage, 1000)
	h.members[instance] = queue
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for m := range queue {
			time.Sleep(time.Until(m.at))
			deliver(m.message)
		}
	}()
	return func() {
		h.mu.Lock()
		delete(h.members, instance)
		close(queue)
		h.mu.Unlock()
		<-ended
	}, nil
}

func (h *hub) Send(instance string, message []byte) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.down {
		return errors.New("the hub is down")
	}
	if m, err := parseClusterMessage(message); err == nil {
		h.sent = append(h.sent, m)
	}
	if h.lossy {
		return nil
	}
	for name, queue := range h.members {
		if instance == "" || instance == name {
			select {
			case queue <- hubMessage{time.Now().Add(h.latency), slices.Clone(message)}:
			default: // lost
			}
		}
	}
	return nil
}

// count is how many messages of a kind were sent, but by hostile.
func (h *hub) count(kind byte) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, m := range h.sent {
		if m.kind == kind && m.sender != (instanceID{1}) {
			n++
		}
	}
	return n
}

func (h *hub) set(f func(*hub)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f(h)
}

// inInstances runs a test on the virtual clock with n instances at 192.0.2.1, 2 …
func inInstances(t *testing.T, n int, cfg Config, test func(h *hub, w []world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := vnet.New(1)
		network.SetDefaultLink(vnet.Link{Latency: 10 * time.Millisecond})
		defer network.Close()
		h := &hub{latency: time.Millisecond}
		var instances []world
		for i := range n {
			addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(1 + i)}), 1935)
			conn, err := network.Listen(addr)
			if err != nil {
				t.Fatal(err)
			}
			cfg := cfg
			cfg.Cluster = h
			s, err := New(conn, cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			instances = append(instances, world{t, network, s, addr})
		}
		test(h, instances)
	})
}

// behind is a phone behind a NAT.
func (w world) behind(public, private string, nat vnet.NATConfig) *phone {
	w.t.Helper()
	conn, err := w.net.NAT(netip.MustParseAddr(public), nat).Listen(ap(private))
	if err != nil {
		w.t.Fatal(err)
	}
	p := w.phoneOn(conn, w.identity())
	p.connect(nil)
	p.send(flash.SetPeerInfo([]string{private}))
	p.nextUserControl()
	return p
}

func TestIntroductionsAcrossInstances(t *testing.T) {
	symmetric := vnet.NATConfig{Mapping: vnet.AddressPortDependent, Filtering: vnet.AddressPortDependent}
	restricted := vnet.NATConfig{Filtering: vnet.AddressPortDependent}
	cone := vnet.NATConfig{Filtering: vnet.AddressDependent}
	for _, c := range []struct {
		name              string
		instances         int
		initiator, target *vnet.NATConfig
		works             bool
	}{
		{"of two, in the open", 2, nil, nil, true},
		{"of three, in the open", 3, nil, nil, true},
		{"both behind port-restricted NATs", 2, &restricted, &restricted, true},
		{"initiator symmetric, target cone", 2, &symmetric, &cone, true},
		{"initiator in the open, target restricted", 3, nil, &restricted, true},
		{"both symmetric", 2, &symmetric, &symmetric, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			inInstances(t, c.instances, Config{}, func(_ *hub, w []world) {
				phone := func(w world, nat *vnet.NATConfig, addr, private string) *phone {
					if nat == nil {
						return w.connected(addr)
					}
					return w.behind(ap(addr).Addr().String(), private, *nat)
				}
				here, there := w[0], w[len(w)-1]
				ann := phone(here, c.initiator, "203.0.113.1:5000", "10.0.0.5:5000")
				bob := phone(there, c.target, "203.0.113.2:5000", "192.168.0.5:5000")
				start := time.Now()
				session, err := ann.dial(bob.id)
				if !c.works {
					if err == nil {
						w[0].t.Error("a session came about, against expectation")
					}
					return
				}
				if err != nil {
					w[0].t.Fatal(err)
				}
				if got := session.FarCertificate().Fingerprint(); got != bob.id {
					w[0].t.Errorf("a session with %v", got)
				}
				if took := time.Since(start); took > 1200*time.Millisecond {
					w[0].t.Errorf("it took %v", took)
				}
				if s := here.service.Stats(); s.Asked == 0 || s.Found == 0 || s.Introductions != 0 {
					w[0].t.Errorf("here: %+v", s)
				}
				if s := there.service.Stats(); s.IntroducedAway == 0 || s.ClusterMalformed+s.ClusterForeign+s.ClusterLost != 0 {
					w[0].t.Errorf("there: %+v", s)
				}
			})
		})
	}
}

// Two people behind one NAT that does not lead back in meet inside, also when their instances differ.
func TestIntroductionAcrossInstancesBehindOneNAT(t *testing.T) {
	inInstances(t, 2, Config{}, func(_ *hub, w []world) {
		nat := w[0].net.NAT(netip.MustParseAddr("203.0.113.1"), vnet.NATConfig{Filtering: vnet.AddressPortDependent})
		phone := func(w world, private string) *phone {
			conn, err := nat.Listen(ap(private))
			if err != nil {
				w.t.Fatal(err)
			}
			p := w.phoneOn(conn, w.identity())
			p.connect(nil)
			p.send(flash.SetPeerInfo([]string{private}))
			p.nextUserControl()
			return p
		}
		ann, bob := phone(w[0], "10.0.0.5:5000"), phone(w[1], "10.0.0.6:5000")
		session, err := ann.dial(bob.id)
		if err != nil {
			w[0].t.Fatal(err)
		}
		if session.FarAddr() != ap("10.0.0.6:5000") {
			w[0].t.Errorf("at %v", session.FarAddr())
		}
	})
}

func TestRelayAcrossInstances(t *testing.T) {
	inInstances(t, 3, Config{}, func(_ *hub, w []world) {
		t := w[0].t
		ann, bob := w[0].connected("198.51.100.1:5000"), w[2].connected("198.51.100.2:5000")
		odd := []amf.Value{"invite", "Ann", amf.Object{{Name: "a", Value: 1.0}}, nil, true, amf.Array{"x"}, amf.Undefined{}, []byte{1}}
		ann.send(flash.Command{Name: "relay", Args: append([]amf.Value{strings.ToUpper(bob.id.String())}, odd...)})
		want := flash.Command{Name: "onRelay", Args: append([]amf.Value{ann.id.String()}, odd...)}
		if got := bob.next(); !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, want %+v", got, want)
		}
		for i := range 20 { // in their order
			ann.send(flash.Command{Name: "relay", Args: []amf.Value{bob.id.String(), float64(i)}})
		}
		for i := range 20 {
			if got := bob.next(); got.Args[1] != float64(i) {
				t.Fatalf("message %d: %+v", i, got)
			}
		}
		ann.send(flash.Command{Name: "relay", Transaction: 5, Args: []amf.Value{bob.id.String(), "bye"}})
		if got := bob.next(); got.Args[1] != "bye" {
			t.Errorf("%+v", got)
		}
		if got := ann.next(); got.Name != flash.CommandResult || got.Transaction != 5 {
			t.Errorf("with a transaction: %+v", got)
		}
		ann.send(flash.Command{Name: "relay", Transaction: 6, Args: []amf.Value{strings.Repeat("ab", 32), "bye"}})
		if got := ann.next(); got.Name != flash.CommandError || got.Transaction != 6 {
			t.Errorf("to nobody, with a transaction: %+v", got)
		}
		ann.send(flash.Command{Name: "relay", Args: []amf.Value{strings.Repeat("ab", 32), "bye"}})
		if ann.hears() {
			t.Error("to nobody, without a transaction: an answer")
		}
		if s := w[2].service.Stats(); s.Relayed != 22 {
			t.Errorf("there: %+v", s)
		}
		if s := w[0].service.Stats(); s.RelayedAway != 22 || s.RelayFailed != 2 {
			t.Errorf("here: %+v", s)
		}
	})
}

// A peer that does not read is as good as gone also for those at other instances.
func TestRelayAcrossInstancesToAPeerThatDoesNotRead(t *testing.T) {
	inInstances(t, 2, Config{}, func(_ *hub, w []world) {
		ann, bob := w[0].connected("198.51.100.1:5000"), w[1].connected("198.51.100.2:5000")
		for sent := 0; ; sent++ {
			ann.send(flash.Command{Name: "relay", Transaction: 1, Args: []amf.Value{bob.id.String(), strings.Repeat("x", 15<<10)}})
			if got := ann.next(); got.Name == flash.CommandError {
				break
			}
			if sent > 1000 {
				w[0].t.Fatal("any amount is kept for a peer that does not read")
			}
		}
	})
}

// Who comes to another instance is no longer at the former one, and has not left.
func TestTheLastInstanceWins(t *testing.T) {
	var mu sync.Mutex
	left := 0
	inInstances(t, 2, Config{OnLeave: func(string) { mu.Lock(); left++; mu.Unlock() }}, func(_ *hub, w []world) {
		t := w[0].t
		conn, err := w[0].net.Listen(ap("198.51.100.1:5000"))
		if err != nil {
			t.Fatal(err)
		}
		at := func(w world, p *phone) *phone {
			t.Helper()
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			session, err := p.endpoint.Dial(ctx, flashcrypto.AncillaryEPD("rtmfp://"+w.addr.Addr().String()+"/phone"), w.addr)
			if err != nil {
				t.Fatal(err)
			}
			session.SetAcceptForwarded(true)
			p = &phone{w: w, id: p.id, endpoint: p.endpoint, session: session}
			p.connect(nil)
			p.send(flash.SetPeerInfo([]string{"198.51.100.1:5000"}))
			p.nextUserControl()
			return p
		}
		ann := w[0].phoneOn(conn, w[0].identity())
		is := func(here, there int) {
			t.Helper()
			time.Sleep(time.Second)
			if a, b := w[0].service.Stats().Clients, w[1].service.Stats().Clients; a != here || b != there {
				t.Errorf("%d and %d clients, want %d and %d", a, b, here, there)
			}
		}
		first := at(w[0], ann)
		is(1, 0)
		second := at(w[1], ann)
		is(0, 1)
		third := at(w[0], ann) // at once back again
		is(1, 0)
		for i, p := range []*phone{first, second} {
			if p.session.Err() == nil {
				t.Errorf("session %d goes on", i)
			}
		}
		bob := w[1].connected("198.51.100.2:5000")
		if _, err := bob.dial(ann.id); err != nil {
			t.Errorf("it cannot be reached: %v", err)
		}
		mu.Lock()
		if left != 0 {
			t.Errorf("it left %d times", left)
		}
		mu.Unlock()
		_ = third.session.Close()
		is(0, 1)
		mu.Lock()
		defer mu.Unlock()
		if left != 1 {
			t.Errorf("at last it left %d times", left)
		}
	})
}

// A message that is late does not end a session that was opened after it was sent, as far as clocks agree.
func TestALateArrivalEndsNoNewerSession(t *testing.T) {
	inInstances(t, 2, Config{}, func(_ *hub, w []world) {
		ann := w[0].connected("198.51.100.1:5000")
		arrived := func(at time.Time) {
			w[0].service.link.deliver(clusterMessage{kind: kindArrived, sender: instanceID{1}, client: ann.id, time: at.UnixNano()}.append(nil))
		}
		arrived(time.Now().Add(-time.Second))
		if w[0].service.Stats().Clients != 1 {
			w[0].t.Error("a newer session was ended")
		}
		time.Sleep(2 * clockSkew)
		arrived(time.Now().Add(-time.Hour)) // the clock there is wrong
		if s := w[0].service.Stats(); s.Clients != 0 || s.MovedAway != 1 {
			w[0].t.Errorf("an old session goes on: %+v", s)
		}
	})
}

func TestUnknownPeersAreThrottledBeforeTheOthersAreAsked(t *testing.T) {
	inInstances(t, 2, Config{}, func(h *hub, w []world) {
		t, service := w[0].t, w[0].service
		ann := w[0].connected("198.51.100.1:5000")
		ask := func(from netip.AddrPort) bool {
			i, ok := (introducer{service}).Introduce(flashcrypto.Fingerprint{9, byte(from.Port())}.EPD(), from)
			if ok && i.Later == nil {
				t.Fatal("introduced")
			}
			return ok
		}
		n := 0
		for range 10 * introductionBurst {
			if ask(ap("203.0.113.7:1000")) {
				n++
			}
		}
		if n != introductionBurst {
			t.Errorf("one source asks %d times", n)
		}
		n = 0
		for i := range 20_000 { // from forged addresses
			if ask(netip.AddrPortFrom(netip.AddrFrom4([4]byte{100, byte(i >> 16), byte(i >> 8), byte(i)}), 1000)) {
				n++
			}
		}
		if n > strangerAskBurst {
			t.Errorf("strangers ask %d times", n)
		}
		if !ask(ap("198.51.100.1:5000")) {
			t.Error("a client is not heard for strangers")
		}
		bob := w[1].connected("198.51.100.2:5000")
		if _, err := ann.dial(bob.id); err != nil {
			t.Errorf("a client's introduction: %v", err)
		}
		if n := h.count(kindAsk); n > 5 {
			t.Errorf("the others were asked %d times", n)
		}
	})
}

func TestRelayIsThrottledBeforeTheOthersAreAsked(t *testing.T) {
	inInstances(t, 2, Config{}, func(h *hub, w []world) {
		service := w[0].service
		ann := w[0].connected("198.51.100.1:5000")
		c := service.find(ann.id)
		for range 10 * relayAwayBurst {
			_ = c.command(flash.Command{Name: "relay", Args: []amf.Value{strings.Repeat("ab", 32), "invite", "Ann"}}, []byte("x"))
		}
		time.Sleep(time.Second)
		if n := h.count(kindSeek); n != relayAwayBurst {
			w[0].t.Errorf("the others were asked %d times", n)
		}
	})
}

func TestWithoutTheClusterThoseWhoAreHereMeet(t *testing.T) {
	for name, fails := range map[string]func(*hub){
		"it refuses":        func(h *hub) { h.down = true },
		"it loses messages": func(h *hub) { h.lossy = true },
	} {
		t.Run(name, func(t *testing.T) {
			inInstances(t, 2, Config{}, func(h *hub, w []world) {
				t := w[0].t
				ann, bob, carol := w[0].connected("198.51.100.1:5000"), w[0].connected("198.51.100.2:5000"), w[1].connected("198.51.100.3:5000")
				h.set(fails)
				if _, err := ann.dial(bob.id); err != nil {
					t.Errorf("an introduction here: %v", err)
				}
				ann.send(flash.Command{Name: "relay", Transaction: 5, Args: []amf.Value{bob.id.String(), "invite", "Ann"}})
				if got := bob.next(); got.Name != "onRelay" {
					t.Errorf("relay here: %+v", got)
				}
				if got := ann.next(); got.Name != flash.CommandResult {
					t.Errorf("relay here: %+v", got)
				}
				ann.send(flash.Command{Name: "relay", Transaction: 6, Args: []amf.Value{carol.id.String(), "invite", "Ann"}})
				if got := ann.next(); got.Name != flash.CommandError || got.Transaction != 6 {
					t.Errorf("relay to elsewhere: %+v", got)
				}
				dialed := make(chan error, 1)
				go func() { _, err := ann.dial(carol.id); dialed <- err }()
				time.Sleep(3 * time.Second)
				h.set(func(h *hub) { h.down, h.lossy = false, false })
				if err := <-dialed; err != nil { // it asks again
					t.Errorf("an introduction when the cluster is there again: %v", err)
				}
			})
		})
	}
}

func TestLateAnswersAreDropped(t *testing.T) {
	inInstances(t, 2, Config{}, func(h *hub, w []world) {
		t := w[0].t
		ann, bob := w[0].connected("198.51.100.1:5000"), w[1].connected("198.51.100.2:5000")
		h.set(func(h *hub) { h.latency = questionTimeout })
		if _, err := ann.dial(bob.id); err != nil { // bob was told, and answers
			t.Error(err)
		}
		time.Sleep(time.Minute)
		s := w[0].service.Stats()
		if s.ClusterLate == 0 || s.Found != 0 {
			t.Errorf("%+v", s)
		}
		w[0].service.link.mu.Lock()
		defer w[0].service.link.mu.Unlock()
		if n := len(w[0].service.link.pending); n != 0 {
			t.Errorf("%d questions still wait", n)
		}
	})
}

func TestQuestionsAreBounded(t *testing.T) {
	inInstances(t, 2, Config{}, func(_ *hub, w []world) {
		t, l := w[0].t, w[0].service.link
		var given atomic.Int32
		answer := func(m *clusterMessage) {
			if m == nil {
				given.Add(1)
			}
		}
		asked := 0
		for range 2 * maxQuestions {
			if l.question(instanceID{}, clusterMessage{kind: kindSeek}, 0, answer) == nil {
				asked++
			}
		}
		if asked != maxQuestions {
			t.Errorf("%d questions wait", asked)
		}
		time.Sleep(questionTimeout + time.Second)
		if n := int(given.Load()); n != asked {
			t.Errorf("%d of %d were given up", n, asked)
		}
		for asked = 0; l.question(instanceID{}, clusterMessage{kind: kindSeek}, maxCommand, answer) == nil; asked++ {
		}
		if asked != maxWaitingBytes/maxCommand {
			t.Errorf("%d relay commands wait", asked)
		}
	})
}

func TestAServiceThatCannotJoinIsNotStarted(t *testing.T) {
	inWorld(t, func(w world) {
		conn, err := w.net.Listen(ap("192.0.2.9:1935"))
		if err != nil {
			w.t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		if s, err := New(conn, Config{Cluster: &hub{down: true}}); err == nil {
			_ = s.Close()
			w.t.Error("started")
		}
	})
}

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
	s := &Service{clients: map[flashcrypto.Fingerprint]*client{}, sources: newSources(introductionRate, introductionBurst)}
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
