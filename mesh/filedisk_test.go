package mesh

import (
	"io"
	"testing"
	"time"
)

// stuck is content on a disk that does not answer any more.
type stuck struct {
	io.ReaderAt
	begun, answer chan struct{}
}

func (s stuck) ReadAt(b []byte, at int64) (int, error) {
	select {
	case s.begun <- struct{}{}:
	default:
	}
	<-s.answer
	return s.ReaderAt.ReadAt(b, at)
}

// A disk that does not answer, of who sends or of who receives, keeps no call from ending, and nobody else's file from going on.
func TestADiskThatDoesNotAnswerKeepsNoCallFromEnding(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.together("ada", "bob", "eve")
		mute, _ := testFile("mute", 500_000)
		content := stuck{mute.Content, make(chan struct{}, 1), make(chan struct{})}
		mute.Content = content
		g.calls[0].sends(mute, g.phones[1].id)
		g.calls[1].takes("mute")
		<-content.begun

		deaf, _ := testFile("deaf", 400_000)
		g.calls[0].sends(deaf, g.phones[2].id)
		offer, hangs := g.calls[2].offered("deaf", 2*time.Second), newSlowSink(deaf.Size)
		if err := g.calls[2].AcceptFile(offer.ID, hangs); err != nil {
			t.Fatal(err)
		}
		<-hangs.begun

		other, _ := testFile("other", 100_000)
		id := g.calls[1].sends(other, g.phones[2].id)
		g.calls[2].takes("other")
		g.calls[1].transferred(id, g.phones[2].id, FileDone, time.Minute)

		for i, c := range g.calls {
			began := time.Now()
			c.HangUp()
			<-c.Done()
			if took := time.Since(began); took > diskPatience+farewell {
				t.Errorf("the call of %s took %v to end", g.phones[i].name, took)
			}
		}
		written := hangs.bytes()
		for _, p := range g.phones {
			began := time.Now()
			if err := p.agent.Close(); err != nil || time.Since(began) > time.Second {
				t.Errorf("%s closed in %v, %v", p.name, time.Since(began), err)
			}
		}
		close(content.answer)
		close(hangs.write)
		time.Sleep(time.Second)
		if n := hangs.bytes() - written; n > 8192 {
			t.Errorf("%d bytes were written when the disk answered at last", n)
		}
	})
}
