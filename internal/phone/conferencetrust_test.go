package phone

import (
	"strings"
	"testing"
	"time"

	"sundog.dev/sundog/internal/profile"
	"sundog.dev/sundog/mesh/trust"
)

// Somebody whom others bring along under a contact's name is not that contact, and nobody is told so.
func TestWhoIsBroughtAlongUnderAContactsName(t *testing.T) {
	t.Parallel()
	w, elsewhere := newWorld(t), newWorld(t)
	ada := w.keyed(t, "ada", 1, AcceptNone)
	bob := w.keyed(t, "bob", 2, AcceptAnyone)
	stranger := w.keyed(t, "Carol", 3, AcceptAnyone)
	carol := elsewhere.keyed(t, "carol", 4, AcceptAnyone) // bob's contact
	link := carol.Link()
	if _, err := bob.AddContact(link); err != nil {
		t.Fatal(err)
	}
	out, in := connect(t, ada, bob, "bob")
	a, b := attend(t, out), attend(t, in)
	eventually(t, "people can be added", a.MayAdd)
	if err := a.Add("Carol"); err != nil {
		t.Fatal(err)
	}
	c := answer(t, stranger)
	eventually(t, "all are there", func() bool { return len(a.hereNow()) == 2 && len(b.hereNow()) == 2 && len(c.hereNow()) == 2 })
	var shown Participant
	for _, one := range b.People() {
		if one.Identity == asIdentity(someKey(3)) {
			shown = one
		}
	}
	if shown.Name != "Carol (2)" || shown.Standing != trust.Changed {
		t.Errorf("bob sees %+v", shown)
	}
	eventually(t, "the words are there", func() bool { return b.Verification().State == trust.Compared })
	for _, m := range b.Verification().Members {
		if m.Identity == asIdentity(someKey(3)) && (m.Name != "Carol (2)" || m.Standing != trust.Changed) {
			t.Errorf("to be verified is %+v", m)
		}
	}
	if err := b.Confirm(); err == nil || !strings.Contains(err.Error(), "not the identity that you know") {
		t.Errorf("somebody under a contact's name is verified: %v", err)
	}
	if got := person(bob, "carol"); !got.Identity.Equal(someKey(4)) || !got.Verified.IsZero() {
		t.Errorf("bob's contact is now %+v", got)
	}
	b.HangUp()
	a.HangUp()
	eventually(t, "the call is over", func() bool { return c.Status().State == Ended && person(bob, "Carol (2)").Name != "" })
	if err := bob.Block("Carol (2)", true); err != nil { // from the next call on
		t.Fatal(err)
	}
	opened, err := ada.Confer()
	if err != nil {
		t.Fatal(err)
	}
	a = attend(t, opened)
	for _, name := range []string{"bob", "Carol"} {
		if err := a.Add(name); err != nil {
			t.Fatal(err)
		}
	}
	b, c = answer(t, bob), answer(t, stranger)
	eventually(t, "both are with ada", func() bool { return len(a.hereNow()) == 2 })
	if names := b.hereNow(); len(names) != 1 || names[0] != "ada" {
		t.Errorf("bob is connected to %v", names)
	}
}

// Whoever comes into a conference under a contact's name, with another key, is somebody else, though the contact was in it before.
func TestAContactWhoComesBackWithAnotherKey(t *testing.T) {
	t.Parallel()
	here, there := newWorld(t), newWorld(t)
	ada, bob := here.keyed(t, "ada", 1, AcceptNone), here.keyed(t, "bob", 2, AcceptAnyone)
	a, link := confer(t, ada)
	if err := a.Add("bob"); err != nil {
		t.Fatal(err)
	}
	b := answer(t, bob)
	eventually(t, "bob is there", func() bool { return len(a.hereNow()) == 1 })
	b.HangUp()
	eventually(t, "bob has gone", func() bool { return len(a.hereNow()) == 0 })
	verified(t, ada, "bob", 2)

	anew := there.keyed(t, "bob", 3, AcceptAnyone) // through a service of another's
	joined, err := anew.JoinRoom(link)
	if err != nil {
		t.Fatal(err)
	}
	b = attend(t, joined)
	eventually(t, "somebody is there", func() bool { return len(a.hereNow()) == 1 })
	if p := a.People()[0]; p.Name != "bob (2)" || p.Standing != trust.Changed || !p.Verified.IsZero() || p.Identity != asIdentity(someKey(3)) {
		t.Errorf("ada sees %+v", p)
	}
	if got := person(ada, "bob"); !got.Identity.Equal(someKey(2)) || got.Verified.IsZero() {
		t.Errorf("ada's contact is now %+v", got)
	}

	// Both at once, and the contact is the contact.
	if err := a.Add("bob"); err != nil {
		t.Fatal(err)
	}
	contact := answer(t, bob)
	eventually(t, "both are there", func() bool { return len(a.hereNow()) == 2 && len(contact.hereNow()) == 2 && len(b.hereNow()) == 2 })
	for _, p := range a.People() {
		is := p.Identity == asIdentity(someKey(2))
		if (p.Name == "bob") != is || (p.Standing == trust.Verified) != is {
			t.Errorf("ada sees %+v", p)
		}
	}
}

// verified makes somebody a contact who is verified.
func verified(t *testing.T, p *Phone, name string, key byte) {
	t.Helper()
	if _, err := p.Profile().AddContact(profile.Person{Name: name, Identity: someKey(key)}); err != nil {
		t.Fatal(err)
	}
	if err := p.changeList(p.Profile().Verify(someKey(key), time.Now())); err != nil {
		t.Fatal(err)
	}
}
