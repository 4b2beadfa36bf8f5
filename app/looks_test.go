package app

import (
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
	for i := 0; i < len(want.Pix); i += 4 {
		for c := i; c < i+3; c++ {
			if d := int(want.Pix[c]) - int(got.Pix[c]); d > sameWithin || d < -sameWithin {
				differ++
				break
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
	for state, show := range map[string]struct {
		choice  string
		prepare func(*fakePhone)
		act     func(*desk)
	}{
		"welcome": {theme.ChoiceDark, func(p *fakePhone) { p.settings.Name = "" }, nil},
		"empty":   {theme.ChoiceDark, nil, nil},
		"people":  {theme.ChoiceLight, withPeople, func(d *desk) { d.ui.main.people.list.rows[1].MouseIn(nil) }},
		"typed": {theme.ChoiceLight, withPeople, func(d *desk) {
			test.Type(d.ui.main.people.search, "Zoe")
			d.ui.main.people.say("Nobody by the name Zoe is registered at example.org. Check the spelling, or ask for their link.", toneBad)
		}},
		"settings": {theme.ChoiceDark, nil, func(d *desk) { d.ui.main.show(pageSettings) }},
		"service_failed": {theme.ChoiceLight, withPeople, func(d *desk) {
			d.phone.set(func(p *fakePhone) {
				p.service = ServiceStatus{State: ServiceFailed, Where: "example.org", Sentence: "The service at example.org does not answer; trying again."}
			})
			d.until("it is told", func() bool { return d.ui.main.header.light.role(theme.Light()) == theme.Light().Danger })
			d.ui.main.show(pageSettings)
			d.ui.main.settings.service.toggle()
			d.ui.main.settings.service.say("Nothing answers at example.org. Check the address, or ask whoever runs the service.", toneBad)
		}},
	} {
		t.Run(state, func(t *testing.T) {
			d := newDesk(t, func(p *fakePhone) {
				if show.prepare != nil {
					show.prepare(p)
				}
				p.settings.Theme = show.choice
			})
			if show.act != nil {
				show.act(d)
			}
			d.until("the devices are listed", func() bool { return !d.ui.main.settings.devices.listing })
			d.ui.main.win.Canvas().Unfocus() // no blinking cursor
			d.ui.main.win.Content().Refresh()
			assertLooks(t, state+"_"+show.choice, d.ui.main.win)
		})
	}
}

func TestLookOfACall(t *testing.T) {
	for state, show := range map[string]struct {
		first mesh.State
		size  fyne.Size
		act   func(*desk, *callWindow, *fakeCall)
	}{
		"ringing": {mesh.Ringing, fyne.NewSize(ringWidth, ringHeight), func(d *desk, w *callWindow, c *fakeCall) {}},
		"in_call": {mesh.InCall, fyne.NewSize(640, 368), func(d *desk, w *callWindow, c *fakeCall) {
			c.set(func(c *fakeCall) { c.status.FarLevel = 0.5 })
			d.until("the halo is there", func() bool { return w.stage.ring.Visible() })
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
				c.status.State, c.status.Sentence = mesh.Ended, "Nobody by the name Ben is registered at example.org. Check the spelling, or ask for their link."
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
				d.until("the pictures are there", func() bool { return w.stage.own.picture.Visible() && w.loop.remote.raster.Visible() })
			}
			show.act(d, w, call)
			w.win.Canvas().Unfocus()
			if inCall(show.first) {
				w.loop.remote.ask()
				w.loop.local.ask()
				call.set(func(c *fakeCall) { c.remote, c.local = 2, 2 })
				d.until("the pictures have their size", func() bool { return w.loop.remote.sharp() && w.loop.local.sharp() })
			}
			assertLooks(t, "call_"+state, w.win)
		})
	}
}

// ask asks a tile for a picture of its size, as a driver does.
func (t *tile) ask() { t.paint(int(t.raster.Size().Width), int(t.raster.Size().Height)) }

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
