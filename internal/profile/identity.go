package profile

import (
	"crypto"
	"crypto/ed25519"
	"fmt"
	"io"
	"log/slog"
)

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

// Identity is the profile's Ed25519 key, made at first start. It signs; it does not show itself. It stays the same for as long as
// the store is open, also when another identity is imported meanwhile. nil: the store was opened WithoutKey.
func (s *Store) Identity() crypto.Signer {
	if s.key.key == nil {
		return nil
	}
	return s.key
}

// PublicIdentity is the identity as others know it; nil for a profile opened WithoutKey that has none yet.
func (s *Store) PublicIdentity() ed25519.PublicKey { return s.public }
