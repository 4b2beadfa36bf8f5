package phone

import (
	"slices"
	"testing"
)

func TestAConferenceOnANetworkNeedsNoService(t *testing.T) {
	t.Parallel()
	adaName, bobName := ownNames(t)
	carolName := "carol of " + t.Name()
	ada, bob, carol := onLAN(t, adaName, AcceptNone), onLAN(t, bobName, AcceptAnyone), onLAN(t, carolName, AcceptNone)
	eventually(t, "they see each other", func() bool { return sees(ada, bobName) && sees(carol, adaName) })
	a, link := confer(t, ada)
	if err := a.Add(bobName); err != nil {
		t.Fatal(err)
	}
	b := answer(t, bob)
	joined, err := carol.JoinRoom(link)
	if err != nil {
		t.Fatal(err)
	}
	c := attend(t, joined)
	eventually(t, "all hear each other", func() bool { return len(a.hereNow()) == 2 && len(b.hereNow()) == 2 && len(c.hereNow()) == 2 })
}

// A conference goes over one line of each phone: whoever is on this network, too, is called on the conference's.
func TestAConferenceOverAServiceWithPeopleOfThisNetwork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	adaName, bobName := ownNames(t)
	carolName := "carol of " + t.Name()
	both := w.Directory + ",lan"
	ada := w.started(t, Config{Name: adaName, Accept: AcceptNone, Directory: both, Bind: anyAddress})
	bob := w.started(t, Config{Name: bobName, Accept: AcceptAnyone, Directory: both, Bind: anyAddress})
	carol := onLAN(t, carolName, AcceptAnyone)
	eventually(t, "ada sees carol", func() bool { return sees(ada, carolName) })
	opened, err := ada.Confer()
	if err != nil {
		t.Fatal(err)
	}
	a := attend(t, opened)
	if err := a.Add(bobName); err != nil {
		t.Fatal(err)
	}
	b := answer(t, bob)
	if err := a.Add(carolName); err != nil {
		t.Fatal(err)
	}
	c := answer(t, carol)
	eventually(t, "all hear each other", func() bool { return len(a.hereNow()) == 2 && len(b.hereNow()) == 2 && len(c.hereNow()) == 2 })
}

// sees reports whether a phone sees somebody on this network.
func sees(p *Phone, name string) bool {
	return slices.ContainsFunc(p.Nearby(), func(one Person) bool { return one.Name == name })
}
