package mesh

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/mesh/room"
	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp/flash"
)

// hearing waits until everybody in the group gets sound of everybody.
func (g *group) hearing(what string, limit time.Duration) {
	g.w.t.Helper()
	began := time.Now()
	for {
		problem := g.silence()
		if problem == "" {
			break
		}
		if time.Since(began) > limit {
			g.w.t.Fatalf("%s: not within %v: %s", what, limit, problem)
		}
	}
	g.w.t.Logf("%s: after %v", what, time.Since(began))
}

// silence says who gets nothing of somebody for half a second; empty: nobody.
func (g *group) silence() (problem string) {
	before := map[[2]int]int{}
	count := func(i, j int) int { return g.phones[i].media.session().from(g.phones[j].id, AudioFrame) }
	g.pairs(func(i, j int) { before[[2]int{i, j}] = count(i, j) })
	time.Sleep(500 * time.Millisecond)
	g.pairs(func(i, j int) {
		if n := count(i, j) - before[[2]int{i, j}]; n < 3 {
			problem = fmt.Sprintf("%s gets %d frames of %s in half a second", g.phones[i].name, n, g.phones[j].name)
		}
	})
	return problem
}

// path is how one member reaches another.
func (g *group) path(i, j int) string { return g.calls[i].StatsOf(g.phones[j].id).Path }

// carryNothing makes everybody's uplink too small to carry others, and lets them know.
func (g *group) carryNothing() {
	for _, c := range g.calls {
		c.SetUplinkCap(carryLeast-1, false)
	}
	time.Sleep(room.ReportEvery + tick)
}

// paths waits until two members reach each other by way of others, or directly.
func (g *group) paths(i, j int, want string, limit time.Duration) time.Duration {
	g.w.t.Helper()
	began := time.Now()
	for g.path(i, j) != want || g.path(j, i) != want {
		if time.Since(began) > limit {
			g.w.t.Fatalf("%s and %s: %q and %q after %v, not %s", g.phones[i].name, g.phones[j].name, g.path(i, j), g.path(j, i), limit, want)
		}
		time.Sleep(50 * time.Millisecond)
	}
	return time.Since(began)
}

// carrier is who carries two members, as the first of them has it.
func (g *group) carrier(i, j int) trust.Identity {
	return g.calls[i].StatsOf(g.phones[j].id).Carrier
}

// carriedNow is how many ways and passages a call has.
func (c *Call) carriedNow() int {
	c.carriage.mu.Lock()
	defer c.carriage.mu.Unlock()
	return len(c.carriage.ways) + len(c.carriage.passages)
}

func TestALinkThatIsCutIsCarriedUntilItHeals(t *testing.T) {
	for _, names := range [][]string{{"ada", "bob", "eve"}, {"ada", "bob", "eve", "dan", "fay"}} {
		t.Run(fmt.Sprint(len(names)), func(t *testing.T) {
			inWorld(t, func(w *world) {
				g := w.gather(names...)
				g.whole(5 * time.Second)
				w.setApart(g.phones[1].host, g.phones[2].host, true)
				time.Sleep(time.Second)
				t.Log("carried after", time.Second+g.paths(1, 2, PathCarried, 3*time.Second))
				g.hearing("carried", time.Second)
				for i, c := range g.calls {
					for _, ev := range c.events() {
						if s, ok := ev.(StateChanged); ok && s.Status.State == Reconnecting {
							t.Errorf("%s was reconnecting", g.phones[i].name)
						}
					}
				}
				time.Sleep(20 * time.Second)
				g.hearing("still carried", 50*time.Millisecond)
				one, other := identityOf(g.phones[1].key), identityOf(g.phones[2].key)
				by := g.carrier(1, 2)
				for i, c := range g.calls {
					for _, l := range c.Links() {
						want := room.Up
						if room.PairOf(l.By, l.With) == room.PairOf(one, other) {
							want = room.Carried
						}
						if l.State != want || (l.Carrier == by) != (want == room.Carried) {
							t.Errorf("%s sees %+v", g.phones[i].name, l)
						}
					}
				}
				w.setApart(g.phones[1].host, g.phones[2].host, false)
				t.Log("direct after", g.paths(1, 2, PathDirect, 5*time.Second))
				g.hearing("direct", time.Second)
				time.Sleep(3 * time.Second)
				for i, c := range g.calls {
					if n := c.carriedNow(); n != 0 {
						t.Errorf("%s still has %d ways and passages", g.phones[i].name, n)
					}
				}
			})
		})
	}
}

func TestALinkThatNeverCameAboutIsCarried(t *testing.T) {
	for _, names := range [][]string{{"ada", "bob", "eve"}, {"ada", "bob", "eve", "dan", "fay"}} {
		t.Run(fmt.Sprint(len(names)), func(t *testing.T) {
			inWorld(t, func(w *world) {
				g := w.gather(append([]string{}, names[:len(names)-1]...)...)
				last := w.newPhone(names[len(names)-1])
				last.media.slow = slowly
				j := len(names) - 1
				w.setApart(g.phones[1].host, last.host, true)
				came := time.Now()
				g.add(0, last)
				g.paths(1, j, PathCarried, 6*time.Second)
				t.Log("carried after", time.Since(came))
				time.Sleep(3 * time.Second) // pictures come once it is known what the way takes
				g.whole(time.Second)        // with the comparison
				g.hearing("carried", time.Second)
				w.setApart(g.phones[1].host, last.host, false)
				t.Log("direct after", g.paths(1, j, PathDirect, 5*time.Second))
				g.hearing("direct", time.Second)
			})
		})
	}
}

func TestAnotherCarriesWhenTheCarrierGoes(t *testing.T) {
	for name, c := range map[string]struct {
		goes  func(w *world, g *group, i int)
		limit time.Duration
	}{
		"leaves":       {func(_ *world, g *group, i int) { g.calls[i].HangUp() }, 2 * time.Second},
		"crashes":      {func(w *world, g *group, i int) { w.setDead(g.phones[i].host, true) }, 5 * time.Second},
		"is unwilling": {func(_ *world, g *group, i int) { g.calls[i].SetUplinkCap(200_000, false) }, 2 * room.ReportEvery},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				g := w.gather("ada", "bob", "eve", "dan")
				g.whole(5 * time.Second)
				w.setApart(g.phones[1].host, g.phones[2].host, true)
				g.paths(1, 2, PathCarried, 4*time.Second)
				first := g.carrier(1, 2)
				at := slices.IndexFunc(g.phones, func(p *phone) bool { return identityOf(p.key) == first })
				if at != 0 && at != 3 {
					t.Fatalf("the carrier is %d", at)
				}
				began := time.Now()
				c.goes(w, g, at)
				for g.carrier(1, 2) == first || g.carrier(2, 1) != g.carrier(1, 2) || g.path(1, 2) != PathCarried {
					if time.Since(began) > c.limit {
						t.Fatalf("after %v %s carries; %s", time.Since(began), g.carrier(1, 2), g.path(1, 2))
					}
					time.Sleep(50 * time.Millisecond)
				}
				t.Log("another carries after", time.Since(began))
				two := &group{w: w, phones: g.phones[1:3], calls: g.calls[1:3]}
				two.hearing("by the other", 1500*time.Millisecond)
				for i, c := range two.calls {
					for _, ev := range c.events() {
						if s, ok := ev.(StateChanged); ok && s.Status.State == Reconnecting {
							t.Errorf("%s was reconnecting", two.phones[i].name)
						}
					}
				}
			})
		})
	}
}

// What gets through in one direction only is of no use to a session.
func TestALinkThatIsDeafInOneDirectionIsCarried(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.gather("ada", "bob", "eve")
		g.whole(5 * time.Second)
		from, to := g.phones[1].addr.Addr(), g.phones[2].addr.Addr()
		w.net.SetFilter(func(p vnet.Packet) bool { return p.From.Addr() != from || p.To.Addr() != to })
		g.paths(1, 2, PathCarried, 4*time.Second)
		g.hearing("carried", time.Second)
		time.Sleep(10 * time.Second)
		g.hearing("still", 50*time.Millisecond)
		w.net.SetFilter(w.passes)
		g.paths(1, 2, PathDirect, 5*time.Second)
		g.hearing("direct", time.Second)
	})
}

// A link that comes and goes stays carried for longer and longer.
func TestALinkThatComesAndGoesIsLeftAlone(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.gather("ada", "bob", "eve")
		g.whole(5 * time.Second)
		var held []time.Duration
		for range 4 {
			w.setApart(g.phones[1].host, g.phones[2].host, true)
			g.paths(1, 2, PathCarried, 4*time.Second)
			w.setApart(g.phones[1].host, g.phones[2].host, false)
			held = append(held, g.paths(1, 2, PathDirect, time.Minute))
		}
		t.Log(held)
		if held[0] > 2*time.Second || held[1] < backHold-time.Second || held[2] < 2*backHold-time.Second || held[3] < 4*backHold-time.Second {
			t.Errorf("it was carried for %v", held)
		}
	})
}

// behindNAT is a host behind a NAT of its own.
func (w *world) behindNAT(cfg vnet.NATConfig) (*host, *vnet.NAT) {
	w.t.Helper()
	w.hosts++
	nat := w.net.NAT(netip.AddrFrom4([4]byte{203, 0, 113, w.hosts}), cfg)
	conn, err := nat.Listen(netip.MustParseAddrPort("192.168.1.2:1000"))
	if err != nil {
		w.t.Fatal(err)
	}
	return w.hostOn(conn, netip.AddrPortFrom(netip.AddrFrom4([4]byte{203, 0, 113, w.hosts}), 1000)), nat
}

// atAdas are phones behind NATs, and ada in the open, whose room they come into by a link.
func (w *world) atAdas(nats ...vnet.NATConfig) (*group, []*vnet.NAT) {
	w.t.Helper()
	ada := w.newPhone("ada")
	ada.media.slow = slowly
	call, err := ada.agent.Confer(ada.nc)
	if err != nil {
		w.t.Fatal(err)
	}
	g := &group{w: w, phones: []*phone{ada}, calls: []*follower{w.follow(call)}}
	link := g.invitation(0, len(nats))
	var all []*vnet.NAT
	for i, cfg := range nats {
		h, nat := w.behindNAT(cfg)
		p := w.newPhoneOn(h, fmt.Sprint("p", i+1))
		p.media.slow = slowly
		f := p.join(ada, link)
		f.state(InCall, 5*time.Second)
		g.phones, g.calls, all = append(g.phones, p), append(g.calls, f), append(all, nat)
	}
	return g, all
}

// Two members behind NATs, and no service that could introduce them: whoever hears both does, and carries them where not
// even that helps.
func TestMembersIntroduceEachOther(t *testing.T) {
	restricted := vnet.NATConfig{Filtering: vnet.AddressPortDependent}
	symmetric := vnet.NATConfig{Mapping: vnet.AddressPortDependent, Filtering: vnet.AddressPortDependent}
	for _, c := range []struct {
		name     string
		bob, eve vnet.NATConfig
		path     string
		limit    time.Duration
	}{
		{"restricted", restricted, restricted, PathDirect, 2 * time.Second},
		{"one symmetric", symmetric, vnet.NATConfig{Filtering: vnet.AddressDependent}, PathDirect, 2 * time.Second},
		{"both symmetric", symmetric, symmetric, PathCarried, 5 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				g, _ := w.atAdas(c.bob, c.eve)
				t.Log("after", g.paths(1, 2, c.path, c.limit))
				g.whole(3 * time.Second)
				g.hearing(c.path, time.Second)
			})
		})
	}
}

// A NAT's mapping is lost in mid-call with all others: the carrier says where he sees the other.
func TestACarriedMemberIsFoundAtANewAddress(t *testing.T) {
	inWorld(t, func(w *world) {
		restricted := vnet.NATConfig{Filtering: vnet.AddressPortDependent}
		g, nats := w.atAdas(restricted, restricted)
		g.paths(1, 2, PathDirect, 3*time.Second)
		for _, nat := range nats {
			nat.Restart()
		}
		t.Log("carried after", g.paths(1, 2, PathCarried, 5*time.Second))
		t.Log("direct after", g.paths(1, 2, PathDirect, 5*time.Second))
		g.hearing("direct", time.Second)
	})
}

// flood has packets sent at 4 Mbit/s for a while, and returns what goes from one member to another meanwhile, in bit/s.
func (g *group) flood(from, to int, send func(packet []byte)) int {
	session := g.link(from, to).peer.Session()
	before, began := session.Stats().BytesSent, time.Now()
	for time.Since(began) < 2*time.Second {
		send(make([]byte, 1000))
		time.Sleep(2 * time.Millisecond)
	}
	return int(session.Stats().BytesSent-before) * 8 / 2
}

// attachment is the phone's only one.
func (p *phone) attachment() *attachment {
	p.agent.mu.Lock()
	defer p.agent.mu.Unlock()
	return p.agent.attached[p.nc]
}

// link is one member's to another.
func (g *group) link(from, to int) *link {
	return g.phones[from].agent.linkWith(g.phones[from].attachment(), g.phones[to].id)
}

// room is the ID of the room.
func (g *group) room() (id room.ID) {
	if _, err := hex.Decode(id[:], []byte(g.calls[0].callID())); err != nil {
		g.w.t.Fatal(err)
	}
	return id
}

// carries opens a flow of one member's to another, for packets to a third.
func (g *group) carries(from, by, to int, h carryHeader) func(packet []byte) {
	g.w.t.Helper()
	l := g.link(from, by)
	h.peer = g.phones[to].id
	flow, err := l.openCarry(h.metadata(g.room()))
	if err != nil {
		g.w.t.Fatal(err)
	}
	return func(packet []byte) { l.sendPacket(flow, packet, true, time.Now()) }
}

// What somebody sends beyond what a pair may have goes no further, and harms nobody.
func TestACarrierKeepsToItsLimit(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.gather("ada", "bob", "eve")
		g.whole(5 * time.Second)
		w.setApart(g.phones[1].host, g.phones[2].host, true)
		g.paths(1, 2, PathCarried, 4*time.Second)
		g.hearing("carried", time.Second)
		usual := g.flood(0, 2, func([]byte) {})
		flooded := g.flood(0, 2, g.carries(1, 0, 2, carryHeader{}))
		t.Logf("%d bit/s, and %d with a flood", usual, flooded)
		// What is proven of the uplink meanwhile goes there, too.
		if flooded < carryRate || flooded > usual+carryRate*5/2 {
			t.Errorf("%d bit/s, and %d with a flood", usual, flooded)
		}
		g.hearing("after the flood", time.Second)
		g.paths(1, 2, PathCarried, 0)
	})
}

// Nobody carries for whom it is not its turn: for members who hear each other, or whose link another carries, from those who are none,
// and for themselves.
func TestNobodyElseIsCarried(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.gather("ada", "bob", "eve", "dan")
		g.whole(5 * time.Second)
		usual := g.flood(0, 2, func([]byte) {})
		try := func(what string, send func(packet []byte)) {
			t.Helper()
			if rate := g.flood(0, 2, send); rate > usual+carrySound*2/3 { // the least that would pass, but for what varies by itself
				t.Errorf("%s: %d bit/s instead of %d", what, rate, usual)
			}
			g.hearing(what, 100*time.Millisecond)
		}
		try("they hear each other", g.carries(1, 0, 2, carryHeader{}))
		try("as though somebody had sent it", g.carries(1, 0, 2, carryHeader{from: true, at: g.phones[2].addr}))
		try("to the carrier", g.carries(1, 0, 0, carryHeader{}))
		try("to himself", g.carries(1, 0, 1, carryHeader{}))
		w.setApart(g.phones[1].host, g.phones[2].host, true)
		g.paths(1, 2, PathCarried, 4*time.Second)
		usual = g.flood(0, 2, func([]byte) {})
		if g.carrier(1, 2) == identityOf(g.phones[0].key) {
			try("not the one who asks", g.carries(3, 0, 2, carryHeader{}))
		} else {
			try("another carries", g.carries(1, 0, 2, carryHeader{}))
		}

		mallory := w.newPhone("mallory")
		call, err := mallory.agent.Dial("ada", mallory.at(g.phones[0].host))
		if err != nil {
			t.Fatal(err)
		}
		w.follow(call)
		time.Sleep(time.Second)
		l := mallory.agent.linkWith(mallory.attachment(), g.phones[0].id)
		if l == nil {
			t.Fatal("a stranger has no session")
		}
		l.use(1) // both ends keep the session
		g.phones[0].agent.linkWith(g.phones[0].attachment(), mallory.id).use(1)
		flow, err := l.openCarry(carryHeader{peer: g.phones[2].id}.metadata(g.room()))
		if err != nil {
			t.Fatal(err)
		}
		try("a stranger", func(packet []byte) { l.sendPacket(flow, packet, true, time.Now()) })
		if l.isDone() {
			t.Error("the stranger's session has ended, and nothing was tried")
		}
	})
}

func TestMetadataOfCarriedPackets(t *testing.T) {
	id, peer := room.ID{1, 2, 3}, flash.PeerID{4, 5, 6}
	for _, h := range []carryHeader{
		{peer: peer}, {peer: peer, from: true, rate: 90_000, at: netip.MustParseAddrPort("192.0.2.1:5")}, {peer: peer, from: true, at: netip.MustParseAddrPort("[2001:db8::1]:5")},
	} {
		b := h.metadata(id)
		h.call = hex.EncodeToString(id[:])
		for _, later := range []string{"", "more"} {
			if got, ok := parseCarry(append(b, later...)); !ok || got != h {
				t.Errorf("%x: %+v", b, got)
			}
		}
		if _, ok := parseCarry(b[:len(b)-1]); ok {
			t.Errorf("%x is too short", b)
		}
	}
	for _, at := range []string{"0.0.0.0:5", "224.0.0.1:5", "192.0.2.1:0", "[100::1]:1"} {
		if _, ok := parseCarry(carryHeader{peer: peer, from: true, at: netip.MustParseAddrPort(at)}.metadata(id)); ok {
			t.Errorf("somebody is seen at %s", at)
		}
	}
}

func FuzzCarry(f *testing.F) {
	f.Add(carryHeader{}.metadata(room.ID{}))
	f.Add(carryHeader{from: true, at: netip.MustParseAddrPort("[2001:db8::1]:5")}.metadata(room.ID{1}))
	f.Add(roomMetadata)
	f.Fuzz(func(t *testing.T, metadata []byte) {
		h, ok := parseCarry(metadata)
		if !ok {
			return
		}
		id, err := hex.DecodeString(h.call)
		if err != nil || h.from != h.at.IsValid() {
			t.Fatalf("%+v", h)
		}
		if b := h.metadata(room.ID(id)); !bytes.HasPrefix(metadata, b) {
			t.Errorf("%x becomes %x", metadata, b)
		}
	})
}
