package profile

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"

	"sundog.dev/sundog/internal/keystore"
)

const (
	// identitySecret names the identity key among the secrets: its seed (RFC 8032 §5.1.5), 32 bytes.
	identitySecret = "identity"
	// inDatabase is the place of a key among the secrets: that of a profile in memory, of one that an earlier version wrote, and of
	// one that could not be kept anywhere else.
	inDatabase keystore.Place = "database"
)

// keyRecord is what the database says of the identity: which it is, and where its key is kept. It is what decides which key, and
// which copy of it, is the profile's; whatever else lies about is not.
type keyRecord struct {
	public ed25519.PublicKey
	place  keystore.Place
	name   string
}

func (r keyRecord) equal(other keyRecord) bool {
	return bytes.Equal(r.public, other.public) && r.place == other.place && r.name == other.name
}

// newKeyRecord names the key of an identity in this profile. Another profile on this machine may have the same identity, and keeps
// a key of its own.
func newKeyRecord(public ed25519.PublicKey, place keystore.Place) keyRecord {
	var profile [8]byte
	_, _ = rand.Read(profile[:]) // does not fail
	return keyRecord{public, place, "identity-" + hex.EncodeToString(public[:8]) + "-" + hex.EncodeToString(profile[:])}
}

// readKeyRecord returns the record; the zero value if the profile has no identity yet.
func readKeyRecord(q querier) (r keyRecord, residue bool, err error) {
	var public []byte
	err = q.QueryRow("SELECT public, place, name, residue FROM identity").Scan(&public, &r.place, &r.name, &residue)
	if errors.Is(err, sql.ErrNoRows) {
		return keyRecord{}, false, nil
	}
	if err == nil && len(public) != ed25519.PublicKeySize {
		err = damage(fmt.Sprintf("its identity has %d bytes", len(public)))
	}
	r.public = public
	return r, residue, err
}

// adoptKey makes the record of a key that an earlier version left among the secrets.
func adoptKey(tx *sql.Tx) error {
	if r, _, err := readKeyRecord(tx); err != nil || r.public != nil {
		return err
	}
	key, err := readSecretKey(tx)
	if err != nil || key == nil {
		return err
	}
	public, _ := key.Public().(ed25519.PublicKey)
	_, err = replaceKeyRecord(tx, keyRecord{}, newKeyRecord(public, inDatabase))
	return err
}

// readSecretKey reads the key among the secrets, nil if there is none.
func readSecretKey(q querier) (ed25519.PrivateKey, error) {
	var seed []byte
	err := q.QueryRow("SELECT value FROM secrets WHERE name = ?", identitySecret).Scan(&seed)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, err
	case len(seed) != ed25519.SeedSize:
		return nil, damage(fmt.Sprintf("its identity key has %d bytes", len(seed)))
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// replaceKeyRecord puts a record in the place of another, unless another process has done so already. A key among the secrets that
// is not wanted there any more is removed.
func replaceKeyRecord(tx *sql.Tx, from, to keyRecord) (replaced bool, err error) {
	is, residue, err := readKeyRecord(tx)
	if err != nil || !is.equal(from) {
		return false, err
	}
	if from.place == inDatabase && to.place != inDatabase {
		if _, err := tx.Exec("DELETE FROM secrets WHERE name = ?", identitySecret); err != nil {
			return false, err
		}
		residue = true
	}
	_, err = tx.Exec("INSERT OR REPLACE INTO identity (id, public, place, name, residue) VALUES (1, ?, ?, ?, ?)",
		[]byte(to.public), string(to.place), to.name, residue)
	return err == nil, err
}
