package profile

import (
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Errors of Open (errors.Is); their texts are for the user.
var (
	// ErrDamaged says that the profile cannot be read as one. Nothing of it was changed.
	ErrDamaged = errors.New("the profile is damaged")
	// ErrNewer says that a later version of the program has written the profile.
	ErrNewer = errors.New("a later version of the program has written the profile; use that one, or another folder with --profile")
	// ErrIdentityKept says that the profile has an identity and was told to take another.
	ErrIdentityKept = errors.New("the profile has an identity of its own already, by which others know it")
)

// refusal is an error that says why a change cannot be, in a sentence: nothing is wrong with the database.
type refusal string

func (e refusal) Error() string { return string(e) }

// Refusals (errors.Is).
const (
	// ErrOtherIdentity says that another identity key is remembered for somebody.
	ErrOtherIdentity = refusal("another identity key is remembered for that person")
	// ErrNobody says that there is no such person or request, or not any more.
	ErrNobody = refusal("that person is not in the list any more")
	// ErrNameInUse says that somebody else is shown under that name.
	ErrNameInUse = refusal("somebody else in the list has that name")
)

// check looks for damage: a database's pages and indices are compared with each other. It takes a few milliseconds.
func (s *Store) check() error {
	var verdict string
	if err := s.db.QueryRow("PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return damage(verdict)
	}
	return nil
}

// damage says what is damaged.
type damage string

func (e damage) Error() string { return string(e) }

// failed tells a damaged file from other errors, with what to do about it.
func (s *Store) failed(err error) error {
	var what damage
	var e *sqlite.Error
	var key *KeyError
	damaged := errors.As(err, &what)
	if errors.As(err, &e) {
		primary := e.Code() & 0xff // the rest are SQLite's extended result codes
		damaged = damaged || primary == sqlite3.SQLITE_CORRUPT || primary == sqlite3.SQLITE_NOTADB
	}
	switch {
	case damaged:
		return &damagedError{path: s.path, cause: err}
	case errors.Is(err, ErrNewer), errors.Is(err, ErrIdentityKept), errors.Is(err, errOvertaken), errors.As(err, &key):
		return err
	}
	return fmt.Errorf("the profile %s cannot be used: %w", s.path, err)
}

type damagedError struct {
	path  string
	cause error
}

func (e *damagedError) Error() string {
	return fmt.Sprintf("the profile %s is damaged (%v); move it away to start anew", e.path, e.cause)
}

func (e *damagedError) Is(target error) bool { return target == ErrDamaged }
func (e *damagedError) Unwrap() error        { return e.cause }
