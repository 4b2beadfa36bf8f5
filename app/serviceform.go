package app

import (
	"fyne.io/fyne/v2"

	"sundog.dev/sundog/theme"
)

// serviceForm is where one enters a service. It is tried before it is kept; a wrong address is told in place.
type serviceForm struct {
	*tryBox
	content   *fyne.Container
	server    *field
	directory *field
	advanced  *fyne.Container
	more      *button
	shown     Settings // as last put into the fields
}

const serviceWhy = "A service, such as your club’s or school’s, lets others find you from anywhere. It learns your name and when you are there. Sound and picture never pass through it."

func newServiceForm(w *mainWindow) *serviceForm {
	f := &serviceForm{}
	f.server = newField("example.org", func(string) { f.check() })
	f.directory = newField("http://example.org:8035", func(string) { f.check() })
	f.more = newButton(theme.Now, "Advanced", quietButton, f.toggle)
	f.tryBox = newTryBox(w, serviceWhy, f.check, f.more)
	for _, e := range []*field{f.server, f.directory} {
		e.shortcut = w.keys.typed
		e.OnChanged = func(string) { f.changed() }
	}
	f.advanced = captioned("Directory, if it is not on the service’s own host", f.directory)
	f.advanced.Hide()
	f.content = newColumn(theme.SpaceInside, formTitle("A service"), f.server, f.note, f.advanced, newGap(0), f.row)
	return f
}

func (f *serviceForm) toggle() {
	setShown(f.advanced, !f.advanced.Visible())
	f.w.settings.content.Refresh()
}

// refresh shows the saved service, unless the fields hold something newer.
func (f *serviceForm) refresh(s Settings) {
	if s.Server == f.shown.Server && s.Directory == f.shown.Directory {
		return
	}
	f.shown = s
	f.server.SetText(s.Server)
	f.directory.SetText("")
	if s.Directory != ownDirectory(s.Server) {
		f.directory.SetText(s.Directory)
	}
	f.changed()
}

// check tries the address, and saves it if a service answers.
func (f *serviceForm) check() {
	if f.busy() {
		return
	}
	server, directory, err := parseService(f.server.Text, f.directory.Text)
	if err != nil {
		f.say(err.Error(), toneBad)
		return
	}
	keep := func(done string) {
		f.keep(func(s *Settings) { s.Server, s.Directory = server, directory }, done)
	}
	if server == "" {
		keep("Saved. There is no service now.")
		return
	}
	s := f.w.u.phone.Settings()
	s.Server, s.Directory = server, directory
	f.try(Service, s, serviceHost(server), func() { keep("Saved. " + serviceHost(server) + " answers.") })
}
