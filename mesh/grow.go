package mesh

import (
	"fmt"
	"time"

	"sundog.dev/sundog/mesh/room"
	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp/flash"
)

// What the user does with a conference: add people, invite them, take somebody out, open a room, join one.

// Errors of conferences, which callers may act on.
const (
	ErrFull         = meshError("mesh: the conference has as many members as it may have")
	ErrNoConference = meshError("mesh: the call cannot become a conference: it has no identity, or the other program is too old")
	ErrMember       = meshError("mesh: they are in the call, or being called, already")
)

// Add calls somebody into an established call: everybody in it hears everybody, once they have accepted. It is in the background, as
// Dial is; whatever becomes of it does not end the call: MemberJoined or MemberLeft tells. ErrNotInCall before the call is
// established, ErrEnded after its end, ErrNoConference where it has to remain one of two, ErrFull.
func (c *Call) Add(name string, resolve Resolver) error {
	return c.ask(func() error { return c.add(name, resolve) })
}

func (c *Call) add(name string, resolve Resolver) error {
	if err := c.mayAdd(); err != nil {
		return err
	}
	g := newLeg(c, machine{role: caller}, name)
	g.resolve, g.private = resolve, true
	c.mu.Lock()
	c.legs = append(c.legs, g)
	c.mu.Unlock()
	g.step(input{kind: inDial})
	return nil
}

// MayAdd is nil if Add would call somebody now, else its error.
func (c *Call) MayAdd() error { return c.ask(c.mayAdd) }

func (c *Call) mayAdd() error {
	switch s := c.Status(); {
	case s.State != InCall && s.State != Reconnecting:
		return ErrNotInCall
	case !c.mayGrow():
		return ErrNoConference
	case len(c.allLegs()) >= c.capacity()-1:
		return ErrFull
	}
	return nil
}

// Withdraw stops calling somebody whom Add has called and who has not answered; MemberLeft tells of it. room.ErrNobody.
func (c *Call) Withdraw(m Member) error {
	return c.ask(func() error {
		for _, g := range c.allLegs() {
			if g.m.state == Calling && !g.joins && g.PeerID() == m.PeerID && g.Name() == m.Name {
				g.step(input{kind: inUserHangUp})
				return nil
			}
		}
		return room.ErrNobody
	})
}

// mayGrow reports whether more people can be in the call.
func (c *Call) mayGrow() bool {
	if c.conf != nil && c.stays {
		return true
	}
	can := c.conf != nil
	c.each(func(g *leg) {
		if g.m.bothAccepted() && (g.link == nil && c.conf.alone() || g.link != nil && !g.link.conferences()) {
			can = false
		}
	})
	return can
}

// alone reports whether nobody else is known to be in the room.
func (f *conference) alone() bool { return f == nil || len(f.roster.Members()) < 2 }

// capacity is how many may be in the call, ourselves included.
func (c *Call) capacity() int {
	if c.conf == nil {
		return 2
	}
	return min(c.conf.roster.Room().Capacity, c.agent.maxPeers()+1)
}

// Remove takes somebody out of the conference: whom we have invited, or anybody if we have opened it (whoever dialled first has).
// room.ErrNotAllowed for others, room.ErrNobody, room.ErrNotIn, ErrEnded.
func (c *Call) Remove(who trust.Identity) error {
	return c.ask(func() error {
		if c.conf == nil {
			return room.ErrNotIn
		}
		sends, err := c.conf.roster.Remove(time.Now(), who)
		c.deliverRoom(sends)
		return err
	})
}

// MayRemove reports whether Remove would do it.
func (c *Call) MayRemove(who trust.Identity) (may bool) {
	_ = c.ask(func() error {
		may = c.conf.in() && c.conf.roster.MayRemove(who)
		return nil
	})
	return may
}

// Invite makes an invitation to be sent in another way, as a link: who holds it may come in (Agent.Join) through any member.
func (c *Call) Invite(o room.InviteOptions) (b room.Bundle, err error) {
	err = c.ask(func() (err error) {
		if c.conf == nil {
			return room.ErrNotIn
		}
		b, err = c.conf.roster.Invite(time.Now(), o)
		return err
	})
	return b, err
}

// Ticket is what to keep for coming back after a crash: Agent.Join with it takes the same place, while it is held.
func (c *Call) Ticket() (b room.Bundle, err error) {
	err = c.ask(func() error {
		if !c.conf.in() {
			return room.ErrNotIn
		}
		b = c.conf.roster.Ticket()
		return nil
	})
	return b, err
}

// With are the names of who is in the conference that we are called into, as the caller says; empty in a call of two.
func (c *Call) With() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.with
}

// Confer opens a room of our own over a NetConnection, with nobody else in it yet. The call is InCall at once, and stays until
// HangUp. ErrBusy as for Dial, ErrNoConference without an identity.
func (a *Agent) Confer(nc *flash.NetConnection) (*Call, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	at := a.attached[nc]
	switch {
	case a.closed:
		return nil, ErrClosed
	case at == nil:
		return nil, flash.ErrNotConnected
	case a.cfg.Identity == nil:
		return nil, ErrNoConference
	case a.busyBut(nil):
		return nil, ErrBusy
	}
	c := newCall(a, machine{}, "")
	c.first, c.legs, c.at, c.stays = nil, nil, at, true
	if err := c.openRoom(time.Now()); err != nil {
		return nil, fmt.Errorf("opening a room: %w", err)
	}
	c.setStatus(Status{State: InCall, Established: time.Now()})
	a.register(c, nil)
	return c, nil
}

// Join goes into a room by an invitation, through the member whom the resolver finds. The call is Calling until it is let in, and
// ends if it is not: Full, Removed, Declined (Detail says more), or as a call that Dial has made. ErrBusy as for Dial.
func (a *Agent) Join(name string, by room.Bundle, resolve Resolver) (*Call, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.closed:
		return nil, ErrClosed
	case a.cfg.Identity == nil:
		return nil, ErrNoConference
	case a.busyBut(nil):
		return nil, ErrBusy
	}
	c := newCall(a, machine{role: caller}, name)
	r, err := room.Join(time.Now(), c.roomConfig(), by)
	if err != nil {
		return nil, err
	}
	c.id, c.conf = r.Room().String(), newConference(r, a.cfg)
	c.first.resolve, c.first.joins, c.first.entrance, c.first.private = resolve, true, true, true
	a.start(c, inKnock)
	return c, nil
}
