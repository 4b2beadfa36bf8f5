package keystore

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var seed = []byte("0123456789abcdef0123456789ABCDEF")

const name = "identity-1"

func folder(t *testing.T) string { return filepath.Join(t.TempDir(), "identity") }

func TestAFileKeepsAKey(t *testing.T) {
	keys := New(folder(t), Off)
	place, err := keys.Keep(t.Context(), name, seed)
	if place != File || err != nil {
		t.Fatalf("kept in %q, %v", place, err)
	}
	for path, want := range map[string]os.FileMode{keys.folder: 0o700, keys.path(name): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, %v", path, info.Mode(), err)
		}
	}
	if got, err := New(keys.folder, Off).Read(t.Context(), File, name); err != nil || string(got) != string(seed) {
		t.Errorf("read %q, %v", got, err)
	}
	if _, err := keys.Read(t.Context(), File, "identity-2"); !errors.Is(err, ErrGone) {
		t.Errorf("another key: %v", err)
	}
	for range 2 {
		if err := keys.Forget(t.Context(), File, name); err != nil {
			t.Error(err)
		}
	}
	if _, err := keys.Read(t.Context(), File, name); !errors.Is(err, ErrGone) {
		t.Errorf("a forgotten key: %v", err)
	}
	if left, err := os.ReadDir(keys.folder); err != nil || len(left) > 0 {
		t.Errorf("the folder holds %v, %v", left, err)
	}
}

func TestNamesStayInTheFolder(t *testing.T) {
	keys := New(folder(t), Off)
	for _, name := range []string{"", "../x", "a/b", `a\b`, "A", "a.key", strings.Repeat("x", maxName+1)} {
		if _, err := keys.Keep(t.Context(), name, seed); err == nil {
			t.Errorf("a key was kept as %q", name)
		}
	}
	for _, secret := range [][]byte{nil, make([]byte, maxSecret+1)} {
		if _, err := keys.Keep(t.Context(), name, secret); err == nil {
			t.Errorf("a key of %d bytes was kept", len(secret))
		}
	}
}

func TestAHalfWrittenCopyIsRemoved(t *testing.T) {
	keys := New(folder(t), Off)
	if _, err := keys.Keep(t.Context(), name, seed); err != nil {
		t.Fatal(err)
	}
	left, writing := keys.path(name)[:len(keys.path(name))-len(suffix)]+".1"+unfinished, filepath.Join(keys.folder, name+".2"+unfinished)
	for _, path := range []string{left, writing} {
		if err := os.WriteFile(path, seed, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	old := time.Now().Add(-2 * leftBehind)
	if err := os.Chtimes(left, old, old); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Keep(t.Context(), name, seed); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); err == nil {
		t.Error("what a crash left is still there")
	}
	if _, err := os.Stat(writing); err != nil {
		t.Error("what another process writes was removed")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encode(seed))
	f.Add(encode(make([]byte, maxSecret)) + "\r\n")
	f.Add(prefix)
	f.Add(prefix + "AB==")
	f.Add(prefix + "AA\rAA")
	f.Fuzz(func(t *testing.T, text string) {
		secret, err := decode(text)
		if err == nil && encode(secret) != strings.TrimRight(text, "\r\n") {
			t.Fatalf("%q was read as %q", text, encode(secret))
		}
	})
}
