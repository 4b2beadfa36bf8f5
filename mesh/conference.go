package mesh

import (
	"slices"
	"time"
	"unicode/utf8"

	"sundog.dev/sundog/mesh/internal/octets"
	"sundog.dev/sundog/mesh/room"
	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp/flash"
)

// How a call grows. Whoever dials opens a room (package room), whose ID is the call's. Somebody who accepts a call is sent an
// invitation and joins the room, so a call of two is a room of two soon after it has begun, and either can add somebody. Members
// learn of each other from the roster and make legs to each other, for which nobody is asked: both sides open a session, prove
// their identities and say join. Such a leg is joining until each side holds the other for a member; only then is it a leg like
// any other, Connecting, and sound and picture may flow.
//
// Whoever has an invitation as a link asks any member in the same way (Agent.Join), and is a member once the room says so.

// conference is the room of a call; the call's goroutine's own.
type conference struct {
	roster  *room.Roster
	seen    uint64 // the legs follow the roster of this Changed
	stale   bool   // they do not, for another reason
	ticked  time.Time
	known   map[trust.Identity]Member    // of whose coming the user was told
	left    map[trust.Identity]time.Time // who said goodbye, and when
	refused map[trust.Identity]bool      // with whom there is no leg, because one of us two does not want it
	links   linkMatrix
}

func newConference(r *room.Roster, cfg Config) *conference {
	return &conference{
		roster: r, stale: true, known: make(map[trust.Identity]Member), left: make(map[trust.Identity]time.Time), refused: make(map[trust.Identity]bool),
		links: newLinkMatrix(r.Room().ID(), cfg.Identity),
	}
}

// in reports whether we are in the room.
func (f *conference) in() bool {
	if f == nil {
		return false
	}
	s, _ := f.roster.State()
	return s == room.In
}

// maxPeers is how many others may be in a conference with us.
func (a *Agent) maxPeers() int {
	if a.cfg.MaxPeers > 0 {
		return min(a.cfg.MaxPeers, room.MaxMembers-1)
	}
	return DefaultMaxPeers
}

// roomConfig is what the room is told of us.
func (c *Call) roomConfig() room.Config {
	return room.Config{Key: c.agent.cfg.Identity, Details: c.details()}
}

// details are what other members hear of us.
func (c *Call) details() room.Details {
	d := room.Details{Name: c.ownName}
	for len(d.Name) > room.MaxName {
		_, n := utf8.DecodeLastRuneInString(d.Name)
		d.Name = d.Name[:len(d.Name)-n]
	}
	c.mu.Lock()
	at := c.at
	c.mu.Unlock()
	if at == nil {
		return d // not known yet
	}
	d.PeerID = at.nc.NearID()
	for _, a := range at.nc.OwnAddresses() {
		if octets.CanSend(a) && len(d.Addresses) < room.MaxAddresses {
			d.Addresses = append(d.Addresses, a)
		}
	}
	return d
}

// openRoom opens a room of our own, whose ID is the call's. Without an identity there is none. The goroutine does not run yet.
func (c *Call) openRoom(now time.Time) error {
	if c.agent.cfg.Identity == nil {
		c.id = newCallID()
		return nil
	}
	r, err := room.Open(now, c.roomConfig(), c.agent.maxPeers()+1)
	if err != nil {
		return err
	}
	c.id, c.conf = r.Room().String(), newConference(r, c.agent.cfg)
	return nil
}

// tellDetails tells the room where we are.
func (c *Call) tellDetails(now time.Time) {
	if c.conf == nil {
		return
	}
	sends, err := c.conf.roster.Update(now, c.details())
	if err != nil {
		c.agent.log.Warn("the room was not told where we are", "error", err)
	}
	c.deliverRoom(sends)
}

// tendRoom draws the conclusions from whatever has happened.
func (c *Call) tendRoom(now time.Time) {
	c.sweep(now)
	f := c.conf
	if f == nil || c.over {
		return
	}
	if f.roster.Room().String() != c.callID() { // ours, of a call that has yielded to the other's
		c.conf = nil
		return
	}
	c.each(func(g *leg) { c.linkRoom(now, g) })
	if now.Sub(f.ticked) >= room.TickEvery {
		f.ticked = now
		c.deliverRoom(f.roster.Tick(now, func(who trust.Identity) bool { return c.hears(now, who) }))
	}
	if state, why := f.roster.State(); state == room.Out {
		c.end(roomReason(why), meshError("the room says: "+why.String()))
		return
	}
	if n := f.roster.Changed(); f.in() && (n != f.seen || f.stale) {
		f.seen, f.stale = n, false
		c.followRoster(now)
		c.compare(now)
	}
	c.each(func(g *leg) { c.admit(g) })
	c.bringIn(now)
	c.tendLinks(now)
	c.sweep(now)
}

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

// linkRoom tells the room of a leg on which room messages may go: the far end has proved itself, and has this call.
func (c *Call) linkRoom(now time.Time, g *leg) {
	f := c.conf
	ready := g.link != nil && g.open() && g.link.conferences() && (g.m.bothAccepted() || g.m.state == joining && g.farJoined == g.link)
	switch {
	case ready && g.roomOn != g.link:
		g.roomOn = g.link
		c.deliverRoom(f.roster.Linked(now, g.trustMember()))
	case !ready && g.roomOn != nil:
		c.unlinkRoom(g)
	}
}

// unlinkRoom tells the room that the leg is not there any more.
func (c *Call) unlinkRoom(g *leg) {
	g.roomOn = nil
	other := slices.ContainsFunc(c.allLegs(), func(o *leg) bool { return o.identity == g.identity && o.roomOn != nil })
	if c.conf != nil && !other {
		c.conf.roster.Unlinked(g.identity)
	}
}

func (g *leg) trustMember() trust.Member {
	return trust.Member{Identity: g.identity, PeerID: g.PeerID()}
}

// deliverRoom sends room messages to those of their receivers who are linked.
func (c *Call) deliverRoom(sends []room.Send) {
	for _, s := range sends {
		c.each(func(g *leg) {
			if g.roomOn == nil || g.roomOn != g.link || !slices.Contains(s.To, g.identity) {
				return
			}
			if err := g.link.sendRoom(s.Message); err != nil {
				c.agent.log.Debug("room message not sent", "error", err)
			}
		})
	}
}

// takeRoom takes a room message from the far end of a leg.
func (g *leg) takeRoom(l *link, b []byte) {
	c, now := g.call, time.Now()
	if l != g.link || g.good != l {
		return
	}
	if g.m.state == joining {
		g.farJoined = l // it has this call, or it would have nothing to say
	}
	if b[0] == typeInvitation {
		c.takeInvitation(now, g, b[1+callIDBytes:])
		return
	}
	if c.conf == nil {
		return
	}
	c.linkRoom(now, g)
	if g.roomOn != l {
		return
	}
	if b[0] == room.TypeReport {
		c.takeReport(now, b)
		return
	}
	g.spoken = true
	sends, err := c.conf.roster.Handle(now, g.trustMember(), b)
	if err != nil {
		c.agent.log.Debug("a room message was refused", "from", g.Name(), "error", err)
	}
	c.deliverRoom(sends)
}

// takeLastWord takes a room message of somebody whose leg has ended: his goodbye to the room, which has another flow than that to us.
func (c *Call) takeLastWord(l *link, b []byte) {
	if !c.conf.in() || !room.IsMessage(b) {
		return
	}
	sends, err := c.conf.roster.Handle(time.Now(), trust.Member{Identity: l.identity(), PeerID: l.id}, b)
	if err != nil {
		c.agent.log.Debug("a room message was refused", "from", l.id.String(), "error", err)
	}
	c.deliverRoom(sends)
}

// takeInvitation joins the room of somebody whose call we have accepted.
func (c *Call) takeInvitation(now time.Time, g *leg, raw []byte) {
	if c.conf != nil || g.m.role != callee || !g.m.bothAccepted() {
		return
	}
	b, err := room.ParseBundle(raw)
	if err == nil && (b.Invitation.Room.String() != c.callID() || b.Invitation.Inviter != g.identity) {
		err = room.ErrOther
	}
	var r *room.Roster
	if err == nil {
		r, err = room.Join(now, c.roomConfig(), b)
	}
	if err != nil {
		c.agent.log.Warn("an invitation to the room was refused", "error", err)
		return
	}
	c.conf = newConference(r, c.agent.cfg)
}

// bringIn invites those who have accepted a call of ours, until they say something to the room. Whether it holds them for members does
// not matter: they may have left it while nobody heard them.
func (c *Call) bringIn(now time.Time) {
	f := c.conf
	if !f.in() {
		return
	}
	c.each(func(g *leg) {
		if g.m.role != caller || g.joins || !g.m.bothAccepted() || g.roomOn == nil || g.spoken || now.Sub(g.broughtAt) < inviteAgain {
			return
		}
		g.broughtAt = now
		if g.ticket == nil {
			b, err := f.roster.Invite(now, room.InviteOptions{For: g.identity, Life: invitationLife})
			if err != nil {
				c.agent.log.Warn("nobody can be invited", "error", err)
				return
			}
			g.ticket = invitationMessage(b)
		}
		if err := g.link.sendRoom(g.ticket); err != nil {
			c.agent.log.Debug("invitation not sent", "error", err)
		}
	})
}

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
		g.lapsed = standing == room.Lapsed
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
	if f.refused[m.Identity] || c.legWith(m.PeerID) != nil {
		return
	}
	if at, ok := f.left[m.Identity]; ok && now.Sub(at) < byeHolds {
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
	g := c.addLeg(r, tidyName(m.Name), at, m.PeerID)
	g.identity, g.wasIn = m.Identity, true
	g.target.Candidates = m.Details.Addresses
	c.begin(g)
}

// addLeg makes a leg between members.
func (c *Call) addLeg(r role, name string, at *attachment, id flash.PeerID) *leg {
	g := newLeg(c, machine{role: r}, name)
	g.at, g.peerID = at, id
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
	case !c.conf.in() || at != l.at:
		refuse(Declined)
	case c.conf.refused[l.identity()]:
		refuse(Blocked)
	case knocking >= maxKnocking:
		refuse(Full)
	default:
		g = c.addLeg(callee, l.hello.name, at, l.id)
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
		if f := c.conf; f != nil {
			f.stale = true
			if g.m.reason != Hangup { // he says so to the room, which may come behind
				c.unlinkRoom(g)
			}
			switch g.m.reason {
			case Hangup, Removed, Full, Declined: // or it has not heard of us yet
				f.left[g.identity] = now
			case Blocked, IdentityChanged, TooOld:
				f.refused[g.identity] = g.wasIn
			}
		}
		if m := g.asMember(); c.conf.forgets(m, g) {
			c.events.put(MemberLeft{Member: m, Reason: g.m.reason})
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

// end ends the call for a reason.
func (c *Call) end(why Reason, err error) {
	if c.over {
		return
	}
	c.leaving = true
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
	if c.conf != nil {
		c.deliverRoom(c.conf.roster.Leave(time.Now()))
	}
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
