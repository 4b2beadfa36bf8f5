package phone

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"sundog.dev/sundog/internal/profile"
	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/mesh/trust"
)

// OtherIdentity is that somebody does not show the identity that is remembered for them.
type OtherIdentity struct {
	Name       string    // of whom the user called, or whose name the caller gave, as on the list
	Remembered Identity  // zero: none; somebody else on the list is known by the one shown
	Verified   time.Time // since when the remembered one has been; zero: it is not
	Shown      Identity  // zero: they cannot prove any
	Where      string    // the directory that names the one shown; "": it was shown in the call
}

// OtherIdentity tells of another identity than the remembered one: of a call that was ended for it, or one that a caller shows
// under a contact's name. The choices are to leave it, Phone.CallOnce and Phone.TrustIdentity.
func (c *Call) OtherIdentity() (OtherIdentity, bool) {
	if !c.Incoming() {
		return c.reach.otherIdentity()
	}
	f := farEnd(c.beganWith())
	j := c.phone.judge(f, nil)
	if j.named == nil || j.standing != trust.Changed {
		return OtherIdentity{}, false
	}
	return OtherIdentity{Name: j.named.Name, Remembered: asIdentity(j.named.Identity), Verified: j.named.Verified, Shown: f.Identity}, true
}

// otherSentence tells the user of a call that ended because of an identity.
func (c *Call) otherSentence() string {
	other, ok := c.reach.otherIdentity()
	switch {
	case !ok:
		return c.call.Status().Sentence(c.Name(), c.where)
	case other.Shown == Identity{}:
		return fmt.Sprintf("Whoever answered for %[1]s did not prove the identity that you know, so the call was stopped before anything was sent. "+
			"It may be an old program, or somebody else. Ask %[1]s in another way.", other.Name)
	}
	if owner, known := c.phone.cfg.Profile.PersonOf(other.Shown[:]); known {
		return fmt.Sprintf("Not %[1]s answered but %[2]s, whom you know, so the call was stopped before anything was sent. "+
			"If both are one person, take this identity for %[1]s, too.", other.Name, owner.Name)
	}
	return fmt.Sprintf("Whoever answered for %[1]s shows another identity than the one you know, so the call was stopped before anything was sent. "+
		"Ask %[1]s in another way whether the device or the profile is a new one. Then take the new identity, or call this once without remembering it.", other.Name)
}

// meetCaller notes the identity of a contact who calls for the first time.
func (c *Call) meetCaller() {
	f := farEnd(c.beganWith())
	claims := c.phone.presence.claims(f.PeerID)
	j := c.phone.judge(f, claims)
	if j.standing != trust.FirstSeen || j.person == nil {
		return
	}
	i := slices.IndexFunc(claims, func(signed claim) bool { return bytes.Equal(signed.identity, f.Identity[:]) })
	c.firstSeen(j.person.Name, f.Identity, profile.Found{Directory: claims[i].where})
}

// meetCallee notes the identity of whoever has answered, if the user has called them by the list and none was known. Of somebody
// who is not on the list it is noted with the call.
func (c *Call) meetCallee(m mesh.Member) {
	r := c.reachOf(m)
	if r == nil || c.test || r.wanted.once || m.Identity == nobody || c.call.Status().Reason == mesh.IdentityChanged {
		return
	}
	if _, other := r.otherIdentity(); other {
		return
	}
	list := c.phone.cfg.Profile
	if _, known := list.PersonOf(m.Identity[:]); known {
		return
	}
	c.mu.Lock()
	c.first[m.Identity] = true
	clear(c.impressions)
	c.mu.Unlock()
	if r.wanted.known {
		_, found := r.whom()
		c.firstSeen(r.wanted.shown, m.Identity, found)
	}
}

// firstSeen remembers the identity of somebody on the list.
func (c *Call) firstSeen(shown string, identity Identity, found profile.Found) {
	c.mu.Lock()
	c.first[identity] = true
	c.mu.Unlock()
	if err := c.phone.cfg.Profile.Remember(shown, identity[:], "", found); err != nil {
		c.phone.log.Warn("the identity was not noted", "error", err)
	}
	c.phone.notify()
}
