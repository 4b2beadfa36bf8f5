package app

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// tryBox tries what a form holds before it is kept, shows that this runs, lets it be stopped, and tells how it went.
type tryBox struct {
	w        *mainWindow
	why      string // what the form is for, told while there is nothing else to tell
	note     *paragraph
	save     *button
	stop     *button
	progress *dots
	row      *fyne.Container
	cancel   context.CancelFunc // of the try that runs; nil: none
}

// newTryBox makes one. more are buttons beside its own.
func newTryBox(w *mainWindow, why string, check func(), more ...fyne.CanvasObject) *tryBox {
	b := &tryBox{w: w, why: why}
	b.note = newParagraph(theme.Now, why, theme.TextSmall, asSecond)
	b.save = newButton(theme.Now, "Check and save", plainButton, check)
	b.stop = newButton(theme.Now, "Cancel", plainButton, b.stopTry)
	b.stop.Hide()
	b.progress = newDots(theme.Now)
	b.progress.Hide()
	b.row = container.New(sideBySide{gap: theme.SpaceInside, pack: true}, append([]fyne.CanvasObject{b.save, b.stop, b.progress}, more...)...)
	return b
}

func (b *tryBox) busy() bool { return b.cancel != nil }

// changed forgets what was said about something else.
func (b *tryBox) changed() {
	if !b.busy() && b.note.text != b.why {
		b.say(b.why, toneQuiet)
	}
}

func (b *tryBox) say(text string, t tone) {
	b.note.set(text, t.role())
	b.w.settings.content.Refresh()
}

// try signs in to the directory of that kind in s, whose name is where. then runs when it answers as it should.
func (b *tryBox) try(k DirectoryKind, s Settings, where string, then func()) {
	ctx, cancel := context.WithTimeout(b.w.u.ctx, checkTimeout)
	b.cancel = cancel
	b.show(true)
	b.say("Trying "+where+"…", toneQuiet)
	b.w.u.background(func(context.Context) func() {
		err := b.w.u.phone.Try(ctx, k, s)
		stopped := errors.Is(ctx.Err(), context.Canceled)
		late := errors.Is(err, context.DeadlineExceeded)
		cancel()
		return func() {
			b.cancel = nil
			b.show(false)
			switch {
			case stopped:
				b.say("Stopped. Nothing was changed.", toneQuiet)
			case late:
				b.say("No answer from "+where+" within 8 seconds. Check the address, or try again later.", toneBad)
			case err != nil:
				b.say(err.Error(), toneBad)
			default:
				then()
			}
		}
	})
}

func (b *tryBox) stopTry() {
	if b.cancel != nil {
		b.cancel()
	}
}

// show offers to stop the try in place of another one, and shows that it runs.
func (b *tryBox) show(busy bool) {
	setShown(b.save, !busy)
	setShown(b.stop, busy)
	setShown(b.progress, busy)
	b.progress.run(busy)
}

// keep saves a change of the settings.
func (b *tryBox) keep(change func(*Settings), done string) {
	b.w.u.save(change, func(err error) {
		if err != nil {
			b.say(err.Error(), toneBad)
			return
		}
		b.w.refresh()
		b.say(done, toneGood)
	})
}
