package trust

import (
	"crypto"
	"crypto/ed25519"
	"errors"
	"io"
	"math/big"
	"testing"
)

// brokenKey cannot sign, like a key in a keyring that is locked.
type brokenKey struct{ ed25519.PrivateKey }

func (brokenKey) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("locked")
}

var (
	prime = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	// curveD is −121665/121666 (RFC 8032 §5.1).
	curveD = mulmod(big.NewInt(-121665), new(big.Int).ModInverse(big.NewInt(121666), prime))
)

func mulmod(a, b *big.Int) *big.Int { return new(big.Int).Mod(new(big.Int).Mul(a, b), prime) }

// onCurve is x² of the point with this y, if there is one: (y² − 1) / (d y² + 1).
func onCurve(y *big.Int) (x2 *big.Int) {
	y2 := mulmod(y, y)
	u := new(big.Int).Mod(new(big.Int).Sub(y2, big.NewInt(1)), prime)
	v := new(big.Int).Mod(new(big.Int).Add(mulmod(curveD, y2), big.NewInt(1)), prime)
	return mulmod(u, new(big.Int).ModInverse(v, prime))
}

// double is y of twice the point: (y² + x²) / (1 − d x² y²), with a = −1.
func double(x2, y *big.Int) *big.Int {
	y2 := mulmod(y, y)
	n := new(big.Int).Add(y2, x2)
	d := new(big.Int).Mod(new(big.Int).Sub(big.NewInt(1), mulmod(curveD, mulmod(x2, y2))), prime)
	return mulmod(n, new(big.Int).ModInverse(d, prime))
}

func number(i Identity) *big.Int {
	i[31] &= 0x7f
	b := make([]byte, 32)
	for k := range b {
		b[k] = i[31-k]
	}
	return new(big.Int).SetBytes(b)
}

func encode(y *big.Int, sign byte) Identity {
	var i Identity
	for k, b := range y.FillBytes(make([]byte, 32)) {
		i[31-k] = b
	}
	i[31] |= sign << 7
	return i
}

func TestKeysOfSmallOrderAreRefused(t *testing.T) {
	for _, small := range smallOrder {
		y := number(small)
		for range 3 { // three doublings lead every point whose order divides 8 to the neutral one
			y = double(onCurve(y), y)
		}
		if y.Cmp(big.NewInt(1)) != 0 {
			t.Errorf("%v is not of small order", small)
		}
		for sign := range byte(2) {
			i := small
			i[31] |= sign << 7
			if err := i.Check(); !errors.Is(err, ErrWeakKey) {
				t.Errorf("%v: %v", i, err)
			}
		}
	}
}

func TestKeysInAnotherEncodingAreRefused(t *testing.T) {
	for d := int64(0); d < 19; d++ { // p … 2²⁵⁵ − 1
		y := new(big.Int).Add(prime, big.NewInt(d))
		for sign := range byte(2) {
			if err := encode(y, sign).Check(); !errors.Is(err, ErrWeakKey) {
				t.Errorf("p + %d: %v", d, err)
			}
		}
	}
	if err := encode(new(big.Int).Sub(prime, big.NewInt(2)), 0).Check(); err != nil {
		t.Errorf("the greatest but one: %v", err)
	}
}

func TestKeysThatPeopleMakeAreTaken(t *testing.T) {
	for n := range byte(100) {
		if err := testIdentity(n).Check(); err != nil {
			t.Errorf("key %d: %v", n, err)
		}
	}
}
