package flashcrypto

import (
	"slices"
	"testing"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/internal/wire"
)

func TestCertificatesThatHoldTheSameKeyAreFound(t *testing.T) {
	parse := func(b []byte) rtmfp.Certificate {
		t.Helper()
		c, err := parseCertificate(b)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	profile := func(opt Options) *Profile {
		t.Helper()
		p, err := NewProfile(opt)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	us, other, server := profile(Options{}), profile(Options{}), profile(Options{Server: true})
	key := us.static[Group14].public()
	copied := appendGroup(nil, certStaticKey, Group14, key)
	copied = wire.AppendOption(copied, certHostname, []byte("somebody else"))
	twin := slices.Clone(us.static[Group31].public())
	twin[31] ^= 0x80
	for name, c := range map[string]struct {
		far  []byte
		want bool
	}{
		"our own":                           {us.Certificate(), true},
		"another's":                         {other.Certificate(), false},
		"one that holds no keys":            {server.Certificate(), false},
		"another's with our key":            {copied, true},
		"our Curve25519 key, its twin":      {appendGroup(nil, certStaticKey, Group31, twin), true},
		"another key in a group of its own": {profile(Options{Groups: []Group{Group31}}).Certificate(), false},
	} {
		if got := ShareKey(parse(us.Certificate()), parse(c.far)); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if ShareKey(nil, parse(us.Certificate())) || ShareKey(parse(us.Certificate()), nil) {
		t.Error("no certificate shares a key")
	}
}
