package profile

import (
	"database/sql"
	"fmt"
)

// migrations bring a database from one schema version (PRAGMA user_version) to the next; the first makes it. What is here has
// been on users' disks: it is added to, not changed.
var migrations = []string{
	`
CREATE TABLE secrets (
	name  TEXT PRIMARY KEY,
	value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE settings (
	name  TEXT PRIMARY KEY,
	value TEXT NOT NULL -- JSON
) WITHOUT ROWID;

CREATE TABLE people (
	id         INTEGER PRIMARY KEY,
	name       TEXT    NOT NULL,            -- as shown
	folded     TEXT    NOT NULL UNIQUE,     -- the same without regard to case
	registered TEXT    NOT NULL DEFAULT '', -- in directories, where that is another
	identity   BLOB    UNIQUE,              -- the key that is remembered
	directory  TEXT    NOT NULL DEFAULT '',
	rendezvous TEXT    NOT NULL DEFAULT '',
	link       TEXT    NOT NULL DEFAULT '',
	contact    INTEGER NOT NULL DEFAULT 0,
	blocked    INTEGER NOT NULL DEFAULT 0,
	verified   INTEGER NOT NULL DEFAULT 0,  -- since; times are ms since 1970, 0 for never
	last_seen  INTEGER NOT NULL DEFAULT 0,
	last_call  INTEGER NOT NULL DEFAULT 0,
	outgoing   INTEGER NOT NULL DEFAULT 0,
	missed     INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE requests (
	id        INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again: a window may show one that is gone
	name      TEXT    NOT NULL,
	folded    TEXT    NOT NULL,
	identity  BLOB    NOT NULL DEFAULT x'',
	directory TEXT    NOT NULL DEFAULT '',
	first     INTEGER NOT NULL,
	last      INTEGER NOT NULL,
	times     INTEGER NOT NULL,
	UNIQUE (folded, identity)
);
`,
	`
CREATE TABLE identity (
	id      INTEGER PRIMARY KEY CHECK (id = 1), -- there is one
	public  BLOB    NOT NULL,
	place   TEXT    NOT NULL,           -- of the key: keyring or file, or database for among the secrets
	name    TEXT    NOT NULL,           -- of the key in that place
	residue INTEGER NOT NULL DEFAULT 0  -- 1: the database's free pages may hold a key that has moved out
);
`,
}

func migrate(tx *sql.Tx) error {
	var version int
	if err := tx.QueryRow("PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if version > len(migrations) {
		return ErrNewer
	}
	for i := version; i < len(migrations); i++ {
		if _, err := tx.Exec(migrations[i]); err != nil {
			return fmt.Errorf("bringing it to version %d: %w", i+1, err)
		}
	}
	if version == len(migrations) {
		return nil
	}
	_, err := tx.Exec(fmt.Sprintf("PRAGMA user_version = %d", len(migrations))) // a pragma takes no parameters
	return err
}
