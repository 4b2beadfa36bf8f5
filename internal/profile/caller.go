package profile

import (
	"bytes"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// CallerName is the name by which a caller is shown: the user's name for whoever has the identity, else the name that they give,
// with a number behind it where that is somebody else's on the list. identity is the one that they have proved; nil: none.
func (s *Store) CallerName(name string, identity ed25519.PublicKey) string {
	if known, ok := s.PersonOf(identity); ok {
		return known.Name
	}
	shown, _ := callerName(bounded(name), identity, func(shown string) (Person, error) {
		if p, ok := s.Person(shown); ok {
			return p, nil
		}
		return Person{}, ErrNobody
	})
	return shown
}

// callerName finds the name for a caller whose identity, if there is one, nobody on the list has. find looks on the list by the
// name shown; ErrNobody.
func callerName(name string, identity ed25519.PublicKey, find func(shown string) (Person, error)) (string, error) {
	for n, shown := 2, name; ; n++ {
		p, err := find(shown)
		switch {
		case errors.Is(err, ErrNobody):
			return shown, nil
		case err != nil:
			return shown, err
		case p.isCaller(name, identity) || n > maxPeople:
			return shown, nil
		}
		shown = fmt.Sprintf("%s (%d)", name, n)
	}
}

// isCaller reports whether the person is one who calls under the name: the same identity, or neither has one.
func (p Person) isCaller(name string, identity ed25519.PublicKey) bool {
	if len(identity) > 0 || p.Identity != nil {
		return bytes.Equal(p.Identity, identity)
	}
	return strings.EqualFold(p.Registered, name)
}

// meetCaller finds somebody who has called, as meet does, but never by the name alone where one of the two has an identity.
func meetCaller(tx *sql.Tx, name string, identity ed25519.PublicKey) (id int64, p Person, err error) {
	name = bounded(name)
	if len(identity) == ed25519.PublicKeySize {
		if id, p, err = findIdentity(tx, identity); err == nil || !errors.Is(err, ErrNobody) {
			return id, p, err
		}
	} else {
		identity = nil
	}
	shown, err := callerName(name, identity, func(shown string) (p Person, err error) {
		id, p, err = findPerson(tx, shown)
		return p, err
	})
	if err != nil {
		return 0, Person{}, err
	}
	if id, p, err = findPerson(tx, shown); errors.Is(err, ErrNobody) {
		return addPerson(tx, Person{Name: shown, Registered: name, Identity: identity})
	}
	return id, p, err
}

// Replace takes another identity for somebody on the list, because the user says that it is theirs. Verified they are only if the
// user has verified that identity before. Whoever else on the list has it becomes one with them, and contact requests
// of that identity are answered; ErrNobody.
func (s *Store) Replace(name string, identity ed25519.PublicKey) error {
	return s.change(func(tx *sql.Tx) error {
		id, p, err := findPerson(tx, name)
		if err != nil {
			return err
		}
		if bytes.Equal(p.Identity, identity) {
			return nil
		}
		p.Identity, p.Verified = bytes.Clone(identity), time.Time{}
		p.Link = "" // it names the former one
		otherID, other, err := findIdentity(tx, identity)
		switch {
		case err == nil:
			p.Verified = other.Verified
			if err := p.absorb(tx, otherID, other); err != nil {
				return err
			}
		case !errors.Is(err, ErrNobody):
			return err
		}
		if _, err := tx.Exec("DELETE FROM requests WHERE identity = ?", []byte(identity)); err != nil {
			return err
		}
		return savePerson(tx, id, p)
	})
}

// absorb takes in another row that has turned out to be the same person. Who was blocked stays blocked. The caller
// saves p.
func (p *Person) absorb(tx *sql.Tx, id int64, other Person) error {
	p.Contact, p.Blocked = p.Contact || other.Contact, p.Blocked || other.Blocked
	if other.LastCall.After(p.LastCall) {
		p.LastCall, p.Outgoing, p.Missed = other.LastCall, other.Outgoing, other.Missed
	}
	if other.LastSeen.After(p.LastSeen) {
		p.LastSeen = other.LastSeen
	}
	found := other.Found
	found.update(p.Found)
	p.Found = found
	_, err := tx.Exec("DELETE FROM people WHERE id = ?", id)
	return err
}
