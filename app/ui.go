package app

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"

	"sundog.dev/sundog/theme"
)

// ui is the windows of one phone. Its fields belong to the UI thread, the context and the wait group aside.
// open starts one goroutine (watch), each call window has one (callLoop), and background starts short ones; close
// ends and awaits all of them.
type ui struct {
	app     fyne.App
	phone   Phone
	version string
	now     func() time.Time
	do      func(func()) // runs a function on the UI thread, later

	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
	saving sync.Mutex // settings are saved one after the other

	main    *mainWindow
	shown   string   // the choice of theme that is shown
	first   []string // whom to call at start, until that is done; the first is called, the others are added once that call stands
	dialled bool     // the first has been called
	// toldKeys: whoever goes by the keys has been told that there are more.
	toldKeys bool
	links    <-chan string
	calls    map[*callWindow]struct{}
}

func newUI(ctx context.Context, a fyne.App, phone Phone, o Options) *ui {
	u := &ui{app: a, phone: phone, version: o.Version, first: o.Call, links: o.Links, now: time.Now, calls: map[*callWindow]struct{}{}}
	u.shown = phone.Settings().Theme
	u.ctx, u.cancel = context.WithCancel(ctx)
	return u
}

func (u *ui) open() {
	u.main = newMainWindow(u)
	u.main.win.Show()
	u.work.Go(u.watch)
}

// close hangs up what still stands, and waits for all goroutines. The UI thread is over, or is the caller.
func (u *ui) close() {
	u.cancel()
	for c := range u.calls {
		c.call.HangUp()
	}
	u.work.Wait()
}

// onUI runs f on the UI thread, unless the windows are being closed.
func (u *ui) onUI(f func()) {
	if u.ctx.Err() == nil {
		u.do(func() {
			if u.ctx.Err() == nil {
				f()
			}
		})
	}
}

// background runs work off the UI thread, and then what it returns (if anything) on it.
func (u *ui) background(work func(ctx context.Context) func()) {
	u.work.Go(func() {
		if then := work(u.ctx); then != nil {
			u.onUI(then)
		}
	})
}

// watch passes on what the phone tells.
func (u *ui) watch() {
	tick := time.NewTicker(minute)
	defer tick.Stop()
	refresh := &coalesced{post: u.onUI, run: func() { u.main.refresh() }}
	incoming, links := u.phone.Incoming(), u.links
	changed := u.phone.Changed()
	var again <-chan time.Time
	for {
		select {
		case <-u.ctx.Done():
			return
		case <-tick.C:
			refresh.ask()
		case <-changed:
			refresh.ask()
			changed, again = nil, time.After(refreshPause)
		case <-again:
			changed, again = u.phone.Changed(), nil
		case text, ok := <-links:
			if !ok {
				links = nil
				continue
			}
			u.onUI(func() { u.main.openLink(text) })
		case call, ok := <-incoming:
			if !ok {
				incoming = nil
				continue
			}
			u.onUI(func() { u.openCall(call) })
		}
	}
}

// coalesced asks the UI thread to run something, at most once until it has.
type coalesced struct {
	post    func(func())
	run     func()
	pending atomic.Bool
}

func (c *coalesced) ask() {
	if c.pending.CompareAndSwap(false, true) {
		c.post(func() {
			c.pending.Store(false)
			c.run()
		})
	}
}

// openCall shows a call in its own window.
func (u *ui) openCall(call Call) *callWindow {
	c := newCallWindow(u, call)
	u.calls[c] = struct{}{}
	c.open()
	return c
}

// startCall dials. failed is told the sentence, opened that it worked.
func (u *ui) startCall(dial func() (Call, error), opened func(), failed func(string)) {
	u.background(func(context.Context) func() {
		call, err := dial()
		return func() {
			if err != nil {
				failed(err.Error())
				return
			}
			opened()
			u.openCall(call).dialled = dial
		}
	})
}

// save stores changed settings off the UI thread, one change after the other, and then tells how that went.
func (u *ui) save(change func(*Settings), then func(error)) {
	u.background(func(context.Context) func() {
		u.saving.Lock()
		defer u.saving.Unlock()
		s := u.phone.Settings()
		change(&s)
		err := u.phone.SaveSettings(s)
		return func() {
			if err == nil && s.Theme != u.shown {
				u.shown = s.Theme
				u.app.Settings().SetTheme(theme.New(s.Theme))
			}
			then(err)
		}
	})
}
