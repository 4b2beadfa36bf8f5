package app

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"sundog.dev/sundog/mesh"
)

// shownLarge is whose tile is large.
func (s *stage) shownLarge() string {
	width, large := float32(0), ""
	for _, t := range s.grid.tiles {
		switch w := t.content.Size().Width; {
		case w > width+1:
			width, large = w, t.view.id
		case w > width-1:
			large = "" // as wide as another
		}
	}
	return large
}

func TestAClickOrAKeyPinsAndTheSameAgainTakesItBack(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.callIn(mesh.InCall)
	d.withCrowd(w, call, crowd(4))
	press(w.win, fyne.Key3)
	if got := w.stage.shownLarge(); got != "Dana" {
		t.Errorf("3 makes %q large", got)
	}
	test.Tap(w.stage.grid.tiles[0].touch)
	if got := w.stage.shownLarge(); got != "Ben" || w.stage.grid.tiles[0].name.text != "Ben · pinned" {
		t.Errorf("a click makes %q large, who is called %q", got, w.stage.grid.tiles[0].name.text)
	}
	press(w.win, fyne.Key1)
	press(w.win, fyne.Key9) // of whom there is none
	if w.stage.shownLarge() != "" || w.pinned != "" {
		t.Errorf("%q stays large, pinned %q", w.stage.shownLarge(), w.pinned)
	}
}

func TestWhoSpeaksOrShowsTheScreenIsLarge(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.callIn(mesh.InCall)
	d.withCrowd(w, call, crowd(4))
	test.Tap(w.stage.top.view)
	if got := w.stage.shownLarge(); got != "Ben" {
		t.Fatalf("%q is large, though Ben speaks", got)
	}
	call.set(func(c *fakeCall) { c.members[0].Level, c.members[1].Level = 0, 0.5 })
	d.pass(speakerStays + tickEvery)
	d.until("Carla is large", func() bool { return w.stage.shownLarge() == "Carla Vance" })
	call.set(func(c *fakeCall) { c.members[0].Screen = true })
	d.until("Ben’s screen is large", func() bool { return w.stage.shownLarge() == "Ben" })
	press(w.win, fyne.KeyG)
	if w.speakerLarge {
		t.Error("G does not go back")
	}
}

func TestTilesComeAndGoWithTheMembers(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.callIn(mesh.InCall)
	d.withCrowd(w, call, crowd(3))
	kept := w.stage.grid.tiles[2]
	press(w.win, fyne.Key1)
	call.set(func(c *fakeCall) { c.members = slices.Delete(c.members, 0, 1) })
	d.until("Ben is gone", func() bool { return len(w.stage.grid.tiles) == 3 }) // we among them
	if w.stage.grid.tiles[1] != kept || len(w.stage.grid.content.Objects) != 3 || w.stage.grid.large != "" {
		t.Error("Dana’s tile was made anew, or the place of who has left is kept")
	}
	if len(w.loop.far) > 2 {
		t.Errorf("%d pictures are kept for two people", len(w.loop.far))
	}
	d.withCrowd(w, call, crowd(1))
	if w.stage.top.view.Visible() || w.stage.grid.tiles[0].touch.Visible() {
		t.Error("a call of two offers to make somebody large")
	}
}

func TestAPictureThatStandsStillGoesInACallOfSeveral(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.callIn(mesh.InCall)
	d.withCrowd(w, call, crowd(2))
	tile := w.stage.grid.tiles[0]
	d.pass(pictureStays)
	d.until("it goes", func() bool { return !tile.view.picture && tile.line.text == "No picture at the moment" })
	call.set(func(c *fakeCall) { c.remote++ })
	d.until("the next one is shown", func() bool { return tile.view.picture && !tile.line.Visible() })
}

func TestNothingCoversTheNamesAndTheBarInACallOfMany(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.callIn(mesh.InCall)
	for _, n := range []int{2, 5, 9} {
		d.withCrowd(w, call, crowd(n))
		for _, large := range []string{"", "Ben"} {
			w.stage.grid.large = large
			for _, at := range []corner{{}, {left: true}, {top: true}, {left: true, top: true}} {
				w.stage.own.corner = at
				for _, size := range []fyne.Size{leastCall, {Width: 380, Height: 640}, {Width: 640, Height: 368}, wideCall, {Width: 1920, Height: 1080}} {
					what := fmt.Sprintf("%d in %v, large %q, own picture %+v", n, size, large, at)
					w.stage.Layout(nil, size)
					bar := placeOf(w.bar.content)
					if bar.x < 0 || bar.x+bar.w > size.Width {
						t.Fatalf("%s: the bar is not wholly in the window", what)
					}
					for _, tile := range w.stage.grid.tiles {
						p, name := placeOf(tile.content), placeOf(tile.pad)
						name.x, name.y = name.x+p.x, name.y+p.y
						if p.y+p.h > bar.y {
							t.Fatalf("%s: %s’s tile reaches under the bar", what, tile.view.name)
						}
						if !tile.pad.Visible() { // in a tiny one
							continue
						}
						if name.x < p.x || name.y < p.y || name.x+name.w > p.x+p.w || name.y+name.h > p.y+p.h {
							t.Fatalf("%s: %s’s name %+v is not wholly in the tile %+v", what, tile.view.name, name, p)
						}
					}
				}
			}
		}
	}
}

func TestPicturesOfNineCostOneUpdateATick(t *testing.T) {
	test.NewTempApp(t)
	synctest.Test(t, func(t *testing.T) {
		call := newFakeCall("Ben", mesh.InCall)
		call.members, call.remote = crowd(9), 1
		s, cancel, done := startLoop(t, call)
		synctest.Wait()
		s.work()
		updates := 0
		for range 10 {
			call.mu.Lock()
			call.remote++
			call.local++
			call.mu.Unlock()
			time.Sleep(tickEvery)
			synctest.Wait()
			updates += s.work()
		}
		if updates != 10 {
			t.Errorf("%d updates for 10 pictures of each of nine, want 10", updates)
		}
		for _, m := range s.updates[len(s.updates)-1].members {
			if want := m.state == MemberHere && m.camera; m.picture != want {
				t.Errorf("%s: picture %v, want %v", m.name, m.picture, want)
			}
		}
		cancel()
		<-done
	})
}

// BenchmarkTickOfNine is a tick of the call's loop with new pictures of nine people at the size of their tiles.
func BenchmarkTickOfNine(b *testing.B) {
	test.NewTempApp(b)
	call := newFakeCall("Ben", mesh.InCall)
	call.members = crowd(9)
	for i := range call.members {
		call.members[i].Video, call.members[i].State = true, MemberHere
	}
	l := &callLoop{call: call, local: newTile(), self: newTile(), now: time.Now, post: func(f func()) { f() }, show: func(frameUpdate) {}}
	b.ReportAllocs()
	for b.Loop() {
		call.remote++
		l.step()
	}
}
