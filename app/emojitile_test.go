package app

import (
	"fmt"
	"image"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/theme"
)

// drawn is how the app draws a character, on the plate of a tile.
func drawn(t *testing.T, w fyne.Window, character string) *image.RGBA {
	t.Helper()
	plate := canvas.NewRectangle(theme.Plate)
	plate.Resize(fyne.NewSize(64, 64))
	picture := newEmoji(character, emojiSize)
	place(picture, 13, 13, emojiSize, emojiSize)
	w.SetContent(container.NewWithoutLayout(plate, picture))
	return toRGBA(w.Canvas().Capture())
}

// unlike is the share of pixels that differ between two pictures, in percent.
func unlike(a, b *image.RGBA) float64 {
	n := 0
	for i := 0; i < len(a.Pix); i += 4 {
		for c := i; c < i+3; c++ {
			if d := int(a.Pix[c]) - int(b.Pix[c]); d > 32 || d < -32 {
				n++
				break
			}
		}
	}
	return 100 * float64(n) / float64(len(a.Pix)/4)
}

func TestEachPictureIsDrawnAndNoTwoLookAlike(t *testing.T) {
	test.NewTempApp(t)
	w := test.NewWindow(nil)
	defer w.Close()
	w.SetPadded(false)
	w.Resize(fyne.NewSize(64, 64))
	// least is how much of a picture must be seen, and how much of two must differ, in percent of the plate: glasses are thin.
	const least = 1.5
	seen := map[string]*image.RGBA{"nothing": drawn(t, w, " "), "the sign for a missing character": drawn(t, w, "\U0010FFFD")}
	for _, e := range trust.AllEmoji() {
		picture := drawn(t, w, e.Text)
		for other, before := range seen {
			if got := unlike(picture, before); got < least {
				t.Errorf("%s looks like %s: %.1f %% differ", e.Name, other, got)
			}
		}
		seen[fmt.Sprintf("%s (%s)", e.Name, e.Text)] = picture
	}
	if len(seen) != 66 {
		t.Errorf("%d pictures", len(seen)-2)
	}
}

func TestReactionsAndPicturesToCompareAreWholeAndInTheMiddle(t *testing.T) {
	test.NewTempApp(t)
	w := test.NewWindow(nil)
	defer w.Close()
	w.SetPadded(false)
	w.Resize(fyne.NewSize(64, 64))
	plate := drawn(t, w, " ")
	characters := map[string]string{}
	for _, r := range reactions {
		characters[r.name] = r.emoji
	}
	for _, e := range trust.AllEmoji() {
		characters[e.Name] = e.Text
	}
	for name, text := range characters {
		box := inked(plate, drawn(t, w, text))
		if longer := max(box.Dx(), box.Dy()); float32(longer) < 0.8*emojiSize {
			t.Errorf("%s is drawn at %v, smaller than its place", name, box)
		}
		if off := box.Min.Add(box.Max).Div(2).Sub(image.Pt(32, 32)); max(off.X, -off.X) > 5 || max(off.Y, -off.Y) > 5 {
			t.Errorf("%s is drawn at %v, not in the middle", name, box)
		}
	}
}

// inked is where a picture differs from the empty plate.
func inked(plate, m *image.RGBA) (box image.Rectangle) {
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			if m.RGBAAt(x, y) != plate.RGBAAt(x, y) {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return box
}

func TestWhatIsNoEmojiOfTheFontIsWritten(t *testing.T) {
	for text, want := range map[string]bool{"👍": true, "❤": true, "❤\ufe0f": true, "👩‍🚀": false, "hi": false, "": false} {
		if got := emojiPicture(text) != nil; got != want {
			t.Errorf("%q is drawn: %v", text, got)
		}
	}
}
