package mesh

import (
	"errors"
	"slices"
	"time"

	"sundog.dev/sundog/mesh/room"
	"sundog.dev/sundog/mesh/trust"
)

// What the legs of a call and its room say to each other: documents in, documents out, and the invitation of who has accepted.

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
			if err := g.link.sendRoom(c.callID(), s.Message); err != nil && !errors.Is(err, errRoomRefused) {
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
		if err := g.link.sendRoom(c.callID(), g.ticket); err != nil {
			c.agent.log.Debug("invitation not sent", "error", err)
		}
	})
}
