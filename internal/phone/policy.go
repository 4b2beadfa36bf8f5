package phone

import (
	"fmt"

	"sundog.dev/sundog/internal/profile"
	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/mesh/room"
	"sundog.dev/sundog/mesh/trust"
)

// Accept says who may ring.
type Accept string

// The choices for Accept.
const (
	AcceptContacts Accept = "contacts" // people whom the user called or added
	AcceptVerified Accept = "verified" // those of them whose identity the user has verified
	AcceptAnyone   Accept = "anyone"
	AcceptNone     Accept = "none"
)

// ParseAccept reads a choice for Accept.
func ParseAccept(s string) (Accept, error) {
	switch a := Accept(s); a {
	case AcceptContacts, AcceptVerified, AcceptAnyone, AcceptNone:
		return a, nil
	}
	return "", fmt.Errorf("--accept is contacts, verified, anyone or none, not %q", s)
}

// The choices for old clients.
const (
	OldClientsRefuse = "refuse"
	OldClientsAllow  = "allow"
)

// The choices for the comparison of short strings.
const (
	VerifyAuto = "auto" // in each call
	VerifyOff  = "off"  // when the user asks for it
)

// ParseOldClients reads whether programs that cannot prove an identity are talked to.
func ParseOldClients(s string) (allow bool, err error) {
	if s != OldClientsAllow && s != OldClientsRefuse {
		return false, fmt.Errorf("--old-clients is refuse or allow, not %q", s)
	}
	return s == OldClientsAllow, nil
}

// onPeerConnect is what the choice means: who may ring, and who may be connected to us as another member of a call that we are in. To
// ring is to ask the user, so Ask lets somebody ring.
func (a Accept) onPeerConnect() room.PeerPolicy {
	switch a {
	case AcceptAnyone:
		return room.Anyone
	case AcceptContacts:
		return room.AnyOf(room.ContactsOnly, room.MembersOnly)
	case AcceptVerified:
		return room.AnyOf(room.VerifiedOnly, room.MembersOnly)
	case AcceptNone:
	}
	return room.MembersOnly
}

// policy decides with whom the phone talks: by the identity that the far end has proved, and never by a name. It does not wait for a
// directory nor for the disk.
type policy struct{ phone *Phone }

// Admit implements mesh.Policy.
func (p policy) Admit(f mesh.FarEnd) mesh.Reason {
	if r := p.phone.calling.to(f); r != nil {
		return p.answers(r, f)
	}
	switch {
	case f.Called:
		return mesh.Declined // the call is over
	case !f.Proved, f.Identity == nobody && !f.OldClient:
		return p.announced(f)
	}
	accept, allowOld := p.phone.policies()
	peer := p.phone.judge(f, p.phone.presence.claims(f.PeerID)).farPeer(f)
	switch decision := accept.onPeerConnect().OnPeerConnect(peer); {
	case peer.Blocked:
		return mesh.Blocked
	case f.Member && decision != room.Refuse:
		return "" // whom the members of a conference have let in
	case accept == AcceptNone:
		return mesh.Declined
	case f.OldClient && !allowOld:
		return mesh.TooOld
	case decision != room.Refuse:
		return ""
	}
	p.phone.strangers.note(f)
	return mesh.Declined
}

// farPeer is a caller as policies have them.
func (j judged) farPeer(f mesh.FarEnd) room.FarPeer {
	contact := j.person != nil && j.person.Contact
	return room.FarPeer{
		Identity: f.Identity, OldClient: f.OldClient, Named: f.OldClient && contact, Blocked: j.blocked,
		Contact: contact, Verified: j.standing == trust.Verified, Changed: j.standing == trust.Changed, Member: f.Member,
	}
}

// announced decides about a caller of whom there is a name and no proof yet: whether to open a session, which shows our address,
// so that they can prove who they are. They may, if somebody who has that name, or has signed their peer ID, might ring.
func (p policy) announced(f mesh.FarEnd) mesh.Reason {
	accept, allowOld := p.phone.policies()
	list := p.phone.cfg.Profile
	claims := p.phone.presence.claims(f.PeerID)
	likely := accept == AcceptAnyone
	for _, c := range claims {
		known, ok := list.PersonOf(c.identity)
		likely = likely || ok && accept.mayRingOnceProved(known)
	}
	if named, ok := p.phone.contactNamed(f.Name); ok {
		likely = likely || accept.mayRingOnceProved(named)
	}
	switch {
	case len(claims) == 0 && list.IsBlocked(f.Name, nil):
		return mesh.Blocked
	case !likely:
		return mesh.Declined
	case !allowOld:
		return mesh.NeedsProof
	}
	return ""
}

// mayRingOnceProved reports whether somebody on the list may ring who proves to be them.
func (a Accept) mayRingOnceProved(k profile.Person) bool {
	identity := asIdentity(k.Identity)
	if identity == nobody {
		identity = Identity{1} // whichever it will be
	}
	peer := room.FarPeer{Identity: identity, Contact: k.Contact, Verified: !k.Verified.IsZero(), Blocked: k.Blocked}
	return a.onPeerConnect().OnPeerConnect(peer) != room.Refuse
}

// answers decides about whoever answers our call, or calls us at the same moment: the identity must be that which the user
// knows, or which the link or the directory names.
func (p policy) answers(r *reach, f mesh.FarEnd) mesh.Reason {
	if r.test {
		return ""
	}
	expected := r.expected()
	remembered := r.remembered(p.phone.cfg.Profile)
	nothing := !f.OldClient && f.Identity == nobody // it speaks our signals, or has not answered yet
	switch {
	case nothing && (!f.Proved || expected == nobody):
		return mesh.NeedsProof
	case r.wanted.once && (f.Identity == expected || remembered != nobody && f.Identity == remembered):
		return ""
	case r.wanted.once, expected != nobody && f.Identity != expected:
		r.noteOther(p.phone.cfg.Profile, f.Identity)
		return mesh.IdentityChanged
	case f.OldClient:
		if _, allow := p.phone.policies(); !allow {
			return mesh.TooOld
		}
		return ""
	}
	owner, ok := p.phone.cfg.Profile.PersonOf(f.Identity[:])
	if ok && owner.Name != r.wanted.shown && (r.wanted.known || owner.Blocked) {
		r.noteOther(p.phone.cfg.Profile, f.Identity)
		return mesh.IdentityChanged
	}
	return ""
}

// SetAccept says who may ring from now on.
func (p *Phone) SetAccept(a Accept) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cfg.Accept = a
}

// SetOldClients says whether the phone talks to programs that cannot prove an identity, from now on.
func (p *Phone) SetOldClients(allow bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cfg.OldClients = allow
}

// policies are what the user has chosen.
func (p *Phone) policies() (accept Accept, oldClients bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cfg.Accept, p.cfg.OldClients
}
