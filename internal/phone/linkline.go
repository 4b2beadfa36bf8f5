package phone

import (
	"time"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/mesh/room"
)

// LinkLine is what one member of a conference says of his connection with another. By and With may be ourselves.
type LinkLine struct {
	By, With         Identity
	ByName, WithName string // as in Participant; "" for ourselves
	ByID, WithID     string // as in Participant; our own peer ID for ourselves
	State            LinkState
	RTT              time.Duration // 0: unknown
	Loss             float64       // 0 to 1
	Carrier          Identity      // of LinkCarried: by way of whom; zero: not known
}

// LinkState is the state of a link.
type LinkState string

// The states of links.
const (
	LinkNone       LinkState = "none"
	LinkConnecting LinkState = "connecting"
	LinkUp         LinkState = "up"     // hears him
	LinkBroken     LinkState = "broken" // has heard him, and it is tried again
	LinkCarried    LinkState = "carried"
)

var linkStates = map[room.LinkState]LinkState{
	room.NoLink: LinkNone, room.Connecting: LinkConnecting, room.Up: LinkUp, room.Broken: LinkBroken, room.Carried: LinkCarried,
}

// LinksChanged is the event of links that stand differently.
type LinksChanged = mesh.LinksChanged

// Links are who hears whom in a conference, each pair from both sides. Empty in a call that is none.
func (c *Call) Links() []LinkLine {
	type who struct{ name, id string }
	own := c.phone.ownIdentity()
	people := map[Identity]who{own: {"", c.ownID()}}
	for _, m := range c.call.Members() {
		if m.Identity != nobody {
			people[m.Identity] = who{c.nameOf(m), c.idOf(m)}
		}
	}
	var all []LinkLine
	for _, l := range c.call.Links() {
		by, with := people[l.By], people[l.With]
		all = append(all, LinkLine{
			By: l.By, With: l.With, ByName: by.name, WithName: with.name, ByID: by.id, WithID: with.id,
			State: linkStates[l.State], RTT: l.RTT, Loss: l.Loss, Carrier: l.Carrier,
		})
	}
	return all
}
