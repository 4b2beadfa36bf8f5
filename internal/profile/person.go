package profile

import (
	"crypto/ed25519"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	// maxPeople bounds the list; of those who are neither contacts nor blocked, the one called longest ago goes first.
	maxPeople = 5000
	// maxText bounds each text that others choose, in bytes: as long as any name, address or link of a directory.
	maxText = 512
)

// Person is somebody called, added or blocked, or who has called.
type Person struct {
	// Name is shown to the user, and no two people have the same (in any case).
	Name string
	// Registered is the name in directories.
	Registered string
	// Identity is the remembered key; nil: not known yet.
	Identity ed25519.PublicKey
	Found
	Contact  bool      // the user added or called them; such people may call a phone that admits contacts
	Blocked  bool      // they may not, contact or not
	Verified time.Time // since when the user has known that the identity is theirs; zero: not
	LastSeen time.Time // in a directory
	LastCall time.Time
	Outgoing bool // of the last call
	Missed   bool // of the last call
}

// Found says where somebody was found.
type Found struct {
	Directory  string // of this name
	Rendezvous string // the service of their record, rtmfp://…
	Link       string // the sundog: link they were called or added by
}

// update takes what is said anew.
func (f *Found) update(news Found) {
	for _, c := range []struct{ old, fresh *string }{
		{&f.Directory, &news.Directory}, {&f.Rendezvous, &news.Rendezvous}, {&f.Link, &news.Link},
	} {
		if *c.fresh != "" {
			*c.old = bounded(*c.fresh)
		}
	}
}

// fold makes names equal that differ in case only (as strings.EqualFold has it).
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, name)
}

// bounded cuts a text that others chose.
func bounded(text string) string {
	text = strings.ToValidUTF8(text, "")
	if len(text) <= maxText {
		return text
	}
	end := maxText
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

const personColumns = `id, name, registered, identity, directory, rendezvous, link, contact, blocked,
	verified, last_seen, last_call, outgoing, missed`

func scanPerson(scan func(...any) error) (id int64, p Person, err error) {
	var identity []byte
	var verified, seen, called int64
	err = scan(&id, &p.Name, &p.Registered, &identity, &p.Directory, &p.Rendezvous, &p.Link, &p.Contact, &p.Blocked,
		&verified, &seen, &called, &p.Outgoing, &p.Missed)
	if len(identity) == ed25519.PublicKeySize {
		p.Identity = identity
	}
	if p.Registered == "" {
		p.Registered = p.Name
	}
	p.Verified, p.LastSeen, p.LastCall = moment(verified), moment(seen), moment(called)
	return id, p, err
}

func readPeople(q querier) (people []Person, err error) {
	err = each(q, func(scan func(...any) error) error {
		_, p, err := scanPerson(scan)
		people = append(people, p)
		return err
	}, "SELECT "+personColumns+" FROM people ORDER BY id")
	slices.SortStableFunc(people, func(a, b Person) int {
		if c := b.LastCall.Compare(a.LastCall); c != 0 {
			return c
		}
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return people, err
}

// findPerson finds by the name shown; ErrNobody.
func findPerson(q querier, name string) (id int64, p Person, err error) {
	return onePerson(q, "folded = ?", fold(name))
}

// findIdentity finds by the remembered key; ErrNobody.
func findIdentity(q querier, identity ed25519.PublicKey) (id int64, p Person, err error) {
	return onePerson(q, "identity = ?", []byte(identity))
}

func onePerson(q querier, where string, arg any) (id int64, p Person, err error) {
	id, p, err = scanPerson(q.QueryRow("SELECT "+personColumns+" FROM people WHERE "+where, arg).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNobody
	}
	return id, p, err
}

// finder finds somebody for a change, or makes a row for them.
type finder func(tx *sql.Tx, name string, identity ed25519.PublicKey) (id int64, p Person, err error)

// meet finds somebody: by the identity, if one is given; else, and where that person's identity is not known yet, by the name.
// Somebody new gets a row, under a name that nobody else is shown by. To remember the identity of somebody who had none is the
// caller's to decide (pin).
func meet(tx *sql.Tx, name string, identity ed25519.PublicKey) (id int64, p Person, err error) {
	name = bounded(name)
	if len(identity) == ed25519.PublicKeySize {
		if id, p, err = findIdentity(tx, identity); err == nil || !errors.Is(err, ErrNobody) {
			return id, p, err
		}
	} else {
		identity = nil
	}
	id, p, err = findPerson(tx, name)
	switch {
	case errors.Is(err, ErrNobody):
		return addPerson(tx, Person{Name: name, Registered: name, Identity: identity})
	case err != nil || identity == nil || p.Identity == nil:
		return id, p, err
	}
	// Somebody of the same name is known by another key.
	return meetCaller(tx, name, identity)
}

// pin remembers the identity of somebody who has none yet.
func (p *Person) pin(identity ed25519.PublicKey) {
	if p.Identity == nil && len(identity) == ed25519.PublicKeySize {
		p.Identity = identity
	}
}

// addPerson adds a row, and takes one away where there are too many.
func addPerson(tx *sql.Tx, p Person) (int64, Person, error) {
	var count int
	if err := tx.QueryRow("SELECT count(*) FROM people").Scan(&count); err != nil {
		return 0, p, err
	}
	if over := count + 1 - maxPeople; over > 0 {
		_, err := tx.Exec(`DELETE FROM people WHERE id IN (SELECT id FROM people
			ORDER BY contact OR blocked, last_call, id LIMIT ?)`, over)
		if err != nil {
			return 0, p, err
		}
	}
	r, err := tx.Exec("INSERT INTO people (name, folded) VALUES (?, ?)", p.Name, fold(p.Name))
	if err != nil {
		return 0, p, err
	}
	id, err := r.LastInsertId()
	return id, p, err
}

// savePerson writes a row.
func savePerson(tx *sql.Tx, id int64, p Person) error {
	var identity any
	if p.Identity != nil {
		identity = []byte(p.Identity)
	}
	registered := p.Registered
	if registered == p.Name {
		registered = ""
	}
	_, err := tx.Exec(`UPDATE people SET name = ?, folded = ?, registered = ?, identity = ?, directory = ?, rendezvous = ?, link = ?,
		contact = ?, blocked = ?, verified = ?, last_seen = ?, last_call = ?, outgoing = ?, missed = ? WHERE id = ?`,
		p.Name, fold(p.Name), registered, identity, p.Directory, p.Rendezvous, p.Link, p.Contact, p.Blocked,
		stamp(p.Verified), stamp(p.LastSeen), stamp(p.LastCall), p.Outgoing, p.Missed, id)
	return err
}
