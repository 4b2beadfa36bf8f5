package mesh

import (
	"crypto"
	"maps"
	"time"

	"sundog.dev/sundog/mesh/room"
	"sundog.dev/sundog/mesh/trust"
)

// linkMatrix is who hears whom in a conference (room.Matrix), and what we report of it.
type linkMatrix struct {
	*room.Matrix
	incarnation uint64
	reported    map[trust.Identity]room.LinkState
	at          time.Time
}

func newLinkMatrix(id room.ID, key crypto.Signer) linkMatrix {
	m, err := room.NewMatrix(id, key)
	if err != nil {
		m = nil // the same error has kept the room from opening
	}
	return linkMatrix{Matrix: m}
}

// hears reports whether we, or somebody else, hear a member.
func (c *Call) hears(now time.Time, who trust.Identity) bool {
	for _, g := range c.allLegs() {
		if g.identity == who && g.m.state == InCall {
			return true
		}
	}
	return c.conf.links.Heard(now, who)
}

// tendLinks reports our own links to all: a change soon, and else now and then.
func (c *Call) tendLinks(now time.Time) {
	f := c.conf
	if !f.in() {
		return
	}
	m := &f.links
	states := make(map[trust.Identity]room.LinkState)
	links := make(map[trust.Identity]room.Link)
	c.each(func(g *leg) {
		if f.roster.Standing(g.identity) != room.Present {
			return
		}
		l := room.Link{State: g.linkState(now)}
		if l.State == room.Up || l.State == room.Carried {
			st := g.link.peer.Session().Stats()
			g.slowest = max(g.slowest, st.RTT)
			l.RTT, l.Loss = g.slowest, st.Loss
		}
		states[g.identity], links[g.identity] = l.State, l
	})
	changed := !maps.Equal(states, m.reported) || c.carrying.doubted
	if age := now.Sub(m.at); age < room.ReportAtMost || !changed && age < room.ReportEvery {
		return
	}
	for _, who := range f.roster.Members() {
		if who.Identity == c.agent.identity {
			m.incarnation = who.Incarnation
		}
	}
	report, err := m.Report(now, m.incarnation, links, c.willing())
	if err != nil {
		c.agent.log.Warn("our links were not reported", "error", err)
		return
	}
	m.reported, m.at = states, now
	c.carrying.due, c.carrying.doubted = true, false
	c.each(func(g *leg) { g.slowest = 0 })
	var all []trust.Identity
	for who := range states {
		all = append(all, who)
	}
	c.deliverRoom([]room.Send{{To: all, Message: report}})
	if changed {
		c.tellLinks(now)
	}
}

// takeReport takes a member's report.
func (c *Call) takeReport(now time.Time, b []byte) {
	pass, err := c.conf.links.Handle(now, c.conf.roster.Members(), b)
	if err != nil {
		c.agent.log.Debug("a report of links was refused", "error", err)
		return
	}
	c.deliverRoom([]room.Send{pass})
	c.carrying.due = true
	c.tellLinks(now)
}

// MemberLink is what one member says of his session with another.
type MemberLink struct {
	By, With trust.Identity
	room.Link
	Carrier trust.Identity // of a link that is room.Carried: by way of whom (carry.go); zero: not known, or not carried
}

// LinksChanged says that Links has changed.
type LinksChanged struct{}

func (LinksChanged) meshEvent() {}

// Links are who hears whom in a conference, each pair from both sides: our own identity is among them. Empty in a call that is none.
func (c *Call) Links() []MemberLink {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.matrix
}

// tellLinks takes how the links stand, and says so if a state has changed.
func (c *Call) tellLinks(now time.Time) {
	members := c.conf.roster.Members()
	var all []MemberLink
	for _, by := range members {
		for _, with := range members {
			if by.Identity != with.Identity {
				l := MemberLink{By: by.Identity, With: with.Identity, Link: c.conf.links.Link(now, by.Identity, with.Identity)}
				if l.State == room.Carried {
					l.Carrier = c.carrierOf(l.By, l.With)
				}
				all = append(all, l)
			}
		}
	}
	c.mu.Lock()
	changed := len(all) != len(c.matrix)
	for i := range all {
		changed = changed || all[i].By != c.matrix[i].By || all[i].With != c.matrix[i].With || all[i].State != c.matrix[i].State ||
			all[i].Carrier != c.matrix[i].Carrier
	}
	c.matrix = all
	c.mu.Unlock()
	if changed && len(members) > 2 {
		c.events.put(LinksChanged{})
	}
}
