package profile

import (
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"sundog.dev/sundog/internal/identityfile"
)

// backupName begins the names of the files that keep identities which were replaced.
const backupName = "replaced-identity-"

// Imported tells what an import has done.
type Imported struct {
	Identity ed25519.PublicKey
	// Replaced says that the profile had another identity.
	Replaced bool
	// Backup is the file with the identity that was replaced, and the people as they were, sealed with the passphrase of the
	// file that was imported. "": there was none, or it was in memory, or its key was not to be had (and stays where it is).
	Backup string
	People int // in the file
}

// ExportIdentity writes the identity, the name and the people into a file that the passphrase opens. A file that is there already
// stays: identityfile.ErrExists. It takes about a second.
func (s *Store) ExportIdentity(path, passphrase string) error {
	if _, err := os.Lstat(path); err == nil {
		return identityfile.ErrExists
	}
	record, _, err := readKeyRecord(s.reader)
	if err != nil {
		return s.failed(err)
	}
	key := s.key.key
	if !record.public.Equal(s.public) || key == nil {
		if key, err = s.recordedKey(record); err != nil {
			return s.failed(err)
		}
	}
	return s.exportKey(key, path, passphrase)
}

func (s *Store) exportKey(key ed25519.PrivateKey, path, passphrase string) error {
	content, err := export(key, s.now())
	if err != nil {
		return err
	}
	file, err := identityfile.Seal(content, passphrase, s.opening.cost)
	if err != nil {
		return err
	}
	if err := identityfile.Create(path, file); err != nil {
		return fmt.Errorf("the identity could not be written: %w", err)
	}
	return nil
}

// ImportIdentity takes the identity, the name and the people from a file that ExportIdentity has written. People who are here already
// stay as they are; what the file knows besides is added. A profile that has another identity is changed only if replace says so, else
// the error is ErrIdentityKept; its identity is then exported into the profile's folder before. An error changes nothing.
//
// People are there at once. The identity is the store's from the next time that the profile is opened: until then, Identity is the
// one it was opened with. It takes about a second.
func (s *Store) ImportIdentity(path, passphrase string, replace bool) (Imported, error) {
	file, err := identityfile.Read(path)
	if err != nil {
		return Imported{}, err
	}
	content, err := identityfile.Open(file, passphrase)
	if err != nil {
		return Imported{}, err
	}
	key, c, err := parseExported(content)
	if err != nil {
		return Imported{}, err
	}
	record, _, err := readKeyRecord(s.reader)
	if err != nil {
		return Imported{}, s.failed(err)
	}
	public, _ := key.Public().(ed25519.PublicKey)
	done := Imported{Identity: public, People: len(c.people), Replaced: record.public != nil && !record.public.Equal(public)}
	if done.Replaced && !replace {
		return Imported{}, ErrIdentityKept
	}
	if done.Replaced && s.keys != nil {
		if done.Backup, err = s.backUp(record, passphrase); err != nil {
			return Imported{}, err
		}
	}
	besides := func(tx *sql.Tx) error { return c.addTo(tx, public, done.Replaced) }
	if err := s.take(record, key, besides, done.Backup != ""); err != nil {
		return Imported{}, s.failed(err)
	}
	return done, nil
}

// backUp exports the identity that is recorded. One whose key is not to be had is none that could be exported: "".
func (s *Store) backUp(record keyRecord, passphrase string) (string, error) {
	key, err := s.recordedKey(record)
	var none *KeyError
	if errors.As(err, &none) {
		return "", nil
	}
	if err != nil {
		return "", s.failed(err)
	}
	path := filepath.Join(filepath.Dir(s.path), backupName+time.Now().UTC().Format("20060102-150405.000")+".sundog")
	return path, s.exportKey(key, path, passphrase)
}

// take makes a key the profile's, unless it is that already and can be had, and does the rest besides. The copy of the key it
// replaces is removed if that is told to be safe.
func (s *Store) take(record keyRecord, key ed25519.PrivateKey, besides func(*sql.Tx) error, removeOld bool) error {
	if record.public.Equal(key.Public()) {
		if _, err := s.recordedKey(record); err == nil {
			return s.change(besides)
		}
	}
	_, err := s.placeKey(record, key, besides)
	if err != nil {
		return err
	}
	s.changed()
	if removeOld {
		s.forgetKey(record)
	}
	if record.place == inDatabase && s.keys != nil {
		s.wipe()
	}
	return nil
}

// addTo adds what a file holds to a profile whose identity is, or becomes, the file's.
func (c contents) addTo(tx *sql.Tx, own ed25519.PublicKey, replaced bool) error {
	set, err := readSettings(tx)
	if err != nil {
		return err
	}
	if name := c.settings.Name; name != "" && (replaced || set.Name == "") { // directories know it to be that identity's
		set.Name = name
		if err := writeSettings(tx, set); err != nil {
			return err
		}
	}
	for _, news := range c.people {
		if own.Equal(news.Identity) {
			continue
		}
		id, p, err := meet(tx, news.Name, news.Identity)
		if err != nil {
			return err
		}
		p.merge(news)
		if err := savePerson(tx, id, p); err != nil {
			return err
		}
	}
	return nil
}
