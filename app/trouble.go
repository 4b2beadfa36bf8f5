package app

import (
	"context"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// trouble is a small window that says why there is no phone, for whoever has started Sundog from a menu and sees nothing else of it.
// It has one goroutine while it tries again; RunTroubled awaits that, since it may bring a phone after the window has gone.
type trouble struct {
	win    fyne.Window
	text   *paragraph
	retry  *button
	trying sync.WaitGroup
}

const (
	troubleWidth  = 440
	troubleHeight = 300
)

// newTrouble makes it. again tries once more, off the UI thread that post leads to; opened takes the phone that this brings.
func newTrouble(a fyne.App, why error, again func() (Phone, error), post func(func()), opened func(Phone)) *trouble {
	t := &trouble{win: a.NewWindow("Sundog")}
	t.win.SetPadded(false)
	t.text = newParagraph(theme.Now, why.Error(), theme.TextBody, asText)
	t.retry = newButton(theme.Now, "Try again", primaryButton, func() {
		t.retry.setEnabled(false)
		t.retry.setText("Trying…")
		t.trying.Go(func() {
			phone, err := again()
			post(func() {
				if err == nil {
					opened(phone) // before this window goes, since the last one to go ends the program
					t.win.Close()
					return
				}
				t.text.set(err.Error(), asText)
				t.retry.setEnabled(true)
				t.retry.setText("Try again")
				t.win.Content().Refresh()
			})
		})
	})
	scroll := container.NewVScroll(container.New(inset{right: sheetMargin}, t.text))
	t.win.SetContent(container.NewStack(newBackdrop(theme.Now, asWindow, 0), padded(theme.SpaceAround, framed(
		newParagraph(theme.Now, "Sundog cannot start", theme.TextHeading, toneBad.role()).strong(),
		container.New(inset{top: theme.SpaceInside}, scroll),
		choices(newButton(theme.Now, "Quit", plainButton, a.Quit), t.retry)))))
	t.win.Resize(fyne.NewSize(troubleWidth, troubleHeight))
	t.win.CenterOnScreen()
	t.win.Canvas().Focus(t.retry)
	return t
}

// RunTroubled shows why there is no phone, until the user quits or again brings one, which it then serves as Run does.
func RunTroubled(ctx context.Context, why error, again func() (Phone, error), o Options) error {
	var t *trouble
	defer func() {
		if t != nil {
			t.trying.Wait()
		}
	}()
	return run(ctx, theme.ChoiceSystem, o, func(a fyne.App, open func(Phone)) {
		t = newTrouble(a, why, again, fyne.Do, open)
		t.win.Show()
	})
}
