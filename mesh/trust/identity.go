package trust

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
)

// Identity is a long-lived Ed25519 public key (RFC 8032): a person, as far as the protocol can tell.
type Identity [ed25519.PublicKeySize]byte

// String is 64 hex digits.
func (i Identity) String() string { return hex.EncodeToString(i[:]) }

// Compare orders identities by their bytes.
func (i Identity) Compare(other Identity) int { return bytes.Compare(i[:], other[:]) }

// IdentityOf is the identity of whoever holds the key. ErrIdentityKey if it is not an Ed25519 one.
func IdentityOf(key crypto.Signer) (Identity, error) {
	if key == nil {
		return Identity{}, ErrIdentityKey
	}
	public, ok := key.Public().(ed25519.PublicKey)
	if !ok || len(public) != ed25519.PublicKeySize {
		return Identity{}, ErrIdentityKey
	}
	return Identity(public), nil
}

// Check refuses keys that nobody can own (ErrWeakKey): with a point of small order anybody can make signatures that hold
// for many messages, and a key with two encodings would be two identities.
func (i Identity) Check() error {
	y := i
	y[31] &= 0x7f // without the sign of x
	if !belowPrime(y) {
		return fmt.Errorf("%w: not canonical", ErrWeakKey)
	}
	for _, small := range smallOrder {
		if y == small {
			return fmt.Errorf("%w: small order", ErrWeakKey)
		}
	}
	return nil
}

// belowPrime reports whether a little-endian number of 255 bits is below 2²⁵⁵ − 19 (RFC 8032 §5.1.3).
func belowPrime(y Identity) bool {
	if y[31] != 0x7f {
		return true
	}
	for _, b := range y[1:31] {
		if b != 0xff {
			return true
		}
	}
	return y[0] < 0xed
}

// smallOrder are the y of the eight points whose order divides 8: 1 and −1 (order 1 and 2), 0 (order 4), and two for order 8.
// Each stands for both signs of x.
var smallOrder = [...]Identity{
	{0: 1},
	{
		0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
	},
	{},
	{
		0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
		0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
	},
	{
		0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
		0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
	},
}

// Sign signs a message with an identity key, for the documents of other packages: each kind begins with a context of its own.
func Sign(key crypto.Signer, message []byte) ([ed25519.SignatureSize]byte, error) {
	return sign(key, message)
}

// Verify checks the identity (ErrWeakKey) and its signature of a message (ErrSignature).
func (i Identity) Verify(message, signature []byte) error { return verify(i, message, signature) }

// sign signs a message with an identity key.
func sign(key crypto.Signer, message []byte) ([ed25519.SignatureSize]byte, error) {
	s, err := key.Sign(nil, message, crypto.Hash(0))
	if err != nil {
		return [ed25519.SignatureSize]byte{}, fmt.Errorf("%w: %w", ErrIdentityKey, err)
	}
	if len(s) != ed25519.SignatureSize {
		return [ed25519.SignatureSize]byte{}, ErrIdentityKey
	}
	return [ed25519.SignatureSize]byte(s), nil
}

// verify checks the key and the signature.
func verify(i Identity, message, signature []byte) error {
	if err := i.Check(); err != nil {
		return err
	}
	if !ed25519.Verify(i[:], message, signature) {
		return ErrSignature
	}
	return nil
}
