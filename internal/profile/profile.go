// Package profile keeps what belongs to one user of the phone: the identity key, the settings, the people called or added
// with their identity keys, and who asked to be let in. It is a folder with one SQLite database; every change is written at
// once and whole, so a crash loses nothing, and two phones with one profile lose nothing of each other's.
//
//	store, err := profile.Open(dir)
//	defer store.Close()
//	key := store.Identity()
//	for _, p := range store.Contacts() { … }
package profile

import (
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"sundog.dev/sundog/internal/identityfile"
	"sundog.dev/sundog/internal/keystore"
)

const (
	databaseName = "profile.db"

	// busyTimeout is how long a change waits for another phone with the same profile; each holds the database for
	// milliseconds only.
	busyTimeout = 5 * time.Second
)

// Store is a profile on disk, or in memory only. It is safe for concurrent use. What it tells comes from memory and is read
// anew when it, or another process, has changed the database; a database that cannot be read leaves what was known.
type Store struct {
	path string // "": memory only
	db   *sql.DB
	// reader reads while db is busy with a change, or waits for another process's to end. In memory it is db itself.
	reader *sql.DB
	keys   *keystore.Keys // nil: in memory
	key    identityKey
	public ed25519.PublicKey

	opening opening

	mu      sync.Mutex
	version int64 // of the database as seen by reader (PRAGMA data_version)
	stale   bool  // we have changed it ourselves
	known   contents
}

// contents are what a database holds, as read last.
type contents struct {
	settings Settings
	people   []Person
	requests []Request
}

// DefaultDir is the per-user folder for the profile.
func DefaultDir() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("no folder for the profile: %w", err)
	}
	return filepath.Join(dir, "sundog"), nil
}

// Open opens the profile in dir. At first start it makes the folder, for the user alone, and the identity key; the profile.json
// of earlier versions is taken over and kept as profile.json.old. A database that is damaged (ErrDamaged), or that a later
// version has written (ErrNewer), is left as it is. Where the identity key is not to be had, the error is a *KeyError. The caller
// closes the store.
func Open(dir string, options ...Option) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the profile folder cannot be made: %w", err)
	}
	path := filepath.Join(dir, databaseName)
	if err := private(path); err != nil {
		return nil, fmt.Errorf("the profile cannot be written: %w", err)
	}
	s, err := open(path, options)
	if err != nil {
		return nil, err
	}
	if err := s.takeOver(filepath.Join(dir, formerName)); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// private makes a database file that nobody else can read, or takes their leave to: SQLite gives its journals the same mode.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil && info.Mode().Perm() != 0o600 {
		err = os.Chmod(path, 0o600)
	}
	return errors.Join(err, f.Close())
}

// InMemory is a profile that is gone with the process. It panics if there is no memory for it.
func InMemory(options ...Option) *Store {
	s, err := open("", options)
	if err != nil {
		panic("profile: " + err.Error())
	}
	return s
}

func open(path string, options []Option) (*Store, error) {
	o := opening{cost: identityfile.Recommended}
	for _, option := range options {
		option(&o)
	}
	db, err := sql.Open("sqlite", dataSource(path))
	if err != nil {
		return nil, fmt.Errorf("the profile cannot be opened: %w", err)
	}
	// One connection: changes of one process come one after the other anyway, and a database in memory belongs to a connection.
	db.SetMaxOpenConns(1)
	s := &Store{path: path, db: db, reader: db, opening: o}
	if path != "" {
		s.keys = keystore.New(filepath.Join(filepath.Dir(path), keyFolder), o.keyring)
		if s.reader, err = sql.Open("sqlite", dataSource(path)); err != nil {
			return nil, errors.Join(fmt.Errorf("the profile cannot be opened: %w", err), db.Close())
		}
		s.reader.SetMaxOpenConns(1)
	}
	if err := s.begin(); err != nil {
		return nil, errors.Join(s.failed(err), s.Close())
	}
	return s, nil
}

// begin checks the database, brings it to the present schema and reads it.
func (s *Store) begin() error {
	if err := s.check(); err != nil {
		return err
	}
	err := s.transaction(func(tx *sql.Tx) error {
		if err := migrate(tx); err != nil {
			return err
		}
		return adoptKey(tx)
	})
	if err == nil {
		err = s.settleKey()
	}
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.read()
}

// dataSource names the database for the driver, with what each connection is set to. Commits reach the disk before they count
// (synchronous FULL): an identity key must not be lost, and changes are rare.
func dataSource(path string) string {
	pragmas := url.Values{"_txlock": {"immediate"}, "_pragma": {
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()), "foreign_keys(1)", "journal_mode(WAL)", "synchronous(FULL)",
		"secure_delete(1)", // overwrite what was deleted: secrets
	}}
	if path == "" {
		return "file::memory:?" + pragmas.Encode()
	}
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a drive's letter
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: pragmas.Encode()}
	return u.String()
}

// Close closes the database. What the store told last can still be read.
func (s *Store) Close() error { return errors.Join(s.reader.Close(), s.db.Close()) }

// transaction runs f in a transaction that has the right to write from its beginning.
func (s *Store) transaction(f func(*sql.Tx) error) error {
	tx, err := s.db.Begin()
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return errors.Join(err, ignoreDone(tx.Rollback()))
	}
	return tx.Commit()
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// change changes the database as it is now, since another phone may use it too.
func (s *Store) change(f func(*sql.Tx) error) error {
	if s.path != "" {
		// The system keeps a deleted file for those who have it open; what is written to it is lost with them.
		if _, err := os.Stat(s.path); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("the profile could not be saved: %w", err)
		}
	}
	err := s.transaction(f)
	var refused refusal
	switch {
	case err == nil:
	case errors.As(err, &refused):
		return refused
	default:
		return fmt.Errorf("the profile could not be saved: %w", s.failed(err))
	}
	s.changed()
	return nil
}

// changed has the database read anew before the store tells more of it.
func (s *Store) changed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stale = true
}

// now is what the database holds. Its slices are shared: nobody writes to them.
func (s *Store) now() contents {
	s.mu.Lock()
	defer s.mu.Unlock()
	// Where reading fails, what was known is the best there is; the next change says what is wrong.
	_ = s.read()
	return s.known
}

// read reads the database if it has changed. s.mu is held.
func (s *Store) read() error {
	var version int64
	if err := s.reader.QueryRow("PRAGMA data_version").Scan(&version); err != nil {
		return err
	}
	if version == s.version && !s.stale {
		return nil
	}
	var c contents
	// Not transaction: who only reads need not wait for a writer.
	settings, err := readSettings(s.reader)
	if err != nil {
		return err
	}
	c.settings = settings
	if c.people, err = readPeople(s.reader); err != nil {
		return err
	}
	if c.requests, err = readRequests(s.reader); err != nil {
		return err
	}
	s.known, s.version, s.stale = c, version, false
	return nil
}

// querier is a database or a transaction.
type querier interface {
	Query(query string, args ...any) (*sql.Rows, error)
	QueryRow(query string, args ...any) *sql.Row
}

// each reads the rows of a query.
func each(q querier, row func(scan func(...any) error) error, query string, args ...any) error {
	rows, err := q.Query(query, args...)
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// A time is stored as milliseconds since 1970, 0 for none.

func stamp(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
