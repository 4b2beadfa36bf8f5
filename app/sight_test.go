package app

import (
	"testing"
	"time"

	"sundog.dev/sundog/mesh"
)

func TestAWindowThatNobodySeesAsksForNoPictures(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.callIn(mesh.InCall)
	d.withCrowd(w, call, crowd(2))
	last := func() (shown []Shown) {
		call.get(func(c *fakeCall) {
			if len(c.shown) > 0 {
				shown = c.shown[len(c.shown)-1]
			}
		})
		return shown
	}
	sees := func(want bool) func() bool {
		return func() bool {
			d.pass(lookEvery)
			shown := last()
			return len(shown) == 2 && (shown[0].H > 0) == want && (shown[1].H > 0) == want
		}
	}
	d.until("both are asked for their pictures", sees(true))
	seen := true
	w.outOfSight = func() bool { return !seen }
	seen = false
	d.until("nobody is asked for a picture", sees(false))
	front := w.stage.grid.tiles[0].view.tile.front
	call.set(func(c *fakeCall) { c.remote++ })
	for range 100 {
		d.pass(lookEvery)
		time.Sleep(time.Millisecond)
		d.settled()
	}
	if !w.stage.grid.tiles[0].view.picture {
		t.Error("the last picture is gone when the window comes back")
	}
	if w.stage.grid.tiles[0].view.tile.front != front {
		t.Error("a picture is drawn that nobody sees")
	}
	seen = true
	d.until("both are asked again", sees(true))
	d.until("the new picture is shown", func() bool { return w.stage.grid.tiles[0].view.tile.front != front })
}

func TestWhatStaysUnpaintedOnWaylandIsSeenByNobody(t *testing.T) {
	now := noon
	s := sight{asked: true}
	for _, c := range []struct {
		what    string
		wayland bool
		after   time.Duration
		waits   bool
		hidden  bool
	}{
		{"elsewhere", false, time.Minute, true, false},
		{"elsewhere, later", false, time.Minute, true, false},
		{"all is painted", true, time.Minute, false, false},
		{"a picture has come", true, time.Second, true, false},
		{"and is still to be painted", true, time.Second, true, false},
		{"for long", true, time.Second, true, true},
		{"it is painted", true, time.Second, false, false},
		{"the next one has come", true, 10 * time.Second, true, false},
	} {
		now = now.Add(c.after)
		s.unpainted.matters = c.wayland
		if got := s.hidden(nil, c.waits, now); got != c.hidden {
			t.Errorf("%s: hidden is %v", c.what, got)
		}
	}
}
