package app

import (
	"os"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// maxPending bounds the files that wait to be sent at once.
const maxPending = 5

// pendingFile is a file that goes with the next line.
type pendingFile struct {
	path string
	size int64
}

// pendingOf looks at what was chosen or dropped. refused is why it cannot be sent; a sentence.
func pendingOf(path string) (f pendingFile, refused string) {
	name := filepath.Base(path)
	switch info, err := os.Stat(path); {
	case err != nil:
		return f, name + " cannot be read. Look whether it is still there."
	case info.IsDir():
		return f, name + " is a folder. Pack it into one file, and send that."
	case !info.Mode().IsRegular():
		return f, name + " is no file that can be sent."
	default:
		return pendingFile{path, info.Size()}, ""
	}
}

// newPendingLine is one of them above the field, with a button to leave it out.
func newPendingLine(f pendingFile, keys func(*fyne.KeyEvent), out func()) fyne.CanvasObject {
	icon := canvas.NewImageFromResource(theme.File.In(theme.Stage().TextSecond))
	icon.FillMode = canvas.ImageFillContain
	icon.SetMinSize(fyne.NewSquareSize(theme.IconSize))
	name := filepath.Base(f.path)
	words := newLabel(theme.Stage, "", theme.TextSmall, asText).shortened()
	begin, end := beforeEnding(name)
	words.setKeeping(begin, end+" · "+byteSize(f.size))
	shut := newIconButton(theme.Stage, theme.Close, "Leave out "+name, asSecond, out)
	shut.keys = keys
	return container.NewStack(newBackdrop(theme.Stage, asRaised, theme.Corner), container.New(inset{left: theme.CallGap},
		container.New(beside{gap: theme.SpaceInside, right: true}, container.New(beside{gap: theme.SpaceInside}, icon, words), shut)))
}
