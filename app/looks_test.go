package app

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/theme"
)

// update writes the pictures of testdata anew: go test ./app -run Look -update. Look at them before keeping them.
var update = flag.Bool("update", false, "write the pictures of testdata anew")

// assertLooks compares what a window shows with its picture in testdata. Other processors round the edges of letters
// a little differently, so a few pixels may differ.
func assertLooks(t *testing.T, name string, w fyne.Window) {
	t.Helper()
	got := toRGBA(w.Canvas().Capture())
	path := filepath.Join("testdata", name+".png")
	if *update {
		writePNG(t, path, got)
		return
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatalf("there is no picture yet: %v", err)
	}
	defer f.Close()
	decoded, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if why := difference(toRGBA(decoded), got); why != "" {
		seen := filepath.Join(t.ArtifactDir(), name+".png")
		writePNG(t, seen, got)
		t.Errorf("%s looks different: %s; it now looks like %s", name, why, seen)
	}
}

const (
	sameWithin    = 24     // of 255 in each colour counts as the same
	mayDifferOnce = 2000.0 // one pixel in so many may be another
)

func difference(want, got *image.RGBA) string {
	if want.Rect.Size() != got.Rect.Size() {
		return fmt.Sprintf("it is %v, not %v", got.Rect.Size(), want.Rect.Size())
	}
	differ := 0
	for at := 0; at < len(want.Pix); at += want.Stride {
		row, now := want.Pix[at:at+want.Stride], got.Pix[at:at+got.Stride]
		if bytes.Equal(row, now) { // which is quicker to find out
			continue
		}
		for i := 0; i < len(row); i += 4 {
			for c := i; c < i+3; c++ {
				if d := int(row[c]) - int(now[c]); d > sameWithin || d < -sameWithin {
					differ++
					break
				}
			}
		}
	}
	if allowed := float64(len(want.Pix)/4) / mayDifferOnce; float64(differ) > allowed {
		return fmt.Sprintf("%d pixels differ, %.0f may", differ, allowed)
	}
	return ""
}

func toRGBA(m image.Image) *image.RGBA {
	if same, ok := m.(*image.RGBA); ok && same.Rect.Min == (image.Point{}) {
		return same
	}
	out := image.NewRGBA(image.Rectangle{Max: m.Bounds().Size()})
	draw.Draw(out, out.Rect, m, m.Bounds().Min, draw.Src)
	return out
}

func writePNG(t *testing.T, path string, m image.Image) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(f, m); err != nil {
		t.Fatal(err)
	}
}

func TestLookOfTheMainWindow(t *testing.T) {
	light, dark := []string{theme.ChoiceLight}, []string{theme.ChoiceDark}
	both := append(light, dark...)
	for state, show := range map[string]struct {
		choices []string
		prepare func(*fakePhone)
		act     func(*desk)
	}{
		"welcome": {both, func(p *fakePhone) { p.settings.Name = "" }, nil},
		"empty":   {dark, onNetwork, nil},
		"people": {both, func(p *fakePhone) {
			withPeople(p)
			withRequest(p)
		}, func(d *desk) { d.ui.main.people.list.line("Ben Okoro").MouseIn(nil) }},
		"typed": {light, withPeople, func(d *desk) {
			test.Type(d.ui.main.people.search, "Zoe")
			d.ui.main.people.say("Nobody by the name Zoe is registered at example.org. Check the spelling, or ask for their link.", toneBad)
		}},
		"searching": {dark, withPeople, func(d *desk) {
			d.ui.main.people.wait("Looking for Zoe…", func() {})
			d.ui.main.people.progress.run(false) // it holds still for its picture
		}},
		"link":      {light, withPeople, func(d *desk) { pasteZoe(d) }},
		"settings":  {dark, withPeople, func(d *desk) { d.ui.main.show(pageSettings) }},
		"own_link":  {both, withPeople, func(d *desk) { d.ui.main.ownLinkSheet() }},
		"presence":  {both, withTrouble, func(d *desk) { d.ui.main.presenceSheet() }},
		"two_named": {light, withPeople, func(d *desk) { d.ui.main.chooseSheet("Bob", "Whom do you want to call?", twoBobs, nil) }},
		"key": {both, withPeople, func(d *desk) {
			d.ui.main.keySheet(Person{Name: "Ben Okoro", Where: "example.org", Verified: true, Since: noon.Add(-30 * 24 * time.Hour), Identity: keyOf("Ben"), OtherKey: keyOf("Mallory")})
		}},
		"pretender": {both, func(p *fakePhone) {
			withPeople(p)
			withPretender(p)
		}, nil},
		"details": {both, withPeople, func(d *desk) { d.doWith("ben", "Details…") }},
		"export": {light, withPeople, func(d *desk) {
			d.ui.main.exportSheet()
			fields := d.fieldsOf()
			fields[0].SetText("copper river lantern")
			fields[2].SetText("/home/anna/Documents/Sundog identity.sundog")
		}},
		"import": {dark, withPeople, func(d *desk) {
			d.ui.main.importSheet()
			d.fieldsOf()[0].SetText("/home/anna/Documents/Sundog identity.sundog")
		}},
		"callers": {both, withPeople, func(d *desk) {
			d.ui.main.show(pageSettings)
			d.scrollSettings(780)
		}},
		"rename": {light, withPeople, func(d *desk) { d.ui.main.renameSheet(d.phone.people[1]) }},
		"recent": {light, withPeople, func(d *desk) { d.ui.main.show(pageRecent) }},
		"accounts": {light, func(p *fakePhone) {
			withTrouble(p)
			p.settings.XMPP, p.settings.XMPPPassword = "anna@xmpp.example", "wrong"
		}, func(d *desk) {
			d.ui.main.show(pageSettings)
			d.ui.main.settings.service.toggle()
			d.ui.main.settings.service.say("Nothing answers at example.org. Check the address, or ask whoever runs the service.", toneBad)
			d.ui.main.settings.xmpp.say("xmpp.example does not know that user and password. Check both.", toneBad)
			d.scrollSettings(350)
		}},
		"blocked": {dark, func(p *fakePhone) {
			withPeople(p)
			p.people[3].Blocked, p.people[2].Blocked = true, true
		}, func(d *desk) {
			d.ui.main.show(pageSettings)
			d.scrollSettings(2010)
		}},
		"sound": {light, withPeople, func(d *desk) {
			d.ui.main.show(pageSettings)
			d.scrollSettings(1406)
		}},
		"uplink": {both, func(p *fakePhone) {
			withPeople(p)
			p.settings.UplinkCap = 2_000_000
		}, func(d *desk) {
			d.ui.main.show(pageSettings)
			d.scrollSettings(1780)
		}},
		"wide": {dark, withPeople, func(d *desk) { d.ui.main.win.Resize(fyne.NewSize(900, 560)) }},
	} {
		for _, choice := range show.choices {
			t.Run(state+"_"+choice, func(t *testing.T) {
				d := newDesk(t, func(p *fakePhone) {
					if show.prepare != nil {
						show.prepare(p)
					}
					p.settings.Theme = choice
				})
				if show.act != nil {
					show.act(d)
				}
				d.until("the devices are listed", func() bool { return !d.ui.main.settings.devices.listing })
				d.ui.main.win.Canvas().Unfocus() // no blinking cursor
				d.ui.main.win.Content().Refresh()
				assertLooks(t, state+"_"+choice, d.ui.main.win)
			})
		}
	}
}

func (d *desk) scrollSettings(to float32) {
	d.ui.main.settings.scroll.ScrollToOffset(fyne.NewPos(0, to))
}

func onNetwork(p *fakePhone) {
	p.dirs = []Directory{{Kind: ThisNetwork, State: DirectoryReachable}}
}

func withRequest(p *fakePhone) {
	p.requests = []Request{{ID: "q", Name: "Ida Holm", Where: "example.org", Colour: 7, Last: noon.Add(-20 * time.Minute), Count: 2}}
}

func withTrouble(p *fakePhone) {
	withPeople(p)
	p.dirs[1].State, p.dirs[1].Sentence = DirectoryFailed, "No service answers at example.org. Check the address and your network. Trying again."
	p.dirs = append(p.dirs, Directory{Kind: XMPP, State: DirectoryConnecting, Where: "anna@xmpp.example"})
}

func pasteZoe(d *desk) {
	const text = "sundog:?n=Zoe"
	d.phone.set(func(p *fakePhone) {
		p.links = map[string]Link{text: {Text: text, Person: Person{ID: "zoe", Name: "Zoe Lind", Colour: 5, Where: "example.org"}}}
	})
	d.ui.main.people.search.SetText(text)
}

var twoBobs = []Person{
	{ID: "1", Name: "Bob", Nearby: true, Online: true, Colour: 4},
	{ID: "2", Name: "Bob", Where: "example.org", Contact: true, Verified: true, Colour: 6},
}

func TestLookOfACall(t *testing.T) {
	for state, show := range map[string]struct {
		first mesh.State
		size  fyne.Size
		act   func(*desk, *callWindow, *fakeCall)
	}{
		"ringing": {mesh.Ringing, fyne.NewSize(ringWidth, ringHeight), func(d *desk, w *callWindow, c *fakeCall) {}},
		"in_call": {mesh.InCall, fyne.NewSize(640, 368), func(d *desk, w *callWindow, c *fakeCall) {
			c.set(func(c *fakeCall) { c.far.Level = 0.5 })
			d.until("the halo is there", func() bool { return w.stage.grid.tiles[0].ring.Visible() })
		}},
		"chat": {mesh.InCall, fyne.NewSize(640, 368), func(d *desk, w *callWindow, c *fakeCall) {
			w.toggleChat()
			c.set(func(c *fakeCall) {
				c.chat = []ChatLine{{From: "Ben", Text: "Can you see the halo around the sun today?"}, {Text: "Yes, with two dogs.", Mine: true}}
			})
			d.until("the lines are there", func() bool { return len(w.chat.shown) == 2 })
		}},
		"narrow": {mesh.InCall, fyne.NewSize(380, 560), func(d *desk, w *callWindow, c *fakeCall) {}},
		"ended": {mesh.Calling, fyne.NewSize(640, 400), func(d *desk, w *callWindow, c *fakeCall) {
			c.set(func(c *fakeCall) {
				c.status.State, c.status.Reason, c.status.Sentence = mesh.Ended, mesh.UnknownName, "Nobody by the name Ben is registered at example.org. Check the spelling, or ask for their link."
			})
			d.until("it is told", func() bool { return w.stage.ended.Visible() })
		}},
	} {
		t.Run(state, func(t *testing.T) {
			d := newDesk(t, withPeople)
			w, call := d.callIn(show.first)
			w.win.Resize(show.size)
			if inCall(show.first) {
				call.set(func(c *fakeCall) { c.remote, c.local = 1, 1 })
				d.until("the pictures are there", func() bool { return w.stage.own.picture.raster.Visible() && w.stage.grid.picture() })
			}
			show.act(d, w, call)
			w.win.Canvas().Unfocus()
			if inCall(show.first) {
				w.stage.ask()
				w.loop.local.ask()
				call.set(func(c *fakeCall) { c.remote, c.local = 2, 2 })
				d.until("the pictures have their size", func() bool { return w.stage.sharp() && w.loop.local.sharp() })
			}
			assertLooks(t, "call_"+state, w.win)
		})
	}
}

// ask asks a tile for a picture of its size, as a driver does.
func (t *tile) ask() { t.paint(int(t.raster.Size().Width), int(t.raster.Size().Height)) }

// ask asks for the pictures of all members in their size.
func (s *stage) ask() {
	for _, m := range s.grid.tiles {
		m.view.tile.ask()
	}
}

// sharp reports whether all members' pictures have their size.
func (s *stage) sharp() bool {
	for _, m := range s.grid.tiles {
		if !m.view.tile.sharp() {
			return false
		}
	}
	return len(s.grid.tiles) > 0
}

// sharp reports whether a tile that is seen shows a picture of its own size. The test's goroutine is the UI thread.
func (t *tile) sharp() bool {
	want := unpacked(t.want.Load())
	return !t.raster.Visible() || t.front != nil && t.front.Rect.Dx() == want.w && t.front.Rect.Dy() == want.h
}

func TestTheStageLooksTheSameInBothThemes(t *testing.T) {
	var seen [2]*image.RGBA
	for i, choice := range []string{theme.ChoiceLight, theme.ChoiceDark} {
		d := newDesk(t, func(p *fakePhone) {
			withPeople(p)
			p.settings.Theme = choice
		})
		w, _ := d.callIn(mesh.InCall)
		w.toggleChat()
		w.win.Canvas().Unfocus()
		w.win.Resize(fyne.NewSize(480, 300))
		d.pass(time.Millisecond)
		seen[i] = toRGBA(w.win.Canvas().Capture())
		d.ui.close()
	}
	if why := difference(seen[0], seen[1]); why != "" {
		t.Errorf("light and dark differ on the stage: %s", why)
	}
}
