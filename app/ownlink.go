package app

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sundog.dev/sundog/theme"
)

const (
	// quietZone is the space around a QR code, in modules (ISO/IEC 18004 §5.3.8).
	quietZone = 4
	// savedModule is the size of a module in a saved picture, in pixels: enough to be printed.
	savedModule = 12
	// widestCode is the most that a code takes on the screen, with its quiet zone.
	widestCode = 288
)

const (
	ownLinkText       = "Whoever has this link can call you. Send it, or let them scan the code from this screen or from a picture of it."
	ownLinkNearbyText = "Whoever has this link can call you while you are on the same network. To be called from elsewhere, add a service in Settings."
)

// ownLinkSheet shows the own link.
func (w *mainWindow) ownLinkSheet() {
	link, err := w.u.phone.OwnLink()
	if err != nil {
		w.openSheet("Your link", newParagraph(theme.Now, err.Error(), theme.TextBody, toneBad.role()))
		return
	}
	text := ownLinkText
	if link.Nearby {
		text = ownLinkNearbyText
	}
	note := newParagraph(theme.Now, text, theme.TextSmall, asSecond)
	var s *sheet
	say := func(text string, t tone) {
		note.set(text, t.role())
		s.relayout()
	}
	copyIt := newButton(theme.Now, "Copy link", primaryButton, func() {
		w.u.app.Clipboard().SetContent(link.Text)
		say("The link is copied.", toneGood)
	}).withIcon(theme.Copy)
	save := newButton(theme.Now, "Save picture", plainButton, func() { w.saveCode(link, say) }).withIcon(theme.Save)
	s = w.openSheet("Your link",
		container.New(centred{}, newQRCode(link.QR)),
		newLabel(theme.Now, link.Text, theme.TextSmall, asText).shortened(),
		note, choices(copyIt, save))
}

// saveCode writes the code as a picture into the user's pictures, or else the home folder.
func (w *mainWindow) saveCode(link Link, say func(string, tone)) {
	w.u.background(func(context.Context) func() {
		path, err := writeCode(pictureFolder(), link.QR)
		return func() {
			if err != nil {
				say("The picture could not be saved: "+err.Error()+".", toneBad)
				return
			}
			say("Saved as "+path+".", toneGood)
		}
	})
}

func pictureFolder() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return "."
	}
	pictures := filepath.Join(home, "Pictures")
	if info, err := os.Stat(pictures); err == nil && info.IsDir() {
		return pictures
	}
	return home
}

// writeCode saves a code under a name of its own, over the one that was saved before.
func writeCode(dir string, modules [][]bool) (string, error) {
	var b bytes.Buffer
	if err := png.Encode(&b, codeImage(modules, savedModule)); err != nil {
		return "", err
	}
	path := filepath.Join(dir, "Sundog link.png")
	return path, os.WriteFile(path, b.Bytes(), 0o644)
}

// codeImage paints a code black on white, each module so many pixels wide, with the quiet space around.
func codeImage(modules [][]bool, module int) image.Image {
	side := (len(modules) + 2*quietZone) * module
	img := image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.White, color.Black})
	for y, row := range modules {
		for x, dark := range row {
			if !dark {
				continue
			}
			left, top := (x+quietZone)*module, (y+quietZone)*module
			for i := range module * module {
				img.SetColorIndex(left+i%module, top+i/module, 1)
			}
		}
	}
	return img
}

// qrCode shows a code on a white card, in both themes: scanners want dark on light. Its modules fall on whole pixels of
// the screen, so that their edges are sharp.
type qrCode struct {
	widget.BaseWidget
	modules [][]bool
}

func newQRCode(modules [][]bool) *qrCode {
	q := &qrCode{modules: modules}
	q.ExtendBaseWidget(q)
	return q
}

func (q *qrCode) CreateRenderer() fyne.WidgetRenderer {
	card := canvas.NewRectangle(color.White)
	card.CornerRadius = theme.Corner
	code := canvas.NewRaster(q.paint)
	code.ScaleMode = canvas.ImageScalePixels
	d := &drawing{objects: []fyne.CanvasObject{card, code}}
	d.least = func() fyne.Size {
		across := len(q.modules) + 2*quietZone
		return fyne.NewSquareSize(float32(across * (widestCode / across)))
	}
	d.arrange = func(size fyne.Size) {
		card.Resize(size)
		code.Resize(size)
	}
	d.paint = func() {}
	return d
}

// paint draws the code as large as fits in whole pixels, in the middle.
func (q *qrCode) paint(w, h int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	n := len(q.modules)
	if n == 0 {
		return img
	}
	module := min(w, h) / (n + 2*quietZone)
	left, top := (w-n*module)/2, (h-n*module)/2
	for y, row := range q.modules {
		for x, dark := range row {
			if !dark {
				continue
			}
			for i := range module * module {
				img.SetNRGBA(left+x*module+i%module, top+y*module+i/module, color.NRGBA{A: 0xFF})
			}
		}
	}
	return img
}

// centred puts an object of its own size in the middle.
type centred struct{}

func (centred) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		m := o.MinSize()
		placeCentred(o, size, m.Width, m.Height)
	}
}

func (centred) MinSize(objects []fyne.CanvasObject) fyne.Size { return inset{}.MinSize(objects) }
