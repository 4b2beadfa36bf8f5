package phone

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"sundog.dev/sundog/media"
	"sundog.dev/sundog/mesh"
)

// hungFile is a file on a disk that does not answer.
type hungFile struct {
	diskFile
	*hang
}

// hungDisplay is a display on one.
type hungDisplay struct {
	media.VideoSink
	*hang
}

// hang is what hangs until the test's end.
type hang struct {
	once   sync.Once
	begun  chan struct{} // closed when somebody waits for the disk
	answer chan struct{}
}

func newHang(t *testing.T) *hang {
	h := &hang{begun: make(chan struct{}), answer: make(chan struct{})}
	t.Cleanup(func() { close(h.answer) })
	return h
}

func (h *hang) wait() {
	h.once.Do(func() { close(h.begun) })
	<-h.answer
}

func (f hungFile) WriteAt(b []byte, at int64) (int, error) {
	f.wait()
	return f.diskFile.WriteAt(b, at)
}

func (d hungDisplay) Close() error {
	d.wait()
	return d.VideoSink.Close()
}

// A disk that does not answer any more keeps neither a call nor the phone from ending, and nobody who looks at the files waiting.
func TestADiskThatDoesNotAnswerHoldsNoCallUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.phone(t, "ada", Sources{Camera: "test:320x180@15"}, AcceptNone)
	bob := w.phone(t, "bob", Sources{Display: "dir:" + t.TempDir()}, AcceptAnyone)
	shown, written := newHang(t), newHang(t)
	bob.media.open.display = func(spec, name string) (media.VideoSink, error) {
		d, err := media.OpenDisplay(spec, name)
		return hungDisplay{d, shown}, err
	}
	out, in := connect(t, ada, bob, "bob")
	a, b := attend(t, out), attend(t, in)
	eventually(t, "a picture comes", func() bool { return in.Stats().Video.FPS > 0 })

	folder, path := t.TempDir(), filepath.Join(t.TempDir(), "hills.txt")
	if err := os.WriteFile(path, bytes.Repeat([]byte("over the hills\n"), 200_000), 0o600); err != nil {
		t.Fatal(err)
	}
	eventually(t, "files can be sent", func() bool { _, err := a.SendFile(path); return err == nil })
	eventually(t, "the file is offered", func() bool { f := b.Files(); return len(f) == 1 && f[0].State == FileOffered })
	id := b.Files()[0].ID
	if err := b.AcceptFile(id, folder); err != nil {
		t.Fatal(err)
	}
	b.mu.Lock()
	var part *partFile
	for _, part = range b.parts {
	}
	b.mu.Unlock()
	part.mu.Lock()
	part.file = hungFile{part.file, written}
	part.mu.Unlock()
	<-written.begun
	if f := b.Files(); len(f) != 1 || f[0].State != FileGoing {
		t.Errorf("the file stands as %+v", f)
	}
	if err := b.CancelFile(id); err != nil {
		t.Errorf("cancelling it: %v", err)
	}

	b.HangUp()
	<-shown.begun
	eventually(t, "the call is over", func() bool {
		select {
		case <-b.call.Done():
			return b.Status().State == Ended
		default:
			return false
		}
	})
	again, err := ada.Call("bob")
	if err != nil {
		t.Fatal(err)
	}
	called := attend(t, again)
	answered := answer(t, bob)
	eventually(t, "another call goes well", func() bool { return called.Status().State == mesh.InCall && answered.Status().State == mesh.InCall })
	called.HangUp()
	if err := bob.Close(); err != nil {
		t.Error(err)
	}
	if err := part.close(); err == nil {
		t.Error("the part file is closed, and its disk has not answered")
	}
	if _, err := part.Sum(context.Background()); err == nil || part.whole() != "" {
		t.Error("what was thrown away got a name")
	}
}
