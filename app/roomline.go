package app

import (
	"image/color"
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sundog.dev/sundog/theme"
)

// newRoomLine is somebody in the call, in the panel of people: who, how they are connected, and a button for what can be done with
// them (more is nil where nothing can).
func newRoomLine(r roomRow, more *iconButton) fyne.CanvasObject {
	face := newAvatar(theme.Stage, r.name, theme.AvatarSize)
	face.colour, face.ground = r.colour, asSurface
	sign := newMarkIcon(theme.Stage)
	sign.set(r.mark)
	text := newColumn(0,
		container.New(giving{}, container.New(nameAndMark{}, newLabel(theme.Stage, r.name, theme.TextBody, asText).strong().shortened().greedy(), sign)),
		newParagraph(theme.Stage, r.line, theme.TextSmall, r.tone.role()))
	right := container.New(sideBySide{gap: theme.SpaceInside, pack: true})
	if r.hand {
		hand := canvas.NewImageFromResource(theme.Hand.In(theme.Stage().Accent))
		hand.SetMinSize(fyne.NewSize(theme.IconSize, theme.TouchSize))
		hand.FillMode = canvas.ImageFillContain
		right.Add(hand)
		if r.turn > 0 {
			right.Add(newLabel(theme.Stage, strconv.Itoa(r.turn), theme.TextSmall, asAccent).strong())
		}
	}
	if r.quality > 0 {
		bars := newQualityBars()
		bars.set(r.quality)
		right.Add(bars)
	}
	if more != nil {
		right.Add(more)
	}
	return container.New(beside{gap: theme.SpaceInside, right: true}, container.New(beside{gap: theme.CallGap}, face, text), right)
}

const (
	// volumeMost is how much louder somebody can be made: more than that only distorts.
	volumeMost = 2.0
	volumeStep = 0.1
)

// newVolumeLine makes somebody louder or quieter.
func newVolumeLine(r roomRow, keys func(*fyne.KeyEvent), changed func(factor float64)) fyne.CanvasObject {
	icon := canvas.NewImageFromResource(theme.Volume.In(theme.Stage().TextSecond))
	icon.FillMode = canvas.ImageFillContain
	icon.SetMinSize(fyne.NewSquareSize(theme.IconSize))
	s := &volumeSlider{keys: keys}
	s.Min, s.Max, s.Step, s.Value = 0, volumeMost, volumeStep, r.volume
	s.OnChanged = changed
	s.ExtendBaseWidget(s)
	return container.New(beside{gap: theme.SpaceInside}, icon, s)
}

// volumeSlider is a slider that leaves the keys of the call to its window.
type volumeSlider struct {
	widget.Slider
	keys     func(*fyne.KeyEvent)
	revealed func() // scrolls it into view; may be nil
	focused  bool
}

var _ fyne.Focusable = (*volumeSlider)(nil)

func (s *volumeSlider) revealedBy(show func()) { s.revealed = show }

// FocusGained is called by the driver.
func (s *volumeSlider) FocusGained() {
	s.focused = true
	s.Slider.FocusGained()
	if s.revealed != nil {
		s.revealed()
	}
}

// FocusLost is called by the driver.
func (s *volumeSlider) FocusLost() {
	s.focused = false
	s.Slider.FocusLost()
}

// CreateRenderer draws the knob over the mark of the focus, which would hide it.
func (s *volumeSlider) CreateRenderer() fyne.WidgetRenderer {
	return knobAbove{s.Slider.CreateRenderer(), s}
}

// knobAbove is a slider's renderer, whose last object is the mark of the focus, and whose last but one is the knob.
type knobAbove struct {
	fyne.WidgetRenderer
	slider *volumeSlider
}

// Refresh implements fyne.WidgetRenderer. The mark is as plain as elsewhere.
func (k knobAbove) Refresh() {
	k.WidgetRenderer.Refresh()
	objects := k.WidgetRenderer.Objects()
	if mark, ok := objects[len(objects)-1].(*canvas.Circle); ok {
		mark.StrokeColor, mark.StrokeWidth = color.Transparent, 0
		if k.slider.focused {
			mark.StrokeColor, mark.StrokeWidth = theme.Stage().Accent, theme.FocusWidth
		}
		mark.Refresh()
	}
}

// Objects implements fyne.WidgetRenderer.
func (k knobAbove) Objects() []fyne.CanvasObject {
	objects := slices.Clone(k.WidgetRenderer.Objects())
	if n := len(objects); n > 1 {
		objects[n-1], objects[n-2] = objects[n-2], objects[n-1]
	}
	return objects
}

// TypedKey is called by the driver.
func (s *volumeSlider) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyLeft, fyne.KeyRight, fyne.KeyUp, fyne.KeyDown:
		s.Slider.TypedKey(e)
	default:
		s.keys(e)
	}
}
