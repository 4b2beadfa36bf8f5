package app

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/mesh/trust"
)

// Sizes of a call window: as it opens, as one may have it, and the least.
var (
	wideCall  = fyne.NewSize(callWidth, callHeight)
	someCall  = fyne.NewSize(480, 600)
	leastCall = fyne.NewSize(320, 360)
)

// comparing opens the panel in a call with these members, as a user sees it.
func (d *desk) comparing(v Verification, size fyne.Size) (*callWindow, *fakeCall) {
	d.Helper()
	w, call := d.callIn(mesh.InCall)
	w.win.Resize(size)
	call.set(func(c *fakeCall) { c.proof, c.remote, c.local = v, 1, 1 })
	d.until("the state is shown", func() bool {
		return w.compare.view.lead == compareViewOf(v, d.now()).lead && w.stage.grid.picture()
	})
	test.Tap(w.stage.top.words)
	if !w.compare.isOpen() {
		d.Fatal("one click does not open the panel")
	}
	return w, call
}

func TestLookOfComparingWords(t *testing.T) {
	two := room(someone("Ben", trust.FirstSeen))
	three := room(someone("Ben", trust.Known), someone("Dana", trust.Verified))
	differs := room(someone("Ben", trust.Known))
	differs.Differs = true
	failed := inState(trust.Stopped, someone("Ben", trust.Known))
	failed.Sentence = trust.Failure{Reason: trust.NoReveal}.Sentence()
	for name, show := range map[string]struct {
		v    Verification
		size fyne.Size
		act  func(*desk, *callWindow, *fakeCall)
	}{
		"two_wide":      {two, wideCall, nil},
		"two":           {two, someCall, nil},
		"two_least":     {two, leastCall, nil},
		"three":         {three, someCall, nil},
		"nine_wide":     {room(eight...), wideCall, func(_ *desk, w *callWindow, _ *fakeCall) { w.compare.scroll.ScrollToOffset(fyne.NewPos(0, 250)) }},
		"waits":         {inState(trust.Committing, someone("Ben", trust.Known)), someCall, func(_ *desk, w *callWindow, _ *fakeCall) { w.compare.dots.run(false); w.compare.dots.set(0) }},
		"differs":       {differs, someCall, nil},
		"differs_least": {differs, leastCall, nil},
		"failed":        {failed, someCall, nil},
		"cannot":        {inState(trust.Idle, oldOne("Ben")), someCall, nil},
		"verified":      {room(someone("Ben", trust.Verified)), wideCall, nil},
		"show_code":     {two, someCall, func(_ *desk, w *callWindow, _ *fakeCall) { test.Tap(w.compare.codes.show) }},
		"experts": {two, someCall, func(_ *desk, w *callWindow, _ *fakeCall) {
			test.Tap(w.compare.more)
			w.compare.scroll.ScrollToBottom()
		}},
		"scan": {two, someCall, func(d *desk, w *callWindow, c *fakeCall) {
			test.Tap(w.compare.codes.scan)
			d.until("the camera is seen", func() bool { return w.loop.finder.raster.Visible() })
			c.set(func(c *fakeCall) { c.local = 3 })
			d.until("in its size", func() bool { w.loop.finder.ask(); return w.loop.finder.sharp() })
		}},
		"scan_camera_off": {two, leastCall, func(d *desk, w *callWindow, c *fakeCall) {
			c.set(func(c *fakeCall) { c.status.CameraOn, c.local = false, 0 })
			d.until("the camera is off", func() bool { return !w.view.cameraOn })
			test.Tap(w.compare.codes.scan)
			d.until("it is told", func() bool { return w.compare.codes.camera.Visible() })
		}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, withPeople)
			w, call := d.comparing(show.v, show.size)
			if show.act != nil {
				show.act(d, w, call)
			}
			w.stage.ask()
			call.set(func(c *fakeCall) { c.remote++ })
			d.until("the picture has its size", func() bool { return w.stage.sharp() })
			w.win.Canvas().Unfocus()
			assertLooks(t, "compare_"+name, w.win)
		})
	}
}

func TestLookOfAChangedKey(t *testing.T) {
	for name, size := range map[string]fyne.Size{"wide": wideCall, "least": leastCall} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, withPeople)
			w, call := d.callIn(mesh.Calling)
			w.win.Resize(size)
			call.set(func(c *fakeCall) {
				c.other = OtherIdentity{Name: "Ben", Remembered: keyOf("Ben"), Shown: keyOf("Mallory"), Verified: noon.Add(-24 * time.Hour)}
				c.status.State, c.status.Reason, c.status.Sentence = mesh.Ended, mesh.IdentityChanged, "Ben shows another identity than before."
			})
			d.until("the sheet is there", func() bool { return w.sheet != nil })
			assertLooks(t, "call_changed_key_"+name, w.win)
		})
	}
}

func TestLookOfMarks(t *testing.T) {
	other := OtherIdentity{Name: "Ben", Remembered: keyOf("Ben"), Shown: keyOf("Mallory")}
	for name, c := range map[string]struct {
		state mesh.State
		size  fyne.Size
		m     Member
		other OtherIdentity
	}{
		"verified":      {mesh.InCall, fyne.NewSize(640, 368), someone("Ben", trust.Verified), OtherIdentity{}},
		"old":           {mesh.InCall, leastCall, oldOne("Ben"), OtherIdentity{}},
		"ring_verified": {mesh.Ringing, fyne.NewSize(ringWidth, ringHeight), someone("Ben", trust.Verified), OtherIdentity{}},
		"ring_unproved": {mesh.Ringing, fyne.NewSize(ringWidth, ringHeight), stranger("Ben"), OtherIdentity{}},
		"ring_changed":  {mesh.Ringing, leastCall, someone("Ben", trust.Changed), other},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, withPeople)
			w, call := d.callIn(c.state)
			w.win.Resize(c.size)
			call.set(func(f *fakeCall) { f.proof, f.other, f.remote = room(c.m), c.other, 1 })
			d.until("the mark is there", func() bool {
				return w.view.mark == markOf(c.m) && (!inCall(c.state) || w.stage.grid.tiles[0].badge.mark == w.view.mark)
			})
			if inCall(c.state) {
				w.stage.ask()
				call.set(func(f *fakeCall) { f.remote = 2 })
				d.until("the picture has its size", func() bool { return w.stage.sharp() })
			}
			w.win.Canvas().Unfocus()
			assertLooks(t, "mark_"+name, w.win)
		})
	}
}
