package phone

import (
	"bytes"
	"time"

	"sundog.dev/sundog/internal/profile"
	"sundog.dev/sundog/mesh"
)

// record notes a call that ended in the list of people.
func (p *Phone) record(c *Call, st mesh.Status, began time.Time) {
	if c.test || c.reach.wanted.once {
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
	if shown := farEnd(c.call).Identity; shown != (Identity{}) && st.Reason != mesh.IdentityChanged {
		one.Identity = shown[:]
	}
	for _, claim := range p.presence.claims(c.call.PeerID()) {
		if c.Incoming() && bytes.Equal(claim.identity, one.Identity) {
			one.Directory = claim.where
		}
	}
	err := p.cfg.Profile.RecordCall(one)
	if err != nil {
		p.log.Error("the call was not noted", "error", err)
	}
	p.presence.rewatch()
	p.notify()
}
