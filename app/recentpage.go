package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// recentPage is the last call with each person, the newest first.
type recentPage struct {
	content *fyne.Container
	list    *rowList
	empty   *emptyState
}

func newRecentPage(w *mainWindow) *recentPage {
	r := &recentPage{
		list:  newRowList(rowActions{call: w.callID, more: w.more, remove: w.removeID}, nil),
		empty: newEmptyState(theme.Recent, newButton(theme.Now, "Find somebody to call", plainButton, func() { w.show(pagePeople) })),
	}
	r.empty.show("No calls yet", "Calls that you make, take or miss are listed here.")
	r.content = container.NewStack(container.New(inset{top: theme.SpaceInside}, r.list), r.empty.content)
	return r
}

func (r *recentPage) show(rows []personRow) {
	items := make([]listItem, 0, len(rows))
	for _, row := range rows {
		items = append(items, listItem{kind: personItem, row: row})
	}
	r.list.show(items)
	setShown(r.empty.content, len(rows) == 0)
	setShown(r.list, len(rows) > 0)
}
