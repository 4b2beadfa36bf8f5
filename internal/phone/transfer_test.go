package phone

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

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
	openParts.mu.Lock()
	defer openParts.mu.Unlock()
	for path := range openParts.parts {
		if filepath.Dir(path) == folder {
			return true
		}
	}
	return false
}
