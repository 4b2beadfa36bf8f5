package app

import (
	"bytes"
	"image/color"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
	"github.com/go-text/typesetting/font"
)

// emoji is one emoji, as large as its place and in the middle of it. In a line of text Fyne draws those that are narrower than high
// small, at the upper left of their place, and cut at the right; so it is a picture, which comes from the same font.
type emoji struct {
	widget.BaseWidget
	text string
	size float32
}

func newEmoji(text string, size float32) *emoji {
	e := &emoji{text: text, size: size}
	e.ExtendBaseWidget(e)
	return e
}

func (e *emoji) set(text string) {
	if e.text != text {
		e.text = text
		e.Refresh()
	}
}

func (e *emoji) CreateRenderer() fyne.WidgetRenderer {
	picture := canvas.NewImageFromResource(nil)
	picture.FillMode = canvas.ImageFillContain
	letters := canvas.NewText("", color.White) // of what the font has no picture: several joined to one
	d := &drawing{objects: []fyne.CanvasObject{picture, letters}}
	d.least = func() fyne.Size { return fyne.NewSquareSize(e.size) }
	d.arrange = func(size fyne.Size) {
		picture.Resize(size)
		m := letters.MinSize()
		placeCentred(letters, size, m.Width, m.Height)
	}
	d.paint = func() {
		picture.Resource = emojiPicture(e.text)
		picture.Hidden = picture.Resource == nil
		letters.Text, letters.TextSize, letters.Hidden = e.text, e.size*emojiLetters, !picture.Hidden
	}
	return d.start()
}

// emojiLetters is how large letters are in the place of a picture, as a part of its size: a line of them is higher than they are.
const emojiLetters = 0.7

// emojiPicture is the drawing of one emoji; nil: there is none.
func emojiPicture(text string) fyne.Resource {
	text = strings.TrimSuffix(text, asPicture)
	r, size := utf8.DecodeRuneInString(text)
	face := emojiFace()
	if size == 0 || size < len(text) || face == nil {
		return nil
	}
	id, has := face.NominalGlyph(r)
	drawing, is := face.GlyphData(id).(font.GlyphSVG)
	if !has || !is {
		return nil
	}
	return fyne.NewStaticResource("emoji-"+text+".svg", emojiFrame.ReplaceAll(bytes.Clone(drawing.Source), []byte(`viewBox="0 0 $1"`)))
}

// asPicture is the selector after a character that can be a letter or a picture.
const asPicture = "\ufe0f"

// emojiFrame is the frame of a drawing in the font. It says where the line of text is; the drawing itself begins at 0, 0.
var emojiFrame = regexp.MustCompile(`viewBox="\S+ \S+ (\S+ \S+)"`)

// emojiFace is the colour font that Fyne brings along.
var emojiFace = sync.OnceValue(func() *font.Face {
	face, err := font.ParseTTF(bytes.NewReader(fynetheme.DefaultEmojiFont().Content()))
	if err != nil { // then they are drawn as letters
		fyne.LogError("The emoji font cannot be read", err)
		return nil
	}
	return face
})
