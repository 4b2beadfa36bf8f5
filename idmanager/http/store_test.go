package http

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func mustPut(t *testing.T, s Store, name, identity string) {
	t.Helper()
	if err := s.Put(Entry{Name: name, Identity: identity, Updated: time.Now().UTC()}); err != nil {
		t.Fatal(err)
	}
}

func wantIdentity(t *testing.T, s Store, name, want string) {
	t.Helper()
	if e, ok, err := s.Get(name); err != nil || ok != (want != "") || e.Identity != want {
		t.Errorf("%q is %+v, %v, %v; want %q", name, e, ok, err, want)
	}
}

func TestAFullStoreTakesOnlyNamesThatItKnows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewMemoryStore()
		s.limit = 3
		for i := range 3 {
			mustPut(t, s, fmt.Sprint("name", i), idAnn)
			time.Sleep(20 * time.Minute)
		}
		mustPut(t, s, "NAME2", idBob)    // known
		mustPut(t, s, "newcomer", idBob) // name0 has just expired
		wantIdentity(t, s, "name0", "")  // and made room
		wantIdentity(t, s, "name1", idAnn)
		if err := s.Put(Entry{Name: "another", Identity: idBob, Updated: time.Now()}); !errors.Is(err, ErrStoreFull) {
			t.Errorf("beyond the limit: %v", err)
		}
	})
}

func openStore(t *testing.T, path string) *FileStore {
	t.Helper()
	s, err := OpenFileStore(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestNamesSurviveARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "names.jsonl")
	s := openStore(t, path)
	mustPut(t, s, "Ann", idAnn)
	mustPut(t, s, "Bob", idAnn)
	mustPut(t, s, "BOB", idBob)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(Entry{Name: "late"}); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	s = openStore(t, path)
	wantIdentity(t, s, "ann", idAnn)
	wantIdentity(t, s, "bob", idBob)
	if e, _, _ := s.Get("bob"); e.Name != "BOB" {
		t.Errorf("spelled %q", e.Name)
	}
}

func TestACrashLosesNoMoreThanTheLastLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "names.jsonl")
	s := openStore(t, path)
	mustPut(t, s, "Ann", idAnn)
	mustPut(t, s, "Bob", idBob)
	_ = s.Close()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b[:len(b)-10], 0o600); err != nil {
		t.Fatal(err)
	}
	s = openStore(t, path)
	wantIdentity(t, s, "Ann", idAnn)
	wantIdentity(t, s, "Bob", "")
	mustPut(t, s, "Bob", idBob)
	_ = s.Close()
	wantIdentity(t, openStore(t, path), "Bob", idBob)
}

func TestRubbishAndWhatExpiredAreNotLoaded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "names.jsonl")
	old := time.Now().Add(-2 * Expiry).UTC().Format(time.RFC3339)
	future := time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)
	lines := []string{
		"rubbish", `{"name":"old","identity":"x","updated":"` + old + `"}`,
		`{"name":"","identity":"x"}`, `{"name":"` + strings.Repeat("n", maxName+1) + `","identity":"x","updated":"` + future + `"}`,
		`{"name":"future","identity":"x","updated":"` + future + `"}`, "",
	}
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	s := openStore(t, path)
	if s.Len() != 1 {
		t.Errorf("%d entries", s.Len())
	}
	if e, _, _ := s.Get("future"); e.Updated.After(time.Now()) {
		t.Errorf("an entry from the future is believed: %v", e.Updated)
	}
}

func TestTheFileDoesNotGrowWithRefreshes(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "names.jsonl")
	s := openStore(t, path)
	for range 3 * compactSlack {
		mustPut(t, s, "Ann", idAnn)
	}
	_ = s.Close()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(b), "\n"); n > compactSlack+3 {
		t.Errorf("%d lines for one name", n)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("left behind: %v", files)
	}
	wantIdentity(t, openStore(t, path), "Ann", idAnn)
}

func TestAFileThatBreaksIsWrittenAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "names.jsonl")
	s := openStore(t, path)
	mustPut(t, s, "Ann", idAnn)
	_ = s.file.Close() // behind its back
	mustPut(t, s, "Bob", idBob)
	_ = s.Close()
	s = openStore(t, path)
	wantIdentity(t, s, "Ann", idAnn)
	wantIdentity(t, s, "Bob", idBob)
}

func TestAFileThatCannotBeUsedIsTold(t *testing.T) {
	dir := t.TempDir()
	if _, err := OpenFileStore(filepath.Join(dir, "none", "names.jsonl")); err == nil || !strings.Contains(err.Error(), "cannot be written") {
		t.Errorf("no folder: %v", err)
	}
	if _, err := OpenFileStore(dir); err == nil || !strings.Contains(err.Error(), "cannot be read") {
		t.Errorf("a folder: %v", err)
	}
}
