package flashcrypto

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"testing"

	"sundog.dev/sundog/rtmfp/internal/wire"
)

// newTestProfile makes a profile and fails the test if it cannot.
func newTestProfile(t testing.TB, opt Options) *Profile {
	t.Helper()
	p, err := NewProfile(opt)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func x25519Public(t testing.TB) []byte {
	t.Helper()
	key, err := curve25519{}.generate()
	if err != nil {
		t.Fatal(err)
	}
	return key.public()
}

func TestCertificateShapes(t *testing.T) {
	peer := newTestProfile(t, Options{}).Certificate()
	if !bytes.HasPrefix(peer, []byte{34, 0x1d, 31}) || !bytes.Contains(peer, []byte{0x82, 0x02, 0x1d, 14}) {
		t.Errorf("a peer's certificate %x does not list static keys in groups 31 and 14", peer)
	}
	server := newTestProfile(t, Options{Server: true}).Certificate()
	if !bytes.HasPrefix(server, []byte{1, 0x0a, 65, 0x0e}) || !bytes.Equal(server[68:], []byte{2, 0x15, 14, 2, 0x15, 31}) {
		t.Errorf("a server's certificate is %x, want 01 0a, 64 random bytes, groups 14 and 31", server)
	}
}

func TestFingerprintCoversTheCanonicalPartOnly(t *testing.T) {
	canonical := appendGroup(nil, certStaticKey, Group31, x25519Public(t))
	whole := wire.AppendMarker(bytes.Clone(canonical))
	whole = wire.AppendOption(whole, certAncillary, nil) // ignored behind the marker
	whole = wire.AppendMarker(whole)
	whole = wire.AppendOption(whole, 0x77, []byte("later"))
	c, err := parseCertificate(whole)
	if err != nil {
		t.Fatal(err)
	}
	if c.Fingerprint() != sha256.Sum256(canonical) {
		t.Error("the fingerprint is not the hash of the canonical part")
	}
	if c.SelectedBy(AncillaryEPD("rtmfp://example.com/")) {
		t.Error("an option behind the first marker counted")
	}
	if !bytes.Equal(c.CanonicalEPD(), append([]byte{0x21, 0x0f}, c.fingerprint[:]...)) {
		t.Errorf("canonical EPD %x", c.CanonicalEPD())
	}
	whole[3] ^= 1
	if c.Fingerprint() != sha256.Sum256(canonical) || bytes.Equal(c.Bytes(), whole) {
		t.Error("the parsed certificate aliases its input")
	}
}

func TestRefusedCertificates(t *testing.T) {
	key := x25519Public(t)
	static := appendGroup(nil, certStaticKey, Group31, key)
	ephemeral := appendGroup(nil, certEphemeralGroup, Group31, nil)
	modp := func(key []byte) []byte { return appendGroup(nil, certStaticKey, Group14, key) }
	for name, c := range map[string]struct {
		cert []byte
		want error
	}{
		"empty":                        {nil, ErrCertificate},
		"only options we do not know":  {wire.AppendOption(nil, 0x55, []byte("x")), ErrCertificate},
		"static and ephemeral":         {append(bytes.Clone(static), ephemeral...), ErrCertificate},
		"a static group twice":         {append(bytes.Clone(static), static...), ErrCertificate},
		"an ephemeral group twice":     {append(bytes.Clone(ephemeral), ephemeral...), ErrCertificate},
		"truncated":                    {static[:len(static)-1], ErrCertificate},
		"damage behind the marker":     {append(wire.AppendMarker(bytes.Clone(static)), 9, 1), ErrCertificate},
		"a host name twice":            {append([]byte{2, 0, 'a', 2, 0, 'a'}, static...), ErrCertificate},
		"a key option without key":     {appendGroup(nil, certStaticKey, Group31, nil), ErrCertificate},
		"a group option with a key":    {appendGroup(nil, certEphemeralGroup, Group31, key), ErrCertificate},
		"a group beyond 16 bits":       {[]byte{5, 0x15, 0x84, 0x80, 0x80, 0}, ErrCertificate},
		"keys after the marker only":   {append([]byte{0}, static...), ErrCertificate},
		"a group 31 key of 31 bytes":   {appendGroup(nil, certStaticKey, Group31, key[1:]), ErrPublicKey},
		"a group 14 key below 2^24":    {modp([]byte{0xff, 0xff, 0xff}), ErrPublicKey},
		"a group 14 key above p-2^24":  {modp(modpOf(Group14).prime.Bytes()), ErrPublicKey},
		"a group 14 key of few ones":   {modp(append([]byte{1}, make([]byte, 100)...)), ErrPublicKey},
		"a group 14 key of few zeros":  {modp(bytes.Repeat([]byte{0xff}, 100)), ErrPublicKey},
		"a group 14 key far too long":  {modp(append(make([]byte, 20), modpOf(Group14).prime.Bytes()...)), ErrPublicKey},
		"more than a certificate has":  {append(bytes.Clone(static), bytes.Repeat([]byte{1, 0x55}, maxOptions)...), ErrCertificate},
		"longer than any we should be": {append(bytes.Clone(static), make([]byte, maxCertificateLen)...), ErrCertificate},
	} {
		if _, err := parseCertificate(c.cert); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestOnlyStaticKeysProveAnIdentity(t *testing.T) {
	for _, server := range []bool{false, true} {
		c, err := parseCertificate(newTestProfile(t, Options{Server: server}).Certificate())
		if err != nil {
			t.Fatal(err)
		}
		if c.ProvesIdentity() == server {
			t.Errorf("server %v: proves its identity %v", server, !server)
		}
	}
}

func TestForeignGroupsAreNotChecked(t *testing.T) {
	cert := appendGroup(nil, certStaticKey, 16, bytes.Repeat([]byte{7}, 512))
	cert = appendGroup(cert, certStaticKey, Group31, x25519Public(t))
	far, err := parseCertificate(cert)
	if err != nil {
		t.Fatal(err)
	}
	k, err := newTestProfile(t, Options{}).Initiate(far)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(k.Component(), []byte{2, keyGroupSelect, 31}) {
		t.Errorf("component %x does not select the common group", k.Component())
	}
}

func FuzzCertificate(f *testing.F) {
	f.Add(newTestProfile(f, Options{}).Certificate())
	f.Add(newTestProfile(f, Options{Server: true, Hostname: "h"}).Certificate())
	f.Add([]byte{0, 0, 0})
	own := newTestProfile(f, Options{})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := own.ParseCertificate(b)
		if err != nil {
			return
		}
		if !bytes.Equal(c.Bytes(), b) {
			t.Error("Bytes differs from what was parsed")
		}
		if !c.SelectedBy(c.CanonicalEPD()) {
			t.Error("the canonical EPD does not select the certificate")
		}
		if k, err := own.Initiate(c); err == nil {
			if _, err := parseComponent(k.Component()); err != nil {
				t.Error(err)
			}
		}
	})
}
