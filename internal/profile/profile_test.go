package profile

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv(crashFolder) != "" {
		crash()
	}
	goleak.VerifyTestMain(m)
}

func opened(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func inMemory(t *testing.T) *Store {
	t.Helper()
	s := InMemory()
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func ok(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func added(_ string, err error) error { return err }

func day(d int) time.Time { return time.Date(2026, 5, d, 12, 0, 0, 0, time.Local) }

func key(t *testing.T) ed25519.PublicKey {
	t.Helper()
	public, _, err := ed25519.GenerateKey(nil)
	ok(t, err)
	return public
}

func TestProfileSurvivesReopening(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a folder? #1 100%", "new")
	s := opened(t, dir)
	want := Settings{Name: "Ada", Server: "rtmfp://example.org", Camera: "none", Theme: "dark"}
	bob := Person{
		Name: "Bob", Registered: "Bob", Identity: key(t), Contact: true, Blocked: true, Verified: day(1), LastSeen: day(3), LastCall: day(2), Missed: true,
		Found: Found{Directory: "example.org", Rendezvous: "rtmfp://example.org", Link: "sundog:x"},
	}
	ok(t, s.SaveSettings(want), added(s.AddContact(bob)), s.RecordCall(Call{Name: "Bob", Identity: bob.Identity, At: day(2), Missed: true}),
		s.Verify(bob.Identity, day(1)), s.Seen("bob", day(3)), s.Block("bob", true), s.AddRequest("Eve", nil, "", day(4)))
	identity := s.PublicIdentity()
	ok(t, s.Close())

	again := opened(t, dir)
	if got := again.Settings(); got != want {
		t.Errorf("settings are %+v, want %+v", got, want)
	}
	if got := again.People(); !reflect.DeepEqual(got, []Person{bob}) {
		t.Errorf("people are %+v, want %+v", got, bob)
	}
	if got := again.Requests(); len(got) != 1 || got[0].Name != "Eve" || !got[0].Last.Equal(day(4)) {
		t.Errorf("requests are %+v", got)
	}
	if !again.PublicIdentity().Equal(identity) {
		t.Error("the identity is another one")
	}
}

func TestIdentityIsOurs(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "p")
	s := opened(t, dir)
	signature, err := s.Identity().Sign(nil, []byte("word"), &ed25519.Options{})
	if err != nil || !ed25519.Verify(s.PublicIdentity(), []byte("word"), signature) {
		t.Error("the identity does not sign:", err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("started", "identity", s.Identity())
	for _, shown := range []string{log.String(), fmt.Sprint(s.Identity()), fmt.Sprintf("%v %+v %#v %x", s.Identity(), s.Identity(), s.Identity(), s.Identity())} {
		if !strings.Contains(shown, "identity key") || len(shown) > 120 {
			t.Errorf("the key is shown: %s", shown)
		}
	}
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, databaseName): 0o600, filepath.Join(dir, databaseName+"-wal"): 0o600} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, %v", path, info.Mode(), err)
		}
	}
	if inMemory(t).PublicIdentity().Equal(inMemory(t).PublicIdentity()) {
		t.Error("two profiles have one identity")
	}
}

func TestAnIdentityIsTheSameOnAnotherProfile(t *testing.T) {
	_, mine, err := ed25519.GenerateKey(nil)
	ok(t, err)
	_, another, err := ed25519.GenerateKey(nil)
	ok(t, err)
	dir := t.TempDir()
	for _, option := range []Option{WithIdentity(mine), WithIdentity(mine), func(*opening) {}} {
		s, err := Open(dir, option)
		ok(t, err)
		if !s.PublicIdentity().Equal(mine.Public()) {
			t.Error("the identity is not the one that was given")
		}
		ok(t, s.Close())
	}
	if _, err := Open(dir, WithIdentity(another)); !errors.Is(err, ErrIdentityKept) {
		t.Errorf("a profile with an identity was given another: %v", err)
	}
	m := InMemory(WithIdentity(mine))
	defer func() { ok(t, m.Close()) }()
	if !m.PublicIdentity().Equal(mine.Public()) {
		t.Error("the identity in memory is not the one that was given")
	}
}

// openAtOnce opens a profile several times at once; where that fails, there is nil.
func openAtOnce(t *testing.T, dir string) []*Store {
	t.Helper()
	stores := make([]*Store, 4)
	var opening sync.WaitGroup
	for i := range stores {
		opening.Go(func() {
			var err error
			if stores[i], err = Open(dir); err != nil {
				t.Error(err)
			}
		})
	}
	opening.Wait()
	return stores
}

func TestAFirstStartOfTwoMakesOneIdentity(t *testing.T) {
	dir := t.TempDir()
	stores := openAtOnce(t, dir)
	for _, s := range stores {
		if s == nil {
			continue
		}
		if !s.PublicIdentity().Equal(stores[0].PublicIdentity()) {
			t.Error("two identities")
		}
		ok(t, s.Close())
	}
	if files, err := os.ReadDir(filepath.Join(dir, keyFolder)); err != nil || len(files) != 1 {
		t.Errorf("key files: %v, %v", files, err)
	}
}

func TestTwoPhonesShareAProfile(t *testing.T) {
	dir := t.TempDir()
	stores := []*Store{opened(t, dir), opened(t, dir)}
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
	ok(t, stores[0].SaveSettings(Settings{Name: "Ada"}), stores[1].AddPerson("last"))
	for _, s := range append(stores, opened(t, dir)) {
		if got := len(s.People()); got != 2*each+1 || s.Settings().Name != "Ada" {
			t.Errorf("%d people of %d, name %q", got, 2*each+1, s.Settings().Name)
		}
	}
}

func TestSettingsOfLaterVersionsStay(t *testing.T) {
	s := inMemory(t)
	_, err := s.db.Exec(`INSERT INTO settings VALUES ('hologram', '{"on":true}')`)
	ok(t, err, s.SaveSettings(Settings{Name: "Ada", Theme: "dark"}), s.SaveSettings(Settings{Name: "Ada"}))
	if got := s.Settings(); got != (Settings{Name: "Ada"}) {
		t.Errorf("settings are %+v", got)
	}
	var value string
	if err := s.db.QueryRow("SELECT value FROM settings WHERE name = 'hologram'").Scan(&value); err != nil || value != `{"on":true}` {
		t.Errorf("the unknown setting is %q, %v", value, err)
	}
}

func TestPasswords(t *testing.T) {
	s := inMemory(t)
	ok(t, s.SavePassword("ada@example.org", "secret"), s.SavePassword("bob@example.org", "other"), s.SavePassword("bob@example.org", ""))
	for account, want := range map[string]string{"ada@example.org": "secret", "bob@example.org": "", "nobody": ""} {
		if got, err := s.Password(account); got != want || err != nil {
			t.Errorf("the password of %s is %q, %v", account, got, err)
		}
	}
	if s.SavePassword("ada@example.org", strings.Repeat("x", maxPassword+1)) == nil {
		t.Error("a password without end was kept")
	}
}

func TestWhatIsNoProfileIsLeftAlone(t *testing.T) {
	whole := t.TempDir()
	s := opened(t, whole)
	for i := range 500 {
		ok(t, s.AddPerson(fmt.Sprint("somebody ", i)))
	}
	ok(t, s.Close())
	good, err := os.ReadFile(filepath.Join(whole, databaseName))
	ok(t, err)
	overwritten := append([]byte(nil), good...)
	for i := 8192; i < 3*8192; i++ {
		overwritten[i] = 0xa5
	}
	for name, content := range map[string][]byte{
		"something else":    []byte(strings.Repeat("neither fish nor fowl ", 100)),
		"its end is lost":   good[:len(good)/2],
		"pages overwritten": overwritten,
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, databaseName)
		ok(t, os.WriteFile(path, content, 0o600))
		s, err := Open(dir)
		if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "move it away") {
			t.Errorf("%s: %v, want a sentence about the damage", name, err)
		}
		if err == nil {
			ok(t, s.Close())
		}
		if b, err := os.ReadFile(path); err != nil || string(b) != string(content) {
			t.Errorf("%s: the file has changed (%d bytes, %v)", name, len(b), err)
		}
	}
}

func TestALaterVersionsProfileIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	s := opened(t, dir)
	_, err := s.db.Exec(fmt.Sprintf("PRAGMA user_version = %d", len(migrations)+1))
	ok(t, err, s.Close())
	if _, err := Open(dir); !errors.Is(err, ErrNewer) {
		t.Errorf("error %v, want ErrNewer", err)
	}
}

func TestReadingWaitsForNoChange(t *testing.T) {
	dir := t.TempDir()
	s, other := opened(t, dir), opened(t, dir)
	ok(t, s.AddPerson("Bob"))
	tx, err := other.db.Begin() // another process is in the middle of a change
	ok(t, err)
	adding := make(chan error)
	go func() { adding <- s.AddPerson("Cid") }() // and we wait for it
	for range 100 {
		if !s.IsContact("bob") || len(other.People()) != 1 {
			t.Fatal("the list cannot be read meanwhile")
		}
	}
	ok(t, tx.Rollback(), <-adding)
	if !other.IsContact("cid") {
		t.Error("the change is not seen by the other process")
	}
}

func TestFailedWriteChangesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "p")
	s := opened(t, dir)
	ok(t, os.RemoveAll(dir))
	if err := s.SaveSettings(Settings{Name: "Ada"}); err == nil {
		t.Fatal("saving into a folder that is gone succeeded")
	}
	if got := s.Settings(); got != (Settings{}) {
		t.Errorf("the failed change was kept: %+v", got)
	}
}

func TestWhatWasKnownOutlivesTheDatabase(t *testing.T) {
	s := inMemory(t)
	ok(t, s.AddPerson("Bob"))
	s.People()
	ok(t, s.Close())
	if people := s.People(); len(people) != 1 {
		t.Errorf("people are %+v", people)
	}
	if s.AddPerson("Cid") == nil {
		t.Error("a closed profile was changed")
	}
}

func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	s, err := Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	for i := range 200 {
		if err := s.AddPerson(fmt.Sprint("somebody ", i)); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	for name, dir := range map[string]func() string{"first": b.TempDir, "again": func() string { return dir }} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s, err := Open(dir())
				if err != nil {
					b.Fatal(err)
				}
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
