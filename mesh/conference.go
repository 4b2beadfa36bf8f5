package mesh

import (
	"time"
	"unicode/utf8"

	"sundog.dev/sundog/mesh/internal/octets"
	"sundog.dev/sundog/mesh/room"
	"sundog.dev/sundog/mesh/trust"
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
	known   map[trust.Identity]Member  // of whose coming the user was told
	left    map[trust.Identity]goodbye // who said goodbye, or does not have this call
	refused map[trust.Identity]goodbye // with whom there is no leg, because one of us two does not want it
	links   linkMatrix
}

// goodbye is the end of a leg to a member, by his word or ours.
type goodbye struct {
	at                time.Time
	reason            Reason
	ours              bool   // it was we who did not want it
	stay, incarnation uint64 // the member's, as the room had them: whoever comes back after that has newer ones
}

func newConference(r *room.Roster, cfg Config) *conference {
	return &conference{
		roster: r, stale: true, known: make(map[trust.Identity]Member), left: make(map[trust.Identity]goodbye), refused: make(map[trust.Identity]goodbye),
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
	if c.carrying.due {
		c.carrying.due = false
		c.tendCarrying(now)
	}
	c.sweep(now)
}
