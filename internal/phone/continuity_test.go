package phone

import (
	"strings"
	"testing"

	"sundog.dev/sundog/internal/profile"
	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/mesh/trust"
)

// An identity that has changed: bob's phone was lost, and he has a new one.
func TestAChangedIdentityStopsTheCallUntilTheUserDecides(t *testing.T) {
	t.Parallel()
	here, there := newWorld(t), newWorld(t)
	ada := here.phone(t, "ada", Sources{}, AcceptContacts)
	bob := here.keyed(t, "bob", 1, AcceptAnyone)
	verify(t, ada, bob, "bob")
	since := person(ada, "bob").Verified

	// At the other service nobody knew him, so it gives the name to the new key.
	anew := there.keyed(t, "bob", 2, AcceptAnyone)
	there.take(t, ada, "ada")
	c := declined(t, ada, "bob", mesh.IdentityChanged)
	other, ok := c.OtherIdentity()
	if !ok || other.Name != "bob" || other.Remembered != asIdentity(someKey(1)) || other.Shown != asIdentity(someKey(2)) || !other.Verified.Equal(since) {
		t.Fatalf("told is %+v, %v", other, ok)
	}
	if text := c.Sentence(mesh.IdentityChanged); !strings.Contains(text, "take the new identity") {
		t.Errorf("the sentence is %q", text)
	}
	select {
	case <-anew.Incoming():
		t.Error("it rings at the new bob")
	default:
	}

	// He calls her: it is refused, and she is told of it.
	declined(t, anew, "ada", mesh.Declined)
	eventually(t, "the call is noted", func() bool { return len(ada.Requests()) == 1 })
	if r := ada.Requests()[0]; r.Standing != trust.Changed || r.Contact != "bob" || r.Name != "bob" || r.Times != 1 || !r.Identity.Equal(someKey(2)) {
		t.Errorf("the request is %+v", r)
	}

	// She calls him once.
	out, err := ada.CallOnce("bob", other.Shown)
	if err != nil {
		t.Fatal(err)
	}
	in := incoming(t, anew)
	if err := in.Accept(); err != nil {
		t.Fatal(err)
	}
	until(t, out, InCall)
	until(t, in, InCall)
	if s := standing(out); s != trust.Changed || out.Name() != "bob" {
		t.Errorf("%s is %s", out.Name(), s)
	}
	compared(t, out)
	if err := out.Confirm(); err == nil || !strings.Contains(err.Error(), "call for this once") {
		t.Errorf("a call for once verifies: %v", err)
	}
	before := person(ada, "bob")
	over(t, out, in)
	if got := person(ada, "bob"); !got.Identity.Equal(someKey(1)) || !got.Verified.Equal(since) || !got.LastCall.Equal(before.LastCall) || len(ada.People()) != 1 {
		t.Errorf("a call for once is remembered: %+v", ada.People())
	}
	declined(t, ada, "bob", mesh.IdentityChanged)

	// She takes the new one.
	if err := ada.TrustIdentity("bob", other.Shown); err != nil {
		t.Fatal(err)
	}
	if got := person(ada, "bob"); !got.Identity.Equal(someKey(2)) || !got.Verified.IsZero() || !got.Contact || len(ada.Requests()) != 0 {
		t.Errorf("then bob is %+v, and asking are %+v", got, ada.Requests())
	}
	out, in = connect(t, ada, anew, "bob")
	if s := standing(out); s != trust.Known {
		t.Errorf("then bob is %s", s)
	}
	over(t, out, in)
	out, in = connect(t, anew, ada, "ada")
	over(t, out, in)
}

// A directory that has no keys, or lies, leads to somebody else: whoever answers is found out before anything is sent.
func TestWhoeverAnswersProvesTheIdentity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, eve := w.phone(t, "ada", Sources{Mic: "tone:300"}, AcceptNone), w.keyed(t, "eve", 5, AcceptAnyone)
	record, err := w.record(t, "eve")
	if err != nil {
		t.Fatal(err)
	}
	// Bob's link, which names his identity, and eve's peer ID in place of his.
	link := "sundog:bob?v=1&at=" + w.Server + "&peer=" + record.PeerID
	if _, err := ada.AddContact(link); err != nil {
		t.Fatal(err)
	}
	if err := ada.Profile().Remember("bob", someKey(1), "", profile.Found{}); err != nil {
		t.Fatal(err)
	}
	c := declined(t, ada, "bob", mesh.IdentityChanged)
	if other, ok := c.OtherIdentity(); !ok || other.Shown != asIdentity(someKey(5)) || other.Remembered != asIdentity(someKey(1)) {
		t.Errorf("told is %+v, %v", other, ok)
	}
	if text := c.Sentence(mesh.IdentityChanged); !strings.Contains(text, "stopped before anything was sent") {
		t.Errorf("the sentence is %q", text)
	}
	if got := person(ada, "bob"); !got.Identity.Equal(someKey(1)) {
		t.Errorf("bob is now %+v", got)
	}
	// Eve sees who calls, and that is all.
	in := incoming(t, eve)
	_ = in.Accept() // too late, most likely
	if st := until(t, in, Ended); !st.Established.IsZero() || in.Stats().RecvKbps > 64 {
		t.Errorf("at eve's it ended as %+v", st)
	}
}

// The same key on another profile or machine is the same person.
func TestARestoredIdentityIsTheSamePerson(t *testing.T) {
	t.Parallel()
	here, there := newWorld(t), newWorld(t)
	ada := here.phone(t, "ada", Sources{}, AcceptVerified)
	bob := here.keyed(t, "bob", 1, AcceptAnyone)
	verify(t, ada, bob, "bob")
	restored := there.keyed(t, "bobby", 1, AcceptAnyone) // under another name, even
	there.take(t, ada, "ada")
	out, in := connect(t, restored, ada, "ada")
	if in.Name() != "bob" || standing(in) != trust.Verified {
		t.Errorf("%q calls, who is %s", in.Name(), standing(in))
	}
	over(t, out, in)
	if p := ada.People(); len(p) != 1 {
		t.Errorf("one person is %+v", p)
	}
	// Two phones with one key do not call each other.
	twin := there.keyed(t, "twin", 1, AcceptAnyone)
	c, err := twin.Call("bobby")
	if err == nil {
		if st := until(t, c, Ended); !st.Established.IsZero() {
			t.Error("a phone talks to its twin")
		}
	}
}

func TestTwoPeopleWithOneName(t *testing.T) {
	t.Parallel()
	here, there := newWorld(t), newWorld(t)
	ada := here.phone(t, "ada", Sources{}, AcceptAnyone)
	bob := here.keyed(t, "bob", 1, AcceptAnyone)
	out, in := connect(t, ada, bob, "bob")
	over(t, out, in)
	there.take(t, ada, "ada")
	namesake := there.keyed(t, "Bob", 2, AcceptAnyone)
	out, in = connect(t, namesake, ada, "ada") // she takes calls from anyone
	other, told := in.OtherIdentity()
	if in.Name() != "Bob (2)" || standing(in) != trust.Changed || !told || other.Name != "bob" || other.Shown != asIdentity(someKey(2)) {
		t.Errorf("%q calls, who is %s; told is %+v, %v", in.Name(), standing(in), other, told)
	}
	compared(t, in)
	if err := in.Confirm(); err == nil {
		t.Error("somebody under a contact's name is verified without the user's having decided who they are")
	}
	over(t, out, in)
	if in.Name() != "Bob (2)" || person(ada, "Bob (2)").Contact || !person(ada, "bob").Identity.Equal(someKey(1)) {
		t.Errorf("%q has called; the list is %+v", in.Name(), ada.People())
	}
	// By his own name on the list he is called, and is nobody else.
	out, in = connect(t, ada, namesake, "Bob (2)")
	if s := standing(out); s != trust.Known {
		t.Errorf("the other Bob is %s", s)
	}
	over(t, out, in)
}

func TestARenamedContactStaysTheSame(t *testing.T) {
	t.Parallel()
	here, there := newWorld(t), newWorld(t)
	ada := here.phone(t, "ada", Sources{}, AcceptContacts)
	bob := here.keyed(t, "bob", 1, AcceptAnyone)
	verify(t, ada, bob, "bob")
	if err := ada.RenameContact("bob", "Bob from work"); err != nil { // by the user
		t.Fatal(err)
	}
	there.take(t, ada, "ada")
	renamed := there.keyed(t, "Robert", 1, AcceptAnyone) // and by himself
	out, in := connect(t, renamed, ada, "ada")
	if in.Name() != "Bob from work" || standing(in) != trust.Verified {
		t.Errorf("%q calls, who is %s", in.Name(), standing(in))
	}
	over(t, out, in)
	out, in = connect(t, ada, renamed, "Robert") // by the new name, which is not on the list
	if out.Name() != "Bob from work" || len(ada.People()) != 1 {
		t.Errorf("called was %q; the list is %+v", out.Name(), ada.People())
	}
	over(t, out, in)
}

func TestVerifiedOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, bob := w.phone(t, "ada", Sources{}, AcceptVerified), w.phone(t, "bob", Sources{}, AcceptAnyone)
	out, in := connect(t, ada, bob, "bob") // she may call whom she likes
	compared(t, out)
	over(t, out, in)
	declined(t, bob, "ada", mesh.Declined)
	eventually(t, "the call is noted", func() bool { return len(ada.Requests()) == 1 })
	if r := ada.Requests()[0]; r.Standing != trust.Known {
		t.Errorf("the request is %+v", r)
	}
	verify(t, ada, bob, "bob")
	out, in = connect(t, bob, ada, "ada")
	over(t, out, in)
}

func TestABlockedPersonStaysBlockedUnderAnotherName(t *testing.T) {
	t.Parallel()
	here, there := newWorld(t), newWorld(t)
	ada := here.phone(t, "ada", Sources{}, AcceptAnyone)
	eve := here.keyed(t, "eve", 5, AcceptAnyone)
	out, in := connect(t, eve, ada, "ada")
	over(t, out, in)
	if err := ada.Block("eve", true); err != nil {
		t.Fatal(err)
	}
	there.take(t, ada, "ada")
	declined(t, there.keyed(t, "nice and new", 5, AcceptAnyone), "ada", mesh.Blocked)
	if len(ada.Requests()) != 0 {
		t.Errorf("asking are %+v", ada.Requests())
	}
}

func TestAContactAddedByNameIsWhoeverOwnsTheName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.phoneOf(t, t.TempDir(), "ada")
	if _, err := ada.AddContact("bob"); err != nil { // who is not there yet
		t.Fatal(err)
	}
	bob := w.keyed(t, "bob", 1, AcceptAnyone)
	eventually(t, "bob's identity is known once he is there", func() bool { return person(ada, "bob").Identity.Equal(someKey(1)) })
	out, in := connect(t, bob, ada, "ada")
	if s := standing(in); s != trust.Known || in.Name() != "bob" {
		t.Errorf("%q calls, who is %s", in.Name(), s)
	}
	over(t, out, in)
}

// The directory is asked about a contact without identity who calls; the caller does not wait for the answer.
func TestTheFirstCallOfAContactAddedByNameMayBeMissed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, bob := w.phone(t, "ada", Sources{}, AcceptContacts), w.keyed(t, "bob", 1, AcceptNone)
	if err := ada.Profile().AddPerson("bob"); err != nil { // and her phone watches nobody by that name yet
		t.Fatal(err)
	}
	declined(t, bob, "ada", mesh.Declined)
	eventually(t, "bob is known, and his call was missed", func() bool { p := person(ada, "bob"); return p.Identity.Equal(someKey(1)) && p.Missed })
	if r := ada.Requests(); len(r) != 0 {
		t.Errorf("asking are %+v", r)
	}
	out, in := connect(t, bob, ada, "ada")
	if in.Name() != "bob" || standing(in) != trust.Known {
		t.Errorf("%q calls, who is %s", in.Name(), standing(in))
	}
	over(t, out, in)
}

// Whoever answers a call for once may be somebody else on the list. Who says then that the words match means the one that was called.
func TestNobodyIsVerifiedInACallForOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, carol := w.phone(t, "ada", Sources{}, AcceptNone), w.keyed(t, "carol", 3, AcceptAnyone)
	if _, err := ada.AddContact("carol"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "carol's identity is known", func() bool { return person(ada, "carol").Identity.Equal(someKey(3)) })
	record, err := w.record(t, "carol")
	if err != nil {
		t.Fatal(err)
	}
	// Bob's link leads to carol.
	if _, err := ada.AddContact("sundog:bob?v=1&at=" + w.Server + "&peer=" + record.PeerID); err != nil {
		t.Fatal(err)
	}
	declined(t, ada, "bob", mesh.IdentityChanged)
	until(t, incoming(t, carol), Ended)
	out, err := ada.CallOnce("bob", asIdentity(someKey(3)))
	if err != nil {
		t.Fatal(err)
	}
	in := incoming(t, carol)
	if err := in.Accept(); err != nil {
		t.Fatal(err)
	}
	until(t, out, InCall)
	compared(t, out)
	code := compared(t, in).Code
	for what, err := range map[string]error{"the words": out.Confirm(), "the code": out.CheckCode(code)} {
		if err == nil || !strings.Contains(err.Error(), "call for this once") {
			t.Errorf("%s verify in a call for once: %v", what, err)
		}
	}
	if !person(ada, "carol").Verified.IsZero() {
		t.Error("carol is verified, though the user has said it of bob")
	}
	over(t, out, in)
}
