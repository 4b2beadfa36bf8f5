package mesh

import "sundog.dev/sundog/mesh/trust"

// The user blocks somebody in the middle of a call. From then on nothing goes between the two: no sound, no picture, nothing that is said,
// and no packets by way of another member. A call of two has ended so. In a conference neither can put the other out: both stay, each
// without the other, and the others hear and see both. The link between them is of no state in the reports, for there is none: it is not
// broken, so nobody carries it. The far end is told (Blocked), or it would go on seeking us.

// Block has it looked at anew in all calls whom the user has blocked, after that has changed. The leg to somebody who is blocked ends at
// once, whoever began it; a member who is not blocked any more is sought again. It waits for the calls to have done so.
func (a *Agent) Block(blocked func(FarEnd) bool) {
	a.mu.Lock()
	var all []*Call
	for c := range a.calls {
		all = append(all, c)
	}
	a.mu.Unlock()
	for _, c := range all {
		_ = c.ask(func() error { // or it has ended
			c.block(blocked)
			return nil
		})
	}
}

// block is Block in one call.
func (c *Call) block(blocked func(FarEnd) bool) {
	c.each(func(g *leg) {
		m := g.asMember()
		if blocked(FarEnd{Name: m.Name, PeerID: m.PeerID, Proved: m.Proved, Identity: g.identity, OldClient: m.OldClient}) {
			g.refuse(refusal{reason: Blocked, err: errBlocked})
		}
	})
	f := c.conf
	if f == nil || c.over {
		return
	}
	for who, bye := range f.refused {
		if bye.ours && bye.reason == Blocked && !blocked(FarEnd{Identity: who}) {
			delete(f.refused, who)
			f.stale = true
		}
	}
}

const errBlocked = meshError("mesh: the user has blocked them")

// blocks reports whether somebody who asks to be let in is refused for having been blocked here. Whoever has blocked us and asks has
// thought better of it.
func (c *Call) blocks(l *link) bool {
	f := c.conf
	if f == nil || l.identity() == (trust.Identity{}) {
		return false
	}
	bye := f.refused[l.identity()]
	if bye.reason == Blocked && !bye.ours {
		delete(f.refused, l.identity())
		f.stale = true
	}
	return bye.reason == Blocked && bye.ours
}
