package mesh

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"sundog.dev/sundog/mesh/room"
	"sundog.dev/sundog/mesh/trust"
)

// unharmed checks that the group is a whole conference, that nobody was told of anybody's leaving or had a connection broken since it was
// made, and that nobody's sound has come late.
func (g *group) unharmed(what string, except ...*phone) {
	g.w.t.Helper()
	if p := g.apart(); p != "" {
		g.w.t.Errorf("%s: %s", what, p)
	}
	for i, c := range g.calls {
		if slices.Contains(except, g.phones[i]) {
			continue
		}
		for _, ev := range c.events() {
			if l, ok := ev.(MemberLeft); ok && slices.ContainsFunc(g.phones, func(p *phone) bool { return p.id == l.Member.PeerID }) {
				g.w.t.Errorf("%s: %s was told that %s has left", what, g.phones[i].name, l.Member.Name)
			}
		}
		if s := g.phones[i].media.session().tally(); s.soundLate > 60*time.Millisecond {
			g.w.t.Errorf("%s: sound came to %s %v late", what, g.phones[i].name, s.soundLate)
		}
	}
}

// inside does something in a call's goroutine.
func (f *follower) inside(do func(c *Call)) {
	f.t.Helper()
	if err := f.ask(func() error { do(f.Call); return nil }); err != nil {
		f.t.Fatal(err)
	}
}

// A hundred strangers knock at one member within ten seconds, each with an identity of his own, while three talk. Those who get a session are refused, what
// is kept of them is bounded, the call goes on, and who is invited comes in when they have gone.
func TestAFloodOfJoins(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.gather("ada", "bob", "eve")
		g.whole(5 * time.Second)
		b := g.invitation(0, 1)
		call, ada := g.calls[0].callID(), g.phones[0]
		ada.nc.SetMaxPeerConnections(2 + maxKnocking + 4)
		refused, most := 0, 0
		for range 100 {
			p := w.newPuppet()
			p.can = roomCapability
			p.open(ada.host)
			p.say(signal{kind: sigJoin, call: call})
			p.w.atEnd(func() { _ = p.peer.Close() })
			time.Sleep(100 * time.Millisecond)
			ada.agent.mu.Lock()
			most = max(most, len(ada.agent.links))
			ada.agent.mu.Unlock()
			g.calls[0].inside(func(c *Call) { most = max(most, len(c.allLegs())) })
			p.mu.Lock()
			if slices.ContainsFunc(p.signals, func(s signal) bool { return s.kind == sigReject && s.reason == Full }) {
				refused++
			}
			p.mu.Unlock()
		}
		if most > 2+maxKnocking+4 {
			t.Errorf("%d links or legs at once", most)
		}
		t.Logf("%d told at once that there is no room; at most %d links or legs", refused, most)
		g.unharmed("in the flood")
		time.Sleep(strangerLinger + joinFor)
		dan := w.newPhone("dan")
		f := dan.join(ada, b)
		f.state(InCall, 5*time.Second)
		g.phones, g.calls = append(g.phones, dan), append(g.calls, f)
		g.whole(5 * time.Second)
	})
}

// Hundreds of joins by somebody who has an invitation for whoever holds it: the room lets in as many as the invitation says.
func TestAnInvitationLetsInNoMoreThanItSays(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.gatherAt(25, "ada", "bob")
		g.whole(5 * time.Second)
		b := g.invitation(0, 2)
		in, out := 0, 0
		for i := range 12 {
			p := w.newPhone(string(rune('a'+i)), func(c *Config) { c.MaxPeers = 8 })
			p.media.slow = 25
			f := p.join(g.phones[i%2], b)
			f.await("an answer", 10*time.Second, func(ev Event) bool {
				s, ok := ev.(StateChanged)
				return ok && (s.Status.State == InCall || s.Status.State == Ended)
			})
			switch s := f.Status(); {
			case s.State == InCall:
				in++
				g.phones, g.calls = append(g.phones, p), append(g.calls, f)
			case s.Reason == Declined:
				out++
			default:
				t.Errorf("refused as %q (%s)", s.Reason, s.Detail)
			}
		}
		if in != 2 || out != 10 {
			t.Errorf("%d came in and %d were refused", in, out)
		}
		g.whole(5 * time.Second)
	})
}

// What a member can do to others by what he says of them: nothing.
func TestAMemberWhoLies(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.gather("ada", "bob", "eve", "mallory")
		g.whole(5 * time.Second)
		m := g.calls[3]

		// Old papers of somebody who was removed, and forged ones, from a member to all.
		dan := w.newPhone("dan")
		papers := g.invitation(0, 1)
		f := dan.join(g.phones[1], papers)
		f.state(InCall, 3*time.Second)
		var records [][]byte
		f.inside(func(c *Call) { records = c.conf.roster.LastWord() })
		if err := g.calls[0].Remove(identityOf(dan.key)); err != nil {
			t.Fatal(err)
		}
		f.ended(Removed, 2*time.Second)
		g.whole(3 * time.Second)
		var own [][]byte
		m.inside(func(c *Call) { own = c.conf.roster.LastWord() })
		for range 20 {
			m.inside(func(c *Call) {
				for _, b := range slices.Concat(records, own) {
					for at := 17; at < len(b); at += 41 { // one byte changed, here and there
						forged := bytes.Clone(b)
						forged[at] ^= 0x40
						c.toAll(forged)
					}
					c.toAll(b)
				}
			})
			time.Sleep(500 * time.Millisecond)
		}
		g.unharmed("by old and forged records")
		if got := dan.join(g.phones[2], papers).ended(Removed, 5*time.Second); got > 3*time.Second {
			t.Errorf("dan, who comes back with old papers, is told after %v", got)
		}

		// All others have fallen silent minutes ago, he says, again and again.
		nobody := func(trust.Identity) bool { return false }
		for i := range 20 {
			m.inside(func(c *Call) {
				later := time.Now().Add(time.Duration(i) * time.Second)
				c.deliverRoom(c.conf.roster.Tick(later, nobody))
				c.deliverRoom(c.conf.roster.Tick(later.Add(10*time.Minute), nobody))
			})
			time.Sleep(time.Second)
		}
		for i, c := range g.calls[:3] {
			c.inside(func(c *Call) {
				if n := len(c.conf.roster.Members()); n != 4 {
					t.Errorf("%s sees %d members", g.phones[i].name, n)
				}
			})
		}
		time.Sleep(5 * time.Second)
		g.unharmed("by lies about who is heard", g.phones[3])
		if err := m.Remove(identityOf(g.phones[1].key)); !errors.Is(err, room.ErrNotAllowed) {
			t.Errorf("he removes: %v", err)
		}
	})
}

// toAll sends a room message to all who are linked.
func (c *Call) toAll(b []byte) {
	var all []trust.Identity
	c.each(func(g *leg) { all = append(all, g.identity) })
	c.deliverRoom([]room.Send{{To: all, Message: b}})
}
