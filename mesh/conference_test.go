package mesh

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"sundog.dev/sundog/mesh/room"
	"sundog.dev/sundog/mesh/trust"
)

// slowly is how much slower than real media the members of a group send, but where it matters: 56 streams are work.
const slowly = 5

// group are phones in one conference, with each one's side of it.
type group struct {
	w      *world
	phones []*phone
	calls  []*follower
}

// gather sets a conference up: the first calls the second, and adds the others one by one.
func (w *world) gather(names ...string) *group {
	w.t.Helper()
	return w.gatherAt(slowly, names...)
}

// gatherAt is gather with media that are so much slower than real ones.
func (w *world) gatherAt(slow int, names ...string) *group {
	w.t.Helper()
	g := &group{w: w}
	for _, name := range names {
		g.phones = append(g.phones, w.newPhone(name))
		g.phones[len(g.phones)-1].media.slow = slow
	}
	from, to := talk(g.phones[0], g.phones[1])
	g.calls = []*follower{from, to}
	for i := 2; i < len(names); i++ {
		g.add(0, g.phones[i])
	}
	return g
}

// add has a member add somebody, who accepts.
func (g *group) add(by int, p *phone) *follower {
	g.w.t.Helper()
	if err := g.calls[by].Add(p.name, g.phones[by].at(p.host)); err != nil {
		g.w.t.Fatalf("adding %s: %v", p.name, err)
	}
	f := p.rings(5 * time.Second)
	if err := f.Accept(); err != nil {
		g.w.t.Fatal(err)
	}
	f.state(InCall, 5*time.Second)
	g.calls = append(g.calls, f)
	if len(g.calls) > len(g.phones) {
		g.phones = append(g.phones, p)
	}
	return f
}

// without is the group without one of them.
func (g *group) without(i int) *group {
	o := &group{w: g.w}
	for j := range g.phones {
		if j != i {
			o.phones, o.calls = append(o.phones, g.phones[j]), append(o.calls, g.calls[j])
		}
	}
	return o
}

// problem says what keeps the group from being a whole conference; empty: nothing.
func (g *group) problem() string {
	if p := g.apart(); p != "" {
		return p
	}
	first := g.calls[0].Comparison()
	for i, c := range g.calls {
		switch now := c.Comparison(); {
		case now.State != trust.Compared:
			return fmt.Sprintf("%s compares: %+v", g.phones[i].name, now)
		case now.String != first.String:
			return fmt.Sprintf("%s has another string than %s", g.phones[i].name, g.phones[0].name)
		}
	}
	return ""
}

// apart says who does not hear whom; empty: everybody hears everybody.
func (g *group) apart() string {
	for i, c := range g.calls {
		if members := c.Members(); len(members) != len(g.phones)-1 {
			return fmt.Sprintf("%s has %d others: %v", g.phones[i].name, len(members), names(members))
		}
	}
	return g.deaf()
}

// deaf says who of the group does not hear another, whoever else may be in the call.
func (g *group) deaf() string {
	for i, c := range g.calls {
		if s := c.Status().State; s != InCall {
			return fmt.Sprintf("%s is %s", g.phones[i].name, s)
		}
		for _, p := range g.phones {
			if p == g.phones[i] {
				continue
			}
			members := c.Members()
			at := slices.IndexFunc(members, func(m Member) bool { return m.PeerID == p.id })
			if at < 0 {
				return fmt.Sprintf("%s does not know of %s", g.phones[i].name, p.name)
			}
			if m := members[at]; m.State != InCall || m.Identity == (trust.Identity{}) {
				return fmt.Sprintf("%s with %s: %s", g.phones[i].name, m.Name, m.State)
			}
		}
	}
	return ""
}

func names(members []Member) (all []string) {
	for _, m := range members {
		all = append(all, m.Name)
	}
	return all
}

// whole waits until the group is a whole conference, and everybody hears and sees everybody else.
func (g *group) whole(limit time.Duration) {
	g.w.t.Helper()
	began := time.Now()
	for g.problem() != "" {
		if time.Since(began) > limit {
			g.w.t.Fatalf("not whole within %v: %s", limit, g.problem())
		}
		time.Sleep(100 * time.Millisecond)
	}
	g.w.t.Logf("%d members whole after %v", len(g.phones), time.Since(began))
	time.Sleep(3 * time.Second) // in which the uplinks prove what they carry, slow as the media are
	type count struct{ audio, video int }
	before := map[[2]int]count{}
	g.pairs(func(i, j int) {
		s := g.phones[i].media.session()
		before[[2]int{i, j}] = count{s.from(g.phones[j].id, AudioFrame), s.from(g.phones[j].id, VideoFrame)}
	})
	time.Sleep(2 * time.Second)
	g.pairs(func(i, j int) {
		s, b := g.phones[i].media.session(), before[[2]int{i, j}]
		audio, video := s.from(g.phones[j].id, AudioFrame)-b.audio, s.from(g.phones[j].id, VideoFrame)-b.video
		if slow := max(1, g.phones[j].media.slow); audio < 80/slow || video < 30/slow {
			g.w.t.Errorf("in 2 s %s got %d frames of sound and %d pictures of %s", g.phones[i].name, audio, video, g.phones[j].name)
		}
	})
	for _, p := range g.phones {
		if n := len(p.media.sessions); n != 1 {
			g.w.t.Errorf("%s opened %d media sessions", p.name, n)
		}
		if d := p.media.session().tally().damaged; d > 0 {
			g.w.t.Errorf("%s got %d damaged frames", p.name, d)
		}
	}
}

func (g *group) pairs(f func(i, j int)) {
	for i := range g.phones {
		for j := range g.phones {
			if i != j {
				f(i, j)
			}
		}
	}
}

func TestAThirdComesIntoACallOfTwo(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.gather("ada", "bob")
		g.whole(3 * time.Second)
		two := g.calls[0].Comparison().String
		eve := w.newPhone("eve")
		f := g.add(0, eve)
		if with := f.With(); len(with) != 1 || with[0] != "bob" {
			t.Errorf("eve is called to join %v", with)
		}
		g.whole(3 * time.Second)
		if g.calls[0].Comparison().String == two {
			t.Error("a newcomer, and the string is the same")
		}
		for i, c := range g.calls[:2] {
			c.await("eve's coming", time.Second, func(ev Event) bool {
				j, ok := ev.(MemberJoined)
				return ok && j.Member.PeerID == eve.id && j.Member.Name == "eve"
			})
			if c.Stats().Path == "" || c.StatsOf(eve.id).Path == "" {
				t.Errorf("%s has no path to somebody", g.phones[i].name)
			}
		}
	})
}

func TestWhoWasCalledAddsSomebody(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.gather("ada", "bob")
		g.add(1, w.newPhone("eve")) // at once: he is hardly in the room himself
		g.whole(5 * time.Second)
		g.add(2, w.newPhone("dan"))
		g.whole(5 * time.Second)
	})
}

func TestEightHearEachOther(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.gather("p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8")
		g.whole(5 * time.Second)
		if n := len(g.calls[3].Links()); n != 8*7 {
			t.Errorf("%d links are known", n)
		}
	})
}

func TestTwoAreAddedAtOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.gather("ada", "bob")
		eve, dan := w.newPhone("eve", autoAccept), w.newPhone("dan", autoAccept)
		for by, p := range []*phone{eve, dan} {
			if err := g.calls[by].Add(p.name, g.phones[by].at(p.host)); err != nil {
				t.Fatal(err)
			}
		}
		for _, p := range []*phone{eve, dan} {
			g.calls = append(g.calls, p.rings(5*time.Second))
			g.phones = append(g.phones, p)
		}
		g.whole(8 * time.Second)
	})
}

func TestAMemberLeaves(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.gather("ada", "bob", "eve", "dan")
		g.whole(5 * time.Second)
		g.calls[0].HangUp() // who has opened the room
		g.calls[0].ended(Hangup, time.Second)
		for _, c := range g.calls[1:] {
			c.await("ada's leaving", 2*time.Second, func(ev Event) bool {
				l, ok := ev.(MemberLeft)
				return ok && l.Member.PeerID == g.phones[0].id && l.Reason == Hangup
			})
		}
		g = g.without(0)
		g.whole(3 * time.Second)
		time.Sleep(10 * time.Second)
		g.whole(time.Second)
		g.calls[0].HangUp()
		g = g.without(0)
		g.whole(3 * time.Second)
		g.calls[0].HangUp()
		g.calls[1].ended(Hangup, time.Second)
	})
}

func TestAMemberCrashes(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.gather("ada", "bob", "eve")
		g.whole(5 * time.Second)
		w.setDead(g.phones[1].host, true)
		g.calls[1].state(Reconnecting, 10*time.Second)
		g.calls[1].ended(PeerLost, 90*time.Second)
		rest := g.without(1)
		for _, c := range rest.calls {
			c.await("bob's end", 90*time.Second, func(ev Event) bool {
				l, ok := ev.(MemberLeft)
				return ok && l.Member.PeerID == g.phones[1].id && l.Reason == PeerLost
			})
			if s := c.Status().State; s != InCall {
				t.Errorf("the rest is %s", s)
			}
		}
	})
}

func TestALinkIsCutAndHeals(t *testing.T) {
	for name, cut := range map[string]time.Duration{"for a moment": 10 * time.Second, "for long": 50 * time.Second, "very long": 3 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				g := w.gather("ada", "bob", "eve")
				g.whole(5 * time.Second)
				one, other := identityOf(g.phones[1].key), identityOf(g.phones[2].key)
				g.carryNothing()
				w.setApart(g.phones[1].host, g.phones[2].host, true)
				g.calls[0].await("news of the broken link", 15*time.Second, func(ev Event) bool {
					_, ok := ev.(LinksChanged)
					return ok && brokenLink(g.calls[0], one, other)
				})
				time.Sleep(cut)
				for i, c := range g.calls {
					if s := c.Status().State; s != InCall || len(c.Members()) != 2 {
						t.Errorf("%s is %s, with %v", g.phones[i].name, s, names(c.Members()))
					}
				}
				if !brokenLink(g.calls[0], one, other) {
					t.Error("the link is not broken any more")
				}
				w.setApart(g.phones[1].host, g.phones[2].host, false)
				time.Sleep(3 * time.Second)
				g.whole(10 * time.Second)
				for _, c := range g.calls {
					for _, ev := range c.events() {
						if l, ok := ev.(MemberLeft); ok {
							t.Errorf("somebody was told that %s has left", l.Member.Name)
						}
					}
				}
			})
		})
	}
}

func brokenLink(f *follower, a, b trust.Identity) bool {
	broken := 0
	for _, l := range f.Links() {
		if (l.By == a && l.With == b || l.By == b && l.With == a) && l.State == room.Broken {
			broken++
		}
	}
	return broken == 2
}

func TestAMemberIsTakenOut(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.gather("ada", "bob", "eve")
		g.whole(5 * time.Second)
		eve := identityOf(g.phones[2].key)
		if err := g.calls[1].Remove(eve); !errors.Is(err, room.ErrNotAllowed) {
			t.Errorf("bob may not: %v", err)
		}
		if g.calls[1].MayRemove(eve) || !g.calls[0].MayRemove(eve) {
			t.Error("who may remove her?")
		}
		if err := g.calls[0].Remove(eve); err != nil {
			t.Fatal(err)
		}
		g.calls[2].ended(Removed, 2*time.Second)
		rest := g.without(2)
		rest.whole(3 * time.Second)
		for _, c := range rest.calls {
			c.await("eve's removal", time.Second, func(ev Event) bool {
				l, ok := ev.(MemberLeft)
				return ok && l.Member.Identity == eve && l.Reason == Removed
			})
		}
		rest.add(0, g.phones[2]) // and invited again
	})
}

func TestWhoDoesNotComeDoesNotEndTheCall(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.gather("ada", "bob")
		eve, dan := w.newPhone("eve"), w.newPhone("dan", noIdentity)
		for _, p := range []*phone{eve, dan} {
			if err := g.calls[0].Add(p.name, g.phones[0].at(p.host)); err != nil {
				t.Fatal(err)
			}
		}
		eve.rings(3 * time.Second).HangUp()
		for _, want := range []MemberLeft{{Member: Member{Name: "eve"}, Reason: Declined}, {Member: Member{Name: "dan"}, Reason: TooOld}} {
			g.calls[0].await(want.Member.Name+" does not come", 20*time.Second, func(ev Event) bool {
				l, ok := ev.(MemberLeft)
				return ok && l.Member.Name == want.Member.Name && l.Reason == want.Reason
			})
		}
		g.whole(3 * time.Second)
	})
}

func TestJoiningByALink(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob, eve := w.newPhone("ada"), w.newPhone("bob"), w.newPhone("eve")
		c, err := ada.agent.Confer(ada.nc)
		if err != nil {
			t.Fatal(err)
		}
		g := &group{w: w, phones: []*phone{ada}, calls: []*follower{w.follow(c)}}
		g.calls[0].state(InCall, time.Second)
		b, err := c.Invite(room.InviteOptions{Life: time.Hour, Uses: 2})
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range []*phone{bob, eve} {
			through := g.phones[i]
			link, err := room.ParseText(b.Text())
			if err != nil {
				t.Fatal(err)
			}
			j, err := p.agent.Join(through.name, link, p.at(through.host))
			if err != nil {
				t.Fatal(err)
			}
			f := w.follow(j)
			f.state(InCall, 3*time.Second)
			g.phones, g.calls = append(g.phones, p), append(g.calls, f)
			g.whole(3 * time.Second)
		}
		g.calls[1].HangUp()
		g.calls[2].HangUp()
		time.Sleep(3 * time.Second)
		if s := c.Status().State; s != InCall {
			t.Errorf("the room of one's own, alone, is %s", s)
		}
		c.HangUp()
		g.calls[0].ended(Hangup, time.Second)
	})
}

// join goes into a room by a link.
func (p *phone) join(through *phone, b room.Bundle) *follower {
	p.w.t.Helper()
	c, err := p.agent.Join(through.name, b, p.at(through.host))
	if err != nil {
		p.w.t.Fatalf("join: %v", err)
	}
	return p.w.follow(c)
}

func (g *group) invitation(by, uses int) room.Bundle {
	g.w.t.Helper()
	b, err := g.calls[by].Invite(room.InviteOptions{Life: time.Hour, Uses: uses})
	if err != nil {
		g.w.t.Fatal(err)
	}
	return b
}

func TestWhenAllHaveGoneNothingIsSaidOfTheirUplink(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		c, err := ada.agent.Confer(ada.nc)
		if err != nil {
			t.Fatal(err)
		}
		g := &group{w: w, phones: []*phone{ada}, calls: []*follower{w.follow(c)}}
		other := bob.join(ada, g.invitation(0, 1))
		other.state(InCall, 5*time.Second)
		time.Sleep(2 * time.Second)
		if u := c.Uplink(); u.Line == "" || len(u.PerPeer) != 1 {
			t.Fatalf("with bob: %+v", u)
		}
		other.HangUp()
		time.Sleep(2 * time.Second)
		if u := c.Uplink(); u.Line != "" || u.Summary != "" || len(u.PerPeer) != 0 || u.Rate == 0 {
			t.Errorf("without: %+v", u)
		}
	})
}

func TestWhoIsRefused(t *testing.T) {
	full := func(c *Config) { c.MaxPeers = 2 }
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada", full), w.newPhone("bob")
		from, to := talk(ada, bob)
		g := &group{w: w, phones: []*phone{ada, bob}, calls: []*follower{from, to}}
		g.whole(3 * time.Second)
		used := g.invitation(0, 1)

		// A stranger's own room is not ours, and nobody comes in with somebody else's invitation.
		eve := w.newPhone("eve")
		c, err := eve.agent.Confer(eve.nc)
		if err != nil {
			t.Fatal(err)
		}
		own, err := c.Invite(room.InviteOptions{Life: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		c.HangUp()
		<-c.Done()
		mallory := w.newPhone("mallory")
		mallory.join(ada, own).ended(Declined, 5*time.Second)
		forBob, err := g.calls[0].Invite(room.InviteOptions{Life: time.Hour, For: identityOf(bob.key)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := mallory.agent.Join("ada", forBob, mallory.at(ada.host)); !errors.Is(err, room.ErrNotAllowed) {
			t.Errorf("with bob's invitation: %v", err)
		}

		// The room has three seats.
		dan := w.newPhone("dan")
		f := dan.join(bob, used)
		f.state(InCall, 3*time.Second)
		g.phones, g.calls = append(g.phones, dan), append(g.calls, f)
		g.whole(3 * time.Second)
		more := g.invitation(1, 5)
		mallory.join(ada, more).ended(Full, 5*time.Second)
		mallory.join(dan, more).ended(Full, 5*time.Second)
		if err := g.calls[0].Add("mallory", ada.at(mallory.host)); !errors.Is(err, ErrFull) {
			t.Errorf("a fourth was added: %v", err)
		}
		g.whole(time.Second)

		// Who was taken out does not come back by what he has.
		if err := g.calls[0].Remove(identityOf(dan.key)); err != nil {
			t.Fatal(err)
		}
		f.ended(Removed, 2*time.Second)
		g = g.without(2)
		g.whole(3 * time.Second)
		dan.join(ada, used).ended(Removed, 5*time.Second)
		g.whole(time.Second)
		mallory.join(bob, used).ended(Declined, 5*time.Second) // used up
		g.whole(time.Second)
		for _, p := range []*phone{mallory, eve} {
			if p.media.session() != nil && p.media.session().tally().audio > 0 {
				t.Errorf("%s heard something", p.name)
			}
		}
	})
}

func TestAPuppetThatSaysJoinGetsNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.gather("ada", "bob")
		g.whole(3 * time.Second)
		eve := w.newPuppet()
		eve.can = roomCapability
		call := g.calls[0].callID()
		eve.open(g.phones[0].host)
		eve.say(signal{kind: sigJoin, call: call})
		eve.say(signal{kind: sigOK, call: call})
		eve.say(signal{kind: sigResume, call: call})
		eve.say(signal{kind: sigAccept, call: call})
		eve.plays(privateStream + eve.id.String())
		eve.heard(sigReject, joinFor+3*time.Second)
		if n := eve.mediaSoFar(); n > 0 {
			t.Errorf("%d frames went to somebody who is no member", n)
		}
		g.whole(time.Second)
	})
}

func TestAMemberComesBackAfterACrash(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.gather("ada", "bob", "eve")
		g.whole(5 * time.Second)
		ticket, err := g.calls[2].Ticket()
		if err != nil {
			t.Fatal(err)
		}
		key := g.phones[2].key
		w.setDead(g.phones[2].host, true)
		again := w.newPhone("eve", func(c *Config) { c.Identity = key })
		again.key = key
		time.Sleep(5 * time.Second)
		f := again.join(g.phones[1], ticket)
		f.state(InCall, 5*time.Second)
		g = g.without(2)
		g.phones, g.calls = append(g.phones, again), append(g.calls, f)
		g.whole(5 * time.Second)
	})
}

func TestACallIntoAConferenceCrossesAnotherCall(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.gather("ada", "bob")
		g.whole(3 * time.Second)
		eve := w.newPhone("eve")
		other := eve.dial(g.phones[0].host, "ada")
		if err := g.calls[0].Add("eve", g.phones[0].at(eve.host)); err != nil {
			t.Fatal(err)
		}
		other.state(InCall, 5*time.Second)
		g.phones, g.calls = append(g.phones, eve), append(g.calls, other)
		g.whole(5 * time.Second)
	})
}
