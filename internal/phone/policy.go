package phone

import (
	"fmt"

	"sundog.dev/sundog/mesh"
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
	case !f.Proved, f.Identity == Identity{} && !f.OldClient:
		return p.announced(f)
	}
	accept, allowOld := p.phone.policies()
	j := p.phone.judge(f, p.phone.presence.claims(f.PeerID))
	switch {
	case j.blocked:
		return mesh.Blocked
	case f.Member:
		return "" // whom the members of a conference have let in
	case accept == AcceptNone:
		return mesh.Declined
	case f.OldClient && !allowOld:
		return mesh.TooOld
	case j.mayRing(accept):
		return ""
	}
	p.phone.strangers.note(f)
	return mesh.Declined
}

// announced decides about a caller of whom there is a name and no proof yet: whether to open a session, which shows our address,
// so that they can prove who they are.
func (p policy) announced(f mesh.FarEnd) mesh.Reason {
	accept, allowOld := p.phone.policies()
	list := p.phone.cfg.Profile
	claims := p.phone.presence.claims(f.PeerID)
	likely := accept == AcceptAnyone
	for _, c := range claims {
		if known, ok := list.PersonOf(c.identity); ok && known.Contact && !known.Blocked {
			likely = likely || accept == AcceptContacts || accept == AcceptVerified && !known.Verified.IsZero()
		}
	}
	if named, ok := p.phone.contactNamed(f.Name); ok {
		likely = likely || accept == AcceptContacts || accept == AcceptVerified && !named.Verified.IsZero()
	}
	switch {
	case len(claims) == 0 && list.IsBlocked(f.Name, nil):
		return mesh.Blocked
	case accept == AcceptNone || !likely:
		return mesh.Declined
	case !allowOld:
		return mesh.NeedsProof
	}
	return ""
}

// answers decides about whoever answers our call, or calls us at the same moment: the identity must be that which the user
// knows, or which the link or the directory names.
func (p policy) answers(r *reach, f mesh.FarEnd) mesh.Reason {
	if r.test {
		return ""
	}
	none := Identity{}
	expected := r.expected()
	remembered := r.remembered(p.phone.cfg.Profile)
	nothing := !f.OldClient && f.Identity == none // it speaks our signals, or has not answered yet
	switch {
	case nothing && (!f.Proved || expected == none):
		return mesh.NeedsProof
	case r.wanted.once && (f.Identity == expected || remembered != none && f.Identity == remembered):
		return ""
	case r.wanted.once, expected != none && f.Identity != expected:
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

// mayRing reports whether a caller may.
func (j judged) mayRing(accept Accept) bool {
	contact := j.person != nil && j.person.Contact
	switch accept {
	case AcceptAnyone:
		return true
	case AcceptContacts:
		return contact
	case AcceptVerified:
		return contact && j.standing == trust.Verified
	case AcceptNone:
	}
	return false
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
