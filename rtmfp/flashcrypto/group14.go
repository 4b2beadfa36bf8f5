package flashcrypto

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"math/big"
	"math/bits"

	"filippo.io/bigmod"
)

// modp2048Prime is the modulus of group 14 (RFC 3526 §3): 2^2048 − 2^1984 − 1 + 2^64·(⌊2^1918·π⌋ + 124476). The
// generator is 2.
const modp2048Prime = "" +
	"ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74" +
	"020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437" +
	"4fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed" +
	"ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf05" +
	"98da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb" +
	"9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b" +
	"e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf695581718" +
	"3995497cea956ae515d2261898fa051015728e5a8aacaa68ffffffffffffffff"

// Bounds of an acceptable public key (RFC 7425 §4.6.2).
const (
	modpMargin  = 1 << 24 // least public key, and least distance to the modulus
	modpMinBits = 16      // least number of one bits, and of zero bits behind the first one
)

var modp2048Modulus, modp2048Int = mustModulus(modp2048Prime)

func mustModulus(digits string) (*bigmod.Modulus, *big.Int) {
	b, err := hex.DecodeString(digits)
	if err != nil {
		panic(err) // a constant of this file
	}
	m, err := bigmod.NewModulus(b)
	if err != nil {
		panic(err)
	}
	return m, new(big.Int).SetBytes(b)
}

// modp2048 is group 14. Private keys meet constant-time arithmetic only.
type modp2048 struct{}

func (modp2048) generate() (privateKey, error) {
	exponent := make([]byte, modpExponentLen)
	if _, err := rand.Read(exponent); err != nil {
		return nil, fmt.Errorf("flashcrypto: drawing a group 14 key: %w", err)
	}
	return newModp2048Key(exponent)
}

// check applies RFC 7425 §4.6.2. Public keys are public: variable time is harmless.
func (modp2048) check(public []byte) error {
	if len(public) > modp2048Modulus.Size()+1 { // one leading zero is tolerated
		return fmt.Errorf("%w: group 14: %d bytes", ErrPublicKey, len(public))
	}
	y := new(big.Int).SetBytes(public)
	margin := big.NewInt(modpMargin)
	if y.Cmp(margin) < 0 || y.Cmp(new(big.Int).Sub(modp2048Int, margin)) > 0 {
		return fmt.Errorf("%w: group 14: out of bounds", ErrPublicKey)
	}
	ones := 0
	for _, b := range public {
		ones += bits.OnesCount8(b)
	}
	if ones < modpMinBits || y.BitLen()-ones < modpMinBits {
		return fmt.Errorf("%w: group 14: too few ones or zeros", ErrPublicKey)
	}
	return nil
}

// modp2048Key is a key pair. negated is the modulus minus the public key: the other number that agrees on the same
// secret up to its sign.
type modp2048Key struct {
	exponent []byte
	encoded  []byte // minimal
	negated  []byte // minimal
}

func newModp2048Key(exponent []byte) (privateKey, error) {
	two, err := bigmod.NewNat().SetBytes([]byte{2}, modp2048Modulus)
	if err != nil {
		return nil, fmt.Errorf("flashcrypto: group 14: %w", err)
	}
	public := bigmod.NewNat().Exp(two, exponent, modp2048Modulus).Bytes(modp2048Modulus)
	k := &modp2048Key{exponent: exponent, encoded: minimal(public)}
	k.negated = new(big.Int).Sub(modp2048Int, new(big.Int).SetBytes(public)).Bytes()
	if err := (modp2048{}).check(k.encoded); err != nil {
		return nil, err // once in 2^1900 draws
	}
	return k, nil
}

func (k *modp2048Key) public() []byte { return k.encoded }

func (k *modp2048Key) shared(far []byte) ([]byte, error) {
	if err := (modp2048{}).check(far); err != nil {
		return nil, err
	}
	far = minimal(far)
	if bytes.Equal(far, k.encoded) || bytes.Equal(far, k.negated) {
		return nil, ErrReflection
	}
	y, err := bigmod.NewNat().SetBytes(far, modp2048Modulus)
	if err != nil {
		return nil, fmt.Errorf("%w: group 14: %w", ErrPublicKey, err)
	}
	return minimal(bigmod.NewNat().Exp(y, k.exponent, modp2048Modulus).Bytes(modp2048Modulus)), nil
}

// minimal strips leading zeros, as RFC 7425 §4.6.2 wants integers (the length of a secret thereby shows, once in 256
// times; the format leaves no choice).
func minimal(b []byte) []byte { return bytes.TrimLeft(b, "\x00") }
