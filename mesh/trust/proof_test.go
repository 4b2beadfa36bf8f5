package trust

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/hex"
	"errors"
	"testing"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// testKey is an identity key that is always the same for a number.
func testKey(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

func testIdentity(n byte) Identity { return Identity(testKey(n).Public().(ed25519.PublicKey)) }

// certificate is a far end's, or ours: 32 bytes of a Curve25519 key (RFC 7425 §4.3.3.5), a hundred times the same.
func certificate(t testing.TB, key byte) rtmfp.Certificate {
	t.Helper()
	b := append([]byte{34, 0x1d, 31}, bytes.Repeat([]byte{key}, 32)...)
	return parse(t, b)
}

func parse(t testing.TB, b []byte) rtmfp.Certificate {
	t.Helper()
	p, err := flashcrypto.NewProfile(flashcrypto.Options{Groups: []flashcrypto.Group{flashcrypto.Group31}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := p.ParseCertificate(b)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// sessionPair is a session as its initiator and as its responder see it.
func sessionPair(t testing.TB) (initiator, responder Session) {
	t.Helper()
	a, b := certificate(t, 2), certificate(t, 3)
	nonceA, nonceB := bytes.Repeat([]byte{0xaa}, 32), bytes.Repeat([]byte{0xbb}, 32)
	return Session{Initiator: true, NearNonce: nonceA, FarNonce: nonceB, Near: a, Far: b},
		Session{NearNonce: nonceB, FarNonce: nonceA, Near: b, Far: a}
}

func mustProve(t testing.TB, s Session, key crypto.Signer) []byte {
	t.Helper()
	b, err := Prove(s, key)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEachEndOfASessionProvesItsIdentity(t *testing.T) {
	a, b := sessionPair(t)
	if got, err := Verify(b, testIdentity(2), mustProve(t, a, testKey(1))); err != nil || got != testIdentity(1) {
		t.Errorf("the initiator's proof: %v, %v", got, err)
	}
	if got, err := Verify(a, testIdentity(1), mustProve(t, b, testKey(2))); err != nil || got != testIdentity(2) {
		t.Errorf("the responder's proof: %v, %v", got, err)
	}
}

// The bytes of this version, for other implementations and for ourselves.
func TestProofsAreTheBytesOfThisVersion(t *testing.T) {
	a, b := sessionPair(t)
	for name, c := range map[string]struct {
		session Session
		key     byte
		want    string
	}{
		"initiator": {a, 1, goldenInitiatorProof},
		"responder": {b, 2, goldenResponderProof},
	} {
		if got := hex.EncodeToString(mustProve(t, c.session, testKey(c.key))); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
	// The transcript, put together by hand in the order that docs/trust.md gives.
	fa, fb := a.Near.Fingerprint(), a.Far.Fingerprint()
	id := testIdentity(1)
	want := bytes.Join([][]byte{[]byte("sundog session proof 1\x00"), {1}, a.NearNonce, a.FarNonce, fa[:], fb[:], id[:]}, nil)
	if got := a.transcript(Initiator, id); !bytes.Equal(got, want) {
		t.Errorf("transcript %x, want %x", got, want)
	}
	if got := b.transcript(Initiator, id); !bytes.Equal(got, want) {
		t.Errorf("the far end's transcript %x, want %x", got, want)
	}
}

func TestSessionsThatProveNothingAreRefused(t *testing.T) {
	server, err := flashcrypto.NewProfile(flashcrypto.Options{Server: true})
	if err != nil {
		t.Fatal(err)
	}
	noKeys := parse(t, server.Certificate())
	good, far := sessionPair(t)
	message := mustProve(t, far, testKey(2))
	// Our Curve25519 key beside a host name: another fingerprint, the same key.
	ours := parse(t, append(append([]byte{34, 0x1d, 31}, bytes.Repeat([]byte{2}, 32)...), 2, 0x00, 'x'))
	for name, c := range map[string]struct {
		change func(*Session)
		want   error
	}{
		"our own certificate at the far end":      {func(s *Session) { s.Far = s.Near }, ErrOwnSession},
		"our key in another certificate":          {func(s *Session) { s.Far = ours }, ErrOwnSession},
		"another endpoint of ours at the far end": {func(s *Session) { s.Own = []rtmfp.Certificate{certificate(t, 9), s.Far} }, ErrOwnSession},
		"equal nonces":                    {func(s *Session) { s.FarNonce = s.NearNonce }, ErrEqualNonces},
		"a far certificate without keys":  {func(s *Session) { s.Far = noKeys }, ErrNotCommitted},
		"a near certificate without keys": {func(s *Session) { s.Near = noKeys }, ErrNotCommitted},
		"no far certificate":              {func(s *Session) { s.Far = nil }, ErrSession},
		"no near certificate":             {func(s *Session) { s.Near = nil }, ErrSession},
		"a short near nonce":              {func(s *Session) { s.NearNonce = s.NearNonce[1:] }, ErrSession},
		"no far nonce":                    {func(s *Session) { s.FarNonce = nil }, ErrSession},
	} {
		s := good
		c.change(&s)
		if _, err := Prove(s, testKey(1)); !errors.Is(err, c.want) {
			t.Errorf("%s: a proof was made: %v", name, err)
		}
		if _, err := Verify(s, testIdentity(1), message); !errors.Is(err, c.want) {
			t.Errorf("%s: a proof was taken: %v", name, err)
		}
	}
}

func TestProofsAreRefused(t *testing.T) {
	a, b := sessionPair(t)
	good := mustProve(t, b, testKey(2))
	change := func(at int, to byte) []byte {
		m := bytes.Clone(good)
		m[at] = to
		return m
	}
	other := a
	other.NearNonce = bytes.Repeat([]byte{0xcc}, 32)
	weak := func(key Identity) []byte { return proof{role: Responder, identity: key}.append(nil) }
	for name, c := range map[string]struct {
		session Session
		message []byte
		want    error
	}{
		"for the other role":              {a, change(2, byte(Initiator)), ErrRole},
		"sent back to who made it":        {b, good, ErrRole},
		"our own identity key":            {a, mustProve(t, b, testKey(1)), ErrOwnIdentity},
		"our own proof, reflected":        {a, mustProve(t, a, testKey(1)), ErrOwnIdentity},
		"made in another session":         {other, good, ErrSignature},
		"another's key put in":            {a, append(append(bytes.Clone(good[:3]), sliceOf(testIdentity(3))...), good[35:]...), ErrSignature},
		"a bit of the signature turned":   {a, change(40, good[40]^1), ErrSignature},
		"a key of zeros (small order)":    {a, weak(Identity{}), ErrWeakKey},
		"the neutral point (small order)": {a, weak(Identity{0: 1}), ErrWeakKey},
		"a version to come":               {a, append(change(1, 2), 7, 7), ErrVersion},
		"version 0":                       {a, change(1, 0), ErrVersion},
		"a role that there is not":        {a, change(2, 3), ErrMessage},
		"another type":                    {a, change(0, typeCommit), ErrMessage},
		"too short":                       {a, good[:ProofSize-1], ErrMessage},
		"too long":                        {a, append(bytes.Clone(good), 0), ErrMessage},
		"nothing":                         {a, nil, ErrMessage},
		"one byte":                        {a, good[:1], ErrMessage},
	} {
		if got, err := Verify(c.session, testIdentity(1), c.message); !errors.Is(err, c.want) || got != (Identity{}) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func sliceOf(i Identity) []byte { return i[:] }

// A man in the middle has two sessions, one with each side, and wants to be taken for the other side on both.
func TestAManInTheMiddleCannotPassAProofOn(t *testing.T) {
	alice, m1 := sessionPair(t) // alice dials the man in the middle
	carol, dave := certificate(t, 5), certificate(t, 6)
	m2 := Session{Initiator: true, NearNonce: bytes.Repeat([]byte{0x11}, 32), FarNonce: bytes.Repeat([]byte{0x22}, 32), Near: carol, Far: dave}
	bob := Session{NearNonce: m2.FarNonce, FarNonce: m2.NearNonce, Near: dave, Far: carol}
	fromAlice, fromBob := mustProve(t, alice, testKey(1)), mustProve(t, bob, testKey(2))
	if _, err := Verify(bob, testIdentity(2), fromAlice); !errors.Is(err, ErrSignature) {
		t.Errorf("alice's proof at bob: %v", err)
	}
	if _, err := Verify(alice, testIdentity(1), fromBob); !errors.Is(err, ErrSignature) {
		t.Errorf("bob's proof at alice: %v", err)
	}
	// He may show a key of his own; then he is known for that.
	if got, err := Verify(alice, testIdentity(1), mustProve(t, m1, testKey(66))); err != nil || got != testIdentity(66) {
		t.Errorf("his own: %v, %v", got, err)
	}
}

func TestOnlyEd25519KeysSign(t *testing.T) {
	a, _ := sessionPair(t)
	for name, key := range map[string]crypto.Signer{"none": nil, "RSA": &rsa.PrivateKey{}, "one that fails": brokenKey{testKey(1)}} {
		if _, err := Prove(a, key); !errors.Is(err, ErrIdentityKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzVerify(f *testing.F) {
	a, b := sessionPair(f)
	f.Add(mustProve(f, b, testKey(2)))
	f.Add(mustProve(f, a, testKey(1)))
	f.Add([]byte{typeProof, version, 2})
	own := testIdentity(1)
	f.Fuzz(func(t *testing.T, m []byte) {
		p, err := parseProof(m)
		if err == nil && !bytes.Equal(p.append(nil), m) {
			t.Fatalf("%x is said again as %x", m, p.append(nil))
		}
		got, verr := Verify(a, own, m)
		if err != nil && verr == nil {
			t.Fatal("malformed and taken")
		}
		if verr == nil && got != testIdentity(2) { // nobody else has signed for this session
			t.Fatalf("forged: %v", got)
		}
	})
}
