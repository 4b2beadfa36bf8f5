package mesh

import (
	"time"

	"sundog.dev/sundog/mesh/room"
	"sundog.dev/sundog/mesh/trust"
)

// How a conference ends for us: we leave, the room says so, or nobody can be reached any more.

// roomReason is why a call ends with the room.
func roomReason(r room.Reason) Reason {
	switch r {
	case room.Hangup, room.Replaced:
		return Hangup
	case room.Full:
		return Full
	case room.RemovedBy, room.Revoked:
		return Removed
	}
	return Declined
}

// bye is a goodbye that says which incarnations of both it is about. It may be long on its way, when a path is down, and somebody
// who has left may have come back by then, over the same session.
func (g *leg) bye(why Reason) signal {
	s := signal{kind: sigBye, reason: why}
	if f := g.call.conf; f != nil && g.identity != (trust.Identity{}) {
		s.near, s.far = f.roster.Incarnation(g.agent.identity), f.roster.Incarnation(g.identity)
		if max(s.near, s.far) > maxIncarnation {
			s.near, s.far = 0, 0 // somebody makes numbers up
		}
	}
	return s
}

// outlived reports whether a goodbye is about an earlier incarnation of one of the two: whom we call is not in the room yet, or has left it.
func (g *leg) outlived(s signal) bool {
	f := g.call.conf
	return f != nil && (g.m.state == Calling && s.near != 0 || s.near != 0 && s.near < f.roster.Incarnation(g.identity) || s.far != 0 && s.far < f.roster.Incarnation(g.agent.identity))
}

// end ends the call for a reason.
func (c *Call) end(why Reason, err error) {
	if c.over {
		return
	}
	c.leaving = true
	c.sayFarewell(time.Now())
	c.each(func(g *leg) { g.step(input{kind: inOver, reason: why, err: err}) })
	c.finish(Status{State: Ended, Reason: why, Detail: err.Error()})
}

// finish ends a call that has no legs.
func (c *Call) finish(s Status) {
	if c.over {
		return
	}
	c.over = true
	s.Established = c.Status().Established
	c.setStatus(s)
}

// leave is the user's hanging up.
func (c *Call) leave() {
	c.leaving = true
	c.sayFarewell(time.Now())
	c.each(func(g *leg) { g.step(input{kind: inUserHangUp}) })
	c.finish(Status{State: Ended, Reason: Hangup})
}

// stranded ends a call in which nobody can be reached any more.
func (c *Call) stranded(now time.Time) {
	alone := c.conf != nil && !c.stays && !c.Status().Established.IsZero()
	c.each(func(g *leg) {
		if g.m.state != joining {
			alone = false
		}
	})
	switch {
	case !alone:
		c.alone = time.Time{}
	case c.alone.IsZero():
		c.alone = now
	case now.Sub(c.alone) >= strandedAfter-peerLostAfter:
		c.end(PeerLost, meshError("nobody of the conference was heard for "+strandedAfter.String()))
	}
}
