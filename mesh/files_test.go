package mesh

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sundog.dev/sundog/mesh/room/incall"
	"sundog.dev/sundog/rtmfp/flash"
)

// testFile is a file of n bytes that look random.
func testFile(name string, n int) (File, []byte) {
	b := make([]byte, n)
	random := rand.NewChaCha8([32]byte{byte(n)})
	_, _ = random.Read(b)
	return File{Name: name, Size: int64(n), SHA256: sha256.Sum256(b), Content: bytes.NewReader(b)}, b
}

// sink takes a file into memory.
type sink struct {
	mu      sync.Mutex
	data    []byte
	have    []FileRange // from earlier
	written int         // bytes
	full    error       // what WriteAt says
}

func newSink(size int64) *sink { return &sink{data: make([]byte, size)} }

func (s *sink) WriteAt(b []byte, at int64) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.full != nil {
		return 0, s.full
	}
	s.written += len(b)
	s.have = append(s.have, FileRange{From: uint64(at), To: uint64(at) + uint64(len(b))})
	return copy(s.data[at:], b), nil
}

func (s *sink) Have() []FileRange {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.have)
}

func (s *sink) Sum(context.Context) ([32]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return sha256.Sum256(s.data), nil
}

func (s *sink) bytes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.written
}

// offered waits for the offer of a file.
func (f *follower) offered(name string, limit time.Duration) Transfer {
	f.t.Helper()
	return f.await("the offer of "+name, limit, func(e Event) bool {
		c, ok := e.(FileChanged)
		return ok && c.Transfer.Name == name && c.Transfer.State == FileOffered && !c.Transfer.Outgoing
	}).ev.(FileChanged).Transfer
}

// transferred waits until a transfer with somebody stands so, and returns it.
func (f *follower) transferred(id FileID, with flash.PeerID, s FileState, limit time.Duration) Transfer {
	f.t.Helper()
	for end := time.Now().Add(limit); ; time.Sleep(50 * time.Millisecond) {
		for _, is := range f.Files() {
			if is.ID == id && is.Peer == with && is.State == s {
				return is
			}
		}
		if time.Now().After(end) {
			f.t.Fatalf("not %s within %v: %+v", s, limit, f.Files())
		}
	}
}

// send sends a file and has it accepted.
func (f *follower) sends(file File, to ...flash.PeerID) FileID {
	f.t.Helper()
	id, err := f.SendFile(file, to...)
	if err != nil {
		f.t.Fatalf("sending %s: %v", file.Name, err)
	}
	return id
}

// takes takes a file that is offered into a new sink.
func (f *follower) takes(name string) (*sink, FileID) {
	f.t.Helper()
	offer := f.offered(name, 2*time.Second)
	s := newSink(offer.Size)
	if err := f.AcceptFile(offer.ID, s); err != nil {
		f.t.Fatalf("accepting %s: %v", name, err)
	}
	return s, offer.ID
}

func TestAFileGoesToAllAndToWhoComesMeanwhile(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.together("ada", "bob", "eve")
		file, content := testFile("../holiday photo.jpg", 300_000)
		id := g.calls[0].sends(file)
		bob, at := g.calls[1].takes("holiday photo.jpg")
		if at != id {
			t.Error("another ID")
		}
		is := g.calls[2].offered("holiday photo.jpg", time.Second)
		if is.Size != 300_000 || is.SHA256 != file.SHA256 || is.Peer != g.phones[0].id || !is.ToAll {
			t.Errorf("offered: %+v", is)
		}
		g.calls[1].transferred(id, g.phones[0].id, FileDone, time.Minute)
		g.calls[0].transferred(id, g.phones[1].id, FileDone, time.Second)
		if !bytes.Equal(bob.data, content) || bob.bytes() != len(content) {
			t.Errorf("bob has other bytes, or %d of them", bob.bytes())
		}
		g.calls[0].transferred(id, g.phones[2].id, FileOffered, 0) // eve has not answered: it goes on
		late := g.add(1, w.newPhone("dan"))
		dan, _ := late.takes("holiday photo.jpg")
		late.transferred(id, g.phones[0].id, FileDone, time.Minute)
		if !bytes.Equal(dan.data, content) {
			t.Error("dan has other bytes")
		}
		if err := g.calls[2].RejectFile(id); err != nil {
			t.Error(err)
		}
		if is := g.calls[0].transferred(id, g.phones[2].id, FileFailed, time.Second); is.Reason != FileDeclined {
			t.Errorf("%+v", is)
		}
		time.Sleep(time.Second)
		last := g.add(0, w.newPhone("fay"))
		time.Sleep(2 * time.Second)
		if n := len(last.Files()); n != 0 {
			t.Errorf("it is over, and fay is offered %d files", n)
		}
		progress := 0
		for _, ev := range g.calls[1].events() {
			if c, ok := ev.(FileChanged); ok && c.Transfer.State == FileGoing {
				progress++
			}
		}
		if progress < 2 {
			t.Errorf("bob was told %d times of the progress", progress)
		}
	})
}

func TestAFileThatBecomesShorterIsNotFilledUp(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.together("ada", "bob")
		file, content := testFile("file", 500_000)
		file.Content = bytes.NewReader(content[:250_000])
		id := g.calls[0].sends(file)
		s, _ := g.calls[1].takes("file")
		if is := g.calls[1].transferred(id, g.phones[0].id, FileFailed, time.Minute); is.Reason != FileBroken || s.bytes() > 250_000 {
			t.Errorf("%s, %d bytes", is.Reason, s.bytes())
		}
	})
}

func TestAFileForOneIsOfferedToNobodyElse(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.together("ada", "bob", "eve")
		file, content := testFile("a", 10_000)
		id := g.calls[0].sends(file, g.phones[1].id)
		bob, _ := g.calls[1].takes("a")
		g.calls[1].transferred(id, g.phones[0].id, FileDone, time.Minute)
		if !bytes.Equal(bob.data, content) {
			t.Error("other bytes")
		}
		empty, _ := testFile("empty", 0)
		id = g.calls[0].sends(empty, g.phones[1].id)
		g.calls[1].takes("empty")
		g.calls[1].transferred(id, g.phones[0].id, FileDone, time.Second)
		g.calls[0].transferred(id, g.phones[1].id, FileDone, time.Second)
		if len(g.calls[2].Files()) != 0 {
			t.Error("eve knows of it")
		}
		if _, err := g.calls[0].SendFile(file, flash.PeerID{7}); !errors.Is(err, ErrNobody) {
			t.Errorf("to nobody: %v", err)
		}
		for _, bad := range []File{{Name: "x", Size: -1, Content: file.Content}, {Name: "x"}, {Size: 1, Content: file.Content}} {
			if _, err := g.calls[0].SendFile(bad); !errors.Is(err, ErrFile) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
	})
}

// rotten is content that cannot be read beyond a point.
type rotten struct{ io.ReaderAt }

func (r rotten) ReadAt(b []byte, at int64) (int, error) {
	if at > 100_000 {
		return 0, io.ErrUnexpectedEOF
	}
	return r.ReaderAt.ReadAt(b, at)
}

func TestTransfersThatFailSayWhyAtBothEnds(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.together("ada", "bob")
		from, to := g.calls[0], g.calls[1]
		file, _ := testFile("file", 2_000_000)
		begins := func(name string, change func(*File, *sink)) (FileID, *sink) {
			t.Helper()
			f, s := file, newSink(file.Size)
			f.Name = name
			change(&f, s)
			id := from.sends(f)
			offer := to.offered(name, time.Second)
			if err := to.AcceptFile(offer.ID, s); err != nil {
				t.Fatal(err)
			}
			return id, s
		}
		fails := func(id FileID, why FileReason) {
			t.Helper()
			for _, end := range []struct {
				f    *follower
				with flash.PeerID
			}{{from, g.phones[1].id}, {to, g.phones[0].id}} {
				if is := end.f.transferred(id, end.with, FileFailed, time.Minute); is.Reason != why {
					t.Errorf("%s: %q, want %q", is.Name, is.Reason, why)
				}
			}
		}
		id, s := begins("cancelled there", func(*File, *sink) {})
		time.Sleep(300 * time.Millisecond)
		if err := to.CancelFile(id); err != nil {
			t.Fatal(err)
		}
		fails(id, FileCancelled)
		n := s.bytes()
		time.Sleep(2 * time.Second)
		if s.bytes() != n || n == 0 {
			t.Errorf("%d bytes, and %d after the end", n, s.bytes()-n)
		}
		id, _ = begins("cancelled here", func(*File, *sink) {})
		time.Sleep(300 * time.Millisecond)
		if err := from.CancelFile(id); err != nil {
			t.Fatal(err)
		}
		fails(id, FileCancelled)
		id, _ = begins("no space", func(_ *File, s *sink) { s.full = io.ErrShortWrite })
		fails(id, FileNoSpace)
		id, _ = begins("rotten", func(f *File, _ *sink) { f.Content = rotten{f.Content} })
		fails(id, FileBroken)
		id, _ = begins("another", func(f *File, _ *sink) { f.SHA256[0]++ })
		fails(id, FileBroken)
		for _, err := range []error{to.AcceptFile(id, newSink(1)), to.RejectFile(id), to.CancelFile(id), from.CancelFile(FileID{}), from.RejectFile(id)} {
			if !errors.Is(err, ErrNoFile) {
				t.Errorf("of none that goes on: %v", err)
			}
		}
		for i := range maxFilesIn {
			from.says(g.phones[1], incall.Offer{ID: FileID{1, byte(i)}, Size: 1, Name: "x"})
		}
		last := from.sends(file)
		if is := from.transferred(last, g.phones[1].id, FileFailed, time.Second); is.Reason != FileTooMany {
			t.Errorf("one too many: %+v", is)
		}
		from.HangUp()
		to.ended(Hangup, time.Second)
		<-to.Done()
		for _, is := range to.Files() {
			if is.State != FileFailed {
				t.Errorf("after the call: %+v", is)
			}
		}
	})
}

func TestAFileIsResumedOnANewLinkAndAfterARestart(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.together("ada", "bob", "eve")
		ada, bob := g.phones[0], g.phones[1]
		file, content := testFile("file", 1_000_000)
		id := g.calls[0].sends(file, bob.id)
		s, _ := g.calls[1].takes("file")
		part := func(n int) {
			t.Helper()
			for end := time.Now().Add(time.Minute); s.bytes() < n; time.Sleep(50 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("%d bytes", s.bytes())
				}
			}
		}
		part(200_000)
		w.setDead(bob.host, true)
		g.calls[0].transferred(id, bob.id, FileWaiting, 15*time.Second)
		time.Sleep(35 * time.Second) // the legs have ended
		before := s.bytes()
		w.setDead(bob.host, false)
		part(500_000)
		if again := s.bytes() - before; again < 100_000 {
			t.Errorf("%d bytes since", again)
		}
		// bob's program is killed, and started anew with his key and what has come.
		ticket, err := g.calls[1].Ticket()
		if err != nil {
			t.Fatal(err)
		}
		w.setDead(bob.host, true)
		s = &sink{data: s.data, have: s.Have()}
		again := w.newPhone("bob", func(c *Config) { c.Identity = bob.key })
		c, err := again.agent.Join("eve", ticket, again.at(g.phones[2].host))
		if err != nil {
			t.Fatal(err)
		}
		back := w.follow(c)
		back.state(InCall, 10*time.Second)
		offer := back.offered("file", 30*time.Second)
		if offer.ID != id || offer.SHA256 != file.SHA256 {
			t.Errorf("offered: %+v", offer)
		}
		missing := len(content)
		for _, r := range s.have {
			missing -= int(r.To - r.From)
		}
		if err := back.AcceptFile(offer.ID, s); err != nil {
			t.Fatal(err)
		}
		back.transferred(id, ada.id, FileDone, 2*time.Minute)
		if !bytes.Equal(s.data, content) {
			t.Error("other bytes")
		}
		if s.bytes() != missing {
			t.Errorf("%d bytes were missing, and %d sent", missing, s.bytes())
		}
		is := g.calls[0].transferred(id, again.id, FileDone, time.Second)
		if is.Done != is.Size {
			t.Errorf("%+v", is)
		}
	})
}

// slowSink writes when it is told to.
type slowSink struct {
	*sink
	begun, write chan struct{}
}

func newSlowSink(size int64) *slowSink {
	return &slowSink{newSink(size), make(chan struct{}, 1), make(chan struct{})}
}

func (s *slowSink) WriteAt(b []byte, at int64) (int, error) {
	select {
	case s.begun <- struct{}{}:
	default:
	}
	<-s.write
	return s.sink.WriteAt(b, at)
}

func TestWhatASlowDiskSaysOfATransferThatHasEndedCountsNoMore(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.together("ada", "bob", "eve")
		ada, bob := g.phones[0], g.calls[1]
		begins := func(name string) (Transfer, *slowSink) {
			t.Helper()
			file, _ := testFile(name, 500_000)
			g.calls[0].sends(file, g.phones[1].id)
			offer, s := bob.offered(name, 2*time.Second), newSlowSink(file.Size)
			if err := bob.AcceptFile(offer.ID, s); err != nil {
				t.Fatal(err)
			}
			<-s.begun
			return offer, s
		}
		cancelled, s := begins("cancelled")
		if err := bob.CancelFile(cancelled.ID); err != nil {
			t.Fatal(err)
		}
		s.full = io.ErrClosedPipe
		close(s.write)
		time.Sleep(time.Second)
		if is := bob.transferred(cancelled.ID, ada.id, FileFailed, 0); is.Reason != FileCancelled {
			t.Errorf("cancelled: %s", is.Reason)
		}

		again, s := begins("again")
		ticket, err := g.calls[2].Ticket()
		if err != nil {
			t.Fatal(err)
		}
		g.calls[0].HangUp()
		bob.transferred(again.ID, ada.id, FileFailed, 5*time.Second)
		c, err := ada.agent.Join("eve", ticket, ada.at(g.phones[2].host))
		if err != nil {
			t.Fatal(err)
		}
		g.calls[0] = w.follow(c)
		g.calls[0].state(InCall, 10*time.Second)
		time.Sleep(2 * time.Second) // and with bob, too
		g.calls[0].says(g.phones[1], incall.Offer{ID: again.ID, Size: uint64(again.Size), SHA256: again.SHA256, Name: again.Name})
		bob.transferred(again.ID, ada.id, FileOffered, time.Second)
		close(s.write)
		time.Sleep(time.Second)
		bob.transferred(again.ID, ada.id, FileOffered, 0)
	})
}

func TestNothingIsWrittenAfterTheCall(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.together("ada", "bob", "eve")
		file, _ := testFile("file", 5_000_000)
		id := g.calls[0].sends(file)
		bob, _ := g.calls[1].takes("file")
		eve, _ := g.calls[2].takes("file")
		time.Sleep(time.Second)
		g.calls[1].HangUp()
		<-g.calls[1].Done()
		n := bob.bytes()
		if is := g.calls[1].Files()[0]; is.State != FileFailed || is.Reason != FileLost {
			t.Errorf("after the call: %+v", is)
		}
		if is := g.calls[0].transferred(id, g.phones[1].id, FileFailed, time.Second); is.Reason != FileLost {
			t.Errorf("to somebody who has gone: %+v", is)
		}
		before := eve.bytes()
		time.Sleep(2 * time.Second)
		if bob.bytes() != n || n == 0 {
			t.Errorf("%d bytes, and %d later", n, bob.bytes()-n)
		}
		if eve.bytes() == before {
			t.Error("eve gets nothing any more")
		}
	})
}

func TestAGiantNameIsCut(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.together("ada", "bob")
		file, _ := testFile(strings.Repeat("é", 5000)+".txt", 10)
		g.calls[0].sends(file)
		is := g.calls[1].await("the offer", time.Second, func(e Event) bool { _, ok := e.(FileChanged); return ok }).ev.(FileChanged).Transfer
		if len(is.Name) > 200 || !strings.HasSuffix(is.Name, "é.txt") {
			t.Errorf("%d bytes: %q", len(is.Name), is.Name)
		}
	})
}

// Files for somebody who is lost wait for him; others can be sent all the same, as many as before.
func TestNobodyWaitsForTheFilesOfSomebodyWhoIsLost(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.together("ada", "bob", "eve")
		ada, bob := g.calls[0], g.phones[1]
		file, _ := testFile("for bob", 2_000)
		var ids []FileID
		for range maxFilesOut {
			ids = append(ids, ada.sends(file, bob.id))
		}
		if _, err := ada.SendFile(file, bob.id); !errors.Is(err, ErrTooManyFiles) {
			t.Errorf("one too many: %v", err)
		}
		g.calls[1].offered("for bob", time.Second)
		if err := g.calls[1].AcceptFile(ids[0], newSink(file.Size)); err != nil {
			t.Fatal(err)
		}
		w.setDead(bob.host, true)
		time.Sleep(15 * time.Second)
		file.Name = "for eve"
		ada.sends(file, g.phones[2].id)
		g.calls[2].takes("for eve")
		w.setDead(bob.host, false)
		ada.transferred(ids[0], bob.id, FileDone, time.Minute)
	})
}

// Who has got a file while he was hardly back says so when he can: the sender does not wait for ever.
func TestAFileThatIsWholeBeforeOneTalksAgainIsDone(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.together("ada", "bob")
		ada, bob := g.calls[0], g.phones[1]
		file, _ := testFile("for bob", 2_000)
		id := ada.sends(file, bob.id)
		g.calls[1].offered("for bob", time.Second)
		if err := g.calls[1].AcceptFile(id, newSink(file.Size)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond) // the answer is on its way, the file is not
		w.setDead(bob.host, true)
		time.Sleep(15 * time.Second)
		w.setDead(bob.host, false)
		ada.transferred(id, bob.id, FileDone, time.Minute)
	})
}

// What is kept for somebody is bounded, too, and nobody else waits for that: what is beyond it is refused, until the user gives some up or it has
// been taken.
func TestFilesForOneMemberKeepNobodyElseFromGettingAny(t *testing.T) {
	for name, lost := range map[string]bool{"who is lost": true, "who does not answer": false} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				g := w.together("ada", "bob", "eve")
				ada, bob, eve := g.calls[0], g.phones[1].id, g.phones[2].id
				file, _ := testFile("for bob", 2_000)
				if lost {
					w.setDead(g.phones[1].host, true)
					time.Sleep(12 * time.Second)
				}
				var ids []FileID
				for i := range maxFilesOut {
					file.Name = fmt.Sprint("for bob ", i)
					ids = append(ids, ada.sends(file, bob))
				}
				if _, err := ada.SendFile(file, bob); !errors.Is(err, ErrTooManyFiles) {
					t.Errorf("one too many: %v", err)
				}
				if _, err := ada.SendFile(file, bob, eve); !errors.Is(err, ErrTooManyFiles) {
					t.Errorf("one too many for him, to both: %v", err)
				}
				file.Name = "for all"
				all := ada.sends(file)
				g.calls[2].takes("for all")
				ada.transferred(all, eve, FileDone, 10*time.Second)
				for i := range maxFilesOut {
					file.Name = fmt.Sprint("for eve ", i)
					ada.sends(file, eve)
					g.calls[2].takes(file.Name)
				}
				if err := ada.CancelFile(ids[0]); err != nil {
					t.Fatal(err)
				}
				file.Name = fmt.Sprint("for bob ", maxFilesOut)
				ids = append(ids[1:], ada.sends(file, bob))
				w.setDead(g.phones[1].host, false)
				time.Sleep(5 * time.Second)
				for i := range ids { // as he takes one the next is offered, and none is refused
					g.calls[1].takes(fmt.Sprint("for bob ", i+1))
				}
				for _, id := range ids {
					ada.transferred(id, bob, FileDone, time.Minute)
				}
			})
		})
	}
}

// What a member floods us with is refused, and those of all others are taken.
func TestAFloodOfFilesByAllIsBounded(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.together("ada", "bob", "eve", "dan")
		for i := range 100 {
			for _, flooder := range []int{0, 2} {
				g.calls[flooder].says(g.phones[1], incall.Offer{ID: FileID{byte(flooder), byte(i)}, Size: 1 << 40, Name: "x"})
			}
		}
		time.Sleep(5 * time.Second)
		file, _ := testFile("of ada", 1000)
		refused := g.calls[0].sends(file, g.phones[1].id)
		if is := g.calls[0].transferred(refused, g.phones[1].id, FileFailed, time.Second); is.Reason != FileTooMany {
			t.Errorf("%+v", is)
		}
		file, _ = testFile("of dan", 1000)
		id := g.calls[3].sends(file, g.phones[1].id)
		g.calls[1].takes("of dan")
		g.calls[1].transferred(id, g.phones[3].id, FileDone, 10*time.Second)
	})
}
