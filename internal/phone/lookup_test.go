package phone

import (
	"crypto/ed25519"
	"net/netip"
	"strings"
	"testing"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/internal/profile"
)

func TestFindTellsWhoHasANameWithoutCallingThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.phone(t, "ada", Sources{}, AcceptNone)
	w.phone(t, "Bob Miller", Sources{}, AcceptNone)
	found, err := ada.Find(t.Context(), " bob miller")
	if err != nil || len(found) != 1 || found[0].Name != "Bob Miller" || !found[0].Online {
		t.Errorf("found %+v, %v", found, err)
	}
	if _, err := ada.Find(t.Context(), "Zoe"); err == nil || !strings.HasPrefix(err.Error(), "Nobody by the name Zoe is registered at 127.0.0.1") {
		t.Errorf("nobody of that name: %v", err)
	}
	if _, err := ada.AddContact("Bob Miller"); err != nil {
		t.Fatal(err)
	}
	if found, err := ada.Find(t.Context(), "BOB MILLER"); err != nil || len(found) != 1 || !found[0].Contact {
		t.Errorf("found %+v, %v", found, err)
	}
	if err := w.DirectoryServer.Listener.Close(); err != nil { // not the server: it would wait for its streams
		t.Fatal(err)
	}
	w.DirectoryServer.CloseClientConnections()
	if _, err := ada.Find(t.Context(), "Zoe"); err == nil || !strings.Contains(err.Error(), "does not answer") {
		t.Errorf("a directory that is gone: %v", err)
	}
}

func TestALinkIsReadWithoutCallingAnybody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, bob := w.phone(t, "ada", Sources{}, AcceptNone), w.phone(t, "Bob", Sources{}, AcceptNone)
	to, own, err := ada.ReadLink("<" + bob.Link() + ">")
	if err != nil || own || to.Name != "Bob" || to.Link != bob.Link() || to.Contact || len(to.Where) != 1 || to.Where[0] != "127.0.0.1" {
		t.Errorf("it leads to %+v, own: %v, %v", to, own, err)
	}
	if _, own, err := ada.ReadLink(ada.Link()); err != nil || !own {
		t.Errorf("the own link: %v, %v", own, err)
	}
	if _, _, err := ada.ReadLink("sundog:"); err == nil {
		t.Error("a link to nobody was read")
	}
	if _, err := ada.AddContact(bob.Link()); err != nil {
		t.Fatal(err)
	}
	if err := ada.RenameContact("Bob", "Bob from work"); err != nil {
		t.Fatal(err)
	}
	if to, _, err := ada.ReadLink(bob.Link()); err != nil || !to.Contact || to.Name != "Bob from work" {
		t.Errorf("the link to a contact leads to %+v, %v", to, err)
	}
	if link, err := ada.LinkOf("bob from work"); err != nil || link != bob.Link() {
		t.Errorf("the link to be passed on is %q, %v", link, err)
	}
	if _, err := ada.LinkOf("Zoe"); err == nil {
		t.Error("there is a link to nobody")
	}
}

// someKey is an identity of one's own, by number.
func someKey(n byte) ed25519.PublicKey {
	seed := make([]byte, ed25519.SeedSize)
	seed[0] = n
	return ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
}

func TestAnotherIdentityUnderAContactsNameIsNoticed(t *testing.T) {
	bob := profile.Person{Name: "Bob from work", Registered: "Bob", Identity: someKey(1), Found: profile.Found{Directory: "example.org"}}
	at := func(key byte, name, where string, addresses ...netip.AddrPort) idmanager.Person {
		return idmanager.Person{Name: name, Identity: someKey(key), Ways: []idmanager.Way{{Where: where, Record: idmanager.Record{Addresses: addresses}}}}
	}
	for name, c := range map[string]struct {
		there []idmanager.Person
		want  bool
	}{
		"nobody is there":               {nil, false},
		"he is there":                   {[]idmanager.Person{at(1, "Bob", "example.org")}, false},
		"somebody else has the name":    {[]idmanager.Person{at(2, "bob", "example.org")}, true},
		"he is there besides":           {[]idmanager.Person{at(2, "Bob", "example.org"), at(1, "Robert", "example.org")}, false},
		"another Bob, somewhere else":   {[]idmanager.Person{at(2, "Bob", "example.net")}, false},
		"another Bob, on this network":  {[]idmanager.Person{at(2, "Bob", "example.org", netip.MustParseAddrPort("192.0.2.1:5000"))}, false},
		"somebody of another name":      {[]idmanager.Person{at(2, "Ben", "example.org")}, false},
		"an old client without any key": {[]idmanager.Person{{Name: "Bob", Ways: []idmanager.Way{{Where: "example.org"}}}}, false},
	} {
		if _, got := shownInstead(bob, c.there); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestTheNewIdentityIsTrustedOnlyWhenTheUserSaysSo(t *testing.T) {
	t.Parallel()
	p, err := New(Config{Name: "ada", Directory: "service"})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close() //nolint:errcheck // nothing to lose
	list := p.Profile()
	if _, err := list.AddContact(profile.Person{Name: "Bob", Identity: someKey(1), Found: profile.Found{Directory: "example.org"}}); err != nil {
		t.Fatal(err)
	}
	if err := p.RenameContact("Bob", "Bob from work"); err != nil {
		t.Fatal(err)
	}
	if err := p.TrustIdentity("Bob from work", Identity{}); err == nil {
		t.Error("there is nothing to trust, and yet it is")
	}
	p.presence.take(idmanager.Person{Name: "Bob", Identity: someKey(2), Ways: []idmanager.Way{{Where: "example.org"}}})
	if one, _ := p.person("Bob from work"); !one.OtherIdentity || one.Online {
		t.Errorf("he is shown as %+v", one)
	}
	if err := p.TrustIdentity("Bob from work", Identity{}); err != nil {
		t.Fatal(err)
	}
	one, ok := p.person("Bob from work")
	if !ok || !one.Contact || one.OtherIdentity || !one.Online || !one.Identity.Equal(someKey(2)) || one.Registered != "Bob" {
		t.Errorf("then he is %+v", one)
	}
}
