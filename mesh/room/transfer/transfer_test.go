package transfer

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"sundog.dev/sundog/mesh/room/incall"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func content(n int) []byte {
	b := make([]byte, n)
	random := rand.NewChaCha8([32]byte{byte(n)})
	_, _ = random.Read(b)
	return b
}

func offerOf(b []byte) incall.Offer {
	return incall.Offer{ID: incall.FileID{1}, Size: uint64(len(b)), SHA256: sha256.Sum256(b), Name: "a.bin"}
}

// A file gets there whole over links that break at any moment and lose what was on its way, with a receiver that restarts, and
// nothing of it is sent twice on a link that holds.
func TestAFileGetsThereWholeOverLinksThatBreak(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		file := content(rapid.SampledFrom([]int{0, 1, incall.MaxChunk, Window, Window + 1, 5*Window + 77}).Draw(t, "size"))
		breaks := rapid.SliceOfN(rapid.IntRange(0, 40), 0, 5).Draw(t, "breaks after")
		s := NewSender(offerOf(file))
		r, err := NewReceiver(s.Offer(), 1<<30)
		if err != nil {
			t.Fatal(err)
		}
		disk, now := make([]byte, len(file)), start
		toSender := r.Accept(now)
		for round := 0; ; round++ {
			last := round >= len(breaks)
			before := r.Received()
			sent := 0
			for n := 0; last || n < breaks[round]; n++ {
				for _, m := range toSender {
					if err := s.Handle(m); err != nil {
						t.Fatal(err)
					}
				}
				part, ok := s.Next(incall.MaxChunk)
				if !ok {
					break
				}
				sent += int(part.To - part.From)
				write, replies, err := r.Chunk(now, s.Chunk(part, file[part.From:part.To]))
				if err != nil {
					t.Fatal(err)
				}
				copy(disk[write.From:write.To], file[write.From:write.To])
				toSender = replies
			}
			if uint64(sent) != r.Received()-before {
				t.Fatalf("%d bytes sent for %d", sent, r.Received()-before)
			}
			if last {
				break
			}
			s.Unlinked()
			if part, ok := s.Next(incall.MaxChunk); ok {
				t.Fatalf("%v is wanted on no link", part)
			}
			if rapid.Bool().Draw(t, "restarts") {
				var have []incall.Range
				all := []incall.Range{{From: 0, To: uint64(len(file))}}
				for _, m := range r.Missing() {
					all = without(all, m)
				}
				have = append(have, all...)
				if r, err = NewReceiver(s.Offer(), 1<<30, have...); err != nil {
					t.Fatal(err)
				}
			}
			toSender = r.Linked(now)
		}
		if !r.Complete() || !bytes.Equal(disk, file) {
			t.Fatalf("%d of %d bytes", r.Received(), len(file))
		}
		for _, m := range r.Verified(sha256.Sum256(disk)) {
			if err := s.Handle(m); err != nil {
				t.Fatal(err)
			}
		}
		if over, right := r.Over(); !over || !right {
			t.Fatal("not right")
		}
		if over, right, _ := s.Over(); !over || !right || s.Received() != uint64(len(file)) {
			t.Fatal("the sender does not know")
		}
	})
}

func TestPiecesThatWereNotAskedForAreRefused(t *testing.T) {
	file := content(4 * Window)
	r, err := NewReceiver(offerOf(file), 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	r.Accept(start)
	chunk := func(from uint64, n int) incall.Chunk {
		return incall.Chunk{ID: incall.FileID{1}, From: from, Data: make([]byte, n)}
	}
	if _, _, err := r.Chunk(start, chunk(0, 100)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		chunk incall.Chunk
		want  error
	}{
		"beyond the window":      {chunk(2*Window, 100), ErrUnasked},
		"across its edge":        {chunk(Window-10, 100), ErrUnasked},
		"beyond the end":         {chunk(4*Window-10, 100), ErrUnasked},
		"there already":          {chunk(0, 100), ErrNotNeeded},
		"around the world":       {chunk(1<<64-10, 100), ErrUnasked},
		"of another transfer":    {incall.Chunk{ID: incall.FileID{2}, Data: []byte{1}}, ErrNotOurs},
		"of nothing in the file": {chunk(50, 0), ErrUnasked},
	} {
		if _, _, err := r.Chunk(start, c.chunk); err == nil || !errors.Is(err, c.want) && name != "of nothing in the file" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewReceiver(incall.Offer{Size: 1<<30 + 1}, 1<<30); !errors.Is(err, ErrTooLarge) {
		t.Error("a file that is too large")
	}
}

func TestASenderWhoMakesHolesFillsNoMemory(t *testing.T) {
	file := content(Window)
	r, err := NewReceiver(offerOf(file), 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	r.Accept(start)
	for at := uint64(0); at+3 < Window; at += 3 {
		_, _, _ = r.Chunk(start, incall.Chunk{ID: incall.FileID{1}, From: at, Data: []byte{1}})
	}
	if len(r.missing) > maxHoles || len(r.asked) > maxHoles+maxAsked {
		t.Errorf("%d holes, %d asked", len(r.missing), len(r.asked))
	}
}

func TestAFileThatIsNotTheOneOfferedHasFailed(t *testing.T) {
	file := content(10)
	s := NewSender(offerOf(file))
	r, err := NewReceiver(s.Offer(), 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range r.Accept(start) {
		if err := s.Handle(m); err != nil {
			t.Fatal(err)
		}
	}
	part, _ := s.Next(incall.MaxChunk)
	if _, _, err := r.Chunk(start, s.Chunk(part, make([]byte, 10))); err != nil {
		t.Fatal(err)
	}
	for _, m := range r.Verified(sha256.Sum256(make([]byte, 10))) {
		if err := s.Handle(m); err != nil {
			t.Fatal(err)
		}
	}
	if _, right := r.Over(); right {
		t.Error("right")
	}
	if over, right, why := s.Over(); !over || right || why != incall.FileBroken {
		t.Errorf("%v %v %v", over, right, why)
	}
}

func TestTheReceiverAsksAgainAfterASilence(t *testing.T) {
	r, err := NewReceiver(offerOf(content(100)), 100)
	if err != nil {
		t.Fatal(err)
	}
	r.Accept(start)
	if m := r.Tick(start.Add(askAgain - 1)); len(m) > 0 {
		t.Error("too early")
	}
	if m := r.Tick(start.Add(askAgain)); len(m) != 1 || !m[0].(incall.Request).Anew {
		t.Errorf("%v", m)
	}
	r.Cancel(incall.FileCancelled)
	if m := r.Tick(start.Add(3 * askAgain)); len(m) > 0 {
		t.Error("asks after the end")
	}
}

func TestASenderRefusesGreedyRequests(t *testing.T) {
	s := NewSender(incall.Offer{ID: incall.FileID{1}, Size: 10 * Window})
	id := incall.FileID{1}
	for name, m := range map[string]incall.Request{
		"more than a window": {ID: id, Ranges: []incall.Range{{From: 0, To: Window + 1}}},
		"beyond the end":     {ID: id, Ranges: []incall.Range{{From: 10 * Window, To: 10*Window + 1}}},
		"more than there is": {ID: id, Have: 10*Window + 1},
	} {
		if err := s.Handle(m); !errors.Is(err, ErrRequest) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.Handle(incall.Request{ID: id, Ranges: []incall.Range{{From: 0, To: Window}}}); err != nil {
		t.Error(err)
	}
	if err := s.Handle(incall.Request{ID: id, Ranges: []incall.Range{{From: 2 * Window, To: 2*Window + 1}}}); !errors.Is(err, ErrRequest) {
		t.Error("two requests make more than a window")
	}
	if err := s.Handle(incall.Accept{ID: incall.FileID{7}}); !errors.Is(err, ErrNotOurs) {
		t.Error("of another transfer")
	}
}

func TestNamesAreTidied(t *testing.T) {
	for name, want := range map[string]string{
		"photo.jpg":                          "photo.jpg",
		"Grüße an Éva.txt":                   "Grüße an Éva.txt",
		"../../etc/passwd":                   "passwd",
		`..\..\autoexec.bat`:                 "autoexec.bat",
		"/etc/":                              "file",
		"..":                                 "file",
		"":                                   "file",
		".bashrc":                            "bashrc",
		"-rf":                                "rf",
		"a\x00b\nc":                          "abc",
		"cod\u202egpj.exe":                   "codgpj.exe",
		"\xff\xfe":                           "file",
		"CON":                                "_CON",
		"nul.txt":                            "_nul.txt",
		"com1.log":                           "_com1.log",
		"common.log":                         "common.log",
		`a<b>c:d"e|f?g*h`:                    "a_b_c_d_e_f_g_h",
		"trailing. . ":                       "trailing",
		strings.Repeat("é", 200) + ".tar.gz": strings.Repeat("é", 98) + ".gz",
	} {
		if got := TidyName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		} else if len(got) > incall.MaxFileName {
			t.Errorf("%q: %d bytes", name, len(got))
		}
	}
}

func FuzzTidyName(f *testing.F) {
	f.Add("../a/b\\c.txt")
	f.Add("CON.é")
	f.Add(strings.Repeat("x", 300) + ".gz")
	f.Fuzz(func(t *testing.T, name string) {
		got := TidyName(name)
		if got == "" || got == "." || got == ".." || len(got) > incall.MaxFileName || !utf8.ValidString(got) ||
			strings.ContainsAny(got, "/\\\x00\n:") || strings.HasPrefix(got, ".") || strings.HasPrefix(got, "-") {
			t.Errorf("%q", got)
		}
		if again := TidyName(got); again != got {
			t.Errorf("%q, then %q", got, again)
		}
	})
}

// FuzzTransfer lets both ends take whatever the other may say.
func FuzzTransfer(f *testing.F) {
	for _, m := range []incall.Message{
		incall.Accept{ID: incall.FileID{1}},
		incall.Request{ID: incall.FileID{1}, Ranges: []incall.Range{{From: 0, To: 100}}},
		incall.Chunk{ID: incall.FileID{1}, Data: []byte("x")},
		incall.Done{ID: incall.FileID{1}, OK: true},
	} {
		f.Add(m.Append(nil))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := incall.Parse(b)
		if err != nil {
			return
		}
		s := NewSender(incall.Offer{ID: incall.FileID{1}, Size: 1000})
		_ = s.Handle(m)
		if part, ok := s.Next(incall.MaxChunk); ok && (part.To > 1000 || part.From >= part.To) {
			t.Errorf("%v", part)
		}
		r, err := NewReceiver(s.Offer(), 1000)
		if err != nil {
			t.Fatal(err)
		}
		r.Accept(start)
		if c, ok := m.(incall.Chunk); ok {
			if write, _, err := r.Chunk(start, c); err == nil && (write.To > 1000 || write.To-write.From != uint64(len(c.Data))) {
				t.Errorf("%v", write)
			}
		}
	})
}
