package app

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// mainWindow is the window that is there as long as the app: a welcome at first start, then the pages.
type mainWindow struct {
	sheets
	u *ui

	header   *header
	people   *peoplePage
	recent   *recentPage
	settings *settingsPage
	tabs     *tabBar
	pages    []fyne.CanvasObject
	home     fyne.CanvasObject
	welcomed bool

	known     []Person // what the phone told last
	requests  []Request
	dirs      []Directory
	linkLater string // a link that was opened before the welcome was over
}

const (
	mainTitle    = "Sundog"
	mainWidth    = 380
	mainHeight   = 640
	pagePeople   = 0
	pageRecent   = 1
	pageSettings = 2
)

func newMainWindow(u *ui) *mainWindow {
	w := &mainWindow{u: u, sheets: sheets{win: u.app.NewWindow(mainTitle), skin: theme.Now}}
	w.win.SetMaster()
	w.win.SetPadded(false)
	w.win.SetOnClosed(u.cancel) // nothing reaches a window that is gone
	w.keys = newShortcuts(w.win.Canvas())
	w.header = newHeader(w.presenceSheet, w.ownLinkSheet)
	w.people = newPeoplePage(w)
	w.recent = newRecentPage(w)
	w.settings = newSettingsPage(w)
	w.pages = []fyne.CanvasObject{w.people.content, w.recent.content, w.settings.content}
	w.tabs = newTabBar(w.show)
	w.home = container.NewStack(newBackdrop(theme.Now, asWindow, 0), framed(
		inPage(container.New(inset{theme.SpaceBetween, theme.SpaceBetween, theme.SpaceBetween, theme.SpaceInside}, w.header.content)),
		container.NewStack(w.pages...),
		newColumn(0, newRule(theme.Now), inPage(w.tabs.content))))
	for i, key := range []fyne.KeyName{fyne.Key1, fyne.Key2, fyne.Key3} {
		w.on(key, func() { w.show(i) })
	}
	w.on(fyne.KeyT, w.testCall)
	w.on(fyne.KeyL, w.ownLinkSheet)
	w.win.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) {
		if e.Name == fyne.KeyEscape && w.sheet != nil {
			w.sheet.close()
		}
	})
	w.show(pagePeople)
	w.refresh()
	w.win.Resize(fyne.NewSize(mainWidth, mainHeight))
	if u.phone.Settings().Name == "" {
		newWelcome(w)
	} else {
		w.enter()
	}
	return w
}

// enter shows the pages, after the welcome if there was one.
func (w *mainWindow) enter() {
	w.welcomed = true
	w.win.SetContent(w.home)
	w.refresh()
	w.show(pagePeople)
	if w.linkLater != "" {
		w.openLink(w.linkLater)
		w.linkLater = ""
	}
}

// on is a shortcut of the pages.
func (w *mainWindow) on(key fyne.KeyName, do func()) {
	w.keys.on(key, fyne.KeyModifierShortcutDefault, func() {
		if !w.welcomed {
			return
		}
		if w.sheet != nil {
			w.sheet.close()
		}
		do()
	})
}

func (w *mainWindow) show(page int) {
	for i, p := range w.pages {
		if i == page {
			p.Show()
		} else {
			p.Hide()
		}
	}
	w.tabs.choose(page)
	if !w.welcomed {
		return
	}
	switch page {
	case pagePeople:
		if w.sheet == nil {
			w.win.Canvas().Focus(w.people.search)
		}
	case pageSettings:
		w.win.Canvas().Unfocus()
		w.settings.shown()
	default:
		w.win.Canvas().Unfocus()
	}
}

// refresh shows what the phone knows now.
func (w *mainWindow) refresh() {
	p, now := w.u.phone, w.u.now()
	s := p.Settings()
	w.known, w.requests, w.dirs = p.People(), p.Requests(), p.Directories()
	w.header.show(s.Name, p.Colour(), presenceOf(w.dirs))
	w.people.filter(now)
	w.recent.show(recentRows(w.known, now))
	w.settings.refresh(s)
	if w.sheet != nil && w.sheet.refresh != nil {
		w.sheet.refresh()
	}
	w.callFirst()
}

// callFirst calls whom the command line names, when it is known which directories answer.
func (w *mainWindow) callFirst() {
	waiting := slices.ContainsFunc(w.dirs, func(d Directory) bool { return d.State == DirectoryConnecting })
	if len(w.u.first) == 0 || w.u.dialled || !w.welcomed || waiting {
		return
	}
	name := w.u.first[0]
	w.u.first, w.u.dialled = w.u.first[1:], true
	w.callName(name)
}
