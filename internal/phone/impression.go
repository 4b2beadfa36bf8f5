package phone

import (
	"time"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/mesh/trust"
)

// impressionHolds is how long an impression holds at most: what somebody may do with a member changes without a word to us.
const impressionHolds = time.Second

// impression is what a member is to the user. To find that out takes the list of people and the call's goroutine, and People is asked
// several times a second.
type impression struct {
	name     string   // that the member gives
	identity Identity // that they have proved
	changes  uint64   // of the list of people so far
	at       time.Time

	shown     string
	standing  trust.Standing
	verified  time.Time
	removable bool
}

// impressionOf is a member's.
func (c *Call) impressionOf(m mesh.Member) impression {
	now, changes := time.Now(), c.phone.changes.Load()
	c.mu.Lock()
	i, ok := c.impressions[m.PeerID]
	c.mu.Unlock()
	if ok && i.name == m.Name && i.identity == m.Identity && i.changes == changes && now.Sub(i.at) < impressionHolds {
		return i
	}
	i = impression{name: m.Name, identity: m.Identity, changes: changes, at: now, shown: c.nameOf(m)}
	if m.Identity != nobody {
		i.standing, i.removable = c.standing(m), c.call.MayRemove(m.Identity)
		if owner, ok := c.phone.cfg.Profile.PersonOf(m.Identity[:]); ok {
			i.verified = owner.Verified
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.impressions) > maxNames {
		clear(c.impressions)
	}
	c.impressions[m.PeerID] = i
	return i
}
