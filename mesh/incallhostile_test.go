package mesh

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"

	"sundog.dev/sundog/mesh/room/incall"
	"sundog.dev/sundog/mesh/room/transfer"
	"sundog.dev/sundog/rtmfp"
)

// says sends a message as a program could that keeps no rule.
func (f *follower) says(to *phone, m ...incall.Message) {
	f.t.Helper()
	g := f.legWith(to.id)
	for _, m := range m {
		if err := g.link.sendRoom(f.callID(), m.Append(nil)); err != nil {
			f.t.Fatal(err)
		}
	}
}

// pushes sends chunks that way, until the far end wants no more of them.
func (f *follower) pushes(to *phone, n int, chunk func(i int) incall.Chunk) (refused bool) {
	f.t.Helper()
	flow, err := f.legWith(to.id).link.chunkFlow()
	if err != nil {
		f.t.Fatal(err)
	}
	for i := range n {
		if _, err := flow.Write(f.ctx, chunk(i).Append(nil), rtmfp.MessageOptions{}); err != nil {
			return true
		}
	}
	return false
}

func TestAFloodOfOffersFillsNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.together("ada", "bob", "eve")
		for i := range 500 {
			o := incall.Offer{Size: 1 << 40, Name: "x"}
			binary.BigEndian.PutUint32(o.ID[:], uint32(i))
			g.calls[0].says(g.phones[1], o)
		}
		time.Sleep(10 * time.Second)
		if n := len(g.calls[1].Files()); n != maxFilesIn {
			t.Errorf("%d offers", n)
		}
		file, _ := testFile("of eve", 1000)
		id := g.calls[2].sends(file)
		g.calls[1].takes("of eve")
		g.calls[1].transferred(id, g.phones[2].id, FileDone, 10*time.Second)
		if s := g.calls[1].Status().State; s != InCall {
			t.Errorf("bob is %s", s)
		}
	})
}

func TestOffersThatAreTakenBackFillNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.together("ada", "bob")
		for i := range 300 {
			o := incall.Offer{Size: 1, Name: "x"}
			binary.BigEndian.PutUint32(o.ID[:], uint32(i))
			g.calls[0].says(g.phones[1], o, incall.Cancel{ID: o.ID})
		}
		time.Sleep(20 * time.Second)
		if n := len(g.calls[1].Files()); n == 0 || n > offersBurst+20*offersPerSecond {
			t.Errorf("%d offers", n)
		}
	})
}

func TestAnIDOfSomebodyElsesFileIsNotTakenForThatFile(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.together("ada", "bob", "eve")
		file, content := testFile("of ada", 200_000)
		id := g.calls[0].sends(file)
		g.calls[2].offered("of ada", time.Second)
		g.calls[2].says(g.phones[1], incall.Offer{ID: id, Size: 10, Name: "of eve"})
		if other := g.calls[1].offered("of eve", time.Second); other.ID == id {
			t.Error("two files of one ID")
		}
		s, _ := g.calls[1].takes("of ada")
		time.Sleep(500 * time.Millisecond)
		g.calls[2].says(g.phones[1], incall.Cancel{ID: id})
		g.calls[2].pushes(g.phones[1], 10, func(i int) incall.Chunk {
			return incall.Chunk{ID: id, From: uint64(i) * 1000, Data: make([]byte, 1000)}
		})
		g.calls[1].transferred(id, g.phones[0].id, FileDone, time.Minute)
		if !bytes.Equal(s.data, content) {
			t.Error("other bytes")
		}
	})
}

func TestChunksThatNobodyAskedForAreNotListenedTo(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.together("ada", "bob")
		file, _ := testFile("big", 10_000_000)
		id := g.calls[0].sends(file)
		s, _ := g.calls[1].takes("big")
		time.Sleep(500 * time.Millisecond)
		if !g.calls[0].pushes(g.phones[1], 20*unaskedBurst, func(i int) incall.Chunk {
			return incall.Chunk{ID: id, From: 9_000_000, Data: bytes.Repeat([]byte{0xff}, incall.MaxChunk)}
		}) {
			t.Error("all were taken")
		}
		if bytes.Contains(s.data[9_000_000:], bytes.Repeat([]byte{0xff}, 100)) {
			t.Error("some were written")
		}
		for _, c := range g.calls {
			if st := c.Status().State; st != InCall {
				t.Error(st)
			}
		}
	})
}

func TestRequestsForMoreThanThereIsGetNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.together("ada", "bob")
		file, _ := testFile("file", 10_000_000)
		id := g.calls[0].sends(file)
		g.calls[1].offered("file", time.Second)
		before := g.calls[0].Stats().SendKbps
		g.calls[1].says(g.phones[0],
			incall.Request{ID: id, Ranges: []FileRange{{From: 0, To: transfer.Window + 1}}},
			incall.Request{ID: id, Ranges: []FileRange{{From: 1 << 30, To: 1<<30 + 1}}},
			incall.Request{ID: id, Have: 1 << 39},
			incall.Request{ID: incall.FileID{9}, Ranges: []FileRange{{From: 0, To: 1}}},
			incall.Done{ID: incall.FileID{9}, OK: true},
		)
		time.Sleep(3 * time.Second)
		if now := g.calls[0].Stats().SendKbps; now > before+50 {
			t.Errorf("%.0f kbit/s, and %.0f before", now, before)
		}
		if is := g.calls[0].Files()[0]; is.State != FileOffered || is.Done != 0 {
			t.Errorf("%+v", is)
		}
		// Asked for again and again, it is not sent faster than files are.
		for range 100 {
			g.calls[1].says(g.phones[0], incall.Request{ID: id, Anew: true, Ranges: []FileRange{{From: 0, To: transfer.Window}}})
		}
		time.Sleep(2 * time.Second)
		if s := g.calls[0].Status().State; s != InCall {
			t.Error(s)
		}
	})
}

func TestWhoAsksForTheSameForeverIsLeftAlone(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.together("ada", "bob")
		file, _ := testFile("file", 10_000)
		id := g.calls[0].sends(file)
		g.calls[1].offered("file", time.Second)
		for range 1000 {
			g.calls[1].says(g.phones[0], incall.Request{ID: id, Anew: true, Ranges: []FileRange{{From: 0, To: 10_000}}})
			time.Sleep(100 * time.Millisecond)
			if is := g.calls[0].Files()[0]; is.State == FileFailed {
				return
			}
		}
		t.Error("it goes on")
	})
}

// FuzzInCallMessages has a member say whatever it is on the flow of room messages, as many messages as there are lengths (2) before
// each: the other one's call goes on, or has ended since the program is too old, and what it remembers is bounded.
func FuzzInCallMessages(f *testing.F) {
	long := func(all ...incall.Message) (b []byte) {
		for _, m := range all {
			raw := m.Append(nil)
			b = append(binary.BigEndian.AppendUint16(b, uint16(len(raw))), raw...)
		}
		return b
	}
	id := incall.FileID{1}
	f.Add(long(incall.State{Sequence: 1, Hand: true}, incall.Showing{Sequence: 1, Width: 1}, incall.Chat{Sequence: 1, Text: "x"}, incall.ChatHave{Sequence: 1 << 63}))
	f.Add(long(incall.Reaction{Sequence: 1, Emoji: "x"}, incall.Offer{ID: id, Size: 0, Name: "/"}, incall.Accept{ID: id}, incall.Cancel{ID: id}))
	f.Add(long(incall.Request{ID: id, Have: 5, Ranges: []FileRange{{From: 6, To: 9}}}, incall.Done{ID: id, OK: true}, incall.Reject{ID: id, Reason: 9}))
	f.Add(long(incall.Hello{Version: 1, MinVersion: 1}, incall.State{Sequence: 1}))
	f.Add([]byte{0, 0, 0, 1, 99, 0, 3, 2, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		inWorld(t, func(w *world) {
			ada, bob := w.newPhone("ada"), w.newPhone("bob")
			from, to := talk(ada, bob)
			file, _ := testFile("f", 10)
			_, err := to.SendFile(file)
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			l := linkOf(from)
			for n := 0; len(b) >= 2 && n < 100; n++ {
				size := min(int(binary.BigEndian.Uint16(b)), len(b)-2)
				l.mu.Lock()
				_, _ = l.roomFlow.Write(endedContext, b[2:2+size], rtmfp.MessageOptions{})
				l.mu.Unlock()
				b = b[2+size:]
			}
			time.Sleep(5 * time.Second)
			if s := to.Status(); s.State != InCall && s.Reason != TooOld && s.Reason != Hangup {
				t.Errorf("%+v", s)
			}
			if n := len(to.Files()); n > maxTransfers+1 {
				t.Errorf("%d transfers", n)
			}
		})
	})
}
