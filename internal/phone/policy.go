package phone

import (
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"

	"sundog.dev/sundog/internal/profile"
	"sundog.dev/sundog/mesh"
)

// Accept says who may ring.
type Accept string

// The choices for Accept.
const (
	AcceptContacts Accept = "contacts" // people whom the user called or added
	AcceptAnyone   Accept = "anyone"
	AcceptNone     Accept = "none"
)

// ParseAccept reads a choice for Accept.
func ParseAccept(s string) (Accept, error) {
	switch a := Accept(s); a {
	case AcceptContacts, AcceptAnyone, AcceptNone:
		return a, nil
	}
	return "", fmt.Errorf("--accept is contacts, anyone or none, not %q", s)
}

// policy admits callers: those who are blocked never, contacts by their name, and by their identity where a directory has told
// whose the peer ID is. It does not wait for a directory, so at first a name is as trustworthy as whoever uses it.
type policy struct {
	phone  *Phone
	accept Accept
}

// Admit implements mesh.Policy.
func (p policy) Admit(c mesh.Caller) mesh.Reason {
	claims, where := p.phone.presence.claims(c.PeerID)
	who := p.phone.judge(c.Name, claims)
	switch {
	case who == blockedCaller:
		return mesh.Blocked
	case p.accept == AcceptNone:
		return mesh.Declined
	case who == contactCaller, p.accept == AcceptAnyone && who != pretender:
		return ""
	}
	if c.Proved {
		p.phone.strangers.note(c, claims, where)
	}
	return mesh.Declined
}

// callerKind is what the list says of a caller.
type callerKind int

const (
	stranger callerKind = iota
	contactCaller
	blockedCaller
	pretender // has a contact's name, and a peer ID that others have signed and that contact has not
)

// judge says what a caller is to us, by the name and those who have signed the peer ID to be theirs.
func (p *Phone) judge(name string, claims []ed25519.PublicKey) callerKind {
	list := p.cfg.Profile
	for _, identity := range claims {
		if known, ok := list.PersonOf(identity); ok && known.Contact && !known.Blocked {
			return contactCaller
		}
	}
	if len(claims) == 0 {
		claims = []ed25519.PublicKey{nil}
	}
	if slices.ContainsFunc(claims, func(identity ed25519.PublicKey) bool { return list.IsBlocked(name, identity) }) {
		return blockedCaller
	}
	known, ok := p.contactNamed(name)
	switch {
	case !ok:
		return stranger
	case known.Identity != nil && claims[0] != nil: // it is none of theirs
		return pretender
	}
	return contactCaller
}

// contactNamed finds a contact by the name shown or by that in directories.
func (p *Phone) contactNamed(name string) (profile.Person, bool) {
	people := p.cfg.Profile.Contacts()
	i := slices.IndexFunc(people, func(k profile.Person) bool {
		return !k.Blocked && (strings.EqualFold(k.Name, name) || strings.EqualFold(k.Registered, name))
	})
	if i < 0 {
		return profile.Person{}, false
	}
	return people[i], true
}
