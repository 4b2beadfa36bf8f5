package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// deed is one thing that can be done with a person or a request, as a menu offers it.
type deed struct {
	text string
	do   func()
}

// personDeeds are what can be done with somebody of the lists.
func (w *mainWindow) personDeeds(p Person) []deed {
	var deeds []deed
	if p.KeyChanged {
		deeds = append(deeds, deed{"See what has changed…", func() { w.keySheet(p) }})
	} else {
		deeds = append(deeds,
			deed{"Call", func() { w.call(p, true) }},
			deed{"Call without picture", func() { w.call(p, false) }})
	}
	if p.Contact {
		deeds = append(deeds, deed{"Rename…", func() { w.renameSheet(p) }})
	} else {
		deeds = append(deeds, deed{"Add to contacts", func() { w.add(p) }})
	}
	deeds = append(deeds, deed{"Copy their link", func() { w.copyLinkOf(p) }})
	if p.Contact || !p.LastCall.IsZero() {
		deeds = append(deeds, deed{"Remove", func() { w.remove(p) }})
	}
	return append(deeds, deed{"Block", func() { w.block(p) }}, deed{"Details…", func() { w.detailsSheet(p) }})
}

func (w *mainWindow) requestDeeds(id, name string, pretends bool) []deed {
	first := deed{"Accept", func() { w.answer(id, name, AcceptRequest) }}
	if pretends {
		first = deed{"What is this?", func() { w.answerRequest(id, explainRequest) }}
	}
	return []deed{
		first,
		{"Ignore", func() { w.answer(id, name, IgnoreRequest) }},
		{"Block", func() { w.answer(id, name, BlockRequest) }},
	}
}

// more shows the menu of a row.
func (w *mainWindow) more(item listItem, at fyne.Position) {
	deeds := w.requestDeeds(item.row.id, item.row.name, item.row.pretends)
	if item.kind == personItem {
		p, known := w.person(item.row.id)
		if !known {
			return
		}
		deeds = w.personDeeds(p)
	}
	var items []*fyne.MenuItem
	for _, d := range deeds {
		items = append(items, fyne.NewMenuItem(d.text, d.do))
	}
	menu := widget.NewPopUpMenu(fyne.NewMenu("", items...), w.win.Canvas())
	menu.ShowAtPosition(at)
	w.win.Canvas().Focus(menu)
}
