package app

import (
	"bytes"
	"context"
	"log"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"go.uber.org/goleak"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/theme"
)

// TestMain fails on widgets touched off the UI thread, as Fyne logs it, and on goroutines left behind.
func TestMain(m *testing.M) {
	var written lockedBuffer
	log.SetOutput(&written)
	code := m.Run()
	_, _ = os.Stderr.WriteString(written.String())
	if strings.Contains(written.String(), "Error in Fyne call thread") {
		code = 1
	}
	if code == 0 {
		if err := goleak.Find(goleak.IgnoreTopFunction(fyneQueue)); err != nil {
			_, _ = os.Stderr.WriteString(err.Error())
			code = 1
		}
	}
	os.Exit(code)
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// desk is the windows on a fake phone, without a display. The test's goroutine is the UI thread: it runs what is
// asked for in until.
type desk struct {
	*testing.T
	app   fyne.App
	phone *fakePhone
	ui    *ui
	queue chan func()

	mu    sync.Mutex
	clock time.Time
}

// newDesk opens the windows as a user with these settings and people would see them.
func newDesk(t *testing.T, prepare func(*fakePhone)) *desk {
	t.Helper()
	d := &desk{T: t, phone: newFakePhone(), queue: make(chan func(), 1<<16), clock: noon}
	d.phone.settings = Settings{Name: "Anna Berg", Theme: theme.ChoiceLight}
	if prepare != nil {
		prepare(d.phone)
	}
	d.app = appWith(d.phone.settings.Theme)
	d.ui = newUI(context.Background(), d.app, d.phone, Options{Version: "0.1.0"})
	d.ui.now = d.now
	d.ui.do = func(f func()) { d.queue <- f }
	d.ui.open()
	t.Cleanup(func() {
		d.ui.close()
		for len(d.ui.calls) > 0 {
			for c := range d.ui.calls {
				c.win.Close()
			}
		}
		d.ui.main.win.Close()
	})
	return d
}

// shared is the app of all desks. With another app, as with another theme, Fyne reads all fonts anew, which takes more time and memory
// than the rest of a test.
var shared fyne.App

func appWith(look string) fyne.App {
	if shared == nil {
		shared = test.NewApp()
	}
	if fyne.CurrentApp() != shared {
		fyne.SetCurrentApp(shared) // another test had one of its own
	}
	if now, ours := shared.Settings().Theme().(*theme.Theme); !ours || *now != *theme.New(look) {
		shared.Settings().SetTheme(theme.New(look))
	}
	return shared
}

func (d *desk) now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.clock
}

func (d *desk) pass(t time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.clock = d.clock.Add(t)
}

// until runs the UI thread until something is so.
func (d *desk) until(what string, so func() bool) {
	d.Helper()
	late := time.After(10 * time.Second)
	for !so() {
		select {
		case f := <-d.queue:
			f()
		case <-late:
			d.Fatalf("it never came about: %s", what)
		}
	}
}

// settled runs the UI thread until the windows of all calls show the newest state.
func (d *desk) settled() {
	d.Helper()
	for len(d.queue) > 0 {
		(<-d.queue)()
	}
}

// press presses a key in a window, as the driver does: what has the focus gets it, else the window.
func press(w fyne.Window, key fyne.KeyName) {
	e := &fyne.KeyEvent{Name: key}
	if f := w.Canvas().Focused(); f != nil {
		f.TypedKey(e)
	} else if typed := w.Canvas().OnTypedKey(); typed != nil {
		typed(e)
	}
}

// theCall is the one call window that is open.
func (d *desk) theCall() *callWindow {
	d.Helper()
	d.until("a call window is open", func() bool { return len(d.ui.calls) == 1 })
	for c := range d.ui.calls {
		return c
	}
	return nil
}

// callIn opens the window of a call and brings it into a state.
func (d *desk) callIn(state mesh.State) (*callWindow, *fakeCall) {
	d.Helper()
	first := mesh.Calling
	if state == mesh.Ringing {
		first = state
	}
	call := newFakeCall("Ben", first)
	d.phone.incoming <- call
	w := d.theCall()
	call.set(func(c *fakeCall) {
		c.status.State = state
		c.far.Quality = 3
		if inCall(state) {
			c.status.Established = noon.Add(-761 * time.Second)
		}
	})
	d.until("the window shows the state", func() bool { return w.view.state == state })
	return w, call
}

func withPeople(p *fakePhone) {
	p.settings.Server, p.settings.Directory = "rtmfp://example.org:1935", "http://example.org:8035"
	p.dirs = []Directory{
		{Kind: ThisNetwork, State: DirectoryReachable},
		{Kind: Service, State: DirectoryReachable, Where: "example.org"},
	}
	p.people = []Person{
		{ID: "ben", Name: "Ben Okoro", Contact: true, Online: true, Verified: true, Since: noon.Add(-30 * 24 * time.Hour), Identity: keyOf("Ben Okoro"), OtherKey: keyOf("Mallory"), Where: "example.org", Colour: 11, LastCall: noon.Add(-40 * time.Minute), Missed: true},
		{ID: "dana", Name: "Dana", Contact: true, LastSeen: noon.Add(-26 * time.Hour), Colour: 12, LastCall: noon.Add(-26 * time.Hour), Outgoing: true},
		{ID: "long", Name: "A person with an extraordinarily long name", Contact: true, Colour: 13, LastSeen: noon.Add(-400 * 24 * time.Hour)},
		{ID: "emil", Name: "Emil", Nearby: true, Colour: 14},
	}
}

// fyneQueue is Fyne's own goroutine for lifecycle events, which it starts with the process.
const fyneQueue = "fyne.io/fyne/v2/internal/async.(*UnboundedChan[...]).processing"

// walk calls f with each object of one kind in a tree of containers, in order.
func walk[T fyne.CanvasObject](o fyne.CanvasObject, f func(T)) {
	if box, ok := o.(*fyne.Container); ok {
		for _, o := range box.Objects {
			walk(o, f)
		}
	} else if o, ok := o.(T); ok {
		f(o)
	}
}
