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
