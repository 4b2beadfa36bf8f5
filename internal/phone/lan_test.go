package phone

import (
	"context"
	"strings"
	"testing"

	"sundog.dev/sundog/mesh"
)

// onLAN is a phone that knows of no service: the default.
func onLAN(t *testing.T, name string, accept Accept) *Phone {
	t.Helper()
	p := newPhone(t, Config{Name: name, Accept: accept, Bind: anyAddress})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var ways []Way
	for len(ways) != 1 || ways[0].State != WayOpen {
		var err error
		if ways, err = p.NextWays(ctx, ways); err != nil {
			t.Fatalf("%s: the ways are %+v, %v", name, ways, err)
		}
	}
	if ways[0].Kind != DirectoryLAN || ways[0].PeerID != p.PeerID() || p.Service() != (ServiceStatus{}) {
		t.Errorf("%s: the way is %+v, the service %+v", name, ways[0], p.Service())
	}
	return p
}

// names that no other test on this network uses at the same time.
func ownNames(t *testing.T) (ada, bob string) {
	return "ada of " + t.Name(), "bob of " + t.Name()
}

func TestTwoPhonesOnANetworkNeedNoService(t *testing.T) {
	t.Parallel()
	adaName, bobName := ownNames(t)
	ada, bob := onLAN(t, adaName, AcceptNone), onLAN(t, bobName, AcceptContacts)
	nearby := func(p *Phone, name string) (found Person) {
		for _, one := range p.Nearby() {
			if one.Name == name {
				found = one
			}
		}
		return found
	}
	eventually(t, "they see each other", func() bool {
		return nearby(ada, bobName).Nearby && nearby(bob, adaName).Nearby
	})
	// A stranger, of whom the network has told the identity.
	declined(t, ada, bobName, mesh.Declined)
	eventually(t, "the call is noted", func() bool { return len(bob.Requests()) == 1 })
	r := bob.Requests()[0]
	if r.Name != adaName || !r.Identity.Equal(ada.Profile().PublicIdentity()) {
		t.Errorf("the request is %+v", r)
	}
	if _, err := bob.AcceptRequest(r.ID); err != nil {
		t.Fatal(err)
	}
	out, in := connect(t, ada, bob, bobName)
	if err := out.SendChat("hello"); err != nil {
		t.Error(err)
	}
	waitChat(t, in, ChatLine{From: adaName, Text: "hello"})
	out.HangUp()
	until(t, out, Ended)
	until(t, in, Ended)

	// Who was nearby is on the list now, under another name than before.
	if got := nearby(ada, bobName); got.Name != "" {
		t.Errorf("a contact is still among the strangers: %+v", got)
	}
	other := "robert of " + t.Name()
	if err := bob.SetService(other, "", ""); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the other name is noted", func() bool {
		one := person(ada, bobName)
		return one.Online && one.Registered == other
	})
	out, in = connect(t, ada, bob, bobName)
	if out.Name() != bobName {
		t.Errorf("the call is with %q", out.Name())
	}
	out.HangUp()
	until(t, out, Ended)
	until(t, in, Ended)

	c := declined(t, ada, "nobody of "+t.Name(), mesh.UnknownName)
	if text := c.Sentence(mesh.UnknownName); !strings.Contains(text, "on this network") {
		t.Errorf("told is %q", text)
	}
	if err := bob.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "who leaves is gone", func() bool { return !person(ada, bobName).Online })
}

func TestANetworkAndAServiceAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	adaName, bobName := ownNames(t)
	both := w.Directory + ",lan"
	ada := w.started(t, Config{Name: adaName, Accept: AcceptNone, Directory: both, Bind: anyAddress})
	bob := w.started(t, Config{Name: bobName, Accept: AcceptAnyone, Directory: both, Bind: anyAddress})
	if _, err := ada.AddContact(bobName); err != nil {
		t.Fatal(err)
	}
	eventually(t, "bob is there twice and yet one", func() bool {
		one := person(ada, bobName)
		return one.Nearby && len(one.Where) == 2 && len(ada.People()) == 1
	})
	out, in := connect(t, ada, bob, bobName)
	if in.PeerID() == ada.PeerID() {
		t.Error("a call on this network went by the service")
	}
	out.HangUp()
	until(t, out, Ended)
	until(t, in, Ended)
	// Another choice of directories leaves calls alone.
	out, in = connect(t, ada, bob, bobName)
	if err := bob.SetService(bobName, w.Server, "lan"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the name is withdrawn", func() bool { return w.lookUp(t, bobName) != nil })
	if out.Status().State != InCall || in.Status().State != InCall {
		t.Errorf("the call is %s and %s", out.Status().State, in.Status().State)
	}
	out.HangUp()
	until(t, out, Ended)
	until(t, in, Ended)
}
