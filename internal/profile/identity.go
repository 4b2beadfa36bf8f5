package profile

import (
	"crypto"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// identitySecret names the identity key among the secrets: its seed (RFC 8032 §5.1.5), 32 bytes.
const identitySecret = "identity"

// identityKey signs with the profile's identity key and shows nothing of it, whoever prints it.
type identityKey struct{ key ed25519.PrivateKey }

// Public implements crypto.Signer.
func (k identityKey) Public() crypto.PublicKey { return k.key.Public() }

// Sign implements crypto.Signer.
func (k identityKey) Sign(rand io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	return k.key.Sign(rand, message, opts)
}

// Format implements fmt.Formatter.
func (k identityKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "identity key") }

// LogValue implements slog.LogValuer.
func (k identityKey) LogValue() slog.Value { return slog.StringValue("identity key") }

// Identity is the profile's Ed25519 key, made at first start. It signs; it does not show itself.
func (s *Store) Identity() crypto.Signer { return s.key }

// PublicIdentity is the identity as others know it.
func (s *Store) PublicIdentity() ed25519.PublicKey {
	public, _ := s.key.Public().(ed25519.PublicKey)
	return public
}

// readIdentity is the one place that knows where the key is kept. It makes the key if there is none; of two processes that
// start at once, one makes it, since the transaction is exclusive from its beginning. A given key becomes that of a profile
// without one.
func readIdentity(tx *sql.Tx, given ed25519.PrivateKey) (identityKey, error) {
	var seed []byte
	err := tx.QueryRow("SELECT value FROM secrets WHERE name = ?", identitySecret).Scan(&seed)
	if errors.Is(err, sql.ErrNoRows) {
		key := given
		if key == nil {
			if _, key, err = ed25519.GenerateKey(nil); err != nil {
				return identityKey{}, err
			}
		}
		_, err = tx.Exec("INSERT INTO secrets (name, value) VALUES (?, ?)", identitySecret, key.Seed())
		return identityKey{key}, err
	}
	if err == nil && len(seed) != ed25519.SeedSize {
		err = damage(fmt.Sprintf("its identity key has %d bytes", len(seed)))
	}
	if err != nil {
		return identityKey{}, err
	}
	key := ed25519.NewKeyFromSeed(seed)
	if given != nil && !given.Equal(key) {
		return identityKey{}, ErrIdentityKept
	}
	return identityKey{key}, nil
}
