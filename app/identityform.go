package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"fyne.io/fyne/v2"

	"sundog.dev/sundog/theme"
)

// identityForm shows the own key, and moves it to another machine.
type identityForm struct {
	w       *mainWindow
	content *fyne.Container
	key     *fyne.Container
	note    *paragraph
	shown   Identity
}

const identityWhy = "By this key others know that it is you. Read it to somebody, or compare words in a call.\nIt is kept in "

func newIdentityForm(w *mainWindow) *identityForm {
	f := &identityForm{w: w, key: newColumn(0)}
	f.note = newParagraph(theme.Now, "", theme.TextSmall, asSecond)
	f.content = newColumn(theme.SpaceInside, f.key, f.note, choices(
		newButton(theme.Now, "Save to a file…", plainButton, w.exportSheet).low(),
		newButton(theme.Now, "Bring from a file…", plainButton, w.importSheet).low()))
	return f
}

func (f *identityForm) refresh(i Identity) {
	if f.shown == i {
		return
	}
	f.shown = i
	f.key.RemoveAll()
	f.key.Add(newHexLine(theme.Now, expertLine{"Your identity key", i.Key}, func(text string) {
		f.w.u.app.Clipboard().SetContent(text)
		f.say("The key is copied.", toneGood)
	}, nil))
	f.say(identityWhy+i.Kept, toneQuiet)
}

func (f *identityForm) say(text string, t tone) {
	f.note.set(text, t.role())
	if f.w.settings != nil {
		f.w.settings.content.Refresh()
	}
}

const (
	exportText = "Whoever has this file and its passphrase is you, for everybody who knows you. Keep them apart. The people whom you know are in it, too."
	importText = "The key in the file takes the place of yours. Whoever knows you by your present key is warned when you call."
)

// exportSheet writes the own identity into a file.
func (w *mainWindow) exportSheet() {
	path := newField("Where to", nil)
	path.SetText(freePath(documentFolder(), "Sundog identity", identitySuffix))
	first, second := newField("A passphrase", nil), newField("The same once more", nil)
	hint := newParagraph(theme.Now, passphraseHint(""), theme.TextSmall, asSecond)
	note := newParagraph(theme.Now, "", theme.TextSmall, asSecond)
	var s *sheet
	say := sheetNote(note, &s)
	first.Password, second.Password = true, true
	first.OnChanged = func(text string) {
		hint.set(passphraseHint(text), asSecond)
		s.relayout()
	}
	save := func() {
		switch {
		case first.Text == "":
			say("Enter a passphrase first. Without one, whoever finds the file would be you.", toneBad)
			w.win.Canvas().Focus(first)
		case first.Text != second.Text:
			say("The two passphrases differ. Enter the same one twice.", toneBad)
			w.win.Canvas().Focus(second)
		default:
			to, passphrase := path.Text, first.Text
			say("Saving…", toneQuiet)
			w.u.background(func(context.Context) func() {
				err := w.u.phone.ExportIdentity(to, passphrase)
				return func() {
					if err != nil {
						say(err.Error(), toneBad)
						return
					}
					say("Saved as "+to+".", toneGood)
				}
			})
		}
	}
	first.OnSubmitted = func(string) { w.win.Canvas().Focus(second) }
	second.OnSubmitted = func(string) { save() }
	path.OnSubmitted = func(string) { w.win.Canvas().Focus(first) }
	s = w.openSheet("Save your identity", sheetText(exportText), newColumn(theme.SpaceInside, first, hint, second, path), note, choices(
		newButton(theme.Now, "Close", plainButton, func() { s.close() }), newButton(theme.Now, "Save", primaryButton, save)))
}

// importSheet takes an identity out of a file.
func (w *mainWindow) importSheet() {
	path := newField("The file", nil)
	path.SetText(newestFile(identitySuffix, documentFolder(), downloadFolder(), homeFolder()))
	passphrase := newField("Its passphrase", nil)
	passphrase.Password = true
	note := newParagraph(theme.Now, "Enter where the file is, or drop it on this window.", theme.TextSmall, asSecond)
	var s *sheet
	say := sheetNote(note, &s)
	var take *button
	run := func() {
		from, word := path.Text, passphrase.Text
		if from == "" || word == "" {
			say("Enter the file and its passphrase.", toneBad)
			return
		}
		say("Opening the file…", toneQuiet)
		w.u.background(func(context.Context) func() {
			done, err := w.u.phone.ImportIdentity(from, word)
			return func() {
				if err != nil {
					say(err.Error(), toneBad)
					return
				}
				take.setEnabled(false)
				say(importedText(done), toneGood)
				w.refresh()
			}
		})
	}
	path.OnSubmitted = func(string) { w.win.Canvas().Focus(passphrase) }
	passphrase.OnSubmitted = func(string) { run() }
	take = newButton(theme.Now, "Replace my key", dangerButton, run)
	s = w.openSheet("Bring an identity along", sheetText(importText), newColumn(theme.SpaceInside, path, passphrase), note,
		choices(newButton(theme.Now, "Close", plainButton, func() { s.close() }), take))
	w.win.SetOnDropped(func(_ fyne.Position, dropped []fyne.URI) {
		if len(dropped) > 0 && !s.gone {
			path.SetText(dropped[0].Path())
		}
	})
}

func importedText(done Imported) string {
	text := "The identity is here. Close Sundog and start it again to use it."
	if done.People > 0 {
		text = fmt.Sprintf("The identity is here, with %s. Close Sundog and start it again to use it.", counted(done.People, "person", "people"))
	}
	if done.Backup != "" {
		text += " Your former one is saved in " + done.Backup + ", with the same passphrase."
	}
	return text
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "one " + one
	}
	return number(n) + " " + many
}

// sheetNote says something in a sheet that is to be opened.
func sheetNote(note *paragraph, s **sheet) func(string, tone) {
	return func(text string, t tone) {
		note.set(text, t.role())
		(*s).relayout()
	}
}

// identitySuffix is that of files with an identity.
const identitySuffix = ".sundog"

func homeFolder() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return "."
	}
	return home
}

// documentFolder is the user's folder for documents, or else the home folder.
func documentFolder() string { return folderAtHome("Documents") }

func downloadFolder() string { return folderAtHome("Downloads") }

func folderAtHome(name string) string {
	dir := filepath.Join(homeFolder(), name)
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return dir
	}
	return homeFolder()
}

// freePath is a path that no file has yet.
func freePath(dir, name, suffix string) string {
	path := filepath.Join(dir, name+suffix)
	for n := 2; n < 100; n++ {
		if _, err := os.Lstat(path); err != nil {
			return path
		}
		path = filepath.Join(dir, fmt.Sprintf("%s %d%s", name, n, suffix))
	}
	return path
}

// newestFile is the latest file with a suffix in some folders; empty: there is none.
func newestFile(suffix string, dirs ...string) string {
	best, when := "", int64(0)
	for _, dir := range dirs {
		paths, _ := filepath.Glob(filepath.Join(dir, "*"+suffix))
		for _, path := range paths {
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.ModTime().UnixNano() > when {
				best, when = path, info.ModTime().UnixNano()
			}
		}
	}
	return best
}
