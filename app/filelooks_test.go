package app

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"

	"sundog.dev/sundog/mesh"
)

// inChat opens the chat of a call with n others who have given and been given files.
func (d *desk) inChat(n int, files ...File) (*callWindow, *fakeCall, *fakeConference) {
	d.Helper()
	w, call := d.callIn(mesh.InCall)
	room := &fakeConference{call: call, state: ConferenceState{MayAdd: true, Files: files}}
	call.set(func(c *fakeCall) { c.room = room })
	d.withCrowd(w, call, crowd(n))
	d.until("files can be given", func() bool { return w.chat.room && len(w.chat.files) == len(files) })
	if !w.chat.isOpen() {
		w.toggleChat()
	}
	return w, call, room
}

func someFiles() []File {
	return []File{
		{ID: "1", Name: "Holiday pictures.zip", Size: 48_200_000, From: "Ben", Parts: []FilePart{{Who: "Ben", Done: 20_100_000, State: FileGoing}}},
		{ID: "2", Name: "plan.pdf", Size: 812_000, Mine: true, Parts: []FilePart{{Who: "Ben", State: FileDone}, {Who: "Dana", State: FileFailed, Reason: "Dana did not take plan.pdf."}}},
		{ID: "3", Name: "An extraordinarily long name of a file that somebody sends.pdf", Size: 2_400_000, From: "Carla Vance", Private: true, Parts: []FilePart{{}}},
	}
}

func TestLookOfTheChatOfSeveral(t *testing.T) {
	for what, size := range map[string]fyne.Size{"wide": wideCall, "some": someCall, "least": leastCall} {
		t.Run(what, func(t *testing.T) {
			d := newDesk(t, withPeople)
			w, call, _ := d.inChat(3, someFiles()...)
			w.win.Resize(size)
			call.set(func(c *fakeCall) {
				c.chat = []ChatLine{
					{From: "Ben", Text: "Can you see the halo around the sun today?"},
					{From: "Dana", Text: "Between us: no.", Private: true},
					{Text: "Neither can I.", Mine: true, Private: true, To: "Dana"},
				}
			})
			d.until("the lines are there", func() bool { return len(w.chat.shown) == 3 })
			w.chat.writeTo("Dana")
			w.chat.hold([]pendingFile{{"/home/anna/song.opus", 3_100_000}})
			d.sharpen(w, call)
			w.chat.scroll.ScrollToBottom()
			assertLooks(t, "chat_several_"+what, w.win)
		})
	}
}

func TestAFileIsDroppedAndSentToWhomTheChatIsFor(t *testing.T) {
	d := newDesk(t, withPeople)
	w, _, room := d.inChat(3)
	w.toggleChat()
	path := filepath.Join(t.TempDir(), "plan.pdf")
	if err := os.WriteFile(path, []byte("a plan"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.chat.dropped(fyne.Position{}, []fyne.URI{storage.NewFileURI(path), storage.NewFileURI(filepath.Dir(path))})
	if !w.chat.isOpen() || len(w.chat.pending) != 1 || w.notice.text == "" {
		t.Fatalf("open %v, %d wait; told %q", w.chat.isOpen(), len(w.chat.pending), w.notice.text)
	}
	room.get(func(f *fakeConference) {
		if len(f.sent) != 0 {
			t.Error("it goes before one has looked to whom")
		}
	})
	w.chat.writeTo("Dana")
	press(w.win, fyne.KeyReturn)
	d.until("it is sent to Dana alone", func() (sent bool) {
		room.get(func(f *fakeConference) { sent = len(f.sent) == 1 && f.sent[0] == path+" to Dana" })
		return sent
	})
	if len(w.chat.pending) != 0 || w.chat.waiting.Visible() {
		t.Error("it still waits")
	}
}

func TestACardSavesDeclinesAndCancels(t *testing.T) {
	d := newDesk(t, withPeople)
	w, _, room := d.inChat(3, someFiles()...)
	test.Tap(w.chat.files["3"].save)
	d.until("it is saved", func() (saved bool) {
		room.get(func(f *fakeConference) { saved = len(f.saved) == 1 && f.saved[0] == "3 in "+downloadFolder() })
		return saved
	})
	test.Tap(w.chat.files["1"].stop)
	d.until("it is stopped", func() (ended bool) {
		room.get(func(f *fakeConference) { ended = len(f.ended) == 1 && f.ended[0] == "1" })
		return ended
	})
	files := someFiles()
	files[0].Parts[0] = FilePart{Who: "Ben", Done: files[0].Size, State: FileDone}
	files[0].Path = "/home/anna/Downloads/Holiday pictures.zip"
	room.set(func(f *fakeConference) { f.state.Files = files })
	d.until("it is whole", func() bool { return w.chat.files["1"].view.open })
	if n := len(w.chat.lines.Objects); n != 1+len(files) {
		t.Errorf("%d things in the chat", n)
	}
}

func TestWhatWasMeantForOneWhoHasLeftGoesToNobody(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call, _ := d.inChat(3)
	w.chat.writeTo("Dana")
	call.set(func(c *fakeCall) { c.members = c.members[:2] })
	d.until("Dana is gone", func() bool { return len(w.members) == 2 })
	test.Type(w.chat.entry, "between us")
	press(w.win, fyne.KeyReturn)
	if call.get(func(c *fakeCall) {
		if len(c.wrote) != 0 {
			t.Errorf("it went to %q", c.wrote)
		}
	}); w.chat.entry.Text != "between us" || w.notice.text != "Dana is not in the call any more. Choose to whom this goes." {
		t.Errorf("told %q", w.notice.text)
	}
	w.chat.whom.SetSelected("Only Ben")
	press(w.win, fyne.KeyReturn)
	call.get(func(c *fakeCall) {
		if len(c.wrote) != 1 || c.wrote[0] != "Ben" {
			t.Errorf("it went to %q", c.wrote)
		}
	})
}

func TestWhoComesAndGoesIsTold(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call, _ := d.inChat(3)
	call.set(func(c *fakeCall) { c.news = []string{"Emil has joined the call."} })
	d.until("it is told", func() bool { return w.banner().text == "Emil has joined the call." })
	call.set(func(c *fakeCall) {
		c.news = append(c.news, "Emil has left the call.", "Fay does not want to join.")
		c.members[0].Hand = true
	})
	d.until("all is told", func() bool {
		return w.banner().text == "Emil has left the call. Fay does not want to join. Ben raises a hand."
	})
	d.pass(noticeStays + time.Second)
	if w.banner().text != "" {
		t.Errorf("it stays: %q", w.banner().text)
	}
}

func TestTheSizesOfTilesAreToldOnceTheyStand(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call, _ := d.inChat(2)
	w.toggleChat()
	w.win.Resize(wideCall)
	w.stage.content.Refresh()
	last := func() (n int, shown []Shown) {
		call.get(func(c *fakeCall) {
			if n = len(c.shown); n > 0 {
				shown = c.shown[n-1]
			}
		})
		return n, shown
	}
	if n, _ := last(); n != 0 {
		t.Fatal("told before they stand")
	}
	d.pass(showingSettles)
	d.until("they are told", func() bool {
		call.set(func(c *fakeCall) { c.remote++ })
		n, _ := last()
		return n == 1
	})
	if _, shown := last(); len(shown) != 2 || shown[0].ID != "Ben" || shown[0].W < 300 || shown[0].Pinned {
		t.Errorf("%+v", shown)
	}
	w.pin("Carla Vance")
	d.pass(showingSettles)
	d.until("the large one is told", func() bool {
		call.set(func(c *fakeCall) { c.remote++ })
		n, shown := last()
		return n == 2 && shown[1].Pinned && shown[1].W > 2*shown[0].W
	})
}

func TestOfAFloodOfFilesNothingStaysThatIsOver(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call, room := d.inChat(2)
	for i := range 20 { // each is offered, and withdrawn for the next one
		room.set(func(f *fakeConference) {
			f.state.Files = []File{{ID: fmt.Sprint(i), Name: "plan.pdf", From: "Ben", Parts: []FilePart{{State: FileFailed}}}}
		})
		d.until("it is shown", func() bool { return w.chat.files[fmt.Sprint(i)] != nil })
	}
	d.hears(w, call, linesFrom(0, 2*chatKept))
	d.hears(w, call, linesFrom(0, 2*chatKept+1))
	if n := len(w.chat.files); n != 1 {
		t.Errorf("%d cards are kept of files that nobody knows any more", n)
	}
}
