package phone

import (
	"bytes"
	"slices"
	"strings"

	"sundog.dev/sundog/internal/profile"
	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/mesh/trust"
)

// judged is what a caller is to the user.
type judged struct {
	standing trust.Standing  // "" without an identity
	person   *profile.Person // whom it is on the list; nil: nobody
	named    *profile.Person // the contact who has the name and is not known to be the caller; nil: none
	blocked  bool
}

// judge says what a caller is to the user, by the identity that they have proved. claims are those of their peer ID.
//
// The name alone makes nobody of them, with two exceptions. A contact whose identity is not known yet (added by name) is
// whoever has the name in a directory where names belong to somebody, and has signed that the peer ID is theirs. And a
// contact without an identity who calls from an old client, which the user has allowed, can be told by nothing else.
func (p *Phone) judge(f mesh.FarEnd, claims []claim) judged {
	list := p.cfg.Profile
	var identity []byte // nil: none
	if f.Identity != (Identity{}) {
		identity = f.Identity[:]
	}
	j := judged{blocked: list.IsBlocked(f.Name, identity)}
	if owner, ok := list.PersonOf(identity); ok {
		j.person = &owner
	}
	if named, ok := p.contactNamed(f.Name); ok && (j.person == nil || named.Name != j.person.Name) {
		j.named = &named
	}
	var confirmed *profile.Person
	if j.named != nil && j.named.Identity == nil && j.person == nil {
		vouched := slices.ContainsFunc(claims, func(c claim) bool {
			return c.owned && bytes.Equal(c.identity, identity) && strings.EqualFold(c.name, j.named.Registered)
		})
		if vouched || f.OldClient {
			confirmed, j.named = j.named, nil
		}
	}
	if identity == nil {
		j.person = confirmed
		return j
	}
	named := j.named
	switch {
	case confirmed != nil:
		named = confirmed
	case named != nil && named.Identity == nil:
		named = nil // whose name it is, nobody knows
	}
	var who *trust.Acquaintance
	j.standing, who = trust.Judge(f.Identity, acquaintance(j.person), acquaintance(named), false)
	if j.standing == trust.FirstSeen && who != nil {
		j.person = confirmed
	}
	return j
}

// acquaintance is a person on the list as trust.Judge has them.
func acquaintance(p *profile.Person) *trust.Acquaintance {
	if p == nil {
		return nil
	}
	return &trust.Acquaintance{Name: p.Name, Identity: asIdentity(p.Identity), Verified: p.Verified}
}

// contactNamed finds a contact by the name shown, or else by that in directories.
func (p *Phone) contactNamed(name string) (profile.Person, bool) {
	people := slices.DeleteFunc(p.cfg.Profile.Contacts(), func(k profile.Person) bool { return k.Blocked })
	i := slices.IndexFunc(people, func(k profile.Person) bool { return strings.EqualFold(k.Name, name) })
	if i < 0 {
		i = slices.IndexFunc(people, func(k profile.Person) bool { return strings.EqualFold(k.Registered, name) })
	}
	if i < 0 {
		return profile.Person{}, false
	}
	return people[i], true
}
