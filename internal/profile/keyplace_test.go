package profile

import (
	"bytes"
	"crypto/ed25519"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sundog.dev/sundog/internal/keystore"
)

// The environment of a process that crashes in the middle of opening a profile.
const (
	crashFolder = "SUNDOG_TEST_CRASH_FOLDER"
	crashStep   = "SUNDOG_TEST_CRASH_STEP"
)

// crash opens a profile and ends at a step, as a power failure would: nothing is closed. It never returns.
func crash() {
	_, err := Open(os.Getenv(crashFolder), func(o *opening) {
		o.step = func(step string) {
			if step == os.Getenv(crashStep) {
				os.Exit(7)
			}
		}
	})
	fmt.Fprintln(os.Stderr, "not crashed:", err)
	os.Exit(1)
}

// crashed runs crash in a process of its own.
func crashed(t *testing.T, dir, step string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), crashFolder+"="+dir, crashStep+"="+step)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 7 {
		t.Fatalf("step %s: %v: %s", step, err, out)
	}
}

// withKeyInDatabase makes a profile as the last version did: with the key among the secrets, and enough besides that it moved about in the file.
func withKeyInDatabase(t *testing.T, dir string) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	ok(t, err, private(filepath.Join(dir, databaseName)))
	db, err := sql.Open("sqlite", strings.Replace(dataSource(filepath.Join(dir, databaseName)), "secure_delete", "cache_spill", 1))
	ok(t, err)
	exec := func(statement string, args ...any) {
		_, err := db.Exec(statement, args...)
		ok(t, err)
	}
	exec(migrations[0])
	exec("PRAGMA user_version = 1")
	exec("INSERT INTO secrets (name, value) VALUES (?, ?)", identitySecret, key.Seed())
	for i := range 200 {
		exec("INSERT INTO secrets (name, value) VALUES (?, ?)", fmt.Sprint(passwordSecret, i), make([]byte, 100))
	}
	exec("DELETE FROM secrets WHERE name LIKE 'password:1%'")
	exec("INSERT INTO settings (name, value) VALUES ('moved', ?)", key.Seed()) // as pages leave copies when rows move
	exec("DELETE FROM settings")
	exec("INSERT INTO people (name, folded, contact) VALUES ('Bob', 'BOB', 1)")
	ok(t, db.Close())
	if holding(t, dir, key) == nil {
		t.Fatal("the key of the last version is nowhere")
	}
	return key
}

// holding lists the files below a folder that have a key's seed in them, in whatever form.
func holding(t *testing.T, dir string, key ed25519.PrivateKey) (names []string) {
	t.Helper()
	seed := key.Seed()
	ok(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, form := range []string{string(seed), hex.EncodeToString(seed), base64.RawStdEncoding.EncodeToString(seed)} {
			if bytes.Contains(b, []byte(form)) {
				names = append(names, filepath.Base(path))
				break
			}
		}
		return err
	}))
	return names
}

// heldInOneFile checks that a profile's key is in its key file and nowhere else.
func heldInOneFile(t *testing.T, about, dir string, s *Store) {
	t.Helper()
	record, residue, err := readKeyRecord(s.reader)
	ok(t, err)
	if record.place != keystore.File || residue {
		t.Errorf("%s: the key is in %q, residue %v", about, record.place, residue)
	}
	if got := holding(t, dir, s.key.key); len(got) != 1 || got[0] != record.name+".key" {
		t.Errorf("%s: the key is in %q", about, got)
	}
}

func TestTheKeyLeavesTheDatabase(t *testing.T) {
	dir := t.TempDir()
	want := withKeyInDatabase(t, dir)
	s := opened(t, dir)
	if !s.PublicIdentity().Equal(want.Public()) {
		t.Error("the identity is another one")
	}
	heldInOneFile(t, "moved", dir, s)
	if password, err := s.Password("7"); len(password) != 100 || err != nil || !s.IsContact("bob") {
		t.Error("what else the profile held is lost:", err)
	}
	if !strings.HasPrefix(s.KeptIn(), "the file "+dir) {
		t.Errorf("the key is in %s", s.KeptIn())
	}
}

func TestNoCrashLosesTheKey(t *testing.T) {
	for _, step := range []string{"kept", "recorded", "wiped"} {
		dir := t.TempDir()
		want := withKeyInDatabase(t, dir)
		crashed(t, dir, step)
		if step == "kept" { // and a second time
			crashed(t, dir, step)
		}
		if holding(t, dir, want) == nil {
			t.Errorf("%s: after the crash, the key is nowhere", step)
		}
		s := opened(t, dir)
		if !s.PublicIdentity().Equal(want.Public()) {
			t.Errorf("%s: the identity is another one", step)
		}
		heldInOneFile(t, step, dir, s)
	}
	for _, step := range []string{"kept", "recorded"} {
		dir := t.TempDir()
		crashed(t, dir, step)
		first := opened(t, dir)
		heldInOneFile(t, "first start, "+step, dir, first)
		if again := opened(t, dir); !again.PublicIdentity().Equal(first.PublicIdentity()) {
			t.Errorf("first start, %s: the identity is another one", step)
		}
	}
}

func TestOfManyStartsAtOnceOneMovesTheKey(t *testing.T) {
	dir := t.TempDir()
	want := withKeyInDatabase(t, dir)
	stores := openAtOnce(t, dir)
	for _, s := range stores {
		if s == nil {
			continue
		}
		if !s.PublicIdentity().Equal(want.Public()) {
			t.Error("the identity is another one")
		}
		ok(t, s.Close())
	}
	s := opened(t, dir)
	heldInOneFile(t, "moved by four", dir, s)
}

func TestAKeyThatMovesWhileItIsReadIsFoundAgain(t *testing.T) {
	dir := t.TempDir()
	other := opened(t, dir)
	_, fresh, err := ed25519.GenerateKey(nil)
	ok(t, err)
	moves := 0
	s, err := Open(dir, func(o *opening) {
		o.step = func(step string) {
			if step != "found" || moves > 0 {
				return
			}
			moves++
			before, _, err := readKeyRecord(other.reader)
			ok(t, err)
			_, err = other.placeKey(before, fresh, nil)
			ok(t, err)
			other.forgetKey(before)
		}
	})
	ok(t, err)
	if moves != 1 || !s.PublicIdentity().Equal(fresh.Public()) {
		t.Error("what was opened is not what the profile has now")
	}
	ok(t, s.Close())
}

func TestAKeyThatIsNotToBeHadIsNotReplaced(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "nobody"))
	inKeyring := func(s *Store, _ string) error {
		_, err := s.db.Exec("UPDATE identity SET place = 'keyring'")
		return err
	}
	for about, c := range map[string]struct {
		spoil func(s *Store, file string) error
		use   keystore.Use
		want  error
		says  string
	}{
		"no keyring":              {inKeyring, keystore.Auto, keystore.ErrAbsent, "desktop session that has it"},
		"the keyring not allowed": {inKeyring, keystore.Off, keystore.ErrForbidden, "without --keyring off"},
		"no file":                 {func(_ *Store, file string) error { return os.Remove(file) }, keystore.Auto, keystore.ErrGone, "put it back"},
		"a file open to others":   {func(_ *Store, file string) error { return os.Chmod(file, 0o644) }, keystore.Auto, keystore.ErrExposed, "chmod 600"},
		"an empty file":           {func(_ *Store, file string) error { return os.Truncate(file, 0) }, keystore.Auto, keystore.ErrDamaged, "identity import FILE"},
		"another key's file": {func(s *Store, _ string) error {
			record, _, err := readKeyRecord(s.reader)
			return errors.Join(err, s.keys.KeepIn(t.Context(), keystore.File, record.name, make([]byte, ed25519.SeedSize)))
		}, keystore.Auto, keystore.ErrDamaged, "identity import FILE"},
	} {
		dir := t.TempDir()
		s := opened(t, dir)
		file, _ := strings.CutPrefix(s.KeptIn(), "the file ")
		ok(t, c.spoil(s, file), s.Close())
		_, err := Open(dir, WithKeyring(c.use))
		var key *KeyError
		if !errors.As(err, &key) || !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", about, err)
		} else if !key.Identity.Equal(s.PublicIdentity()) {
			t.Errorf("%s: the error names another identity", about)
		}
		again, err := Open(dir, WithoutKey())
		ok(t, err)
		if again.Identity() != nil || !again.PublicIdentity().Equal(s.PublicIdentity()) {
			t.Errorf("%s: the profile has another identity now", about)
		}
		ok(t, again.Close())
	}
}

func TestAProfileOpenedWithoutKeyMakesNone(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, WithoutKey())
	ok(t, err)
	if s.Identity() != nil || s.PublicIdentity() != nil || s.KeptIn() != "no place yet" {
		t.Errorf("there is an identity, in %s", s.KeptIn())
	}
	ok(t, s.Close())
	if opened(t, dir).Identity() == nil {
		t.Error("the next start made none")
	}
	if got := inMemory(t).KeptIn(); got != "memory" {
		t.Errorf("a profile in memory keeps its key in %s", got)
	}
}
