package app

import (
	"hash/fnv"
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"sundog.dev/sundog/theme"
)

// avatar is somebody's initials on their colour, round; a small light at its edge says reachable.
type avatar struct {
	widget.BaseWidget
	skin     skin
	name     string
	colour   uint32 // chooses the fill; 0: the name does
	diameter float32
	ground   role // around it, where its light stands out from
	online   bool
	halo     bool // they speak, or they are being called
}

// lettersShare is the letters' part of the diameter.
const lettersShare = 0.36

func newAvatar(s skin, name string, diameter float32) *avatar {
	a := &avatar{skin: s, name: name, diameter: diameter, ground: asWindow}
	a.ExtendBaseWidget(a)
	return a
}

func (a *avatar) set(name string, colour uint32, online, halo bool) {
	if a.name != name || a.colour != colour || a.online != online || a.halo != halo {
		a.name, a.colour, a.online, a.halo = name, colour, online, halo
		a.Refresh()
	}
}

func (a *avatar) setDiameter(d float32) {
	if a.diameter != d {
		a.diameter = d
		a.Refresh()
	}
}

// fill is the number that chooses the colour: the given one, else one that the name gives, the same each time.
func (a *avatar) fill() uint32 {
	if a.colour != 0 {
		return a.colour
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(strings.ToLower(a.name)))
	return h.Sum32()
}

func (a *avatar) CreateRenderer() fyne.WidgetRenderer {
	disc := canvas.NewCircle(color.Transparent)
	halo := canvas.NewCircle(color.Transparent)
	light := canvas.NewCircle(color.Transparent)
	letters := canvas.NewText("", color.Transparent)
	letters.Alignment, letters.TextStyle, letters.TextSize = fyne.TextAlignCenter, fyne.TextStyle{Bold: true}, a.diameter*lettersShare
	d := &drawing{objects: []fyne.CanvasObject{halo, disc, letters, light}}
	d.least = func() fyne.Size { return fyne.NewSquareSize(a.diameter) }
	d.arrange = func(size fyne.Size) {
		x, y := (size.Width-a.diameter)/2, (size.Height-a.diameter)/2
		place(disc, x, y, a.diameter, a.diameter)
		gap := theme.HaloWidth + 4
		place(halo, x-gap, y-gap, a.diameter+2*gap, a.diameter+2*gap)
		place(letters, x, y, a.diameter, a.diameter)
		place(light, x+a.diameter-11, y+a.diameter-11, 12, 12)
	}
	d.paint = func() {
		p := a.skin()
		disc.FillColor, letters.Color = theme.Avatar(a.fill())
		letters.Text, letters.TextSize = initials(a.name), a.diameter*lettersShare
		halo.Hidden, halo.StrokeColor, halo.StrokeWidth = !a.halo, p.Accent, theme.HaloWidth
		light.Hidden, light.FillColor = !a.online, p.Good
		light.StrokeColor, light.StrokeWidth = a.ground(p), 2
	}
	return d.start()
}
