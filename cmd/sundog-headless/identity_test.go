package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sundog.dev/sundog/internal/identityfile"
	"sundog.dev/sundog/internal/phone"
	"sundog.dev/sundog/internal/profile"
)

// identityEvent is what the command prints.
type identityEvent struct {
	Event       string `json:"event"`
	Identity    string `json:"identity"`
	Fingerprint string `json:"fingerprint"`
	KeptIn      string `json:"kept_in"`
	Backup      string `json:"backup"`
	People      int    `json:"people"`
	Replaced    bool   `json:"replaced"`
}

// identityOf runs the command on the profile in a folder.
func identityOf(t *testing.T, dir string, replace bool, words ...string) (e identityEvent, said string, code int) {
	t.Helper()
	if err := checkIdentity(words); err != nil {
		t.Fatal(err)
	}
	var out, stderr bytes.Buffer
	c := identityCommand{
		flags: &phone.Flags{ProfileDir: dir, Keyring: "off"}, replace: replace, out: newPrinter(&out, true),
		options: []profile.Option{profile.WithExportCost(identityfile.Cost{Passes: 1, Memory: 64, Lanes: 1})},
	}
	code = c.run(t.Context(), words, &stderr)
	if out.Len() > 0 {
		if err := json.Unmarshal(out.Bytes(), &e); err != nil {
			t.Fatalf("%q: %v", out.String(), err)
		}
	}
	return e, stderr.String(), code
}

func TestAnIdentityIsShownExportedAndImported(t *testing.T) {
	t.Setenv(passphraseVariable, "correct horse battery staple")
	old, fresh, used, file := t.TempDir(), t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "ada.sundog")
	me, said, code := identityOf(t, old, false)
	if code != exitOK || len(me.Identity) != 64 || strings.ReplaceAll(me.Fingerprint, " ", "") != me.Identity || !strings.HasPrefix(me.KeptIn, "the file "+old) {
		t.Fatalf("%+v, %q", me, said)
	}
	if e, said, code := identityOf(t, old, false, "export", file); code != exitOK || e.Event != "exported" || e.Identity != me.Identity {
		t.Errorf("export: %+v, %q", e, said)
	}
	if _, said, code := identityOf(t, old, false, "export", file); code != exitNoCall || !strings.Contains(said, "already") {
		t.Errorf("an export over another: %d, %q", code, said)
	}
	if e, said, code := identityOf(t, fresh, false, "import", file); code != exitOK || e.Event != "imported" || e.Identity != me.Identity || e.Replaced {
		t.Errorf("import: %+v, %q", e, said)
	}
	if e, _, _ := identityOf(t, fresh, false); e.Identity != me.Identity {
		t.Errorf("the new machine is %+v", e)
	}
	was, _, _ := identityOf(t, used, false)
	if _, said, code := identityOf(t, used, false, "import", file); code != exitNoCall || !strings.Contains(said, "--replace") {
		t.Errorf("import over another: %d, %q", code, said)
	}
	e, said, code := identityOf(t, used, true, "import", file)
	if code != exitOK || e.Identity != me.Identity || !e.Replaced || e.Backup == "" {
		t.Errorf("import over another, asked for: %+v, %q", e, said)
	}
	if e, _, code := identityOf(t, used, true, "import", e.Backup); code != exitOK || e.Identity != was.Identity {
		t.Errorf("import of the backup: %+v", e)
	}
	t.Setenv(passphraseVariable, "incorrect horse")
	if _, said, code := identityOf(t, fresh, false, "import", file); code != exitNoCall || !strings.Contains(said, "not the passphrase") {
		t.Errorf("another passphrase: %d, %q", code, said)
	}
}

func TestALostKeyIsToldAndBroughtBack(t *testing.T) {
	t.Setenv(passphraseVariable, "correct horse battery staple")
	dir, file := t.TempDir(), filepath.Join(t.TempDir(), "me")
	me, _, _ := identityOf(t, dir, false)
	if _, said, code := identityOf(t, dir, false, "export", file); code != exitOK {
		t.Fatal(said)
	}
	key, _ := strings.CutPrefix(me.KeptIn, "the file ")
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	if e, said, code := identityOf(t, dir, false); code != exitNoCall || e.Identity != me.Identity || !strings.Contains(said, "identity import FILE") {
		t.Errorf("with the key lost: %d, %+v, %q", code, e, said)
	}
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"--profile", dir, "--name", "ada", "answer"}, strings.NewReader(""), &stdout, &stderr); code != exitNoCall || !strings.Contains(stderr.String(), key) {
		t.Errorf("a phone started without its key: %d, %q", code, stderr.String())
	}
	if _, said, code := identityOf(t, dir, false, "import", file); code != exitOK {
		t.Error(said)
	}
	if e, said, code := identityOf(t, dir, false); code != exitOK || e.Identity != me.Identity {
		t.Errorf("brought back: %+v, %q", e, said)
	}
	if _, said, code := identityOf(t, dir, false, "keep", "keyring"); code != exitNoCall || !strings.Contains(said, "stays where it is") {
		t.Errorf("moved to a keyring that may not be used: %d, %q", code, said)
	}
}

func TestAPassphraseIsNeeded(t *testing.T) {
	t.Setenv(passphraseVariable, "")
	stdin, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	before := os.Stdin
	os.Stdin = stdin
	defer func() { os.Stdin = before; _ = stdin.Close() }()
	file := filepath.Join(t.TempDir(), "me")
	if _, said, code := identityOf(t, t.TempDir(), false, "export", file); code != exitNoCall || !strings.Contains(said, passphraseVariable) {
		t.Errorf("without a passphrase: %d, %q", code, said)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("a file was written")
	}
}
