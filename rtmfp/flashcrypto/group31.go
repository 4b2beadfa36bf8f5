package flashcrypto

import (
	"crypto/ecdh"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"sync"
)

// curve25519 is group 31: public key and shared secret are exactly the 32 bytes of RFC 7748. The integer checks and the
// stripping of zeros of RFC 7425 §4.6.2, which are for MODP groups, do not apply.
type curve25519 struct{}

func (curve25519) generate() (privateKey, error) {
	key, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("flashcrypto: drawing a Curve25519 key: %w", err)
	}
	return newCurve25519Key(key), nil
}

func (curve25519) check(public []byte) error {
	if _, err := ecdh.X25519().NewPublicKey(public); err != nil {
		return fmt.Errorf("%w: group 31: %w", ErrPublicKey, err)
	}
	return nil
}

// curve25519Key is a key pair. own is what it would agree on with itself: a public key of ours has several encodings
// (the top bit is ignored, points of small order may be added), and all of them give this secret.
type curve25519Key struct {
	key *ecdh.PrivateKey
	own func() []byte
}

func newCurve25519Key(key *ecdh.PrivateKey) *curve25519Key {
	return &curve25519Key{key: key, own: sync.OnceValue(func() []byte {
		own, _ := key.ECDH(key.PublicKey()) // fails for the keys of small order only, which are nobody's public key
		return own
	})}
}

func (k *curve25519Key) public() []byte { return k.key.PublicKey().Bytes() }

func (k *curve25519Key) shared(far []byte, seen bool) ([]byte, error) {
	pub, err := ecdh.X25519().NewPublicKey(far)
	if err != nil {
		return nil, fmt.Errorf("%w: group 31: %w", ErrPublicKey, err)
	}
	secret, err := k.key.ECDH(pub) // refuses an all-zero secret (RFC 7748 §6.1)
	if err != nil {
		return nil, fmt.Errorf("%w: group 31: %w", ErrPublicKey, err)
	}
	if seen && subtle.ConstantTimeCompare(secret, k.own()) == 1 {
		return nil, ErrReflection
	}
	return secret, nil
}
