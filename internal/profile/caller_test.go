package profile

import (
	"crypto/ed25519"
	"errors"
	"reflect"
	"testing"
)

func TestTwoEntriesOfOneKeyBecomeOne(t *testing.T) {
	s := inMemory(t)
	one := key(t)
	ok(t, added(s.AddContact(Person{Name: "Ada", Identity: one, Found: Found{Directory: "example.org"}})), s.Verify(one, day(1)),
		s.AddPerson("countess"), s.RecordCall(Call{Name: "countess", At: day(2), Outgoing: true}))
	ok(t, s.Remember("countess", one, "lovelace", Found{}))
	p := s.People()
	if len(p) != 1 || p[0].Name != "Ada" || p[0].Registered != "lovelace" || !p[0].Verified.Equal(day(1)) || !p[0].LastCall.Equal(day(2)) || p[0].Directory != "example.org" {
		t.Errorf("people are %+v", p)
	}
}

func TestWhoIsBlockedStaysBlockedWhenEntriesBecomeOne(t *testing.T) {
	s := inMemory(t)
	eve := key(t)
	ok(t, added(s.AddContact(Person{Name: "eve", Identity: eve})), s.Block("eve", true), s.AddPerson("new friend"), s.Remember("new friend", eve, "", Found{}))
	if p := s.People(); len(p) != 1 || !p[0].Blocked {
		t.Errorf("people are %+v", p)
	}
}

func TestACallerIsNobodyElseByTheirName(t *testing.T) {
	s := inMemory(t)
	bob, other := key(t), key(t)
	ok(t, added(s.AddContact(Person{Name: "Bob", Identity: bob})), s.AddPerson("Cid"))
	for _, c := range []struct {
		what, name string
		identity   ed25519.PublicKey
		want       string
	}{
		{"a known identity", "Robert", bob, "Bob"},
		{"another identity under a known name", "BOB", other, "BOB (2)"},
		{"no identity under the name of somebody who has one", "Bob", nil, "Bob (2)"},
		{"an identity under the name of somebody of whom none is known", "Cid", other, "Cid (2)"},
		{"no identity under the name of somebody of whom none is known", "Cid", nil, "Cid"},
		{"somebody new", "Dan", other, "Dan"},
	} {
		if got := s.CallerName(c.name, c.identity); got != c.want {
			t.Errorf("%s: shown as %q, want %q", c.what, got, c.want)
		}
	}
	ok(t, s.RecordCall(Call{Name: "Bob", At: day(1)}), s.RecordCall(Call{Name: "Bob", Identity: other, At: day(2)}))
	if got := names(s.People()); !reflect.DeepEqual(got, []string{"Bob (3)", "Bob (2)", "Bob", "Cid"}) {
		t.Errorf("the list is %q", got)
	}
	if again := s.CallerName("bob", nil); again != "bob (2)" {
		t.Errorf("who proves nothing is %q the second time", again)
	}
}

func TestAnotherIdentityReplacesOnlyBecauseTheUserSaysSo(t *testing.T) {
	s := inMemory(t)
	before, after := key(t), key(t)
	ok(t, added(s.AddContact(Person{Name: "Bob", Identity: before, Found: Found{Link: "sundog:bob"}})), s.Verify(before, day(1)),
		s.RecordCall(Call{Name: "bob", Identity: after, At: day(3)}), s.AddRequest("bob", after, "", day(3)))
	ok(t, s.Replace("BOB", after))
	p := s.People()
	if len(p) != 1 || p[0].Name != "Bob" || !p[0].Identity.Equal(after) || !p[0].Verified.IsZero() || !p[0].LastCall.Equal(day(3)) || len(s.Requests()) != 0 {
		t.Errorf("people are %+v, requests %+v", p, s.Requests())
	}
	if p[0].Link != "" {
		t.Error("the link that names the former identity is kept")
	}
	if err := s.Replace("nobody", after); !errors.Is(err, ErrNobody) {
		t.Errorf("nobody: %v", err)
	}
}

func TestVerifiedBelongsToTheKey(t *testing.T) {
	s := inMemory(t)
	before, after := key(t), key(t)
	ok(t, added(s.AddContact(Person{Name: "Bob", Identity: before})), s.Replace("Bob", after), s.AddPerson("Cid"))
	for what, of := range map[string]ed25519.PublicKey{"a key that Bob had before": before, "no key": nil} {
		if err := s.Verify(of, day(1)); !errors.Is(err, ErrNobody) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, p := range s.People() {
		if !p.Verified.IsZero() {
			t.Errorf("%s is verified", p.Name)
		}
	}
	ok(t, s.Verify(after, day(1)), s.Rename("Bob", "Robert"), added(s.AddContact(Person{Name: "Bob", Identity: before})))
	for _, c := range []struct {
		name string
		want bool
	}{{"Robert", true}, {"Bob", false}} {
		if p, _ := s.Person(c.name); p.Verified.IsZero() == c.want {
			t.Errorf("%s is %+v", c.name, p)
		}
	}
	ok(t, s.RemovePerson("Robert"), added(s.AddContact(Person{Name: "Robert", Identity: after})))
	if p, _ := s.Person("Robert"); !p.Verified.IsZero() {
		t.Error("who was taken off the list and added again is still verified")
	}
}
