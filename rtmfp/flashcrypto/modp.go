package flashcrypto

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"math/big"
	"math/bits"
	"sync"

	"filippo.io/bigmod"
)

// Bounds of an acceptable public key (RFC 7425 §4.6.2).
const (
	modpMargin  = 1 << 24 // least public key, and least distance to the modulus
	modpMinBits = 16      // least number of one bits, and of zero bits behind the first one
)

// modp is a group of integers modulo a prime, with the generator 2. Private keys meet constant-time arithmetic only.
type modp struct {
	group       Group
	prime       *big.Int
	greatest    *big.Int // of acceptable public keys
	modulus     *bigmod.Modulus
	exponentLen int // bytes of a private key
	powers      func() *fixedBase
}

// newMODP makes a group of its constants, which params_modp.go holds.
func newMODP(group Group, prime string, exponentLen int) *modp {
	b, err := hex.DecodeString(prime)
	if err != nil {
		panic(err)
	}
	m, err := bigmod.NewModulus(b)
	if err != nil {
		panic(err)
	}
	g := &modp{group: group, prime: new(big.Int).SetBytes(b), modulus: m, exponentLen: exponentLen}
	g.greatest = new(big.Int).Sub(g.prime, big.NewInt(modpMargin))
	g.powers = sync.OnceValue(func() *fixedBase { return newFixedBase(g) })
	return g
}

// generate draws a key pair whose public key has the full length of the modulus: old programs read nothing shorter.
// (One key in 256 is drawn again, which no guesser gains by.)
func (g *modp) generate() (privateKey, error) {
	for {
		exponent := make([]byte, g.exponentLen)
		if _, err := rand.Read(exponent); err != nil {
			return nil, fmt.Errorf("flashcrypto: drawing a group %d key: %w", g.group, err)
		}
		k, err := g.newKey(exponent)
		if err != nil || len(k.encoded) == g.modulus.Size() {
			return k, err
		}
	}
}

// check applies RFC 7425 §4.6.2. Public keys are public: variable time is harmless.
func (g *modp) check(public []byte) error {
	if len(public) > g.modulus.Size()+1 { // one leading zero is tolerated
		return fmt.Errorf("%w: group %d: %d bytes", ErrPublicKey, g.group, len(public))
	}
	y := new(big.Int).SetBytes(public)
	if y.Cmp(big.NewInt(modpMargin)) < 0 || y.Cmp(g.greatest) > 0 {
		return fmt.Errorf("%w: group %d: out of bounds", ErrPublicKey, g.group)
	}
	ones := 0
	for _, b := range public {
		ones += bits.OnesCount8(b)
	}
	if ones < modpMinBits || y.BitLen()-ones < modpMinBits {
		return fmt.Errorf("%w: group %d: too few ones or zeros", ErrPublicKey, g.group)
	}
	return nil
}

// modpKey is a key pair. negated is the modulus minus the public key: the other number that agrees on the same secret
// up to its sign.
type modpKey struct {
	group    *modp
	exponent []byte
	encoded  []byte // minimal
	negated  []byte // minimal
}

func (g *modp) newKey(exponent []byte) (*modpKey, error) {
	public := g.powers().exp(exponent).Bytes(g.modulus)
	k := &modpKey{group: g, exponent: exponent, encoded: minimal(public)}
	k.negated = new(big.Int).Sub(g.prime, new(big.Int).SetBytes(public)).Bytes()
	if err := g.check(k.encoded); err != nil {
		return nil, err // once in 2^900 draws
	}
	return k, nil
}

func (k *modpKey) public() []byte { return k.encoded }

func (k *modpKey) shared(far []byte, seen bool) ([]byte, error) {
	if err := k.group.check(far); err != nil {
		return nil, err
	}
	far = minimal(far)
	if seen && (bytes.Equal(far, k.encoded) || bytes.Equal(far, k.negated)) {
		return nil, ErrReflection
	}
	y, err := bigmod.NewNat().SetBytes(far, k.group.modulus)
	if err != nil {
		return nil, fmt.Errorf("%w: group %d: %w", ErrPublicKey, k.group.group, err)
	}
	return minimal(bigmod.NewNat().Exp(y, k.exponent, k.group.modulus).Bytes(k.group.modulus)), nil
}

// minimal strips leading zeros, as RFC 7425 §4.6.2 wants integers (the length of a secret thereby shows, once in 256
// times; the format leaves no choice).
func minimal(b []byte) []byte { return bytes.TrimLeft(b, "\x00") }
