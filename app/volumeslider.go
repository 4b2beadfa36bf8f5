package app

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sundog.dev/sundog/theme"
)

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
	keyFocus
	keys func(*fyne.KeyEvent)
}

var _ fyne.Focusable = (*volumeSlider)(nil)

// FocusGained is called by the driver.
func (s *volumeSlider) FocusGained() { s.gained(&s.Slider) }

// FocusLost is called by the driver.
func (s *volumeSlider) FocusLost() { s.lost(&s.Slider) }

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
		mark.StrokeColor, mark.StrokeWidth = k.slider.frame(theme.Stage().Accent)
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
