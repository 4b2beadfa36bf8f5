package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// recentPage is the last call with each person, the newest first.
type recentPage struct {
	content *fyne.Container
	list    *personList
	empty   *emptyState
}

func newRecentPage(w *mainWindow) *recentPage {
	r := &recentPage{
		list:  newPersonList(w.call, nil),
		empty: newEmptyState(theme.Recent, newButton(theme.Now, "Find somebody to call", plainButton, func() { w.show(pagePeople) })),
	}
	r.empty.show("No calls yet", "Calls that you make, take or miss are listed here.")
	r.content = container.NewStack(
		container.New(inset{top: theme.SpaceInside}, scrolled(r.list.content)), r.empty.content)
	return r
}

func (r *recentPage) show(rows []personRow) {
	r.list.show(rows)
	setShown(r.empty.content, len(rows) == 0)
}
