package theme

import (
	"image/color"
	"math"
	"testing"
)

// luminance and contrast are WCAG 2.1's.
func luminance(c color.NRGBA) float64 {
	part := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*part(c.R) + 0.7152*part(c.G) + 0.0722*part(c.B)
}

func contrast(a, b color.NRGBA) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// over is a see-through colour on a ground.
func over(c, ground color.NRGBA) color.NRGBA {
	mix := func(x, y uint8) uint8 { return uint8((int(x)*int(c.A) + int(y)*(255-int(c.A))) / 255) }
	return color.NRGBA{R: mix(c.R, ground.R), G: mix(c.G, ground.G), B: mix(c.B, ground.B), A: 255}
}

func TestContrastIsMeasuredAsWCAGDoes(t *testing.T) {
	if got := contrast(rgb(0x000000), rgb(0xFFFFFF)); math.Abs(got-21) > 0.01 {
		t.Errorf("black on white is %.2f:1, want 21:1", got)
	}
	if got := contrast(rgb(0x777777), rgb(0xFFFFFF)); math.Abs(got-4.48) > 0.01 {
		t.Errorf("#777777 on white is %.2f:1, want 4.48:1", got)
	}
}

func TestTextAndIconsStandOut(t *testing.T) {
	const text, icon = 4.5, 3.0
	for name, p := range map[string]Palette{"light": Light(), "dark": Dark(), "stage": Stage()} {
		for _, pair := range []struct {
			what      string
			on        color.NRGBA
			ground    color.NRGBA
			atLeast   float64
			onWhatFor string
		}{
			{"text", p.Text, p.Window, text, "window"},
			{"text", p.Text, p.Surface, text, "card"},
			{"text", p.Text, p.Raised, text, "field, quiet button"},
			{"text", p.Text, p.Line, text, "hovered button, call button, bubble"},
			{"text", p.Text, p.AccentSoft, text, "own bubble"},
			{"second text", p.TextSecond, p.Window, text, "window"},
			{"second text", p.TextSecond, p.Surface, text, "card"},
			{"second text", p.TextSecond, p.Raised, text, "hint in a field, row under the pointer"},
			{"accent", p.Accent, p.Window, text, "chosen tab"},
			{"accent", p.Accent, p.AccentSoft, text, "chosen segment, emblem"},
			{"accent", p.Accent, p.Raised, icon, "call icon of the row under the pointer"},
			{"accent", p.Accent, p.Line, icon, "icon under the pointer"},
			{"good", p.Good, p.Surface, text, "saved"},
			{"good", p.Good, p.Window, icon, "light"},
			{"warning", p.Warning, p.Window, text, "banner"},
			{"danger", p.Danger, p.Window, text, "missed, what failed"},
			{"danger", p.Danger, p.Surface, text, "what failed, on a card"},
			{"danger", p.Danger, p.Raised, text, "missed, row under the pointer"},
			{"on accent", p.OnFill, p.Accent, text, "primary button"},
			{"on good", p.OnFill, p.Good, text, "accept"},
			{"on danger", p.OnFill, p.Danger, text, "hang up"},
			{"on warning", p.OnFill, p.Warning, text, "warning"},
		} {
			if got := contrast(pair.on, pair.ground); got < pair.atLeast {
				t.Errorf("%s: %s on %s is %.2f:1, want at least %.1f:1", name, pair.what, pair.onWhatFor, got, pair.atLeast)
			}
		}
	}
}

func TestSwitchedOffButtonsOnTheStageStandOut(t *testing.T) {
	p := Stage()
	if got := contrast(p.OnFill, p.Text); got < 4.5 {
		t.Errorf("a switched-off button's icon is %.2f:1", got)
	}
}

func TestTextOverAPictureStandsOutWhateverThePicture(t *testing.T) {
	p := Stage()
	for _, picture := range []color.NRGBA{rgb(0xFFFFFF), rgb(0x000000), rgb(0xF6A04D)} {
		ground := over(Shade(p.Window, PillOpacity), picture)
		for what, c := range map[string]color.NRGBA{"text": p.Text, "second text": p.TextSecond, "warning": p.Warning} {
			if got := contrast(c, ground); got < 4.5 {
				t.Errorf("%s in a pill over %v is %.2f:1", what, picture, got)
			}
		}
	}
}

func TestInitialsStandOutOnEveryAvatar(t *testing.T) {
	for key := range uint32(len(avatarFills)) {
		fill, letters := Avatar(key)
		if got := contrast(letters, fill); got < 4.5 {
			t.Errorf("avatar %d: %.2f:1", key, got)
		}
	}
}
