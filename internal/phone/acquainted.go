package phone

import (
	"slices"
	"strings"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp/flash"
)

// How the members of a call are known: those whom we have called by whom the user wanted, all others by the identity that they
// have proved, and never by the name that they give themselves.

// maxNames bounds the names that are kept of people who have left.
const maxNames = 256

// beganWith is whom the call began with, as last seen; of a conference of our own that is whoever came first.
func (c *Call) beganWith() mesh.Member {
	id := c.call.PeerID()
	members := c.call.Members()
	i := slices.IndexFunc(members, func(m mesh.Member) bool { return m.PeerID == id })
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case i >= 0:
		c.with = members[i]
	case c.with.PeerID != id:
		c.with = mesh.Member{PeerID: id}
	}
	if c.with.Name == "" {
		c.with.Name = c.call.Name()
	}
	return c.with
}

// reachOf is how the user has called a member; nil: they called us, or are in the call by others.
func (c *Call) reachOf(m mesh.Member) *reach {
	c.mu.Lock()
	added := slices.Clone(c.added)
	c.mu.Unlock()
	for _, r := range slices.Backward(added) {
		if id, found := r.peer(); found && id == m.PeerID || m.PeerID == ([32]byte{}) && strings.EqualFold(r.wanted.shown, m.Name) {
			return r
		}
	}
	if !c.Incoming() && !c.own && m.PeerID == c.call.PeerID() {
		return c.reach
	}
	return nil
}

// nameOf is a member's name: the user's for whoever has the identity that they have proved, else the one by which they were called
// or which they give themselves. Whom the user has not called has a number behind it where it is that of somebody else on the list.
func (c *Call) nameOf(m mesh.Member) string {
	name := c.knownAs(m)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.names) > maxNames {
		clear(c.names)
	}
	c.names[m.PeerID] = name
	return name
}

func (c *Call) knownAs(m mesh.Member) string {
	list := c.phone.cfg.Profile
	var identity []byte
	if m.Identity != nobody {
		identity = m.Identity[:]
	}
	r := c.reachOf(m)
	if r == nil {
		if m.Name == "" && identity == nil {
			return ""
		}
		return list.CallerName(m.Name, identity)
	}
	if _, other := r.otherIdentity(); other || r.wanted.once {
		return m.Name // whom the user has called
	}
	if known, ok := list.PersonOf(identity); ok {
		return known.Name
	}
	return m.Name
}

// NameOf is a member's name, as in Participant.
func (c *Call) NameOf(m mesh.Member) string { return c.nameOf(m) }

// NameOfPeer is the name of somebody who is, or was, in the call; "" for nobody.
func (c *Call) NameOfPeer(id flash.PeerID) string {
	for _, m := range c.call.Members() {
		if m.PeerID == id {
			return c.nameOf(m)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.names[id]
}

// farEnd is a member as the policy sees them.
func farEnd(m mesh.Member) mesh.FarEnd {
	return mesh.FarEnd{Name: m.Name, PeerID: m.PeerID, Proved: m.Proved, Identity: m.Identity, OldClient: m.OldClient}
}

// standing is what the identity that a member has proved means to the user.
func (c *Call) standing(m mesh.Member) trust.Standing {
	list := c.phone.cfg.Profile
	var standing trust.Standing
	if r := c.reachOf(m); r == nil {
		standing = c.phone.judge(farEnd(m), nil).standing
	} else {
		var owner, named *trust.Acquaintance
		if p, ok := list.PersonOf(m.Identity[:]); ok {
			owner = acquaintance(&p)
		}
		named = &trust.Acquaintance{Name: r.wanted.shown} // the user has called them, so they are nobody's stranger
		if p, ok := list.Person(r.wanted.shown); ok {
			named = acquaintance(&p)
		}
		standing, _ = trust.Judge(m.Identity, owner, named, true)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if standing == trust.Known && c.first[m.Identity] {
		return trust.FirstSeen // it is remembered since this call
	}
	return standing
}
