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
	text := newEmojiText()
	text.Text = character
	text.Move(fyne.NewPos(8, 4))
	text.Resize(text.MinSize())
	w.SetContent(container.NewWithoutLayout(plate, text))
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
