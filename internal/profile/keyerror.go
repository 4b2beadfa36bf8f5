package profile

import (
	"crypto/ed25519"
	"errors"

	"sundog.dev/sundog/internal/keystore"
)

// KeyError says that the profile's identity key is not to be had now, or not any more. The profile is as it was; no other identity
// takes the key's place unless the user imports one. Its text is a sentence for the user. It unwraps to the reason, an error
// of package keystore.
type KeyError struct {
	Identity ed25519.PublicKey
	Place    keystore.Place
	where    string
	cause    error
}

// restore is the way out of all of these.
const restore = "or bring the key back from an export of it: sundog-headless identity import FILE"

func (e *KeyError) Error() string {
	advice := restore[len("or "):]
	switch {
	case errors.Is(e.cause, keystore.ErrLocked):
		advice = "unlock it and start again, " + restore
	case errors.Is(e.cause, keystore.ErrAbsent):
		advice = "start from the desktop session that has it, " + restore
	case errors.Is(e.cause, keystore.ErrSilent):
		advice = "sign out and in again, " + restore
	case errors.Is(e.cause, keystore.ErrForbidden):
		advice = "start without --keyring off, " + restore
	case errors.Is(e.cause, keystore.ErrGone) && e.Place == keystore.Keyring:
		advice += " (if the profile was copied from another machine or user, export it there); " +
			"to begin with a new identity, use another folder with --profile"
	case errors.Is(e.cause, keystore.ErrGone):
		advice = "put it back, " + restore + "; to begin with a new identity, use another folder with --profile"
	case errors.Is(e.cause, keystore.ErrExposed): // the reason says what to do
		return "the identity key is kept in " + e.where + ", " + e.cause.Error()
	}
	return "the identity key is kept in " + e.where + ", " + e.cause.Error() + "; " + advice
}

func (e *KeyError) Unwrap() error { return e.cause }

func (s *Store) keyError(record keyRecord, cause error) error {
	return &KeyError{Identity: record.public, Place: record.place, where: s.keys.Where(record.place, record.name), cause: cause}
}

// KeptIn describes where the identity key is kept, as the end of a sentence: "the system's keyring", or a file.
func (s *Store) KeptIn() string {
	record, _, err := readKeyRecord(s.reader)
	switch {
	case err != nil || record.public == nil:
		return "no place yet"
	case s.keys == nil:
		return "memory"
	case record.place == inDatabase:
		return "the profile's database"
	}
	return s.keys.Where(record.place, record.name)
}
