package phone

import (
	"fmt"
	"image/color"
	"strings"
	"testing"

	"sundog.dev/sundog/mesh"
)

// person finds somebody on a phone's list.
func person(p *Phone, name string) Person {
	for _, one := range p.People() {
		if one.Name == name {
			return one
		}
	}
	return Person{}
}

// declined makes a call that must end with the reason before it is answered.
func declined(t *testing.T, from *Phone, whom string, reason Reason) *Call {
	t.Helper()
	c, err := from.Call(whom)
	if err != nil {
		t.Fatal(err)
	}
	if st := until(t, c, Ended); st.Reason != reason {
		t.Fatalf("the call to %s ended as %q (%s), want %q", whom, st.Reason, c.Sentence(st.Reason), reason)
	}
	return c
}

func TestStrangersAskToBeLetIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, carla := w.phone(t, "ada", Sources{}, AcceptNone), w.phone(t, "carla", Sources{}, AcceptContacts)
	for range 2 {
		declined(t, ada, "carla", mesh.Declined)
	}
	eventually(t, "the calls are noted", func() bool { r := carla.Requests(); return len(r) == 1 && r[0].Times == 2 })
	r := carla.Requests()[0]
	if r.Name != "ada" || !r.Identity.Equal(ada.Profile().PublicIdentity()) || r.Where == "" {
		t.Errorf("the request is %+v", r)
	}
	shown, err := carla.AcceptRequest(r.ID)
	if err != nil || shown != "ada" || len(carla.Requests()) != 0 {
		t.Fatalf("accepted as %q, %v; left are %+v", shown, err, carla.Requests())
	}
	if got := person(carla, "ada"); !got.Contact || !got.Identity.Equal(r.Identity) {
		t.Errorf("the contact is %+v", got)
	}
	out, in := connect(t, ada, carla, "carla")
	if in.Name() != "ada" {
		t.Errorf("%q calls", in.Name())
	}
	out.HangUp()
	until(t, in, Ended)
	until(t, out, Ended)

	if err := carla.Block("ada", true); err != nil {
		t.Fatal(err)
	}
	c := declined(t, ada, "carla", mesh.Blocked)
	if text := c.Sentence(mesh.Blocked); !strings.Contains(text, "does not take calls") {
		t.Errorf("the caller is told %q", text)
	}
	if r := carla.Requests(); len(r) != 0 {
		t.Errorf("who is blocked asks again: %+v", r)
	}
}

func TestWhoeverHasAContactsNameIsNotTheContact(t *testing.T) {
	t.Parallel()
	here, there := newWorld(t), newWorld(t)
	ada := here.phone(t, "ada", Sources{}, AcceptNone)
	bob, other := here.phone(t, "bob", Sources{}, AcceptAnyone), there.phone(t, "bob", Sources{}, AcceptAnyone)
	out, in := connect(t, ada, bob, "bob")
	out.HangUp()
	until(t, out, Ended)
	until(t, in, Ended)
	if got := person(ada, "bob"); !got.Identity.Equal(bob.Profile().PublicIdentity()) {
		t.Fatalf("whom ada called is remembered as %+v", got)
	}
	if err := ada.SetService("ada", there.Server, there.Directory); err != nil {
		t.Fatal(err)
	}
	c := declined(t, ada, "bob", mesh.IdentityChanged)
	if text := c.Sentence(mesh.IdentityChanged); !strings.Contains(text, "take the new identity") {
		t.Errorf("told is %q", text)
	}
	select {
	case <-other.Incoming():
		t.Error("the other bob was called")
	default:
	}
	// The user knows better.
	if err := ada.RemoveContact("bob"); err != nil {
		t.Fatal(err)
	}
	out, in = connect(t, ada, other, "bob")
	out.HangUp()
	until(t, out, Ended)
	until(t, in, Ended)
}

func TestContactsAreSeenToComeAndGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.phone(t, "ada", Sources{}, AcceptNone)
	if _, err := ada.AddContact("Bob"); err != nil {
		t.Fatal(err)
	}
	if person(ada, "Bob").Online {
		t.Error("bob is there before he came")
	}
	bob := w.phone(t, "bob", Sources{}, AcceptNone)
	eventually(t, "bob is there", func() bool { return person(ada, "Bob").Online })
	if err := bob.SetService("", w.Server, w.Directory); err != nil {
		t.Fatal(err)
	}
	eventually(t, "bob is gone", func() bool { p := person(ada, "Bob"); return !p.Online && !p.LastSeen.IsZero() })
}

func TestAContactIsCalledByLink(t *testing.T) {
	t.Parallel()
	here, there := newWorld(t), newWorld(t)
	ada, bob := here.phone(t, "ada", Sources{}, AcceptNone), there.phone(t, "bob", Sources{}, AcceptAnyone)
	link := bob.Link()
	out, in := connect(t, ada, bob, link)
	if out.Name() != "bob" {
		t.Errorf("the call is with %q", out.Name())
	}
	out.HangUp()
	until(t, out, Ended)
	until(t, in, Ended)
	got := person(ada, "bob")
	if !got.Contact || !got.Identity.Equal(bob.Profile().PublicIdentity()) {
		t.Errorf("whom ada called is remembered as %+v", got)
	}
	// From now on the name is enough.
	if err := ada.RenameContact("bob", "Bob from there"); err != nil {
		t.Fatal(err)
	}
	out, in = connect(t, ada, bob, "bob from there")
	if out.Name() != "Bob from there" {
		t.Errorf("the call is with %q", out.Name())
	}
	out.HangUp()
	until(t, out, Ended)
	until(t, in, Ended)
	if n := len(ada.People()); n != 1 {
		t.Errorf("there are %d people of one", n)
	}
	for link, want := range map[string]string{
		"sundog:":           "this link",
		ada.Link():          "your own name",
		"sundog:x?v=999999": "this link",
	} {
		if _, err := ada.Call(link); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("calling %s: %v", link, err)
		}
	}
	if code := ada.LinkPicture(2, color.Black, color.White); ada.Link() == "" || code == nil {
		t.Error("no code of the own link")
	}
}

func TestPeopleOfAnotherServiceAreReached(t *testing.T) {
	t.Parallel()
	here, there := newWorld(t), newWorld(t)
	ada := here.phone(t, "ada", Sources{}, AcceptNone)
	bob := there.started(t, Config{Name: "bob", Accept: AcceptAnyone, Directory: here.Directory}) // in ada's directory, at his own service
	ada.guests.idle = 0
	out, in := connect(t, ada, bob, "bob")
	if got := in.PeerID(); got == ada.PeerID() || got == "" {
		t.Errorf("ada calls as %q, by the line of her own service", got)
	}
	out.HangUp()
	until(t, out, Ended)
	until(t, in, Ended)
	eventually(t, "the other service is left", func() bool {
		ada.guests.mu.Lock()
		defer ada.guests.mu.Unlock()
		return len(ada.guests.all) == 0
	})
}

func TestServicesOfOthersAreBounded(t *testing.T) {
	t.Parallel()
	p := newPhone(t, Config{})
	var held []*guest
	for _, port := range []string{"1", "2", "3", "4"} {
		g, err := p.guests.visit("rtmfp://127.0.0.1:" + port)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, g)
	}
	if again, err := p.guests.visit("rtmfp://127.0.0.1:4/key"); err != nil || again != held[3] {
		t.Error("the same service is visited twice:", err)
	}
	if _, err := p.guests.visit("rtmfp://127.0.0.1:5"); err == nil {
		t.Error("there is no bound")
	}
	p.guests.release(held[0])
	if _, err := p.guests.visit("rtmfp://127.0.0.1:5"); err != nil {
		t.Error("one that nobody uses gives no room:", err)
	}
	if _, err := p.guests.visit("http://127.0.0.1"); err == nil {
		t.Error("what is no service was visited")
	}
}

func TestStrangersDoNotWashEachOtherAway(t *testing.T) {
	p := newPhone(t, Config{})
	s := newStrangers(p) // nobody writes them down
	for i := range 10 * strangersBurst {
		s.note(mesh.FarEnd{Name: fmt.Sprint("made up ", i), Proved: true})
	}
	if n := len(s.queue); n != strangersWaiting {
		t.Errorf("%d wait", n)
	}
	for len(s.queue) > 0 {
		<-s.queue
	}
	s.note(mesh.FarEnd{Name: "one more", Proved: true})
	if len(s.queue) > 0 {
		t.Error("there is no end of them")
	}
	s.filled = s.filled.Add(-2 * strangersEvery)
	s.note(mesh.FarEnd{Name: "somebody later", Proved: true})
	s.note(mesh.FarEnd{Proved: true}) // has no name
	if len(s.queue) != 1 {
		t.Errorf("%d wait, want one", len(s.queue))
	}
}
