package phone

import (
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
type policy struct{ phone *Phone }

// Admit implements mesh.Policy.
func (p policy) Admit(c mesh.FarEnd) mesh.Reason {
	if c.Called {
		return "" // the user chose whom to call
	}
	claims := p.phone.presence.claims(c.PeerID)
	who, accept := p.phone.judge(c.Name, claims), p.phone.accept()
	switch {
	case who == blockedCaller:
		return mesh.Blocked
	case accept == AcceptNone:
		return mesh.Declined
	case who == contactCaller, accept == AcceptAnyone && who != pretender:
		return ""
	}
	if c.Proved {
		p.phone.strangers.note(c, claims)
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
func (p *Phone) judge(name string, claims []claim) callerKind {
	if _, ok := p.contactAmong(claims); ok {
		return contactCaller
	}
	blocked := func(c claim) bool { return p.cfg.Profile.IsBlocked(name, c.identity) }
	if len(claims) == 0 && blocked(claim{}) || slices.ContainsFunc(claims, blocked) {
		return blockedCaller
	}
	known, ok := p.contactNamed(name)
	switch {
	case !ok:
		return stranger
	case known.Identity != nil && len(claims) > 0: // it is none of theirs
		return pretender
	}
	return contactCaller
}

// contactAmong finds the contact among those who have signed the peer ID of a caller.
func (p *Phone) contactAmong(claims []claim) (profile.Person, bool) {
	for _, c := range claims {
		known, ok := p.cfg.Profile.PersonOf(c.identity)
		if !ok { // of a contact who was added by name and never called, the identity may not be known yet
			known, ok = p.contactNamed(c.name)
			ok = ok && known.Identity == nil
		}
		if ok && known.Contact && !known.Blocked {
			return known, true
		}
	}
	return profile.Person{}, false
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
