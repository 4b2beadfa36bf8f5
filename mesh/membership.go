package mesh

import (
	"cmp"
	"slices"
	"time"

	"sundog.dev/sundog/mesh/room"
	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp/flash"
)

// Legs to members: made as the roster tells, admitted once it holds both, put away when they have ended.

// followRoster makes legs to new members, and ends those to people who have gone.
func (c *Call) followRoster(now time.Time) {
	f := c.conf
	members := f.roster.Members()
	c.each(func(g *leg) {
		if g.identity == (trust.Identity{}) {
			return
		}
		at := slices.IndexFunc(members, func(m room.Member) bool { return m.Identity == g.identity })
		standing := f.roster.Standing(g.identity)
		c.mu.Lock()
		g.absent = standing != room.Present && !g.entrance
		c.mu.Unlock()
		switch {
		case at >= 0 && members[at].PeerID == g.PeerID():
			g.wasIn = true
			delete(f.left, g.identity)
			g.named(members[at].Name)
		case at >= 0 && g.wasIn: // the program was started anew
			g.step(input{kind: inOver, reason: PeerLost})
		case at >= 0:
		case standing == room.Removed:
			g.step(input{kind: inOver, reason: Removed})
		case standing == room.Left && g.wasIn:
			g.step(input{kind: inOver, reason: Hangup})
		case standing == room.Over && g.wasIn, standing == room.UsedUp && g.wasIn:
			g.step(input{kind: inOver, reason: Full})
		case standing == room.Stranger && g.wasIn:
			g.step(input{kind: inOver, reason: Removed})
		}
	})
	for who, m := range f.known {
		if f.roster.Standing(who) == room.Lapsed {
			delete(f.known, who)
			c.events.put(MemberLeft{Member: m, Reason: PeerLost})
		}
	}
	for _, m := range append(members, f.roster.Lapsed()...) {
		if m.Identity != c.agent.identity && len(c.allLegs()) < 2*room.MaxMembers {
			c.meet(now, m)
		}
	}
}

// parted notes that a leg to a member has ended by somebody's word.
func (f *conference) parted(now time.Time, g *leg, in map[trust.Identity]goodbye) {
	bye := goodbye{at: now, reason: g.m.reason, ours: g.refused}
	for _, m := range append(f.roster.Members(), f.roster.Lapsed()...) {
		if m.Identity == g.identity {
			bye.stay, bye.incarnation = uint64(m.Stay), m.Incarnation
		}
	}
	in[g.identity] = bye
}

// holds reports whether a goodbye is of the stay and incarnation that the room has of a member, and not of an earlier one.
func (b goodbye) holds(m room.Member) bool {
	return !b.at.IsZero() && cmp.Or(cmp.Compare(uint64(m.Stay), b.stay), cmp.Compare(m.Incarnation, b.incarnation)) <= 0
}

// named takes a name for somebody of whom we have none.
func (g *leg) named(name string) {
	g.call.mu.Lock()
	defer g.call.mu.Unlock()
	if g.name == "" {
		g.name = tidyName(name)
	}
}

// meet makes a leg to a member, if there is none.
func (c *Call) meet(now time.Time, m room.Member) {
	f := c.conf
	if c.legWith(m.PeerID) != nil || f.refused[m.Identity].holds(m) {
		return
	}
	if bye := f.left[m.Identity]; now.Sub(bye.at) < byeHolds && bye.holds(m) {
		f.stale = true // look again
		return
	}
	c.mu.Lock()
	at := c.at
	c.mu.Unlock()
	if at == nil || m.PeerID == at.nc.NearID() {
		return
	}
	r := callee
	if room.Dials(at.nc.NearID(), m.PeerID) {
		r = caller
	}
	g := c.addLeg(r, tidyName(m.Name), at, m.PeerID, false)
	g.identity, g.wasIn = m.Identity, true
	g.target.Candidates = m.Details.Addresses
	c.begin(g)
}

// addLeg makes a leg between members.
func (c *Call) addLeg(r role, name string, at *attachment, id flash.PeerID, absent bool) *leg {
	g := newLeg(c, machine{role: r}, name)
	g.at, g.peerID, g.absent = at, id, absent
	g.target = Target{Conn: at.nc, PeerID: id}
	g.joins, g.private = true, true
	c.mu.Lock()
	c.legs = append(c.legs, g)
	if c.first == nil {
		c.first = g
	}
	c.mu.Unlock()
	return g
}

// begin begins such a leg, with the session that is there, if any.
func (c *Call) begin(g *leg) {
	l := c.agent.linkWith(g.at, g.PeerID())
	if l != nil {
		g.bind(l)
		g.linked = time.Now()
	}
	g.step(input{kind: inJoin})
	if l != nil && l.isReady() {
		g.take(input{kind: inLinked, link: l})
	}
}

// takeKnock takes somebody with whom there is no leg and who says join.
func (c *Call) takeKnock(l *link) {
	g := c.legWith(l.id)
	knocking := 0
	c.each(func(g *leg) {
		if g.m.state == joining && !g.wasIn {
			knocking++
		}
	})
	c.mu.Lock()
	at := c.at
	c.mu.Unlock()
	refuse := func(r Reason) { _ = l.send(signal{kind: sigReject, call: c.callID(), reason: r}) }
	switch {
	case l.isDone():
	case g != nil && g.m.state != Ended:
		g.take(input{kind: inFarJoin, link: l, sig: signal{kind: sigJoin}})
	case at != l.at, c.conf == nil && !c.bothAccepted(): // else we may be on our way into the room ourselves
		refuse(Declined)
	case c.blocks(l):
		refuse(Blocked)
	case knocking >= maxKnocking:
		refuse(Full)
	default:
		g = c.addLeg(callee, l.hello.name, at, l.id, true)
		g.knocks = true
		c.begin(g)
		if g.m.state != Ended {
			g.take(input{kind: inFarJoin, link: l, sig: signal{kind: sigJoin}})
		}
	}
}

// admit lets a leg go on whose far end is a member.
func (c *Call) admit(g *leg) {
	if g.m.state != joining || g.roomOn == nil || g.roomOn != g.link || !c.conf.in() || c.conf.roster.Standing(g.identity) != room.Present {
		return
	}
	g.wasIn = true
	ok := g.farOK == g.link
	g.step(input{kind: inAdmitted})
	c.linkedMember(g)
	if ok {
		g.step(input{kind: inFarOK, link: g.link})
	}
}

// sweep puts legs away that have ended, and tells of them.
func (c *Call) sweep(now time.Time) {
	if c.over {
		return
	}
	for _, g := range c.allLegs() {
		if g.m.state != Ended {
			continue
		}
		c.mu.Lock()
		c.legs = slices.DeleteFunc(c.legs, func(o *leg) bool { return o == g })
		c.mu.Unlock()
		c.out.remove(&g.out)
		if g.m.reason != PeerLost && c.legTo(g.identity) == nil { // else he is back already
			c.lostFiles(g.identity)
		}
		if f := c.conf; f != nil {
			f.stale = true
			if g.m.reason == Hangup {
				f.roster.Goodbye(now, g.identity) // he says so to the room, too, which may come behind
			} else {
				c.unlinkRoom(g)
			}
			switch g.m.reason {
			case Hangup, Removed, Full, Declined: // or it has not heard of us yet
				if f.roster.Standing(g.identity) != room.Stranger { // who merely knocks is not remembered
					f.parted(now, g, f.left)
				}
			case Blocked, IdentityChanged, TooOld:
				if g.wasIn {
					f.parted(now, g, f.refused)
				}
			case PeerLost:
				if g.link != nil && now.Sub(g.link.lastHeard()) >= peerLostAfter {
					_ = g.link.peer.Close() // a new session finds the way sooner than one that has given up
				}
			}
		}
		if m := g.asMember(); c.conf.forgets(m, g) {
			ours := g.m.reason == Removed && c.conf != nil && c.conf.roster.Standing(m.Identity) == room.Present
			c.events.put(MemberLeft{Member: m, Reason: g.m.reason, Ours: ours})
		}
		c.wg.Go(g.putAway)
	}
}

// forgets reports whether the user is told that somebody has left, whose leg has ended. A member whom we have lost is sought.
func (f *conference) forgets(m Member, g *leg) bool {
	if f == nil {
		return true
	}
	if _, known := f.known[m.Identity]; !known {
		return !g.joins
	}
	if g.m.reason == PeerLost && f.in() && f.roster.Standing(m.Identity) == room.Present {
		return false
	}
	delete(f.known, m.Identity)
	return true
}

// joined tells that somebody has come in.
func (c *Call) joined(g *leg, before bool) {
	m := g.asMember()
	if f := c.conf; f != nil {
		_, known := f.known[m.Identity]
		f.known[m.Identity] = m
		before = before && !known
	}
	if before {
		c.events.put(MemberJoined{m})
	}
}
