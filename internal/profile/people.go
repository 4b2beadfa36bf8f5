package profile

import (
	"bytes"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"
)

// People are those of the list, the latest call first, then by name.
func (s *Store) People() []Person { return slices.Clone(s.now().people) }

// Contacts are those whom the user added or called, in the same order; with them those who are blocked besides.
func (s *Store) Contacts() []Person {
	return slices.DeleteFunc(s.People(), func(p Person) bool { return !p.Contact })
}

// Person finds somebody by the name shown, in any case.
func (s *Store) Person(name string) (Person, bool) {
	return s.find(func(p Person) bool { return strings.EqualFold(p.Name, name) })
}

// PersonOf finds somebody by the remembered identity.
func (s *Store) PersonOf(identity ed25519.PublicKey) (Person, bool) {
	if len(identity) == 0 {
		return Person{}, false
	}
	return s.find(func(p Person) bool { return bytes.Equal(p.Identity, identity) })
}

func (s *Store) find(is func(Person) bool) (Person, bool) {
	people := s.now().people
	i := slices.IndexFunc(people, is)
	if i < 0 {
		return Person{}, false
	}
	return people[i], true
}

// IsContact reports whether somebody of that name, in any case, is a contact and not blocked.
func (s *Store) IsContact(name string) bool {
	p, ok := s.Person(name)
	return ok && p.Contact && !p.Blocked
}

// IsBlocked reports whether a caller is one whom the user has blocked: by the identity, where both are known, else by the name.
func (s *Store) IsBlocked(name string, identity ed25519.PublicKey) bool {
	if known, ok := s.PersonOf(identity); ok {
		return known.Blocked
	}
	_, blocked := s.find(func(p Person) bool {
		if len(p.Identity) > 0 && len(identity) > 0 {
			return p.Blocked && bytes.Equal(p.Identity, identity)
		}
		return p.Blocked && (strings.EqualFold(p.Name, name) || strings.EqualFold(p.Registered, name))
	})
	return blocked
}

// AddPerson makes somebody a contact.
func (s *Store) AddPerson(name string) error {
	_, err := s.AddContact(Person{Name: name})
	return err
}

// AddContact makes somebody a contact, with what is known of them: the name, the identity and where they were found. It tells under
// which name they are shown.
func (s *Store) AddContact(who Person) (shown string, err error) {
	err = s.met(who.Name, who.Identity, func(p *Person) {
		p.Contact = true
		p.pin(who.Identity)
		p.Found.update(who.Found)
		shown = p.Name
	})
	return shown, err
}

// RemovePerson takes somebody off the list, with all that was remembered of them: the identity too.
func (s *Store) RemovePerson(name string) error {
	return s.change(func(tx *sql.Tx) error {
		_, err := tx.Exec("DELETE FROM people WHERE folded = ?", fold(name))
		return err
	})
}

// Rename changes the name by which somebody is shown; ErrNameInUse, ErrNobody.
func (s *Store) Rename(name, shown string) error {
	return s.change(func(tx *sql.Tx) error {
		id, p, err := findPerson(tx, name)
		if err != nil {
			return err
		}
		if other, _, err := findPerson(tx, shown); err == nil && other != id {
			return ErrNameInUse
		} else if err != nil && !errors.Is(err, ErrNobody) {
			return err
		}
		p.Name = bounded(shown)
		return savePerson(tx, id, p)
	})
}

// BlockIdentity blocks whoever has an identity, who comes onto the list under the name if they are not on it.
func (s *Store) BlockIdentity(name string, identity ed25519.PublicKey) error {
	return s.met(name, identity, func(p *Person) { p.Blocked = true })
}

// Block blocks somebody, who is put on the list for that if need be, or lets them in again.
func (s *Store) Block(name string, blocked bool) error {
	return s.met(name, nil, func(p *Person) { p.Blocked = blocked })
}

// Verify notes since when the user has known whose the identity is; the zero time: not any more. It goes by the identity, since
// whoever has the name may have another by now. ErrNobody if nobody on the list has it.
func (s *Store) Verify(identity ed25519.PublicKey, since time.Time) error {
	return s.change(func(tx *sql.Tx) error {
		id, p, err := findIdentity(tx, identity)
		if err != nil {
			return err
		}
		p.Verified = since
		return savePerson(tx, id, p)
	})
}

// Seen notes when somebody on the list was last in a directory.
func (s *Store) Seen(name string, at time.Time) error {
	return s.changePerson(name, func(p *Person) error { p.LastSeen = at; return nil })
}

// Remember notes the identity of somebody on the list, and where they were found. The identity that is remembered already stays:
// another one is ErrOtherIdentity, and nothing is changed. If the identity is that of somebody else on the list, both are one
// person, under the name of that one: a key counts, a name does not.
func (s *Store) Remember(name string, identity ed25519.PublicKey, registered string, where Found) error {
	return s.change(func(tx *sql.Tx) error {
		id, p, err := findPerson(tx, name)
		if err != nil {
			return err
		}
		if p.Identity != nil && len(identity) > 0 && !bytes.Equal(p.Identity, identity) {
			return ErrOtherIdentity
		}
		if ownerID, owner, err := findIdentity(tx, identity); err == nil && ownerID != id {
			if err := owner.absorb(tx, id, p); err != nil {
				return err
			}
			id, p = ownerID, owner
		} else if err != nil && !errors.Is(err, ErrNobody) {
			return err
		}
		p.pin(identity)
		if registered != "" {
			p.Registered = bounded(registered)
		}
		p.Found.update(where)
		return savePerson(tx, id, p)
	})
}

// Call is one that has ended, for the list.
type Call struct {
	Name     string            // as shown, or as the directory spells it
	Identity ed25519.PublicKey // nil: not known
	Found
	At       time.Time
	Outgoing bool
	Missed   bool
}

// RecordCall notes the latest call with somebody. Somebody the user calls becomes a contact, whose identity is remembered if
// none is. A caller becomes nobody else on the list by having their name (see CallerName).
func (s *Store) RecordCall(c Call) error {
	find := meet
	if !c.Outgoing {
		find = meetCaller
	}
	return s.metBy(find, c.Name, c.Identity, func(p *Person) {
		if c.Outgoing && strings.EqualFold(p.Name, c.Name) {
			if strings.EqualFold(p.Registered, p.Name) {
				p.Registered = bounded(c.Name)
			}
			p.Name = bounded(c.Name) // as the directory spells it
		}
		p.pin(c.Identity)
		p.LastCall, p.Outgoing, p.Missed = c.At, c.Outgoing, c.Missed
		p.Contact = p.Contact || c.Outgoing
		p.Found.update(c.Found)
		if c.Directory != "" && c.At.After(p.LastSeen) {
			p.LastSeen = c.At
		}
	})
}

// met changes somebody, who is put on the list if need be.
func (s *Store) met(name string, identity ed25519.PublicKey, f func(*Person)) error {
	return s.metBy(meet, name, identity, f)
}

func (s *Store) metBy(find finder, name string, identity ed25519.PublicKey, f func(*Person)) error {
	return s.change(func(tx *sql.Tx) error {
		id, p, err := find(tx, name, identity)
		if err != nil {
			return err
		}
		f(&p)
		return savePerson(tx, id, p)
	})
}

// changePerson changes somebody who is on the list; ErrNobody.
func (s *Store) changePerson(name string, f func(*Person) error) error {
	return s.change(func(tx *sql.Tx) error {
		id, p, err := findPerson(tx, name)
		if err != nil {
			return err
		}
		if err := f(&p); err != nil {
			return err
		}
		return savePerson(tx, id, p)
	})
}
