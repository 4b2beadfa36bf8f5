package app

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/mesh/trust"
)

// crowd are up to nine others, as different as they may be.
func crowd(n int) []CallMember {
	var members []CallMember
	for i, name := range []string{"Ben", "Carla Vance", "Dana", "Emil", "A person with an extraordinarily long name", "Fay", "Gus", "Hanna", "Ivo"}[:n] {
		one := someone(name, trust.Known)
		one.Colour = uint32(i + 1)
		members = append(members, CallMember{ID: name, Member: one, Audio: true, Video: true, Quality: 3})
	}
	change := func(i int, f func(*CallMember)) {
		if i < n {
			f(&members[i])
		}
	}
	change(0, func(m *CallMember) { m.Level = 0.4 })
	change(1, func(m *CallMember) { m.Standing, m.Audio = trust.Verified, false })
	change(2, func(m *CallMember) { m.Video, m.Hand = false, true })
	change(3, func(m *CallMember) { m.State, m.Quality = MemberReconnecting, 1 })
	change(5, func(m *CallMember) { m.State, m.Audio, m.Video = MemberConnecting, false, false })
	change(6, func(m *CallMember) { m.Quality = 2 })
	return members
}

// withCrowd shows a call with these members.
func (d *desk) withCrowd(w *callWindow, call *fakeCall, members []CallMember) {
	d.Helper()
	call.set(func(c *fakeCall) { c.members, c.remote, c.local = members, c.remote+1, c.local+1 })
	d.until("all are there", func() bool {
		tiles := w.stage.grid.tiles
		if own := len(tiles) - 1; own > 0 && tiles[own].view.id == OwnID {
			if !tiles[own].view.picture {
				return false
			}
			tiles = tiles[:own]
		} else if !w.stage.own.picture.raster.Visible() {
			return false
		}
		if len(tiles) != len(members) {
			return false
		}
		for i, t := range tiles {
			if t.view.picture != (members[i].Video && (members[i].State == MemberHere || len(members) == 1)) {
				return false
			}
		}
		return true
	})
}

// sharpen asks for all pictures in the size that they have on the stage.
func (d *desk) sharpen(w *callWindow, call *fakeCall) {
	d.Helper()
	w.win.Canvas().Unfocus()
	w.stage.ask()
	w.loop.local.ask()
	call.set(func(c *fakeCall) { c.remote, c.local = c.remote+1, c.local+1 })
	d.until("the pictures have their size", func() bool { return w.stage.sharp() && w.loop.local.sharp() })
}

func TestLookOfTiles(t *testing.T) {
	for what, size := range map[string]fyne.Size{"wide": fyne.NewSize(640, 368), "tall": fyne.NewSize(380, 560), "least": leastCall} {
		t.Run(what, func(t *testing.T) {
			d := newDesk(t, withPeople)
			w, call := d.callIn(mesh.InCall)
			w.win.Resize(size)
			for _, n := range []int{1, 2, 3, 5, 9} {
				d.withCrowd(w, call, crowd(n))
				d.sharpen(w, call)
				assertLooks(t, fmt.Sprintf("tiles_%d_%s", n, what), w.win)
			}
		})
	}
}

func TestLookOfALargeTile(t *testing.T) {
	for what, size := range map[string]fyne.Size{"wide": fyne.NewSize(640, 368), "tall": fyne.NewSize(380, 560)} {
		t.Run(what, func(t *testing.T) {
			d := newDesk(t, withPeople)
			w, call := d.callIn(mesh.InCall)
			w.win.Resize(size)
			d.withCrowd(w, call, crowd(5))
			press(w.win, fyne.Key2)
			d.sharpen(w, call)
			assertLooks(t, "tiles_pinned_"+what, w.win)
		})
	}
}

func TestLookOfThePanelOfPeople(t *testing.T) {
	for what, show := range map[string]struct {
		size fyne.Size
		act  func(*desk, *callWindow)
	}{
		"wide":   {wideCall, nil},
		"least":  {leastCall, nil},
		"adding": {someCall, func(d *desk, w *callWindow) { w.people.addMore(true) }},
		"remove": {someCall, func(d *desk, w *callWindow) { w.people.ask("Dana", false) }},
	} {
		t.Run(what, func(t *testing.T) {
			d := newDesk(t, withPeople)
			w, call := d.callIn(mesh.InCall)
			w.win.Resize(show.size)
			call.set(func(c *fakeCall) { c.room = d.room(c) })
			d.withCrowd(w, call, crowd(5))
			w.togglePeople()
			if show.act != nil {
				show.act(d, w)
			}
			d.sharpen(w, call)
			assertLooks(t, "room_"+what, w.win)
		})
	}
}

// room is a conference in which everything is allowed and one link is broken.
func (d *desk) room(call *fakeCall) *fakeConference {
	return &fakeConference{call: call, state: ConferenceState{
		MayAdd: true, MayLink: true, Removable: []string{"Dana", "Emil"},
		Uplink: "Your uplink carries 4 people at 360p · 1.6 Mbit/s", Shares: "4 people × 400 kbit/s",
		Broken: []BrokenLink{{A: "Ben", B: "Carla Vance"}, {A: OwnID, B: "Emil", Carrier: "Dana"}},
	}}
}
