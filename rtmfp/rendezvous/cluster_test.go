package rendezvous

import (
	"context"
	"net/netip"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

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
