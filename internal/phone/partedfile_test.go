package phone

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// A call that ends in the middle of a file: in the next call the rest is sent, and no more.
func TestAFileGoesOnInTheNextCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, bob := w.phone(t, "ada", Sources{}, AcceptNone), w.phone(t, "bob", Sources{}, AcceptAnyone)
	path, folder := filepath.Join(t.TempDir(), "song.flac"), t.TempDir()
	content := bytes.Repeat([]byte("la la la la la la, la la la la la\n"), 30_000)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	send := func() (a, b *party) {
		out, in := connect(t, ada, bob, "bob")
		a, b = attend(t, out), attend(t, in)
		eventually(t, "files can be sent", func() bool { _, err := a.SendFile(path); return err == nil })
		eventually(t, "the file is offered", func() bool { f := b.Files(); return len(f) == 1 && f[0].State == FileOffered })
		if err := b.AcceptFile(b.Files()[0].ID, folder); err != nil {
			t.Fatal(err)
		}
		return a, b
	}
	a, b := send()
	eventually(t, "some of it has come", func() bool { return b.Files()[0].Done > 64<<10 })
	a.HangUp()
	eventually(t, "the call is over", func() bool {
		return b.Status().State == Ended && len(b.Files()) == 1 && b.Files()[0].State != FileGoing
	})
	if f := b.Files()[0]; f.State != FileFailed || f.Path != "" || f.Sentence == "" {
		t.Fatalf("then it stands as %+v", f)
	}
	var kept int64
	eventually(t, "what has come is kept", func() bool {
		parts, _ := filepath.Glob(filepath.Join(folder, "*.part"))
		if len(parts) != 1 || openPartIn(folder) {
			return false
		}
		kept = fileSize(t, parts[0])
		return kept > 0
	})

	a, b = send()
	if done := b.Files()[0].Done; done < kept {
		t.Errorf("of %d bytes that are there it begins with %d", kept, done)
	}
	eventually(t, "the rest comes", func() bool { return b.Files()[0].State == FileDone })
	if got, err := os.ReadFile(filepath.Join(folder, "song.flac")); err != nil || !bytes.Equal(got, content) {
		t.Errorf("it has other content, %v", err)
	}
	if names := in(t, folder); len(names) != 1 {
		t.Errorf("the folder has %v", names)
	}
	a.HangUp()
}

// openPartIn reports whether a part file in a folder is being written.
func openPartIn(folder string) bool {
	openParts.Lock()
	defer openParts.Unlock()
	for path := range openParts.paths {
		if filepath.Dir(path) == folder {
			return true
		}
	}
	return false
}
