package phone

import (
	"context"
	"image"
	"path/filepath"
	"sync"
	"testing"

	"sundog.dev/sundog/mesh"
)

// party is a call whose events are read to its end.
type party struct {
	*Call
	mu     sync.Mutex
	events []Event
}

// attend reads a call's events until the test ends.
func attend(t *testing.T, c *Call) *party {
	t.Helper()
	p := &party{Call: c}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			ev, err := c.Next(context.Background())
			if err != nil {
				return
			}
			p.mu.Lock()
			p.events = append(p.events, ev)
			p.mu.Unlock()
		}
	}()
	t.Cleanup(func() { c.HangUp(); <-done })
	return p
}

// left is why somebody has gone, "" if they have not.
func (p *party) left(name string) Reason {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, ev := range p.events {
		if l, ok := ev.(MemberLeft); ok && l.Member.Name == name {
			return l.Reason
		}
	}
	return ""
}

// here are the names of those who are seen and heard.
func (p *party) hereNow() (names []string) {
	for _, one := range p.People() {
		if one.State == Here {
			names = append(names, one.Name)
		}
	}
	return names
}

// sees reports whether somebody's picture and sound come.
func (p *party) sees(name string) bool {
	for _, one := range p.People() {
		if one.Name == name {
			return one.State == Here && one.Level > 0.05 && p.Draw(one.ID, image.NewRGBA(image.Rect(0, 0, 64, 36)), 0) > 0
		}
	}
	return false
}

// idOfPerson is by which somebody is told from the others.
func (p *party) idOfPerson(name string) string {
	for _, one := range p.People() {
		if one.Name == name {
			return one.ID
		}
	}
	return ""
}

// answer takes the call that rings.
func answer(t *testing.T, p *Phone) *party {
	t.Helper()
	c := incoming(t, p)
	one := attend(t, c)
	if err := c.Accept(); err != nil {
		t.Fatal(err)
	}
	return one
}

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
