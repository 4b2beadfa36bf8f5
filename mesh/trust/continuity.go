package trust

import "time"

// Acquaintance is what the phone remembers of a person.
type Acquaintance struct {
	Name     string    // the user's name for them
	Identity Identity  // zero: none remembered
	Verified time.Time // since when the user has known that the identity is theirs; zero: not
}

// Standing is what an identity that a session has proved means to the user.
type Standing string

// The standings.
const (
	// Stranger: neither the identity nor the name is known.
	Stranger Standing = "stranger"
	// FirstSeen: a person of whom no identity was remembered. This one is from now on.
	FirstSeen Standing = "first_seen"
	// Known: the identity that is remembered. The same person as before, whoever that is.
	Known Standing = "known"
	// Verified: known, and the user has found out whose it is.
	Verified Standing = "verified"
	// Changed: another identity than the one remembered for that person. The call stops until the user has decided.
	Changed Standing = "changed"
)

// Judge compares a proved identity with what is remembered. owner is whoever this identity is remembered for, named is whoever
// has the name: the one that the user calls, or the one whose name a caller gives. Either may be nil. called says that
// the user calls. It returns the person whose name is to be shown; nil: the far end's own name, marked as such.
//
// Identities count and names do not: a known person under another name stays that person, and somebody else under
// a known name does not become that person.
func Judge(proved Identity, owner, named *Acquaintance, called bool) (Standing, *Acquaintance) {
	if owner != nil && owner.Identity != proved {
		owner = nil
	}
	other := named != nil && named.Identity != (Identity{}) && named.Identity != proved
	switch {
	case called && other:
		return Changed, named // whoever has answered, it is not who was called
	case owner != nil && !owner.Verified.IsZero():
		return Verified, owner
	case owner != nil:
		return Known, owner
	case other:
		return Changed, named
	case named == nil:
		return Stranger, nil
	case named.Identity == proved && !named.Verified.IsZero():
		return Verified, named
	case named.Identity == proved:
		return Known, named
	}
	return FirstSeen, named
}

// Replace is the person with another identity, because the user has said so. What was verified was the former one.
func (a Acquaintance) Replace(i Identity) Acquaintance {
	if a.Identity != i {
		a.Identity, a.Verified = i, time.Time{}
	}
	return a
}

// Confirm is the person after the strings have matched. The first time counts.
func (a Acquaintance) Confirm(now time.Time) Acquaintance {
	if a.Verified.IsZero() {
		a.Verified = now
	}
	return a
}
