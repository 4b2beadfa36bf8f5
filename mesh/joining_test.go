package mesh

import (
	"errors"
	"testing"
	"time"

	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/mesh/room"
	"sundog.dev/sundog/rtmfp/flash"
)

// assemble opens a conference of the first phone and has all others come in by one link, at once, through the service alone. It returns when
// the last of them knocks.
func (w *world) assemble(phones ...*phone) (g *group, knocked time.Time) {
	w.t.Helper()
	c, err := phones[0].agent.Confer(phones[0].nc)
	if err != nil {
		w.t.Fatal(err)
	}
	g = &group{w: w, phones: phones, calls: []*follower{w.follow(c)}}
	b := g.invitation(0, len(phones))
	for _, p := range phones[1:] {
		j, err := p.agent.Join(phones[0].name, b, p.introduced(phones[0].host))
		if err != nil {
			w.t.Fatal(err)
		}
		g.calls = append(g.calls, w.follow(j))
	}
	return g, time.Now()
}

// linked waits until all members of the group hear each other, and says how long it took.
func (g *group) linked(since time.Time, limit time.Duration) time.Duration {
	g.w.t.Helper()
	for p := g.apart(); p != ""; p = g.apart() {
		if time.Since(since) > limit {
			g.w.t.Fatalf("not all links are up after %v: %s", limit, p)
		}
		time.Sleep(20 * time.Millisecond)
	}
	return time.Since(since)
}

// served are phones on a network of 20 ms, known to a service.
func (w *world) served(n, peers int, change ...func(*Config)) (phones []*phone) {
	w.t.Helper()
	w.serve()
	for i := range n {
		p := w.newPhone(string(rune('a'+i)), append(change, func(c *Config) { c.MaxPeers = peers })...)
		p.media.slow = 50
		p.nc.SetMaxPeerConnections(peers + 4)
		register(p.host)
		phones = append(phones, p)
	}
	return phones
}

// Seven come to the eighth at once: two who come to know of each other at the same time open one session all the same.
func TestEightAreLinkedWithinSeconds(t *testing.T) {
	inWorld(t, func(w *world) {
		w.net.SetDefaultLink(vnet.Link{Latency: 20 * time.Millisecond})
		g, knocked := w.assemble(w.served(8, 7)...)
		t.Logf("28 links up after %v", g.linked(knocked, 5*time.Second))
		g.whole(5 * time.Second)
		if err := g.calls[3].Add("a ninth", g.phones[3].introduced(g.phones[0].host)); !errors.Is(err, ErrFull) {
			t.Errorf("a ninth: %v", err)
		}
	})
}

// Whoever comes back after a crash has the place that he had, in the order of members too, and the opener's leaving changes nothing.
func TestRejoiningTakesTheSamePlace(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.gather("ada", "bob", "eve", "dan")
		g.whole(5 * time.Second)
		order := func(f *follower) (all []flash.PeerID, places []uint64) {
			_ = f.ask(func() error {
				for _, m := range f.conf.roster.Members() {
					all, places = append(all, m.PeerID), append(places, m.Place)
				}
				return nil
			})
			return all, places
		}
		before, places := order(g.calls[3])
		ticket, err := g.calls[1].Ticket()
		if err != nil {
			t.Fatal(err)
		}
		key, dead := g.phones[1].key, g.phones[1].id
		w.setDead(g.phones[1].host, true)
		g.calls[0].HangUp() // who opened it
		g.calls[0].ended(Hangup, time.Second)
		time.Sleep(3 * time.Second)
		again := w.newPhone("bob", func(c *Config) { c.Identity = key })
		again.key = key
		f := again.join(g.phones[3], ticket)
		f.state(InCall, 5*time.Second)
		rest := &group{w: w, phones: []*phone{again, g.phones[2], g.phones[3]}, calls: []*follower{f, g.calls[2], g.calls[3]}}
		rest.whole(5 * time.Second)
		after, now := order(g.calls[3])
		if len(before) != 4 || len(after) != 3 || before[1] != dead || after[0] != again.id || after[1] != before[2] || after[2] != before[3] {
			t.Errorf("the order was %v and is %v", before, after)
		}
		if now[0] != places[1] || now[0] == 0 {
			t.Errorf("the places were %v and are %v", places, now)
		}
	})
}

// Only who has invited somebody, or has opened the room, takes him out.
func TestTheInviterRemovesWhomHeHasInvited(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.gather("ada", "bob", "eve")
		g.whole(5 * time.Second)
		dan := w.newPhone("dan")
		f := dan.join(g.phones[2], g.invitation(1, 1)) // let in by eve, invited by bob
		f.state(InCall, 3*time.Second)
		all := &group{w: w, phones: append(g.phones, dan), calls: append(g.calls, f)}
		all.whole(5 * time.Second)
		who := identityOf(dan.key)
		if err := g.calls[2].Remove(who); !errors.Is(err, room.ErrNotAllowed) {
			t.Errorf("eve, who only let him in: %v", err)
		}
		if err := g.calls[1].Remove(who); err != nil {
			t.Fatal(err)
		}
		f.ended(Removed, 2*time.Second)
		g.whole(3 * time.Second)
	})
}
