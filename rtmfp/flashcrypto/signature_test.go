package flashcrypto

import (
	"bytes"
	"testing"

	"sundog.dev/sundog/rtmfp/internal/wire"
)

func TestPasswordSignatures(t *testing.T) {
	const parameters = "what a keying message says"
	ann, bob, stranger := Password{"ann", []byte("secret")}, Password{"bob", []byte("other")}, Password{"eve", []byte("?")}
	wrong := Password{"ann", []byte("guess")}
	sign := func(pw ...Password) []byte {
		return newTestProfile(t, Options{Groups: []Group{31}, SignWith: pw}).Sign([]byte(parameters))
	}
	known := []Password{ann, bob}
	for _, c := range []struct {
		name          string
		signature     []byte
		valid         bool // where no password is required
		authenticated bool // where one is
	}{
		{"empty", nil, true, false},
		{"X", []byte("X"), true, false},
		{"of a known password", sign(ann), true, true},
		{"of two known ones", sign(ann, bob), true, true},
		{"of an unknown one", sign(stranger), true, false},
		{"of a known and an unknown one", sign(stranger, bob), true, true},
		{"of a wrong password", sign(wrong), false, false},
		{"of a right and a wrong one", sign(bob, wrong), false, false},
		{"of a wrong one before a right one", sign(wrong, ann), false, false},
		{"malformed", sign(ann)[:20], true, false},
		{"malformed behind a good one", append(sign(ann), 9), true, false},
		{"an unknown option before it", append([]byte{2, 0x55, 1}, sign(ann)...), true, true},
		{"too short for an HMAC", wire.AppendOption(nil, signPassword, make([]byte, 31)), true, false},
		{"a marker", append([]byte{0}, sign(ann)...), true, false},
		{"endless", bytes.Repeat([]byte{1, 0x55}, maxOptions+1), true, false},
	} {
		lenient := newTestProfile(t, Options{Groups: []Group{31}, VerifyWith: known})
		strict := newTestProfile(t, Options{Groups: []Group{31}, VerifyWith: known, RequirePassword: true})
		for _, v := range []struct {
			p    *Profile
			want bool
		}{{lenient, c.valid}, {strict, c.authenticated}} {
			if got := v.p.Verify(nil, []byte(parameters), c.signature); got != v.want {
				t.Errorf("%s, a password required %v: valid %v", c.name, v.p == strict, got)
			}
		}
		if !newTestProfile(t, Options{Groups: []Group{31}}).Verify(nil, []byte(parameters), c.signature) {
			t.Errorf("%s: refused by a profile that knows no passwords", c.name)
		}
	}
	strict := newTestProfile(t, Options{Groups: []Group{31}, VerifyWith: known, RequirePassword: true})
	if strict.Verify(nil, []byte("other parameters"), sign(ann)) {
		t.Error("a signature over something else was taken")
	}
	if s := sign(ann); len(s) != 2+32+3 || !bytes.HasPrefix(s, []byte{36, 0x1d}) || string(s[34:]) != "ann" {
		t.Errorf("the signature is %x, want 24 1d, 32 bytes of HMAC and the ID", s)
	}
}

func FuzzVerify(f *testing.F) {
	p := newTestProfile(f, Options{Groups: []Group{31}, SignWith: []Password{{"a", []byte("s")}}})
	v := newTestProfile(f, Options{Groups: []Group{31}, VerifyWith: []Password{{"a", []byte("s")}}, RequirePassword: true})
	f.Add([]byte("X"))
	f.Add(p.Sign([]byte("other")))
	good := p.Sign([]byte("parameters"))
	f.Fuzz(func(t *testing.T, signature []byte) {
		if v.Verify(nil, []byte("parameters"), signature) && !bytes.Contains(signature, good[2:34]) {
			t.Errorf("%x was taken", signature)
		}
	})
}
