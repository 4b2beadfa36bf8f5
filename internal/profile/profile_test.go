package profile

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"
)

func TestProfileSurvivesReopening(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := Settings{Name: "Ada", Server: "rtmfp://example.org", Camera: "none", Theme: "dark"}
	if err := s.SaveSettings(want); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 5, 1, 14, 2, 0, 0, time.UTC)
	if err := s.RecordCall("Bob", at, false, true); err != nil {
		t.Fatal(err)
	}
	again, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := again.Settings(); got != want {
		t.Errorf("settings are %+v, want %+v", got, want)
	}
	people := []Person{{Name: "Bob", LastCall: at, Missed: true}}
	if got := again.People(); !reflect.DeepEqual(got, people) {
		t.Errorf("people are %+v, want %+v", got, people)
	}
}

func TestPeople(t *testing.T) {
	s := InMemory()
	day := func(d int) time.Time { return time.Date(2026, 5, d, 0, 0, 0, 0, time.UTC) }
	for _, err := range []error{
		s.AddPerson("zoe"),
		s.AddPerson("Amy"),
		s.RecordCall("Bob", day(2), false, false),
		s.RecordCall("Cid", day(3), true, false),
		s.RecordCall("BOB", day(4), false, true),
		s.AddPerson("Gone"),
		s.RemovePerson("gone"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := []Person{
		{Name: "Bob", LastCall: day(4), Missed: true},
		{Name: "Cid", LastCall: day(3), Outgoing: true, Contact: true},
		{Name: "Amy", Contact: true},
		{Name: "zoe", Contact: true},
	}
	if got := s.People(); !reflect.DeepEqual(got, want) {
		t.Errorf("people are\n%+v, want\n%+v", got, want)
	}
	for name, contact := range map[string]bool{"CID": true, "amy": true, "bob": false, "nobody": false} {
		if s.IsContact(name) != contact {
			t.Errorf("IsContact(%q) is %v", name, !contact)
		}
	}
}

func TestPeopleAreBounded(t *testing.T) {
	s := InMemory()
	for i := range maxPeople + 10 {
		s.data.person(fmt.Sprint("p", i)).LastCall = time.Unix(int64(i+1), 0)
	}
	people := s.People()
	if len(people) != maxPeople || people[0].Name != fmt.Sprint("p", maxPeople+9) {
		t.Errorf("%d people, the newest %q", len(people), people[0].Name)
	}
}

func TestTwoPhonesShareAProfile(t *testing.T) {
	dir := t.TempDir()
	open := func() *Store {
		s, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	stores := []*Store{open(), open()}
	const each = 20
	var adding sync.WaitGroup
	for i, s := range stores {
		adding.Go(func() {
			for n := range each {
				if err := s.AddPerson(fmt.Sprint("p", i, "-", n)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	adding.Wait()
	if err := stores[0].SaveSettings(Settings{Name: "Ada"}); err != nil {
		t.Fatal(err)
	}
	if err := stores[1].AddPerson("last"); err != nil {
		t.Fatal(err)
	}
	if got := open(); len(got.People()) != 2*each+1 || got.Settings().Name != "Ada" {
		t.Errorf("%d people of %d, name %q", len(got.People()), 2*each+1, got.Settings().Name)
	}
}

func TestOwnCallsCorrectTheSpelling(t *testing.T) {
	s := InMemory()
	for _, err := range []error{
		s.AddPerson("bob miller"),
		s.RecordCall("Bob Miller", time.Now(), true, false),
		s.RecordCall("BOB MILLER", time.Now(), false, false), // so others call themselves
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if p := s.People(); len(p) != 1 || p[0].Name != "Bob Miller" {
		t.Errorf("people are %+v", p)
	}
}

func TestDamagedProfileIsKept(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, fileName)
	if err := os.WriteFile(path, []byte(`{"settings": {`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err == nil {
		t.Fatal("a damaged profile opened")
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != `{"settings": {` {
		t.Errorf("the damaged file changed: %q, %v", b, err)
	}
}

func TestFailedWriteChangesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "p")
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveSettings(Settings{Name: "Ada"}); err == nil {
		t.Fatal("saving into a folder that is gone succeeded")
	}
	if got := s.Settings(); got != (Settings{}) {
		t.Errorf("the failed change was kept: %+v", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"settings":{"name":"Ada"},"people":[{"name":"Bob","last_call":"2026-05-01T14:02:00Z"}]}`))
	f.Add([]byte(`{"people":[{}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := parse(b)
		if err != nil {
			return
		}
		if len(c.People) > maxPeople {
			t.Fatalf("%d people", len(c.People))
		}
		for _, p := range c.People {
			if p.Name == "" {
				t.Fatal("a person without a name")
			}
		}
	})
}
