package phone

import (
	"bytes"
	"slices"
	"time"

	"sundog.dev/sundog/internal/profile"
	"sundog.dev/sundog/mesh"
)

// What the list of people keeps of a call: for each of them when they were last talked with. A conference is so many calls with
// its members, since that is how people look for somebody again; whom the user has called becomes a contact, whom others have
// brought does not.

// record notes a call that has ended, and not before: whom the user meets for the first time stays that for the whole call.
func (p *Phone) record(c *Call, st mesh.Status, began time.Time) {
	c.mu.Lock()
	joined := c.joined
	c.mu.Unlock()
	for _, one := range joined {
		p.recordJoined(c, one)
	}
	if c.test || c.own || c.reach.wanted.once {
		return // or there is nobody else but those of recordJoined
	}
	if c.reach.wanted.intoRoom {
		if !st.Established.IsZero() { // through whom we came in
			p.recordJoined(c, joinedMember{c.beganWith(), began})
		}
		return
	}
	if st.Reason == mesh.UnknownName && !p.cfg.Profile.IsContact(c.Name()) {
		return // a slip of the pen is nobody to remember
	}
	one := profile.Call{
		Name: c.call.Name(), At: began, Outgoing: !c.Incoming(),
		Missed: c.Incoming() && st.Established.IsZero() && st.Reason != mesh.Declined,
	}
	one.Identity, one.Found = c.reach.whom()
	if shown := c.beganWith().Identity; shown != nobody && st.Reason != mesh.IdentityChanged {
		one.Identity = shown[:]
	}
	for _, claim := range p.presence.claims(c.call.PeerID()) {
		if c.Incoming() && bytes.Equal(claim.identity, one.Identity) {
			one.Directory = claim.where
		}
	}
	p.recordCall(one)
}

// joinedMember is somebody who has come into a call, and when.
type joinedMember struct {
	mesh.Member
	at time.Time
}

// memberJoined remembers somebody for record.
func (c *Call) memberJoined(m mesh.Member) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.joined[m.Identity]; known || len(c.joined) < maxNames {
		c.joined[m.Identity] = joinedMember{m, time.Now()}
	}
}

// recordJoined notes somebody who has been in a call.
func (p *Phone) recordJoined(c *Call, m joinedMember) {
	r := c.reachOf(m.Member)
	if m.Identity == nobody || r != nil && r.wanted.once {
		return
	}
	one := profile.Call{Name: m.Name, Identity: m.Identity[:], At: m.at}
	if r != nil && !r.wanted.intoRoom {
		_, one.Found = r.whom()
		one.Outgoing = true
	}
	p.recordCall(one)
}

// memberLeft notes somebody who was called into a call and has not come, and lets go of what calling them needed.
func (c *Call) memberLeft(ev MemberLeft) {
	r := c.reachOf(ev.Member)
	if r == nil || r == c.reach {
		return
	}
	c.mu.Lock()
	_, came := c.joined[ev.Member.Identity]
	c.mu.Unlock()
	if !came && (ev.Reason != mesh.UnknownName || c.phone.cfg.Profile.IsContact(r.wanted.shown)) {
		one := profile.Call{Name: r.wanted.shown, At: time.Now(), Outgoing: true}
		one.Identity, one.Found = r.whom()
		c.phone.recordCall(one)
	}
	c.forgetAdded(r)
	for _, m := range c.call.Members() {
		if m.PeerID == ev.Member.PeerID { // who is in the call by others
			c.mu.Lock()
			c.added = slices.DeleteFunc(c.added, func(o *reach) bool { return o == r })
			c.mu.Unlock()
		}
	}
}

func (p *Phone) recordCall(one profile.Call) {
	if err := p.cfg.Profile.RecordCall(one); err != nil {
		p.log.Error("the call was not noted", "error", err)
	}
	p.presence.rewatch()
	p.notify()
}
