package mesh

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"sundog.dev/sundog/mesh/room"
	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp/flash"
)

// list is a policy that admits whoever is not blocked.
type list struct {
	blocked atomic.Pointer[trust.Identity]
}

func (l *list) blocks(f FarEnd) bool {
	who := l.blocked.Load()
	return who != nil && f.Identity == *who
}

// Admit implements Policy.
func (l *list) Admit(f FarEnd) Reason {
	if l.blocks(f) {
		return Blocked
	}
	return ""
}

// leftOf waits until a call has told that somebody has left it, and why.
func (f *follower) leftOf(id flash.PeerID, limit time.Duration) Reason {
	f.t.Helper()
	return f.await("somebody's leaving", limit, func(ev Event) bool {
		l, ok := ev.(MemberLeft)
		return ok && l.Member.PeerID == id
	}).ev.(MemberLeft).Reason
}

// Whoever blocks a member in mid-call has nothing more to do with him from then on, whoever carries; all others go on with both. Unblocked,
// he is there again.
func TestWhoIsBlockedInMidCallIsGoneForTheBlockerAlone(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.together("ada", "bob", "eve", "dan")
		bob, eve := g.phones[1], g.phones[2]
		blocked := &list{}
		bob.agent.cfg.Policy = blocked // nobody asks it now
		who := identityOf(eve.key)
		blocked.blocked.Store(&who)
		bob.agent.Block(blocked.blocks)
		sound := func(at, of *phone) int { return at.media.session().from(of.id, AudioFrame) }
		if slices.ContainsFunc(g.calls[1].Members(), func(m Member) bool { return m.PeerID == eve.id }) {
			t.Error("bob has eve in his call")
		}
		bobHeard := sound(bob, eve)
		if r := g.calls[1].leftOf(eve.id, time.Second); r != Blocked {
			t.Errorf("bob is told %s", r)
		}
		if r := g.calls[2].leftOf(bob.id, time.Second); r != Blocked {
			t.Errorf("eve is told %s", r)
		}
		eveHeard := sound(eve, bob)
		time.Sleep(20 * time.Second)
		if n, m := sound(bob, eve)-bobHeard, sound(eve, bob)-eveHeard; n != 0 || m != 0 {
			t.Errorf("bob has heard %d frames of eve, and eve %d of bob", n, m)
		}
		for _, i := range []int{0, 3} {
			for _, p := range []*phone{bob, eve} {
				if sound(g.phones[i], p) == 0 || !slices.ContainsFunc(g.calls[i].Members(), func(m Member) bool { return m.PeerID == p.id && m.State == InCall }) {
					t.Errorf("%s does not hear %s", g.phones[i].name, p.name)
				}
			}
			pair := room.PairOf(identityOf(bob.key), who)
			for _, l := range g.calls[i].Links() {
				if want := room.Up; (room.PairOf(l.By, l.With) == pair) == (l.State == want) || l.State != want && l.State != room.NoLink {
					t.Errorf("%s sees %+v", g.phones[i].name, l)
				}
			}
			if err := g.calls[i].SendChat("still there"); err != nil {
				t.Error(err)
			}
		}
		if l := g.link(1, 2); l != nil {
			t.Error("they still have a session")
		}

		blocked.blocked.Store(nil)
		bob.agent.Block(blocked.blocks)
		began := time.Now()
		for g.problem() != "" {
			if time.Since(began) > 10*time.Second {
				t.Fatal(g.problem())
			}
			time.Sleep(tick)
		}
		t.Log("together again after", time.Since(began))
		if sound(bob, eve) == bobHeard {
			t.Error("bob does not hear eve again")
		}
	})
}

func TestACallOfTwoEndsWhenOneBlocksTheOther(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		from, to := talk(ada, bob)
		bob.agent.Block(func(f FarEnd) bool { return f.Identity == identityOf(ada.key) })
		to.ended(Blocked, time.Second)
		from.ended(Blocked, time.Second)
	})
}

func TestWhoRingsAndIsBlockedRingsNoMore(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		from := ada.dial(bob.host, "bob")
		to := bob.rings(5 * time.Second)
		bob.agent.Block(func(f FarEnd) bool { return f.Identity == identityOf(ada.key) })
		to.ended(Blocked, time.Second)
		from.ended(Blocked, time.Second)
	})
}
