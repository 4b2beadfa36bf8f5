package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// showMenu offers what can be done with a person of a list.
func showMenu(c fyne.Canvas, at fyne.Position, name string, l *personList) {
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("",
		fyne.NewMenuItem("Call", func() { l.call(name) }),
		fyne.NewMenuItem("Remove from the list", func() { l.remove(name) }),
	), c, at)
}
