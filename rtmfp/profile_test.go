package rtmfp

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
)

// testProfile is a CryptoProfile for tests: X25519 with static keys, AES-GCM. A certificate is the name's length,
// the name and the public key; a discriminator is 'F' and the fingerprint, or 'A' and the name.
type testProfile struct {
	key         *ecdh.PrivateKey
	certificate []byte
	// wrapSeal, if set, wraps the sealing ciphers of sessions.
	wrapSeal func(PacketCipher) PacketCipher
	// oldClients is what OldClients says.
	oldClients bool
	// refuseInitiate and refuseComplete, if set, refuse far ends at those stages.
	refuseInitiate, refuseComplete error
	// feedback has the ends report to each other when packets arrive.
	feedback bool
}

func newTestProfile(name string) *testProfile {
	key, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	cert := append([]byte{byte(len(name))}, name...)
	return &testProfile{key: key, certificate: append(cert, key.PublicKey().Bytes()...)}
}

func (p *testProfile) epd() []byte { return testCertificate(p.certificate).CanonicalEPD() }

func (p *testProfile) DefaultCipher() PacketCipher { return newTestCipher([]byte("default")) }
func (p *testProfile) Certificate() []byte         { return p.certificate }
func (p *testProfile) SelectedBy(epd []byte) bool {
	return testCertificate(p.certificate).SelectedBy(epd)
}

var errTest = errors.New("test profile: refused")

func (p *testProfile) ParseCertificate(b []byte) (Certificate, error) {
	if len(b) < 1 || len(b) < 1+int(b[0])+32 {
		return nil, errTest
	}
	return testCertificate(bytes.Clone(b)), nil
}

func (p *testProfile) Initiate(far Certificate) (InitiatorKeying, error) {
	if p.refuseInitiate != nil {
		return nil, p.refuseInitiate
	}
	k := &testKeying{p: p, far: far, component: make([]byte, 32)}
	rand.Read(k.component)
	return k, nil
}

func (p *testProfile) Respond(far Certificate, skic []byte) ([]byte, SessionKeys, error) {
	if len(skic) != 32 {
		return nil, SessionKeys{}, errTest
	}
	skrc := make([]byte, 32)
	rand.Read(skrc)
	keys, err := p.keys(far, skrc, skic)
	return skrc, keys, err
}

func (p *testProfile) keys(far Certificate, near, farComponent []byte) (SessionKeys, error) {
	pub, err := ecdh.X25519().NewPublicKey(far.(testCertificate).public())
	if err != nil {
		return SessionKeys{}, err
	}
	secret, err := p.key.ECDH(pub)
	if err != nil {
		return SessionKeys{}, err
	}
	mac := func(parts ...[]byte) []byte {
		h := hmac.New(sha256.New, secret)
		for _, b := range parts {
			h.Write(b)
		}
		return h.Sum(nil)
	}
	seal := PacketCipher(newTestCipher(mac(farComponent, near)))
	if p.wrapSeal != nil {
		seal = p.wrapSeal(seal)
	}
	return SessionKeys{
		Seal:      seal,
		Open:      newTestCipher(mac(near, farComponent)),
		NearNonce: mac(near),
		FarNonce:  mac(farComponent),
		Feedback:  p.feedback,
	}, nil
}

func (p *testProfile) Sign([]byte) []byte { return []byte{'X'} }
func (p *testProfile) OldClients() bool   { return p.oldClients }

func (p *testProfile) Verify(_ Certificate, _, signature []byte) bool {
	return bytes.Equal(signature, []byte{'X'})
}

type testKeying struct {
	p         *testProfile
	far       Certificate
	component []byte
}

func (k *testKeying) Component() []byte { return k.component }
func (k *testKeying) Complete(skrc []byte) (SessionKeys, error) {
	if k.p.refuseComplete != nil {
		return SessionKeys{}, k.p.refuseComplete
	}
	if len(skrc) != 32 {
		return SessionKeys{}, errTest
	}
	return k.p.keys(k.far, k.component, skrc)
}

type testCertificate []byte

func (c testCertificate) Bytes() []byte         { return c }
func (c testCertificate) name() []byte          { return c[1 : 1+int(c[0])] }
func (c testCertificate) public() []byte        { return c[1+int(c[0]):][:32] }
func (c testCertificate) Fingerprint() [32]byte { return sha256.Sum256(c) }
func (c testCertificate) CanonicalEPD() []byte {
	sum := c.Fingerprint()
	return append([]byte{'F'}, sum[:]...)
}

// ProvesIdentity: some certificates of tests are taken for a service's, whose keys are ephemeral.
func (c testCertificate) ProvesIdentity() bool { return !bytes.HasPrefix(c.name(), []byte("service")) }

func (c testCertificate) SelectedBy(epd []byte) bool {
	return bytes.Equal(epd, c.CanonicalEPD()) || bytes.Equal(epd, append([]byte{'A'}, c.name()...))
}

// testCipher is AES-GCM with a counter for nonce, which it sends along.
type testCipher struct {
	aead    cipher.AEAD
	counter [12]byte
	current uint64
}

func (c *testCipher) Sequence() uint64 { return c.current }

func newTestCipher(secret []byte) *testCipher {
	key := sha256.Sum256(secret)
	block, _ := aes.NewCipher(key[:16])
	aead, _ := cipher.NewGCM(block)
	return &testCipher{aead: aead}
}

func (c *testCipher) Seal(dst, plain []byte) []byte {
	for i := range c.counter {
		if c.counter[i]++; c.counter[i] != 0 {
			break
		}
	}
	c.current = binary.LittleEndian.Uint64(c.counter[:])
	dst = append(dst, c.counter[:]...)
	return c.aead.Seal(dst, c.counter[:], plain, nil)
}

func (c *testCipher) Open(dst, packet []byte) ([]byte, error) {
	if len(packet) < 28 {
		return nil, errTest
	}
	plain, err := c.aead.Open(dst, packet[:12], packet[12:], nil)
	if err == nil {
		c.current = binary.LittleEndian.Uint64(packet)
	}
	return plain, err
}

func (c *testCipher) Overhead() int { return 28 }
