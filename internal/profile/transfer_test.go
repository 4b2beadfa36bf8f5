package profile

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sundog.dev/sundog/internal/identityfile"
	"sundog.dev/sundog/internal/keystore"
)

const words = "correct horse battery staple"

// cheaply is for tests only.
func cheaply(s *Store) *Store {
	WithExportCost(identityfile.Cost{Passes: 1, Memory: 64, Lanes: 1})(&s.opening)
	return s
}

// withPeople is a profile of somebody who knows people, and its export.
func withPeople(t *testing.T) (s *Store, file string) {
	t.Helper()
	s = cheaply(opened(t, t.TempDir()))
	bob := Person{Name: "Bob", Identity: key(t), Found: Found{Directory: "d", Rendezvous: "rtmfp://r", Link: "sundog:bob"}}
	ok(t, s.SaveSettings(Settings{Name: "Ada", Server: "rtmfp://example.org", Theme: "dark"}), s.SavePassword("ada@example.org", "secret"),
		added(s.AddContact(bob)), s.Verify(bob.Identity, day(2)), added(s.AddContact(Person{Name: "Cid"})),
		s.RecordCall(Call{Name: "Bob", Identity: bob.Identity, At: day(3), Missed: true}), s.Block("Eve", true), s.Rename("Bob", "Bobby"))
	file = filepath.Join(t.TempDir(), "ada.sundog")
	ok(t, s.ExportIdentity(file, words))
	return s, file
}

// withoutCalls are people with what is exported of them.
func withoutCalls(people []Person) []Person {
	people = slices.Clone(people)
	for i := range people {
		p := &people[i]
		p.LastCall, p.LastSeen, p.Outgoing, p.Missed = Person{}.LastCall, Person{}.LastSeen, false, false
	}
	slices.SortFunc(people, func(a, b Person) int { return strings.Compare(a.Name, b.Name) })
	return people
}

func TestAPersonMovesToAnotherMachine(t *testing.T) {
	old, file := withPeople(t)
	dir := t.TempDir()
	s, err := Open(dir, WithoutKey())
	ok(t, err)
	done, err := s.ImportIdentity(file, words, false)
	ok(t, err)
	if !done.Identity.Equal(old.PublicIdentity()) || done.Replaced || done.Backup != "" || done.People != 3 {
		t.Errorf("the import says %+v", done)
	}
	ok(t, s.Close())
	moved := opened(t, dir)
	if !moved.PublicIdentity().Equal(old.PublicIdentity()) || !moved.key.key.Equal(old.key.key) {
		t.Error("the identity is another one")
	}
	heldInOneFile(t, "imported", dir, moved)
	if got, want := moved.People(), withoutCalls(old.People()); !reflect.DeepEqual(withoutCalls(got), want) || !reflect.DeepEqual(got, withoutCalls(got)) && !got[0].LastCall.IsZero() {
		t.Errorf("people are\n%+v, want\n%+v", got, want)
	}
	if got := moved.Settings(); got != (Settings{Name: "Ada"}) {
		t.Errorf("settings are %+v", got)
	}
	if password, err := moved.Password("ada@example.org"); password != "" || err != nil {
		t.Error("a password came along")
	}
}

func TestAnotherIdentityIsReplacedOnlyIfAsked(t *testing.T) {
	ada, file := withPeople(t)
	dir := t.TempDir()
	s := cheaply(opened(t, dir))
	before := s.PublicIdentity()
	ok(t, s.SaveSettings(Settings{Name: "Zoe"}), s.AddPerson("Dan"))
	if _, err := s.ImportIdentity(file, words, false); !errors.Is(err, ErrIdentityKept) {
		t.Errorf("unasked: %v", err)
	}
	ok(t, s.Close())
	s = cheaply(opened(t, dir))
	if !s.PublicIdentity().Equal(before) || len(s.People()) != 1 {
		t.Fatal("the refused import changed something")
	}
	oldKey := s.key.key
	done, err := s.ImportIdentity(file, words, true)
	ok(t, err)
	if !done.Replaced || !done.Identity.Equal(ada.PublicIdentity()) {
		t.Errorf("the import says %+v", done)
	}
	if !s.PublicIdentity().Equal(before) || len(s.People()) != 4 || s.Settings().Name != "Ada" {
		t.Error("the open profile does not have the people at once, and the identity later")
	}
	// The export, even before the profile is opened anew, is that of the new identity.
	ok(t, s.ExportIdentity(filepath.Join(dir, "again"), words), s.Close())
	s = cheaply(opened(t, dir))
	if !s.PublicIdentity().Equal(ada.PublicIdentity()) {
		t.Error("the identity is still the old one")
	}
	heldInOneFile(t, "replaced", dir, s)
	if got := holding(t, dir, oldKey); got != nil {
		t.Errorf("the old key is in %q", got)
	}
	if _, err := s.ImportIdentity(filepath.Join(dir, "again"), words, false); err != nil {
		t.Errorf("its own export: %v", err)
	}
	// And back.
	if done, err = s.ImportIdentity(done.Backup, words, true); err != nil || !done.Identity.Equal(before) || !done.Replaced {
		t.Errorf("the backup: %+v, %v", done, err)
	}
	ok(t, s.Close())
	if s = opened(t, dir); !s.PublicIdentity().Equal(before) || !s.key.key.Equal(oldKey) {
		t.Error("the backup brings another identity")
	}
}

func TestALostKeyComesBackFromItsExport(t *testing.T) {
	for about, lose := range map[string]func(s *Store, file string) error{
		"the file is gone": func(_ *Store, file string) error { return os.Remove(file) },
		"it is damaged":    func(_ *Store, file string) error { return os.Truncate(file, 3) },
		"no keyring is there": func(s *Store, _ string) error {
			_, err := s.db.Exec("UPDATE identity SET place = 'keyring'")
			return err
		},
	} {
		dir, export := t.TempDir(), filepath.Join(t.TempDir(), "me")
		s := cheaply(opened(t, dir))
		file, _ := strings.CutPrefix(s.KeptIn(), "the file ")
		ok(t, s.AddPerson("Bob"), s.ExportIdentity(export, words), lose(s, file), s.Close())
		var none *KeyError
		if _, err := Open(dir); !errors.As(err, &none) {
			t.Fatalf("%s: %v", about, err)
		}
		s, err := Open(dir, WithoutKey())
		ok(t, err)
		if done, err := s.ImportIdentity(export, words, false); err != nil || done.Replaced {
			t.Errorf("%s: %+v, %v", about, done, err)
		}
		ok(t, s.Close())
		if again := opened(t, dir); !again.PublicIdentity().Equal(s.PublicIdentity()) || !again.IsContact("bob") {
			t.Errorf("%s: the profile is another one", about)
		}
		// There is no backup of a key that is not to be had, so it stays where it is when it is replaced.
		_, other := withPeople(t)
		s = opened(t, dir)
		file, _ = strings.CutPrefix(s.KeptIn(), "the file ")
		ok(t, os.Chmod(file, 0o644))
		if done, err := s.ImportIdentity(other, words, true); err != nil || !done.Replaced || done.Backup != "" {
			t.Errorf("%s: replacing: %+v, %v", about, done, err)
		}
		if _, err := os.Stat(file); err != nil {
			t.Errorf("%s: the only copy of the key that was replaced is gone: %v", about, err)
		}
	}
}

func TestPeopleWhoAreHereStayAsTheyAre(t *testing.T) {
	bob, other, cid := key(t), key(t), key(t)
	for about, c := range map[string]struct{ here, file, want []Person }{
		"the same, verified there":           {one("Bob", bob, 0), one("Bob", bob, 5), one("Bob", bob, 5)},
		"verified here":                      {one("Bob", bob, 5), one("Bob", bob, 0), one("Bob", bob, 5)},
		"verified in both":                   {one("Bob", bob, 5), one("Bob", bob, 4), one("Bob", bob, 4)},
		"under another name":                 {one("Robert", bob, 0), one("Bob", bob, 5), one("Robert", bob, 5)},
		"not known by key here":              {one("bob", nil, 0), one("Bob", bob, 5), one("bob", bob, 5)},
		"not known by key there":             {one("Bob", bob, 5), one("bob", nil, 0), one("Bob", bob, 5)},
		"another key here":                   {one("Bob", other, 3), one("Bob", bob, 5), append(one("Bob", other, 3), one("Bob (2)", bob, 5)...)},
		"that key is somebody else's":        {append(one("Bob", nil, 0), one("Cid", cid, 1)...), one("Bob", cid, 5), append(one("Bob", nil, 0), one("Cid", cid, 1)...)},
		"without a key, nobody is verified":  {nil, one("Bob", nil, 5), one("Bob", nil, 0)},
		"somebody new":                       {one("Cid", cid, 0), one("Bob", bob, 5), append(one("Bob", bob, 5), one("Cid", cid, 0)...)},
		"the identity itself is nobody else": {nil, one("Me", inMemory(t).PublicIdentity(), 5), nil},
	} {
		s := inMemory(t)
		own := s.PublicIdentity()
		for _, p := range c.here {
			ok(t, added(s.AddContact(p)))
			if !p.Verified.IsZero() {
				ok(t, s.Verify(p.Identity, p.Verified))
			}
		}
		content, err := export(s.key.key, contents{people: c.file})
		ok(t, err)
		_, parsed, err := parseExported(content)
		ok(t, err)
		if c.want == nil {
			own = c.file[0].Identity
		}
		for range 2 { // the second time changes nothing
			tx, err := s.db.Begin()
			ok(t, err, parsed.addTo(tx, own, false), tx.Commit())
		}
		s.changed()
		if got := s.People(); len(got)+len(c.want) > 0 && !reflect.DeepEqual(withoutCalls(got), c.want) {
			t.Errorf("%s:\n%+v, want\n%+v", about, got, c.want)
		}
	}
}

func TestAMarkAsVerifiedIsForOneIdentity(t *testing.T) {
	p := one("Bob", key(t), 0)[0]
	p.merge(one("Bob", key(t), 5)[0])
	if !p.Verified.IsZero() {
		t.Error("another identity's mark was taken over")
	}
}

// one is a list of one contact, verified on a day of May, 0 for not.
func one(name string, identity ed25519.PublicKey, verified int) []Person {
	p := Person{Name: name, Registered: name, Identity: identity, Contact: true}
	if verified > 0 {
		p.Verified = day(verified)
	}
	if name == "Bob (2)" {
		p.Registered = "Bob"
	}
	return []Person{p}
}

func TestAnImportThatFailsChangesNothing(t *testing.T) {
	_, file := withPeople(t)
	dir := t.TempDir()
	s := cheaply(opened(t, dir))
	whole, err := os.ReadFile(file)
	ok(t, err)
	damaged, strange := filepath.Join(t.TempDir(), "damaged"), filepath.Join(t.TempDir(), "strange")
	sealed, err := identityfile.Seal([]byte(`{"seed":"AAAA"}`), words, s.opening.cost)
	ok(t, err, os.WriteFile(damaged, whole[:len(whole)/2], 0o600), os.WriteFile(strange, sealed, 0o600))
	for about, c := range map[string]struct {
		path, passphrase string
		want             error
	}{
		"another passphrase": {file, "correct horse battery stable", identityfile.ErrPassphrase},
		"half of it":         {damaged, words, identityfile.ErrDamaged},
		"something else":     {strange, words, errContent},
		"no file":            {filepath.Join(dir, "none"), words, nil},
	} {
		if _, err := s.ImportIdentity(c.path, c.passphrase, true); err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v", about, err)
		}
	}
	identity := s.PublicIdentity()
	ok(t, s.Close())
	if s = opened(t, dir); !s.PublicIdentity().Equal(identity) || len(s.People()) > 0 {
		t.Error("something has changed")
	}
	if left, err := filepath.Glob(filepath.Join(dir, backupName+"*")); err != nil || left != nil {
		t.Errorf("left is %q, %v", left, err)
	}
	if err := s.ExportIdentity(file, words); !errors.Is(err, identityfile.ErrExists) {
		t.Errorf("an export over another: %v", err)
	}
	if err := s.ExportIdentity(filepath.Join(dir, "short"), "short"); !errors.Is(err, identityfile.ErrShort) {
		t.Errorf("an export with a short passphrase: %v", err)
	}
}

func TestNoCrashOfAnImportLosesAKey(t *testing.T) {
	for _, step := range []string{"kept", "recorded"} {
		dir := t.TempDir()
		s := cheaply(opened(t, dir))
		old := s.key.key
		_, file := withPeople(t)
		func() {
			defer func() { _ = recover() }()
			s.opening.step = func(at string) {
				if at == step {
					panic("crash")
				}
			}
			_, err := s.ImportIdentity(file, words, true)
			t.Errorf("%s: not crashed: %v", step, err)
		}()
		ok(t, s.Close())
		again := opened(t, dir)
		if replaced := !again.key.key.Equal(old); replaced != (step == "recorded") {
			t.Errorf("%s: the identity is replaced: %v", step, replaced)
		}
		backups, err := filepath.Glob(filepath.Join(dir, backupName+"*"))
		ok(t, err)
		if len(backups) != 1 {
			t.Fatalf("%s: backups are %q", step, backups)
		}
		if done, err := cheaply(again).ImportIdentity(backups[0], words, true); err != nil || !done.Identity.Equal(old.Public()) {
			t.Errorf("%s: the backup: %+v, %v", step, done, err)
		}
	}
}

func TestAProfileInMemoryImports(t *testing.T) {
	ada, file := withPeople(t)
	s := inMemory(t)
	done, err := s.ImportIdentity(file, words, true)
	ok(t, err)
	if done.Backup != "" || len(s.People()) != 3 {
		t.Errorf("the import says %+v", done)
	}
	record, _, err := readKeyRecord(s.db)
	ok(t, err)
	if !record.public.Equal(ada.PublicIdentity()) || record.place != inDatabase {
		t.Errorf("the record is %+v", record)
	}
}

func TestTheKeyIsMovedOnRequest(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "nobody"))
	dir := t.TempDir()
	s := opened(t, dir)
	if err := s.MoveKey(keystore.Keyring); !errors.Is(err, keystore.ErrForbidden) {
		t.Errorf("with the keyring not allowed: %v", err)
	}
	ok(t, s.Close())
	s, err := Open(dir, WithKeyring(keystore.Auto))
	ok(t, err)
	if err := s.MoveKey(keystore.Keyring); !errors.Is(err, keystore.ErrAbsent) {
		t.Errorf("with no keyring: %v", err)
	}
	ok(t, s.MoveKey(keystore.File))
	heldInOneFile(t, "moved to where it is", dir, s)
	ok(t, s.Close())
	if err := inMemory(t).MoveKey(keystore.File); err == nil {
		t.Error("the key of a profile in memory was moved")
	}
}

func FuzzParseExported(f *testing.F) {
	_, mine, err := ed25519.GenerateKey(nil)
	if err != nil {
		f.Fatal(err)
	}
	content, err := export(mine, contents{settings: Settings{Name: "Ada"}, people: []Person{
		{Name: "Bob", Registered: "bob", Identity: ed25519.PublicKey(make([]byte, 32)), Verified: day(1), Blocked: true}, {Name: "Cid", Contact: true},
	}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(content)
	f.Add([]byte(`{"seed":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","people":[{"name":"a"},{"name":"A"}]}`))
	f.Add([]byte(`{"seed":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","name":"\u0000","people":[{"name":"\ud800","verified":-1}]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		key, c, err := parseExported(content)
		if err != nil {
			return
		}
		again, err := export(key, c)
		ok(t, err)
		sameKey, same, err := parseExported(again)
		ok(t, err)
		if !sameKey.Equal(key) || same.settings != c.settings || len(same.people) != len(c.people) || !json.Valid(again) {
			t.Fatalf("%s became %s", content, again)
		}
		c.people = c.people[:min(len(c.people), 50)]
		s := inMemory(t)
		tx, err := s.db.Begin()
		ok(t, err, c.addTo(tx, s.PublicIdentity(), true), tx.Commit())
		s.changed()
		for _, p := range s.People() {
			if p.Name == "" || len(p.Name) > maxText || p.Identity == nil && !p.Verified.IsZero() {
				t.Fatalf("a person %+v", p)
			}
		}
	})
}
