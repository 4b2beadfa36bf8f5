package profile

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"

	"sundog.dev/sundog/internal/keystore"
)

// How a key comes to its place, and goes from one to another: a copy is written to the new place and read back; then one
// transaction makes that the profile's, if the record is still what it was; then the old copy is removed. So a crash leaves the key
// where the record says it is, with at most a second copy besides, and of two processes that start at once one decides. The
// database is not locked while the keyring, which may ask the user, is waited for.

// keyFolder is where key files are, in the profile's folder.
const keyFolder = "identity"

// maxKeyTries bounds how often the record may be changed by others while we act on it: each change is one that the user asked for.
const maxKeyTries = 5

// settleKey reads the identity key, or makes it at first start, and moves one out of the database.
func (s *Store) settleKey() error {
	given := s.opening.identity
	s.opening.identity = nil // whoever prints the store shall not see it
	for range maxKeyTries {
		record, residue, err := readKeyRecord(s.reader)
		if err != nil {
			return err
		}
		s.public = record.public
		switch {
		case s.opening.withoutKey:
			return nil
		case record.public == nil:
			record, s.key, err = s.firstKey(given)
			if errors.Is(err, errOvertaken) {
				continue
			}
			s.public = record.public
			return err
		}
		s.reached("found")
		key, err := s.recordedKey(record)
		if err != nil {
			if now, _, again := readKeyRecord(s.reader); again == nil && !now.equal(record) {
				continue // it was moved meanwhile
			}
			return err
		}
		if given != nil && !given.Equal(key) {
			return ErrIdentityKept
		}
		s.key = identityKey{key}
		if record.place == inDatabase && s.keys != nil {
			// A key that can be kept nowhere else stays where it was.
			if s.moveKey(record, key, s.keys.Keep) == nil {
				residue = true
			}
		}
		if residue {
			s.wipe()
		}
		return nil
	}
	return errOvertaken
}

// errOvertaken says that another process has changed the identity meanwhile.
var errOvertaken = errors.New("another program is changing the identity of this profile; try again")

// firstKey makes the identity of a profile that has none: a fresh one, or the one given.
func (s *Store) firstKey(key ed25519.PrivateKey) (keyRecord, identityKey, error) {
	if key == nil {
		var err error
		if _, key, err = ed25519.GenerateKey(nil); err != nil {
			return keyRecord{}, identityKey{}, err
		}
	}
	record, err := s.placeKey(keyRecord{}, key, nil)
	return record, identityKey{key}, err
}

// placeKey keeps the key of another identity than the one recorded, if one is, and makes it the profile's, together with what
// besides does. The old key is where it was.
func (s *Store) placeKey(from keyRecord, key ed25519.PrivateKey, besides func(*sql.Tx) error) (keyRecord, error) {
	public, _ := key.Public().(ed25519.PublicKey)
	to := newKeyRecord(public, inDatabase)
	if s.keys != nil {
		var err error
		if to.place, err = s.keys.Keep(context.Background(), to.name, key.Seed()); err != nil {
			return to, fmt.Errorf("the identity key cannot be kept: %w", err)
		}
	}
	s.reached("kept")
	err := s.transaction(func(tx *sql.Tx) error {
		if to.place == inDatabase {
			_, err := tx.Exec("INSERT OR REPLACE INTO secrets (name, value) VALUES (?, ?)", identitySecret, key.Seed())
			if err != nil {
				return err
			}
		}
		return takeRecord(tx, from, to, besides)
	})
	s.reached("recorded")
	if err != nil {
		s.discardKey(to)
	}
	return to, err
}

// moveKey takes the key that is recorded to another place, by keep, and removes it from where it was.
func (s *Store) moveKey(from keyRecord, key ed25519.PrivateKey, keep func(context.Context, string, []byte) (keystore.Place, error)) error {
	to := from
	var err error
	if to.place, err = keep(context.Background(), to.name, key.Seed()); err != nil || to.equal(from) {
		return err
	}
	s.reached("kept")
	err = s.transaction(func(tx *sql.Tx) error { return takeRecord(tx, from, to, nil) })
	s.reached("recorded")
	if err == nil {
		s.forgetKey(from)
	} else {
		s.discardKey(to)
	}
	return err
}

// discardKey removes a copy that was not recorded: if that is certain, since an error of a commit says little.
func (s *Store) discardKey(record keyRecord) {
	if is, _, err := readKeyRecord(s.reader); err == nil && !is.equal(record) {
		s.forgetKey(record)
	}
}

func takeRecord(tx *sql.Tx, from, to keyRecord, besides func(*sql.Tx) error) error {
	replaced, err := replaceKeyRecord(tx, from, to)
	if err == nil && !replaced {
		err = errOvertaken
	}
	if err == nil && besides != nil {
		err = besides(tx)
	}
	return err
}

// recordedKey reads the key that is recorded; *KeyError.
func (s *Store) recordedKey(record keyRecord) (ed25519.PrivateKey, error) {
	var key ed25519.PrivateKey
	var err error
	if record.place == inDatabase {
		key, err = readSecretKey(s.reader)
		if err == nil && key == nil {
			err = damage("its identity key is missing")
		}
		if err != nil {
			return nil, err
		}
	} else {
		seed, err := s.keys.Read(context.Background(), record.place, record.name)
		if err == nil && len(seed) != ed25519.SeedSize {
			err = keystore.ErrDamaged
		}
		if err != nil {
			return nil, s.keyError(record, err)
		}
		key = ed25519.NewKeyFromSeed(seed)
	}
	if !record.public.Equal(key.Public()) {
		return nil, s.keyError(record, keystore.ErrDamaged)
	}
	return key, nil
}

// forgetKey removes a copy that is not the profile's any more, if that is possible: the next one who wants it is the user.
func (s *Store) forgetKey(record keyRecord) {
	if record.place != inDatabase && s.keys != nil {
		_ = s.keys.Forget(context.Background(), record.place, record.name)
	}
}

// wipe removes what is left of a key that was in the database: from free pages, by writing the whole file anew, and from the
// journal. What fails, as while another process reads, is done at the next start. (What a disk keeps of overwritten files is beyond
// us.)
func (s *Store) wipe() {
	var busy, frames, moved int
	for _, statement := range []string{
		"PRAGMA temp_store = MEMORY", // the copy that VACUUM makes has passwords in it
		"VACUUM",
		"PRAGMA wal_checkpoint(TRUNCATE)",
	} {
		err := s.db.QueryRow(statement).Scan(&busy, &frames, &moved)
		if err != nil && !errors.Is(err, sql.ErrNoRows) || busy != 0 {
			return
		}
	}
	s.reached("wiped")
	_ = s.transaction(func(tx *sql.Tx) error {
		_, err := tx.Exec("UPDATE identity SET residue = 0")
		return err
	})
}

// reached tells tests how far a change has come.
func (s *Store) reached(step string) {
	if s.opening.step != nil {
		s.opening.step(step)
	}
}

// MoveKey moves the identity key to the keyring or to a file, and removes it from where it was.
func (s *Store) MoveKey(place keystore.Place) error {
	if s.keys == nil {
		return errors.New("a profile in memory has its key there")
	}
	record, residue, err := readKeyRecord(s.reader)
	if err != nil {
		return s.failed(err)
	}
	key, err := s.recordedKey(record)
	if err != nil {
		return s.failed(err)
	}
	if place == record.place {
		return nil
	}
	keep := func(ctx context.Context, name string, secret []byte) (keystore.Place, error) {
		return place, s.keys.KeepIn(ctx, place, name, secret)
	}
	if err := s.moveKey(record, key, keep); err != nil {
		return fmt.Errorf("the key stays where it is, in %s: it cannot be kept in %s, %w", s.KeptIn(), s.keys.Where(place, record.name), err)
	}
	if residue || record.place == inDatabase {
		s.wipe()
	}
	return nil
}
