package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// mainWindow is the window that is there as long as the app: a welcome at first start, then the pages.
type mainWindow struct {
	u    *ui
	win  fyne.Window
	keys *shortcuts

	header   *header
	people   *peoplePage
	recent   *recentPage
	settings *settingsPage
	tabs     *tabBar
	pages    []fyne.CanvasObject
	home     fyne.CanvasObject
	welcomed bool
}

const (
	mainTitle         = "Sundog"
	mainWidth         = 380
	mainHeight        = 640
	pagePeople        = 0
	pageRecent        = 1
	pageSettings      = 2
	newestHistory int = 200 // rows of a list, so that a long history stays quick to show
)

func newMainWindow(u *ui) *mainWindow {
	w := &mainWindow{u: u, win: u.app.NewWindow(mainTitle)}
	w.win.SetMaster()
	w.win.SetPadded(false)
	w.win.SetOnClosed(u.cancel) // nothing reaches a window that is gone
	w.keys = newShortcuts(w.win.Canvas())
	w.header = newHeader()
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
}

// on is a shortcut of the pages.
func (w *mainWindow) on(key fyne.KeyName, do func()) {
	w.keys.on(key, fyne.KeyModifierShortcutDefault, func() {
		if w.welcomed {
			do()
		}
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
		if len(w.people.people) > 0 || w.people.server != "" { // else there is nobody to search or call
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
	s, people := w.u.phone.Settings(), w.u.phone.People()
	now := w.u.now()
	w.header.show(s.Name, presenceOf(w.u.phone.Service()))
	w.people.show(people, s.Server, now)
	w.recent.show(recentRows(people, now))
	w.settings.refresh(s)
	w.callFirst()
}

// callFirst calls whom the command line names, when it is known whether the service answers.
func (w *mainWindow) callFirst() {
	if w.u.first == "" || !w.welcomed || w.u.phone.Service().State == ServiceConnecting {
		return
	}
	name := w.u.first
	w.u.first = ""
	w.call(name)
}

func (w *mainWindow) call(name string) {
	w.show(pagePeople)
	w.people.say("Calling "+name+"…", toneQuiet)
	w.u.startCall(name, func() { w.people.say("", toneQuiet) }, func(why string) { w.people.say(why, toneBad) })
}

func (w *mainWindow) testCall() {
	w.show(pagePeople)
	w.people.say("Starting the test call…", toneQuiet)
	w.u.startCall("", func() { w.people.say("", toneQuiet) }, func(why string) { w.people.say(why, toneBad) })
}
