package phone

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"sundog.dev/sundog/mesh"
)

// parcel is a file to be received.
func parcel(name string, content []byte) mesh.Transfer {
	return mesh.Transfer{Name: name, Size: int64(len(content)), SHA256: sha256.Sum256(content)}
}

// unpack is a part file in a folder.
func unpack(t *testing.T, folder string, of mesh.Transfer) *partFile {
	t.Helper()
	p, err := openPart(folder, of)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// give writes a part.
func give(t *testing.T, p *partFile, content []byte, from, to int) {
	t.Helper()
	if _, err := p.WriteAt(content[from:to], int64(from)); err != nil {
		t.Fatal(err)
	}
}

// Files that are accepted at once must fit together, and one that has ended makes room.
func TestFilesThatAreAcceptedAtOnceFitOnTheDiskTogether(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	_, free, known := freeSpaceOn(folder)
	if !known {
		t.Fatal("the free space is not known")
	}
	large := func(name string) mesh.Transfer {
		return mesh.Transfer{Name: name, Size: int64(free * .6), SHA256: [32]byte{1}}
	}
	first := unpack(t, folder, large("first"))
	if _, err := openPart(folder, large("second")); !errors.Is(err, errNoSpace) {
		t.Errorf("two that do not fit together: %v", err)
	}
	unpack(t, folder, parcel("small", []byte("small")))
	if names := in(t, folder); len(names) != 2 {
		t.Errorf("there is %v", names)
	}
	if err := first.throwAway(); err != nil {
		t.Fatal(err)
	}
	unpack(t, folder, large("second"))
}

// whole completes a part file.
func whole(t *testing.T, p *partFile, content []byte) {
	t.Helper()
	if sum, err := p.Sum(t.Context()); err != nil || sum != sha256.Sum256(content) {
		t.Fatalf("the sum is wrong, %v", err)
	}
}

// in are the names in a folder.
func in(t *testing.T, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestPiecesBehindAGapAreKeptAsFewParts(t *testing.T) {
	content := bytes.Repeat([]byte("abcd"), 250)
	p := unpack(t, t.TempDir(), parcel("a", content))
	for at := 2; at < 1000; at += 2 { // gaps of one byte, each closed behind the next part
		give(t, p, content, at, at+1)
		if at > 2 {
			give(t, p, content, at-1, at)
		}
		if len(p.ahead) > 2 {
			t.Fatalf("%d parts", len(p.ahead))
		}
	}
	give(t, p, content, 999, 1000)
	if len(p.Have()) != 0 {
		t.Error("there is something before the gap")
	}
	give(t, p, content, 0, 2)
	if have := p.Have(); len(have) != 1 || have[0].To != 1000 || len(p.ahead) != 0 {
		t.Errorf("%v, %v", have, p.ahead)
	}
	whole(t, p, content)
}

// thenCloses is a context that throws a part file away when it is looked at.
type thenCloses struct {
	context.Context
	p *partFile
	t *testing.T
}

func (c thenCloses) Err() error {
	if err := c.p.throwAway(); err != nil {
		c.t.Error(err)
	}
	if c.p.whole() != "" {
		c.t.Error("it has a name already")
	}
	return nil
}

func TestNobodyWaitsForTheSumOfALargeFile(t *testing.T) {
	folder, content := t.TempDir(), []byte("content")
	p := unpack(t, folder, parcel("a", content))
	give(t, p, content, 0, len(content))
	if _, err := p.Sum(thenCloses{t.Context(), p, t}); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("of a file that was thrown away meanwhile: %v", err)
	}
	if left := in(t, folder); len(left) != 0 {
		t.Errorf("there is %v", left)
	}
}

func TestAFileIsNeverWrittenOverAnother(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new", "folder")
	for i, want := range []string{"report.pdf", "report (2).pdf", "report (3).pdf"} {
		content := bytes.Repeat([]byte{byte(i)}, 100)
		p := unpack(t, folder, parcel("report.pdf", content))
		give(t, p, content, 0, 100)
		whole(t, p, content)
		if got := filepath.Base(p.whole()); got != want {
			t.Errorf("it is called %s, want %s", got, want)
		}
	}
	for i, name := range []string{"report.pdf", "report (2).pdf", "report (3).pdf"} {
		if got, err := os.ReadFile(filepath.Join(folder, name)); err != nil || !bytes.Equal(got, bytes.Repeat([]byte{byte(i)}, 100)) {
			t.Errorf("%s has other content, %v", name, err)
		}
	}
	if names := in(t, folder); len(names) != 3 {
		t.Errorf("the folder has %v", names)
	}
}

func TestWhatHasComeIsNotAskedForAgain(t *testing.T) {
	folder, content := t.TempDir(), bytes.Repeat([]byte("0123456789"), 100)
	p := unpack(t, folder, parcel("a", content))
	give(t, p, content, 0, 300)
	give(t, p, content, 500, 600) // behind a gap
	if have := p.Have(); len(have) != 1 || have[0].To != 300 {
		t.Errorf("there is %v", have)
	}
	if err := p.close(); err != nil {
		t.Fatal(err)
	}
	if names := in(t, folder); len(names) != 1 || filepath.Ext(names[0]) != ".part" {
		t.Errorf("the folder has %v", names)
	}

	other := bytes.Repeat([]byte("x"), 1000) // another file of that name
	if q := unpack(t, folder, parcel("a", other)); q.Have() != nil {
		t.Errorf("of another file there is %v", q.Have())
	}
	p = unpack(t, folder, parcel("a", content))
	if have := p.Have(); len(have) != 1 || have[0].From != 0 || have[0].To != 300 {
		t.Fatalf("after the break there is %v", have)
	}
	if _, err := openPart(folder, parcel("a", content)); !errors.Is(err, errBeingWritten) {
		t.Errorf("two write one file: %v", err)
	}
	give(t, p, content, 600, 1000)
	give(t, p, content, 300, 500)
	give(t, p, content, 500, 600)
	whole(t, p, content)
	whole(t, p, content) // asked again
	if got, err := os.ReadFile(p.whole()); err != nil || !bytes.Equal(got, content) {
		t.Errorf("the file has other content, %v", err)
	}
}

func TestAFileThatIsNotRightIsThrownAway(t *testing.T) {
	folder, content := t.TempDir(), bytes.Repeat([]byte("0123456789"), 100)
	p := unpack(t, folder, parcel("a", content))
	give(t, p, bytes.Repeat([]byte("x"), 1000), 0, 1000)
	if sum, err := p.Sum(t.Context()); err != nil || sum == sha256.Sum256(content) || p.whole() != "" {
		t.Errorf("it is taken as right: %v, at %q", err, p.whole())
	}
	q := unpack(t, folder, parcel("b", content))
	give(t, q, content, 0, 500)
	if err := q.throwAway(); err != nil {
		t.Error(err)
	}
	if names := in(t, folder); len(names) != 0 {
		t.Errorf("the folder has %v", names)
	}
}

func TestAFileThatCannotBeWritten(t *testing.T) {
	folder := t.TempDir()
	huge := mesh.Transfer{Name: "huge", Size: 1 << 60}
	if _, err := openPart(folder, huge); !errors.Is(err, errNoSpace) {
		t.Errorf("a file of 2^60 bytes: %v", err)
	}
	if _, err := openPart(writtenFile(t), parcel("a", nil)); err == nil {
		t.Error("a file is a folder")
	}
	content := []byte("content")
	if err := os.Symlink(writtenFile(t), filepath.Join(folder, filepath.Base((&partFile{name: "a", sum: sha256.Sum256(content)}).part()))); err != nil {
		t.Fatal(err)
	}
	if _, err := openPart(folder, parcel("a", content)); err == nil {
		t.Error("a part file is written through a link")
	}
	empty := unpack(t, folder, parcel("empty", nil))
	whole(t, empty, nil)
	if fileSize(t, empty.whole()) != 0 {
		t.Error("an empty file has something in it")
	}
}
