package app

import (
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// maxName is how many letters a name may have: more would not fit any list or directory.
const maxName = 64

// welcome asks for a name at first start.
type welcome struct {
	w    *mainWindow
	name *field
	note *paragraph
	next *button
}

const (
	aboutSundog = "Sundog is a video phone. People call each other directly, and no server sees their sound and picture."
	worksAtOnce = "It works on this network at once: people here see this name and can call you. Settings adds ways to be found from elsewhere."
)

func newWelcome(w *mainWindow) *welcome {
	s := &welcome{w: w}
	s.name = newField("Your name", func(string) { s.enter() })
	s.name.OnChanged = func(string) { s.say("") }
	s.note = newParagraph(theme.Now, "", theme.TextSmall, toneBad.role())
	s.next = newButton(theme.Now, "Continue", primaryButton, s.enter)
	sun := canvas.NewImageFromResource(theme.AppIcon())
	sun.FillMode = canvas.ImageFillContain
	sun.SetMinSize(fyne.NewSquareSize(88))
	w.win.SetContent(container.NewStack(newBackdrop(theme.Now, asWindow, 0), padded(theme.SpaceAround,
		container.New(column{gap: theme.SpaceBetween, widest: 340, middle: true},
			sun,
			newLabel(theme.Now, "Welcome to Sundog", theme.TextLarge, asText).strong().centred(),
			newParagraph(theme.Now, aboutSundog, theme.TextBody, asSecond).centred(),
			newGap(theme.SpaceInside),
			newColumn(theme.SpaceTight, newLabel(theme.Now, "The name that others see", theme.TextSmall, asSecond), s.name, s.note),
			s.next,
			newParagraph(theme.Now, worksAtOnce, theme.TextSmall, asSecond).centred(),
		))))
	w.win.Canvas().Focus(s.name)
	return s
}

func (s *welcome) say(why string) {
	if s.note.text != why {
		s.note.set(why, toneBad.role())
	}
}

func (s *welcome) enter() {
	name, err := checkName(s.name.Text)
	if err != nil {
		s.say(err.Error())
		s.w.win.Canvas().Focus(s.name)
		return
	}
	s.next.setEnabled(false)
	s.w.u.save(func(set *Settings) { set.Name = name }, func(err error) {
		s.next.setEnabled(true)
		if err != nil {
			s.say(err.Error())
			return
		}
		s.w.enter()
	})
}

// checkName tidies a name; its error is a sentence.
func checkName(typed string) (string, error) {
	name := strings.Join(strings.Fields(typed), " ")
	switch {
	case name == "":
		return "", sentence("Enter a name first; it can be changed later.")
	case len([]rune(name)) > maxName:
		return "", sentence("That name is longer than a list can show. Take a shorter one.")
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsGraphic(r) }):
		return "", sentence("That name has a character that not every list can show, as some emoji have. Leave it out.")
	}
	return name, nil
}

// newGap is empty space.
func newGap(height float32) fyne.CanvasObject {
	gap := newBackdrop(theme.Now, asWindow, 0)
	gap.least = fyne.NewSize(1, height)
	return gap
}
