package flashcrypto

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"
)

func modpOf(g Group) *modp { return algorithms[g].(*modp) }

// modpKeyOf is the key pair whose private key has only bytes b.
func modpKeyOf(t testing.TB, g Group, b byte) *modpKey {
	t.Helper()
	k, err := modpOf(g).newKey(bytes.Repeat([]byte{b}, modpOf(g).exponentLen))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestPrimesAreThoseOfTheirRFCs(t *testing.T) {
	for _, c := range []struct {
		group Group
		bits  uint
		plus  int64
	}{
		{Group2, 1024, 129093}, // RFC 7296 appendix B.2
		{Group5, 1536, 741804}, // RFC 3526 §2
		{Group14, 2048, 124476},
	} {
		p := new(big.Int).Lsh(big.NewInt(1), c.bits)
		p.Sub(p, new(big.Int).Lsh(big.NewInt(1), c.bits-64))
		p.Sub(p, big.NewInt(1))
		p.Add(p, new(big.Int).Lsh(new(big.Int).Add(piTimes2(c.bits-130), big.NewInt(c.plus)), 64))
		if got := modpOf(c.group).prime; p.Cmp(got) != 0 {
			t.Errorf("group %d: the modulus is %x, want %x", c.group, got, p)
		}
	}
}

// piTimes2 is ⌊π·2^n⌋ by Machin's formula, 16·atan(1/5) − 4·atan(1/239).
func piTimes2(n uint) *big.Int {
	const guard = 64
	atan := func(x int64) *big.Int {
		term := new(big.Int).Quo(new(big.Int).Lsh(big.NewInt(1), n+guard), big.NewInt(x))
		sum := new(big.Int).Set(term)
		for k := int64(3); term.Sign() != 0; k += 2 {
			term.Quo(term, big.NewInt(-x*x))
			sum.Add(sum, new(big.Int).Quo(term, big.NewInt(k)))
		}
		return sum
	}
	pi := new(big.Int).Mul(atan(5), big.NewInt(16))
	pi.Sub(pi, new(big.Int).Mul(atan(239), big.NewInt(4)))
	return pi.Rsh(pi, guard)
}

func TestPublicKeysAgreeWithBigInt(t *testing.T) {
	rng := rand.NewChaCha8([32]byte{7})
	for _, group := range []Group{Group2, Group5, Group14} {
		g := modpOf(group)
		exponents := [][]byte{bytes.Repeat([]byte{0xff}, g.exponentLen), append([]byte{0x80}, make([]byte, g.exponentLen-1)...)}
		for n := range 8 * g.exponentLen {
			e := make([]byte, g.exponentLen)
			if _, err := rng.Read(e); err != nil {
				t.Fatal(err)
			}
			if n < 8*g.exponentLen/2 {
				e = new(big.Int).Lsh(big.NewInt(1), uint(2*n)).FillBytes(e) // each tooth and block by itself
			}
			exponents = append(exponents, e)
		}
		for _, e := range exponents {
			want := new(big.Int).Exp(big.NewInt(2), new(big.Int).SetBytes(e), g.prime)
			if got := g.powers().exp(e).Bytes(g.modulus); want.Cmp(new(big.Int).SetBytes(got)) != 0 {
				t.Fatalf("group %d: 2^%x differs from math/big's", group, e)
			}
		}
	}
}

func TestSharedSecretsAgreeWithBigInt(t *testing.T) {
	for _, group := range []Group{Group2, Group5, Group14} {
		near, far := modpKeyOf(t, group, 0xa7), modpKeyOf(t, group, 0x3c)
		want := new(big.Int).Exp(new(big.Int).SetBytes(far.public()), new(big.Int).SetBytes(near.exponent), modpOf(group).prime)
		for _, k := range []struct{ private, public *modpKey }{{near, far}, {far, near}} {
			if got, err := k.private.shared(k.public.public(), true); err != nil || !bytes.Equal(got, want.Bytes()) {
				t.Errorf("group %d: shared secret %x, %v, want %x", group, got, err, want)
			}
		}
	}
}

// Old programs read public keys of the modulus' length only.
func TestDrawnPublicKeysHaveFullLength(t *testing.T) {
	for range 300 {
		k, err := algorithms[Group2].generate()
		if err != nil {
			t.Fatal(err)
		}
		if len(k.public()) != 128 {
			t.Fatalf("a public key of %d bytes", len(k.public()))
		}
	}
}

func TestPublicKeyBounds(t *testing.T) {
	for _, group := range []Group{Group2, Group5, Group14} {
		g := modpOf(group)
		mixed := new(big.Int).Rsh(g.prime, 3)
		minus := func(n int64) []byte { return new(big.Int).Sub(g.prime, big.NewInt(n)).Bytes() }
		for name, c := range map[string]struct {
			key  []byte
			good bool
		}{
			"in the middle":              {mixed.Bytes(), true},
			"with a leading zero":        {append([]byte{0}, mixed.Bytes()...), true},
			"with many of them":          {append(make([]byte, g.modulus.Size()), mixed.Bytes()...), false},
			"p − 2^24":                   {minus(1 << 24), true},
			"p − 2^24 + 1":               {minus(1<<24 - 1), false},
			"p − 1":                      {minus(1), false},
			"p":                          {g.prime.Bytes(), false},
			"2^24 − 1":                   {[]byte{0xff, 0xff, 0xff}, false},
			"0":                          {nil, false},
			"1":                          {[]byte{1}, false},
			"16 ones and 16 zeros":       {[]byte{0xff, 0xff, 0, 0}, true},
			"15 ones":                    {[]byte{0xff, 0xfe, 0, 0}, false},
			"15 zeros behind the first":  {[]byte{0xff, 0xff, 0x80, 0}, false},
			"leading zeros do not count": {[]byte{0x01, 0xff, 0xff, 0x80, 0}, false},
		} {
			if err := g.check(c.key); (err == nil) != c.good || err != nil && !errors.Is(err, ErrPublicKey) {
				t.Errorf("group %d, %s: %v, want acceptance %v", group, name, err, c.good)
			}
		}
	}
}

func BenchmarkMODP(b *testing.B) {
	for _, group := range []Group{Group2, Group5, Group14} {
		near, far := modpKeyOf(b, group, 0xa7), modpKeyOf(b, group, 0x3c)
		b.Run(fmt.Sprintf("group%d/generate", group), func(b *testing.B) {
			for b.Loop() {
				if _, err := algorithms[group].generate(); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("group%d/shared", group), func(b *testing.B) {
			for b.Loop() {
				if _, err := near.shared(far.public(), true); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
