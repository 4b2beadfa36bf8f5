package phone

import (
	"path/filepath"
	"strings"
	"testing"

	"sundog.dev/sundog/mesh"
)

func TestThreePeopleSeeAndHearEachOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dir := t.TempDir()
	src := Sources{Camera: "test:320x180@15", Mic: "tone:300", Speaker: "null"}
	kept := src
	kept.Display = "dir:" + dir
	ada, bob, carol := w.phone(t, "ada", kept, AcceptNone), w.phone(t, "bob", src, AcceptAnyone), w.phone(t, "carol", src, AcceptAnyone)

	opened, err := ada.Confer()
	if err != nil {
		t.Fatal(err)
	}
	a := attend(t, opened)
	eventually(t, "people can be added", a.MayAdd)
	link, err := a.RoomLink()
	if err != nil {
		t.Fatal(err)
	}
	joined, err := bob.JoinRoom(link)
	if err != nil {
		t.Fatal(err)
	}
	b := attend(t, joined)
	eventually(t, "bob comes in by the link", func() bool { return len(a.hereNow()) == 1 })
	if err := a.Add("carol"); err != nil {
		t.Fatal(err)
	}
	c := answer(t, carol)
	for _, one := range []struct {
		of   *party
		sees []string
	}{{a, []string{"bob", "carol"}}, {b, []string{"ada", "carol"}}, {c, []string{"ada", "bob"}}} {
		for _, name := range one.sees {
			eventually(t, name+" is seen and heard", func() bool { return one.of.sees(name) })
		}
	}
	if err := a.Add("carol"); err == nil {
		t.Error("somebody is called twice into a call")
	}
	c.HangUp()
	eventually(t, "carol leaves", func() bool { return a.left("carol") == Hangup && len(a.hereNow()) == 1 && len(b.hereNow()) == 1 })

	again, err := carol.JoinRoom(link)
	if err != nil {
		t.Fatal(err)
	}
	c = attend(t, again)
	eventually(t, "carol comes back by the link", func() bool { return a.sees("carol") && b.sees("carol") && c.sees("ada") })
	if err := a.Remove(a.idOfPerson("carol")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "carol is taken out", func() bool {
		return c.Status().Reason == mesh.Removed && a.left("carol") != "" && len(b.hereNow()) == 1
	})
	const out = " was taken out of the call."
	eventually(t, "bob is told", func() bool { return b.news(out) == "carol"+out })
	if told := c.news(out); told != "" {
		t.Errorf("carol, who was taken out, is told: %s", told)
	}
	a.HangUp()
	eventually(t, "both pictures are kept", func() bool {
		found, _ := filepath.Glob(filepath.Join(dir, "*.y4m"))
		return len(found) == 2
	})
	for _, one := range []struct {
		phone   *Phone
		contact map[string]bool
	}{
		{ada, map[string]bool{"bob": false, "carol": true}},
		{bob, map[string]bool{"ada": false, "carol": false}},
		{carol, map[string]bool{"ada": false, "bob": false}},
	} {
		eventually(t, "the list has everybody", func() bool { return len(one.phone.People()) == len(one.contact) })
		for _, p := range one.phone.People() {
			if want, ok := one.contact[p.Name]; !ok || p.Contact != want || p.LastCall.IsZero() {
				t.Errorf("%s's list has %+v", one.phone.ownName(), p)
			}
		}
	}
}

func TestOneTooManyIsToldSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.started(t, Config{Name: "ada", MaxPeers: 1})
	bob, carol := w.phone(t, "bob", Sources{}, AcceptAnyone), w.phone(t, "carol", Sources{}, AcceptAnyone)
	a, link := confer(t, ada)
	if err := a.Add("bob"); err != nil {
		t.Fatal(err)
	}
	b := answer(t, bob)
	eventually(t, "bob is there", func() bool { return len(a.hereNow()) == 1 })
	if err := a.Add("carol"); err == nil || !strings.Contains(err.Error(), "as many people as it may have") || a.MayAdd() || !a.MayInvite() {
		t.Errorf("one too many is added: %v; %v, %v", err, a.MayAdd(), a.MayInvite())
	}
	joined, err := carol.JoinRoom(link)
	if err != nil {
		t.Fatal(err)
	}
	c := attend(t, joined)
	eventually(t, "carol is told", func() bool { return c.Status().State == Ended })
	if st := c.Status(); st.Reason != mesh.Full || !strings.Contains(c.Sentence(st.Reason), "Try again when somebody has left") {
		t.Errorf("carol's call ended as %s: %s", st.Reason, c.Sentence(st.Reason))
	}
	if a.hereNow()[0] != "bob" || b.Status().State != InCall {
		t.Error("the call in progress has suffered")
	}
	b.HangUp()
	eventually(t, "bob has gone", func() bool { return len(a.hereNow()) == 0 })
	eventually(t, "the free seat is carol's", func() bool { // once the room knows that bob has gone
		joined, err := carol.Call(link) // which is to go into the conference
		if err != nil {
			t.Fatal(err)
		}
		again := attend(t, joined)
		eventually(t, "carol hears", func() bool { s := again.Status().State; return s == InCall || s == Ended })
		return again.Status().State == InCall
	})
}
