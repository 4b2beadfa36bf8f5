package phone

import (
	"context"
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"sundog.dev/sundog/internal/profile"
	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/mesh/trust"
)

// withKey is a profile whose owner has the key of a number.
func withKey(n byte) *profile.Store {
	seed := make([]byte, ed25519.SeedSize)
	seed[0] = n
	return profile.InMemory(profile.WithIdentity(ed25519.NewKeyFromSeed(seed)))
}

// keyed is a phone on the service whose owner has the key of a number.
func (w *world) keyed(t *testing.T, name string, key byte, accept Accept) *Phone {
	t.Helper()
	return w.started(t, Config{Name: name, Profile: withKey(key), Accept: accept})
}

// take moves a phone to the service.
func (w *world) take(t *testing.T, p *Phone, name string) {
	t.Helper()
	if err := p.SetService(name, w.Server, w.Directory); err != nil {
		t.Fatal(err)
	}
	eventually(t, name+" is registered", func() bool { return w.lookUp(t, name) == nil })
}

// compared waits until a call has its short string.
func compared(t *testing.T, c *Call) Verification {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for c.Verification().State != trust.Compared {
		if _, err := c.Next(ctx); err != nil {
			t.Fatalf("call with %s: %v while there is no string (%+v)", c.Name(), err, c.Verification())
		}
	}
	return c.Verification()
}

// over hangs up and waits for both ends.
func over(t *testing.T, out, in *Call) {
	t.Helper()
	out.HangUp()
	until(t, out, Ended)
	until(t, in, Ended)
}

// verify has somebody call somebody, who becomes a verified contact, and hang up.
func verify(t *testing.T, from, to *Phone, name string) {
	t.Helper()
	out, in := connect(t, from, to, name)
	compared(t, out)
	if err := out.Confirm(); err != nil {
		t.Fatal(err)
	}
	over(t, out, in)
}

// standing is what the other side of a call is to the user.
func standing(c *Call) trust.Standing { return c.Verification().Members[0].Standing }

func TestMembersCompareAndAreVerifiedFromThenOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dir := t.TempDir()
	ada, bob := w.phoneOf(t, dir, "ada"), w.phone(t, "bob", Sources{}, AcceptAnyone)
	if err := declined(t, ada, "nobody", mesh.UnknownName).Confirm(); err == nil {
		t.Error("what was not compared is confirmed")
	}
	out, in := connect(t, ada, bob, "bob")
	a, b := compared(t, out), compared(t, in)
	if strings.Join(a.Words, " ") != strings.Join(b.Words, " ") || len(a.Words) != 3 || len(a.Emoji) != 6 || a.Emoji[5] != b.Emoji[5] || a.Sentence == "" {
		t.Errorf("ada sees %v %v, bob %v %v", a.Words, a.Emoji, b.Words, b.Emoji)
	}
	far, near := a.Members[0], b.Members[0]
	if far.Identity != b.Own || near.Identity != a.Own || far.NearNonce != near.FarNonce || far.FarNonce == "" || far.NearPeerID != near.PeerID || far.Initiator == near.Initiator {
		t.Errorf("ada's view is %+v, bob's %+v", far, near)
	}
	if s := standing(out); s != trust.FirstSeen {
		t.Errorf("bob is %s to ada, who calls him for the first time", s)
	}
	if s := standing(in); s != trust.Stranger {
		t.Errorf("ada is %s to bob, whom nobody has told of her", s)
	}

	before := time.Now().Add(-time.Second)
	if err := out.Confirm(); err != nil {
		t.Fatal(err)
	}
	if m := out.Verification().Members[0]; m.Standing != trust.Verified || m.Verified.Before(before) || !person(ada, "bob").Contact {
		t.Errorf("confirmed, bob is %+v", m)
	}
	if err := in.Confirm(); err != nil {
		t.Fatal(err)
	}
	if p := person(bob, "ada"); !p.Contact || p.Verified.IsZero() {
		t.Errorf("confirmed, ada is %+v to bob", p)
	}
	over(t, out, in)

	// It is kept over a restart, from the first time on.
	since := person(ada, "bob").Verified
	if err := ada.Close(); err != nil {
		t.Fatal(err)
	}
	ada = w.phoneOf(t, dir, "ada")
	if got := person(ada, "bob"); !got.Verified.Equal(since) {
		t.Errorf("after a restart bob is verified since %v, not %v", got.Verified, since)
	}
	out, in = connect(t, ada, bob, "bob")
	compared(t, out)
	compared(t, in)
	if s := standing(in); s != trust.Verified || standing(out) != trust.Verified {
		t.Errorf("they are %s and %s to each other", standing(out), s)
	}
	if err := out.Confirm(); err != nil || !person(ada, "bob").Verified.Equal(since) {
		t.Errorf("the second match counts: %v, %v", person(ada, "bob").Verified, err)
	}

	// The strings differ, says ada.
	if err := out.Deny(); err != nil {
		t.Fatal(err)
	}
	if v := out.Verification(); !v.Differs || v.Members[0].Standing != trust.Known || !person(ada, "bob").Verified.IsZero() || !strings.Contains(v.Sentence, "Compare once more") {
		t.Errorf("denied, it is %+v", v)
	}
	if err := out.CompareAgain(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "there is another string", func() bool { v := out.Verification(); return v.State == trust.Compared && v.Attempt == 2 })
	if v := out.Verification(); v.Differs || strings.Join(v.Words, " ") == strings.Join(a.Words, " ") {
		t.Errorf("the second attempt is %+v", v)
	}
	over(t, out, in)
}

func TestACodeVerifiesWhoeverShowsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, bob := w.phone(t, "ada", Sources{}, AcceptNone), w.phone(t, "bob", Sources{}, AcceptAnyone)
	out, in := connect(t, ada, bob, "bob")
	a, b := compared(t, out), compared(t, in)
	digit := map[bool]string{true: "1", false: "0"}
	for _, c := range []struct{ what, text, want string }{
		{"no code", "https://example.org", "not a code"},
		{"half a code", b.Code[:len(b.Code)-1], "not a code"},
		{"a link", bob.Link(), "not a code"},
		{"a later version", strings.Replace(b.Code, ":1:", ":2:", 1), "another version"},
		{"the own code", a.Code, "your own phone"},
		{"a code whose last bits differ", b.Code[:78] + digit[b.Code[78] == '0'] + b.Code[79:], "does not fit"},
		{"a code of somebody else", b.Code[:80] + strings.Repeat("7", 64), "not in this call"},
	} {
		if err := out.CheckCode(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.what, err, c.want)
		}
	}
	if !person(ada, "bob").Verified.IsZero() || standing(out) != trust.FirstSeen {
		t.Error("a wrong code has verified somebody")
	}
	if err := out.CheckCode(" " + strings.ToLower(b.Code) + "\n"); err != nil {
		t.Fatal(err)
	}
	if standing(out) != trust.Verified || person(ada, "bob").Verified.IsZero() {
		t.Error("the right code verifies nobody")
	}
	over(t, out, in)
	if err := out.CheckCode("x"); err == nil {
		t.Error("a call that is over takes codes")
	}
}
