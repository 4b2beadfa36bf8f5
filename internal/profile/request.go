package profile

import (
	"crypto/ed25519"
	"database/sql"
	"errors"
	"time"
)

// maxRequests bounds contact requests, so that strangers cannot fill the disk nor the user's time; the oldest goes first.
const maxRequests = 200

// Request is a stranger who called a phone that admits contacts only.
type Request struct {
	ID        int64
	Name      string // what they call themselves
	Identity  ed25519.PublicKey
	Directory string // where the identity was found
	First     time.Time
	Last      time.Time
	Times     int
}

// Requests are those that the user has not answered, the latest first.
func (s *Store) Requests() []Request { return append([]Request(nil), s.now().requests...) }

func readRequests(q querier) (requests []Request, err error) {
	err = each(q, func(scan func(...any) error) error {
		r, err := scanRequest(scan)
		requests = append(requests, r)
		return err
	}, "SELECT "+requestColumns+" FROM requests ORDER BY last DESC, id DESC")
	return requests, err
}

const requestColumns = "id, name, identity, directory, first, last, times"

func scanRequest(scan func(...any) error) (r Request, err error) {
	var identity []byte
	var first, last int64
	err = scan(&r.ID, &r.Name, &identity, &r.Directory, &first, &last, &r.Times)
	if len(identity) == ed25519.PublicKeySize {
		r.Identity = identity
	}
	r.First, r.Last = moment(first), moment(last)
	return r, err
}

// AddRequest notes that a stranger has called. A call by somebody who has called before counts with those; one whose identity has
// become known meanwhile takes the place of the request without it.
func (s *Store) AddRequest(name string, identity ed25519.PublicKey, directory string, at time.Time) error {
	if len(identity) != ed25519.PublicKeySize {
		identity = ed25519.PublicKey{} // not NULL
	}
	name, directory = bounded(name), bounded(directory)
	return s.change(func(tx *sql.Tx) error {
		if len(identity) > 0 {
			_, err := tx.Exec(`UPDATE OR IGNORE requests SET identity = ?, directory = ? WHERE folded = ? AND identity = x''`,
				[]byte(identity), directory, fold(name))
			if err != nil {
				return err
			}
		}
		_, err := tx.Exec(`INSERT INTO requests (name, folded, identity, directory, first, last, times) VALUES (?, ?, ?, ?, ?, ?, 1)
			ON CONFLICT (folded, identity) DO UPDATE SET name = excluded.name, last = excluded.last, times = times + 1`,
			name, fold(name), []byte(identity), directory, stamp(at), stamp(at))
		if err != nil {
			return err
		}
		_, err = tx.Exec(`DELETE FROM requests WHERE id NOT IN (SELECT id FROM requests ORDER BY last DESC, id DESC LIMIT ?)`, maxRequests)
		return err
	})
}

// AcceptRequest makes the stranger a contact, and tells under which name.
func (s *Store) AcceptRequest(id int64) (shown string, err error) {
	err = s.answer(id, func(p *Person) {
		p.Contact, p.Blocked = true, false
		shown = p.Name
	})
	return shown, err
}

// BlockRequest blocks the stranger.
func (s *Store) BlockRequest(id int64) error {
	return s.answer(id, func(p *Person) { p.Blocked = true })
}

// DeclineRequest forgets the request; the stranger may make another.
func (s *Store) DeclineRequest(id int64) error {
	return s.change(func(tx *sql.Tx) error {
		_, err := tx.Exec("DELETE FROM requests WHERE id = ?", id)
		return err
	})
}

// answer takes a request off the list and changes the person who made it; ErrNobody.
func (s *Store) answer(id int64, f func(*Person)) error {
	return s.change(func(tx *sql.Tx) error {
		r, err := scanRequest(tx.QueryRow("SELECT "+requestColumns+" FROM requests WHERE id = ?", id).Scan)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNobody
		}
		if err != nil {
			return err
		}
		find := meet
		if r.Identity == nil {
			find = meetCaller // who has proved nothing is nobody on the list
		}
		row, p, err := find(tx, r.Name, r.Identity)
		if err != nil {
			return err
		}
		p.pin(r.Identity)
		p.Found.update(Found{Directory: r.Directory})
		f(&p)
		if err := savePerson(tx, row, p); err != nil {
			return err
		}
		_, err = tx.Exec("DELETE FROM requests WHERE id = ?", id)
		return err
	})
}
