package app

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// serviceForm is where one enters a service. It is tried before it is kept; a wrong address is told in place.
type serviceForm struct {
	w         *mainWindow
	content   *fyne.Container
	server    *field
	directory *field
	advanced  *fyne.Container
	more      *button
	save      *button
	stop      *button
	note      *paragraph
	progress  *dots
	cancel    context.CancelFunc // of the check that runs; nil: none
	shown     Settings           // as last put into the fields
}

const serviceWhy = "A service lets others find and call you. Sound and picture never pass through it."

func newServiceForm(w *mainWindow) *serviceForm {
	f := &serviceForm{w: w}
	f.server = newField("example.org", func(string) { f.check() })
	f.directory = newField("http://example.org:8035", func(string) { f.check() })
	for _, e := range []*field{f.server, f.directory} {
		e.shortcut = w.keys.typed
		e.OnChanged = func(string) { f.changed() }
	}
	f.more = newButton(theme.Now, "Advanced", quietButton, f.toggle)
	f.save = newButton(theme.Now, "Check and save", primaryButton, f.check)
	f.stop = newButton(theme.Now, "Cancel", plainButton, f.stopCheck)
	f.stop.Hide()
	f.note = newParagraph(theme.Now, serviceWhy, theme.TextSmall, asSecond)
	f.progress = newDots(theme.Now)
	f.progress.Hide()
	f.advanced = newColumn(theme.SpaceTight,
		newLabel(theme.Now, "Directory, if it is not on the service’s own host", theme.TextSmall, asSecond), f.directory)
	f.advanced.Hide()
	f.content = newColumn(theme.SpaceInside, f.server, f.note, f.advanced, newGap(0),
		container.New(sideBySide{gap: theme.SpaceInside, pack: true}, f.save, f.stop, f.progress, f.more))
	return f
}

func (f *serviceForm) focus() { f.w.win.Canvas().Focus(f.server) }

func (f *serviceForm) toggle() {
	setShown(f.advanced, !f.advanced.Visible())
	f.relayout()
}

// relayout lets the page find room for what has changed its height.
func (f *serviceForm) relayout() { f.w.settings.content.Refresh() }

// refresh shows the saved service, unless the fields hold something newer.
func (f *serviceForm) refresh(s Settings) {
	if s.Server == f.shown.Server && s.Directory == f.shown.Directory {
		return
	}
	f.shown = s
	f.server.SetText(s.Server)
	f.directory.SetText("")
	if !derivedDirectory(s.Server, s.Directory) {
		f.directory.SetText(s.Directory)
	}
	f.changed()
}

// changed forgets what was said about another address.
func (f *serviceForm) changed() {
	if f.cancel == nil && f.note.text != serviceWhy {
		f.say(serviceWhy, toneQuiet)
	}
}

func (f *serviceForm) say(text string, t tone) {
	f.note.set(text, t.role())
	f.relayout()
}

// check tries the address, and saves it if a service answers.
func (f *serviceForm) check() {
	if f.cancel != nil {
		return
	}
	server, directory, err := parseService(f.server.Text, f.directory.Text)
	if err != nil {
		f.say(err.Error(), toneBad)
		return
	}
	if server == "" {
		f.keep("", "", "Saved. There is no service now; the test call still works.")
		return
	}
	ctx, cancel := context.WithTimeout(f.w.u.ctx, checkTimeout)
	f.cancel = cancel
	f.busy(true)
	f.say("Trying "+serviceHost(server)+"…", toneQuiet)
	s := f.w.u.phone.Settings()
	s.Server, s.Directory = server, directory
	f.w.u.background(func(context.Context) func() {
		err := f.w.u.phone.TryService(ctx, s)
		stopped := errors.Is(ctx.Err(), context.Canceled)
		late := errors.Is(err, context.DeadlineExceeded)
		cancel()
		return func() {
			f.cancel = nil
			f.busy(false)
			switch {
			case stopped:
				f.say("Stopped. Nothing was changed.", toneQuiet)
			case late:
				f.say("No answer from "+serviceHost(server)+" within 8 seconds. Check the address, or try again later.", toneBad)
			case err != nil:
				f.say(err.Error(), toneBad)
			default:
				f.keep(server, directory, "Saved. "+serviceHost(server)+" answers.")
			}
		}
	})
}

func (f *serviceForm) stopCheck() {
	if f.cancel != nil {
		f.cancel()
	}
}

// busy offers to stop the check in place of another one, and shows that it runs.
func (f *serviceForm) busy(on bool) {
	setShown(f.save, !on)
	setShown(f.stop, on)
	setShown(f.progress, on)
	f.progress.run(on)
}

func (f *serviceForm) keep(server, directory, done string) {
	f.w.u.save(func(s *Settings) { s.Server, s.Directory = server, directory }, func(err error) {
		if err != nil {
			f.say(err.Error(), toneBad)
			return
		}
		f.w.refresh()
		f.say(done, toneGood)
	})
}
