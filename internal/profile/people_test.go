package profile

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

func names(people []Person) (list []string) {
	for _, p := range people {
		list = append(list, p.Name)
	}
	return list
}

func TestPeople(t *testing.T) {
	s := inMemory(t)
	ok(t, s.AddPerson("zoe"), s.AddPerson("Amy"),
		s.RecordCall(Call{Name: "Bob", At: day(2)}),
		s.RecordCall(Call{Name: "Cid", At: day(3), Outgoing: true}),
		s.RecordCall(Call{Name: "BOB", At: day(4), Missed: true}),
		s.AddPerson("Gone"), s.RemovePerson("gone"))
	want := []Person{
		{Name: "Bob", Registered: "Bob", LastCall: day(4), Missed: true},
		{Name: "Cid", Registered: "Cid", LastCall: day(3), Outgoing: true, Contact: true},
		{Name: "Amy", Registered: "Amy", Contact: true},
		{Name: "zoe", Registered: "zoe", Contact: true},
	}
	if got := s.People(); !reflect.DeepEqual(got, want) {
		t.Errorf("people are\n%+v, want\n%+v", got, want)
	}
	if got := names(s.Contacts()); !reflect.DeepEqual(got, []string{"Cid", "Amy", "zoe"}) {
		t.Errorf("contacts are %q", got)
	}
	for name, contact := range map[string]bool{"CID": true, "amy": true, "bob": false, "nobody": false} {
		if s.IsContact(name) != contact {
			t.Errorf("IsContact(%q) is %v", name, !contact)
		}
	}
}

func TestPeopleAreBounded(t *testing.T) {
	s := inMemory(t)
	_, err := s.db.Exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		INSERT INTO people (name, folded, last_call, contact) SELECT 'p' || i, 'P' || i, i * 1000, i <= 2 FROM n`, maxPeople)
	ok(t, err, s.AddPerson("new"), s.RecordCall(Call{Name: "newer", At: day(1)}))
	if n := len(s.People()); n != maxPeople {
		t.Errorf("%d people", n)
	}
	for name, kept := range map[string]bool{"p1": true, "p2": true, "p3": false, "p5": true, "new": true, "newer": true} {
		if _, got := s.Person(name); got != kept {
			t.Errorf("%s is kept: %v", name, got)
		}
	}
}

func TestWhoeverWasFoundForACallHasBeenSeen(t *testing.T) {
	s := InMemory()
	t.Cleanup(func() { _ = s.Close() })
	at := time.UnixMilli(1_700_000_000_000)
	for name, where := range map[string]string{"Ada": "this network", "Bob": ""} {
		if err := s.RecordCall(Call{Name: name, Found: Found{Directory: where}, At: at, Outgoing: true}); err != nil {
			t.Fatal(err)
		}
		if p, _ := s.Person(name); p.LastSeen.Equal(at) != (where != "") {
			t.Errorf("%s, found at %q, was last seen at %v", name, where, p.LastSeen)
		}
	}
}

func TestOwnCallsCorrectTheSpelling(t *testing.T) {
	s := inMemory(t)
	ok(t, s.AddPerson("bob miller"),
		s.RecordCall(Call{Name: "Bob Miller", Outgoing: true}),
		s.RecordCall(Call{Name: "BOB MILLER"})) // so others call themselves
	if p := s.People(); len(p) != 1 || p[0].Name != "Bob Miller" {
		t.Errorf("people are %+v", p)
	}
}

func TestNamesThatDifferInCaseAreOne(t *testing.T) {
	for _, c := range [][2]string{{"ZOË", "zoë"}, {"Kelvin", "\u212aELVIN"}, {"ΣΊΣΥΦΟΣ", "σίσυφος"}} {
		if fold(c[0]) != fold(c[1]) || !strings.EqualFold(c[0], c[1]) {
			t.Errorf("%q and %q are two", c[0], c[1])
		}
	}
	if fold("a") == fold("b") {
		t.Error("all names are one")
	}
}

func TestContactsAreKnownByTheirIdentity(t *testing.T) {
	s := inMemory(t)
	one, other := key(t), key(t)
	ok(t, s.AddPerson("bob"), s.Remember("Bob", one, "bob", Found{Directory: "example.org"}))
	if err := s.Remember("bob", other, "bob", Found{Directory: "evil.example"}); !errors.Is(err, ErrOtherIdentity) {
		t.Errorf("another identity: %v", err)
	}
	if p, found := s.PersonOf(one); !found || p.Name != "bob" || p.Directory != "example.org" {
		t.Errorf("by the identity: %+v, %v", p, found)
	}
	if _, found := s.PersonOf(nil); found {
		t.Error("no identity is somebody")
	}
	// The same person under another name.
	ok(t, s.RecordCall(Call{Name: "Robert", Identity: one, At: day(1), Outgoing: true}), s.Remember("bob", one, "Robert", Found{}))
	if got := s.People(); len(got) != 1 || got[0].Name != "bob" || got[0].Registered != "Robert" {
		t.Errorf("renamed: %+v", got)
	}
	// Somebody else under the same name.
	ok(t, s.RecordCall(Call{Name: "Bob", Identity: other, At: day(2)}))
	if p, found := s.PersonOf(other); !found || p.Name != "Bob (2)" || p.Registered != "Bob" || p.Contact {
		t.Errorf("the other Bob is %+v, %v", p, found)
	}
	ok(t, s.Rename("Bob (2)", "Bob from work"))
	if err := s.Rename("bob", "BOB FROM WORK"); !errors.Is(err, ErrNameInUse) {
		t.Errorf("a name in use: %v", err)
	}
	if err := s.Rename("nobody", "x"); !errors.Is(err, ErrNobody) {
		t.Errorf("nobody: %v", err)
	}
	ok(t, s.Rename("bob", "BOB"))
	if got := names(s.People()); !reflect.DeepEqual(got, []string{"Bob from work", "BOB"}) {
		t.Errorf("people are %q", got)
	}
}

func TestOnlyOwnDoingPinsAnIdentity(t *testing.T) {
	s := inMemory(t)
	ok(t, s.AddPerson("bob"), s.RecordCall(Call{Name: "bob", Identity: key(t)}))
	if p, _ := s.Person("bob"); p.Identity != nil {
		t.Error("a caller has made himself a contact's identity")
	}
	called := key(t)
	ok(t, s.RecordCall(Call{Name: "bob", Identity: called, Outgoing: true}))
	if p, _ := s.PersonOf(called); p.Name != "bob" {
		t.Errorf("whom the user called is %+v", p)
	}
}

func TestBlocked(t *testing.T) {
	s := inMemory(t)
	one, other := key(t), key(t)
	ok(t, added(s.AddContact(Person{Name: "bob", Identity: one})), s.Block("BOB", true), s.Block("Mallory", true), s.AddPerson("amy"))
	for _, c := range []struct {
		name    string
		caller  Person
		blocked bool
	}{
		{"a blocked contact", Person{Name: "bob", Identity: one}, true},
		{"the same under another name", Person{Name: "robert", Identity: one}, true},
		{"a caller of that name", Person{Name: "Bob"}, true},
		{"another of that name", Person{Name: "bob", Identity: other}, false},
		{"a blocked name", Person{Name: "mallory", Identity: other}, true},
		{"a contact", Person{Name: "amy"}, false},
	} {
		if got := s.IsBlocked(c.caller.Name, c.caller.Identity); got != c.blocked {
			t.Errorf("%s: blocked %v", c.name, got)
		}
	}
	if s.IsContact("bob") {
		t.Error("who is blocked counts as a contact")
	}
	ok(t, s.Block("bob", false))
	if !s.IsContact("bob") || s.IsBlocked("bob", one) {
		t.Error("bob is still blocked")
	}
}

func TestTextsOfOthersAreBounded(t *testing.T) {
	s := inMemory(t)
	long := strings.Repeat("ü", 5*maxText)
	ok(t, added(s.AddContact(Person{Name: long, Found: Found{Directory: long, Rendezvous: long, Link: long}})), s.AddRequest(long, nil, long, day(1)),
		s.Remember(long[:maxText], nil, long, Found{}))
	p, r := s.People()[0], s.Requests()[0]
	for _, text := range []string{p.Name, p.Registered, p.Directory, p.Rendezvous, p.Link, r.Name, r.Directory} {
		if len(text) != maxText || !strings.HasSuffix(text, "ü") {
			t.Errorf("a text has %d bytes and ends in %q", len(text), text[len(text)-2:])
		}
	}
}

func TestRequests(t *testing.T) {
	s := inMemory(t)
	eve := key(t)
	ok(t, s.AddRequest("Eve", nil, "", day(1)), s.AddRequest("EVE", nil, "", day(2)), s.AddRequest("Eve", eve, "example.org", day(3)),
		s.AddRequest("Eve", key(t), "", day(4)), s.AddRequest("Dan", nil, "", day(5)), s.AddRequest("Mallory", nil, "", day(6)))
	got := s.Requests()
	var told []string
	for _, r := range got {
		told = append(told, fmt.Sprintf("%s %d %s", r.Name, r.Times, r.Directory))
	}
	if want := []string{"Mallory 1 ", "Dan 1 ", "Eve 1 ", "Eve 3 example.org"}; !reflect.DeepEqual(told, want) {
		t.Fatalf("requests are %q, want %q", told, want)
	}
	if r := got[3]; !r.First.Equal(day(1)) || !r.Last.Equal(day(3)) || !r.Identity.Equal(eve) {
		t.Errorf("eve's request is %+v", r)
	}
	shown, err := s.AcceptRequest(got[3].ID)
	ok(t, err, s.DeclineRequest(got[1].ID), s.BlockRequest(got[0].ID))
	if p, _ := s.PersonOf(eve); shown != "Eve" || p.Name != "Eve" || !p.Contact || p.Directory != "example.org" {
		t.Errorf("accepted as %q: %+v", shown, p)
	}
	if shown, err = s.AcceptRequest(got[2].ID); err != nil || shown != "Eve (2)" {
		t.Errorf("the other Eve is accepted as %q, %v", shown, err)
	}
	if !s.IsBlocked("mallory", nil) || len(s.Requests()) != 0 {
		t.Errorf("left are %+v", s.Requests())
	}
	if _, err := s.AcceptRequest(got[2].ID); !errors.Is(err, ErrNobody) {
		t.Errorf("accepted twice: %v", err)
	}
}

func TestRequestsAreBounded(t *testing.T) {
	s := inMemory(t)
	for i := range maxRequests + 10 {
		ok(t, s.AddRequest(fmt.Sprint("s", i), nil, "", day(1)))
	}
	if got := s.Requests(); len(got) != maxRequests || got[0].Name != fmt.Sprint("s", maxRequests+9) {
		t.Errorf("%d requests, the latest of %q", len(got), got[0].Name)
	}
}
