package theme

import (
	"image/color"

	"fyne.io/fyne/v2"
	fynetheme "fyne.io/fyne/v2/theme"
)

// Palette is one column of colours by their role.
type Palette struct {
	Window     color.NRGBA // behind everything
	Surface    color.NRGBA // cards, panels, fields
	Raised     color.NRGBA // hover, quiet buttons
	Line       color.NRGBA // borders, where space does not do
	Text       color.NRGBA
	TextSecond color.NRGBA
	Accent     color.NRGBA // the one warm light
	AccentSoft color.NRGBA
	Good       color.NRGBA
	Warning    color.NRGBA
	Danger     color.NRGBA // hang up, key changed
	OnFill     color.NRGBA // text and icons on Accent, Good, Warning and Danger
}

func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xFF}
}

// Light is the palette of the light theme.
func Light() Palette {
	return Palette{
		Window: rgb(0xF6F8FB), Surface: rgb(0xFFFFFF), Raised: rgb(0xEDF1F7), Line: rgb(0xD9E0EA),
		Text: rgb(0x16202C), TextSecond: rgb(0x56657A),
		Accent: rgb(0xB04E0A), AccentSoft: rgb(0xFCEBDD),
		Good: rgb(0x17734A), Warning: rgb(0x8A5A00), Danger: rgb(0xB3261E), OnFill: rgb(0xFFFFFF),
	}
}

// Dark is the palette of the dark theme.
func Dark() Palette {
	return Palette{
		Window: rgb(0x10161F), Surface: rgb(0x18212D), Raised: rgb(0x212C3A), Line: rgb(0x2C3949),
		Text: rgb(0xE9EEF5), TextSecond: rgb(0x9DACBF),
		Accent: rgb(0xF6A04D), AccentSoft: rgb(0x3A2A1A),
		Good: rgb(0x5CC996), Warning: rgb(0xE8B84A), Danger: rgb(0xF2746B), OnFill: rgb(0x10161F),
	}
}

// Stage is the palette behind video, the same in both themes: the dark column on the stage's own colour.
func Stage() Palette {
	p := Dark()
	p.Window = rgb(0x0B1017)
	return p
}

// Now is the palette that the running app's theme shows at present. It belongs to the UI thread.
func Now() Palette {
	settings := fyne.CurrentApp().Settings()
	if t, ok := settings.Theme().(*Theme); ok {
		return t.Palette(settings.ThemeVariant())
	}
	return ofVariant(settings.ThemeVariant())
}

func ofVariant(v fyne.ThemeVariant) Palette {
	if v == fynetheme.VariantLight {
		return Light()
	}
	return Dark()
}

// avatarFills are quiet colours for initials, light enough for dark letters on them, in both themes.
var avatarFills = []color.NRGBA{
	rgb(0xF0B58A), rgb(0xE9C46A), rgb(0xB9D48B), rgb(0x8FD3B6),
	rgb(0x8CC8E8), rgb(0xA9B8F0), rgb(0xCDB2EE), rgb(0xEFA9C0),
}

// Avatar is the fill and the colour of the initials of somebody's avatar; the same key gives the same colours.
func Avatar(key uint32) (fill, initials color.NRGBA) {
	return avatarFills[key%uint32(len(avatarFills))], rgb(0x16202C)
}

// PillOpacity is that of the dark ground under text and icons that lie over a picture: what is read on it stands
// out even where the picture is white.
const PillOpacity = 0.85

// Shade is c with another opacity, 0 to 1.
func Shade(c color.NRGBA, opacity float32) color.NRGBA {
	c.A = uint8(opacity*255 + 0.5)
	return c
}

// Plate is the ground of coloured pictures, in both themes: light enough for the dark ones, dark enough for the white ones.
var Plate = rgb(0xD3DBE6)
