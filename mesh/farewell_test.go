package mesh

import (
	"testing"
	"time"
)

// Who hangs up while nobody hears him is not sought for a minute, but until he is found.
func TestWhoHasLeftUnheardSaysSoWhenHeIsFound(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.gather("ada", "bob", "eve")
		g.whole(5 * time.Second)
		w.setDead(g.phones[2].host, true)
		g.calls[2].HangUp()
		g.calls[2].ended(Hangup, time.Second)
		time.Sleep(15 * time.Second)
		w.setDead(g.phones[2].host, false)
		eve := g.phones[2].id
		g = g.without(2)
		for _, c := range g.calls {
			c.await("eve's leaving", 5*time.Second, func(ev Event) bool {
				l, ok := ev.(MemberLeft)
				return ok && l.Member.PeerID == eve && l.Reason == Hangup
			})
		}
		g.whole(5 * time.Second)
	})
}

// A goodbye and what the room is told travel in different flows: the seat is free when the first has come.
func TestTheSeatOfWhoHasLeftIsFreeAtOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		full := func(c *Config) { c.MaxPeers = 2 }
		ada, bob, dan := w.newPhone("ada", full), w.newPhone("bob"), w.newPhone("dan")
		from, to := talk(ada, bob)
		g := &group{w: w, phones: []*phone{ada, bob, dan}, calls: []*follower{from, to}}
		door := g.invitation(0, 5)
		g.calls = append(g.calls, dan.join(ada, door))
		g.whole(3 * time.Second)
		leaver := g.calls[2]
		var behind []func() error // what the room is told
		if err := leaver.ask(func() error {
			sends, links := leaver.conf.roster.Leave(time.Now()), []*link{}
			leaver.each(func(g *leg) { links = append(links, g.link) })
			for _, l := range links {
				for _, s := range sends {
					behind = append(behind, func() error { return l.sendRoom(leaver.callID(), s.Message) })
				}
			}
			leaver.leave()
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
		mallory := w.newPhone("mallory")
		g.phones[2], g.calls[2] = mallory, mallory.join(ada, door)
		time.Sleep(time.Second)
		if s := g.calls[2].Status(); s.State == Ended {
			t.Fatalf("the next one: %s", s.Reason)
		}
		for _, say := range behind {
			if err := say(); err != nil {
				t.Error(err)
			}
		}
		g.whole(3 * time.Second)
	})
}
