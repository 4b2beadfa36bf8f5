package app

import (
	"testing"

	"fyne.io/fyne/v2"

	"sundog.dev/sundog/mesh"
)

func placeOf(o fyne.CanvasObject) box {
	return box{o.Position().X, o.Position().Y, o.Size().Width, o.Size().Height}
}

func TestNothingCoversTheCallBarAtAnySize(t *testing.T) {
	d := newDesk(t, withPeople)
	w, _ := d.callIn(mesh.InCall)
	for _, chat := range []bool{false, true} {
		if chat {
			w.toggleChat()
		}
		for _, at := range []corner{{}, {left: true}, {top: true}, {left: true, top: true}} {
			w.stage.own.corner = at
			for _, size := range []fyne.Size{{Width: 320, Height: 360}, {Width: 380, Height: 640}, {Width: 800, Height: 458}, {Width: 899, Height: 500}, {Width: 960, Height: 548}, {Width: 1920, Height: 1080}} {
				w.stage.Layout(nil, size)
				bar := placeOf(w.bar.content)
				if bar.x+bar.w/2 != size.Width/2 {
					t.Errorf("%v: the bar is not in the middle", size)
				}
				others := map[string]fyne.CanvasObject{"own picture": w.stage.own.content, "name": w.stage.grid.tiles[0].pad}
				if chat {
					others["chat"] = w.chat.content
				}
				for what, o := range others {
					p := placeOf(o)
					if what == "name" {
						p.x, p.y = p.x+w.stage.grid.tiles[0].content.Position().X, p.y+w.stage.grid.tiles[0].content.Position().Y
					}
					if p.x < bar.x+bar.w && bar.x < p.x+p.w && p.y < bar.y+bar.h && bar.y < p.y+p.h {
						t.Errorf("%v, chat %v, corner %+v: the %s covers the bar", size, chat, at, what)
					}
					if p.x < 0 || p.y < 0 || p.x+p.w > size.Width || p.y+p.h > size.Height {
						t.Errorf("%v, chat %v, corner %+v: the %s is not wholly in the window: %+v", size, chat, at, what, p)
					}
				}
			}
		}
	}
}

func TestTheOwnPictureGoesIntoTheCornerItIsDraggedTo(t *testing.T) {
	d := newDesk(t, withPeople)
	w, _ := d.callIn(mesh.InCall)
	g := newGrip(w.stage.own, w.poke)
	before := w.stage.own.content.Position()
	g.Dragged(&fyne.DragEvent{Dragged: fyne.NewDelta(-600, -20)})
	if got := w.stage.own.content.Position(); got == before {
		t.Error("it does not follow the pointer")
	}
	g.DragEnd()
	if got := w.stage.own.corner; got != (corner{left: true}) {
		t.Errorf("it went to %+v", got)
	}
	if got := w.stage.own.content.Position(); got.X != barMargin || got.Y != before.Y {
		t.Errorf("it lies at %v", got)
	}
}

func TestAloneOnesOwnPictureCoversNothingThatCanBeDone(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.callIn(mesh.InCall)
	call.set(func(c *fakeCall) { c.room, c.members = d.room(c), []CallMember{} })
	d.until("we are alone", func() bool { return w.view.alone })
	for size, shown := range map[fyne.Size]bool{{Width: 360, Height: 480}: false, {Width: 1280, Height: 800}: true} {
		w.win.Resize(size)
		own, add := w.stage.own.content, placeOf(w.stage.invite)
		if own.Visible() != shown || own.Visible() && placeOf(own).touches(add) {
			t.Errorf("%v: the own picture is shown: %v, at %+v; the buttons at %+v", size, own.Visible(), placeOf(own), add)
		}
	}
}

func TestThePicturesMakeRoomForTheChatWhereTheyCan(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call := d.callIn(mesh.InCall)
	d.withCrowd(w, call, crowd(5))
	w.toggleChat()
	w.win.Resize(fyne.NewSize(640, 480))
	for i, tile := range w.stage.grid.tiles {
		if at := placeOf(tile.content); at.x+at.w > placeOf(w.chat.content).x {
			t.Errorf("tile %d lies under the chat: %+v", i, at)
		}
	}
}

func TestWhatIsSaidPassinglyDoesNotMoveAPanelBesideThePictures(t *testing.T) {
	d := newDesk(t, withPeople)
	w, _, _ := d.inRoom(3)
	w.win.Resize(fyne.NewSize(640, 480))
	before := w.people.content.Position()
	w.say("Ben raises a hand.", toneText)
	if !w.stage.bannerP.Visible() || w.people.content.Position() != before {
		t.Errorf("it moves from %v to %v", before, w.people.content.Position())
	}
	at, size := w.stage.bannerP.Position(), w.stage.bannerP.Size()
	if at.X+size.Width > before.X {
		t.Errorf("it lies over the panel, up to %v of %v", at.X+size.Width, before.X)
	}
	if words := w.stage.top.compare; at.Y < words.Position().Y+words.Size().Height {
		t.Error("it lies over the button above it")
	}
}
