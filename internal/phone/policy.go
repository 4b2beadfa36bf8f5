package phone

import (
	"fmt"

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

// policy admits callers by name: this version knows no identity keys yet, so
// a name is as trustworthy as the directory.
type policy struct {
	accept Accept
	people *profile.Store
}

// Admit implements mesh.Policy.
func (p policy) Admit(c mesh.Caller) mesh.Reason {
	switch p.accept {
	case AcceptAnyone:
		return ""
	case AcceptContacts:
		if p.people.IsContact(c.Name) {
			return ""
		}
	}
	return mesh.Declined
}
