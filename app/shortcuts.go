package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// shortcuts are the key combinations of a window. They work wherever the focus is: the canvas knows them, and text
// fields, which the driver lets take all combinations, pass on theirs by typed.
type shortcuts struct {
	canvas fyne.Canvas
	do     map[string]func()
}

func newShortcuts(c fyne.Canvas) *shortcuts { return &shortcuts{canvas: c, do: map[string]func(){}} }

func (s *shortcuts) on(key fyne.KeyName, mod fyne.KeyModifier, do func()) {
	combination := &desktop.CustomShortcut{KeyName: key, Modifier: mod}
	s.do[combination.ShortcutName()] = do
	s.canvas.AddShortcut(combination, s.typed)
}

func (s *shortcuts) typed(combination fyne.Shortcut) {
	if do := s.do[combination.ShortcutName()]; do != nil {
		do()
	}
}
