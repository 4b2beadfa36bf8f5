package phone

import (
	"bytes"
	"context"
	"image"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sundog.dev/sundog/internal/profile"
	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/mesh/trust"
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

func TestFilesGoToOneAndToAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, bob, carol := w.phone(t, "ada", Sources{}, AcceptNone), w.phone(t, "bob", Sources{}, AcceptAnyone), w.phone(t, "carol", Sources{}, AcceptAnyone)
	opened, err := ada.Confer()
	if err != nil {
		t.Fatal(err)
	}
	a := attend(t, opened)
	if _, err := a.SendFile(filepath.Join(t.TempDir(), "nowhere")); err == nil || !strings.Contains(err.Error(), "There is no file") {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := a.SendFile(t.TempDir()); err == nil || !strings.Contains(err.Error(), "pack it") {
		t.Errorf("a folder: %v", err)
	}
	for _, name := range []string{"bob", "carol"} {
		if err := a.Add(name); err != nil {
			t.Fatal(err)
		}
	}
	b, c := answer(t, bob), answer(t, carol)
	eventually(t, "all are there", func() bool { return len(a.hereNow()) == 2 && len(b.hereNow()) == 2 && len(c.hereNow()) == 2 })

	path := filepath.Join(t.TempDir(), "hills.txt")
	content := bytes.Repeat([]byte("over the hills and far away\n"), 2_000)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	id, err := a.SendFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []*party{b, c} {
		eventually(t, "the file is offered", func() bool { f := one.Files(); return len(f) == 1 && f[0].State == FileOffered && f[0].Peer == "ada" })
		folder := t.TempDir()
		if err := one.AcceptFile(one.Files()[0].ID, folder); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the file is there", func() bool { return one.Files()[0].State == FileDone })
		got, err := os.ReadFile(one.Files()[0].Path)
		if err != nil || !bytes.Equal(got, content) || filepath.Dir(one.Files()[0].Path) != folder {
			t.Errorf("what has come to %s has %d bytes, %v", one.Files()[0].Path, len(got), err)
		}
	}
	eventually(t, "who sends knows", func() bool {
		f := a.Files()
		return len(f) == 2 && f[0].State == FileDone && f[1].State == FileDone && f[0].ID == id && f[0].Path == path
	})

	if _, err = b.SendFile(path, b.idOfPerson("carol")); err != nil { // to one
		t.Fatal(err)
	}
	eventually(t, "the file is offered to carol", func() bool { f := c.Files(); return len(f) == 2 && f[1].Peer == "bob" && !f[1].ToAll })
	if err := c.RejectFile(c.Files()[1].ID); err != nil {
		t.Fatal(err)
	}
	eventually(t, "bob is told", func() bool {
		f := b.Files()
		return len(f) == 2 && f[1].State == FileFailed && f[1].Sentence == "carol did not take hills.txt."
	})
	if len(a.Files()) != 2 {
		t.Error("what is for carol is offered to ada")
	}
	if err := c.AcceptFile(c.Files()[1].ID, t.TempDir()); err == nil {
		t.Error("what was refused is taken")
	}
}

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
	opened, err := ada.Confer()
	if err != nil {
		t.Fatal(err)
	}
	a := attend(t, opened)
	link, err := a.RoomLink()
	if err != nil {
		t.Fatal(err)
	}
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
	if err := p.Profile().Verify(someKey(key), time.Now()); err != nil {
		t.Fatal(err)
	}
}

func TestOneTooManyIsToldSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.started(t, Config{Name: "ada", MaxPeers: 1})
	bob, carol := w.phone(t, "bob", Sources{}, AcceptAnyone), w.phone(t, "carol", Sources{}, AcceptAnyone)
	opened, err := ada.Confer()
	if err != nil {
		t.Fatal(err)
	}
	a := attend(t, opened)
	link, err := a.RoomLink()
	if err != nil {
		t.Fatal(err)
	}
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
	if joined, err = carol.Call(link); err != nil { // which is to go into the conference
		t.Fatal(err)
	}
	attend(t, joined)
	eventually(t, "the free seat is carol's", func() bool { return len(a.hereNow()) == 1 })
}

func TestLinksThatDoNotLeadIntoAConference(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, bob := w.phone(t, "ada", Sources{}, AcceptNone), w.phone(t, "bob", Sources{}, AcceptNone)
	opened, err := ada.Confer()
	if err != nil {
		t.Fatal(err)
	}
	a := attend(t, opened)
	link, err := a.RoomLink()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := a.RoomLink(); err != nil || again != link {
		t.Errorf("the link is another one each time: %v", err)
	}
	if to, own, err := bob.ReadLink(link); err != nil || own || to.Name != "ada" {
		t.Errorf("the link leads to %+v, %v, %v", to, own, err)
	}
	for _, c := range []struct {
		from       *Phone
		link, want string
	}{
		{bob, ada.Link(), "not into a conference"},
		{bob, "ada", "link"},
		{bob, strings.Replace(link, "room=", "room=AAAA", 1), "not whole"},
		{ada, link, "your own name"},
	} {
		if joined, err := c.from.JoinRoom(c.link); err == nil {
			joined.HangUp()
			t.Errorf("%s leads into a conference", c.link)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want an error about %q", err, c.want)
		}
	}
	a.HangUp()
	eventually(t, "the conference is over", func() bool { return a.Status().State == Ended })
	joined, err := bob.JoinRoom(link)
	if err != nil {
		t.Fatal(err)
	}
	b := attend(t, joined)
	eventually(t, "bob is told", func() bool { return b.Status().State == Ended })
	if text := b.Sentence(b.Status().Reason); !strings.Contains(text, "not let into the conference") {
		t.Errorf("bob is told %q (%+v)", text, b.Status())
	}
}
