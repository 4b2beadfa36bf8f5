package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sundog.dev/sundog/theme"
)

// sheets is where sheets are opened: a window, with its shortcuts and the colours that its sheets have.
type sheets struct {
	win   fyne.Window
	keys  *shortcuts
	skin  skin
	sheet *sheet // nil: none is open
}

// sheet is a card over a window, for one thing at a time. Escape and a click beside it close it, and the focus
// goes back to where it was.
type sheet struct {
	w       *sheets
	root    *fyne.Container
	shut    *iconButton
	body    *fyne.Container
	scroll  *container.Scroll
	before  fyne.Focusable
	gone    bool
	title   *paragraph
	head    *fyne.Container
	width   float32 // the most that it takes
	refresh func()  // shows what the phone knows now; may be nil
}

const (
	sheetWidth = 360
	// wideSheet is for much text with choices: all of it is seen at once in a call's window.
	wideSheet = 620
	// sheetMargin is right of what a sheet scrolls; the scroll bar has the rest of the space at its side for itself.
	sheetMargin = theme.SpaceBetween - theme.SpaceTight
)

// openSheet shows a sheet in place of the one that may be open.
func (w *sheets) openSheet(title string, objects ...fyne.CanvasObject) *sheet {
	return w.openSheetOf(sheetWidth, title, objects...)
}

// openSheetOf is openSheet for another width.
func (w *sheets) openSheetOf(width float32, title string, objects ...fyne.CanvasObject) *sheet {
	if w.sheet != nil {
		w.sheet.close()
	}
	s := &sheet{w: w, width: width, before: w.win.Canvas().Focused()}
	w.win.Canvas().Unfocus()
	s.shut = newIconButton(w.skin, theme.Close, "Close", asSecond, s.close)
	s.body = newColumn(theme.CallGap, objects...)
	s.title = newParagraph(w.skin, title, theme.TextHeading, asText).strong()
	s.head = container.New(beside{gap: theme.SpaceInside, right: true}, s.title, s.shut)
	s.scroll = container.NewVScroll(container.New(inset{right: sheetMargin, bottom: theme.SpaceTight}, s.body))
	card := container.NewStack(newBackdrop(w.skin, asSurface, theme.Corner+2),
		container.New(inset{theme.SpaceBetween, theme.SpaceBetween, theme.SpaceTight, theme.SpaceBetween},
			framed(container.New(inset{right: sheetMargin, bottom: theme.SpaceInside}, s.head), s.scroll, nil)))
	reveal(s.body, s.scroll)
	s.root = container.New(sheetLayout{s}, newShade(s.close), card)
	s.hearEscape(s.root)
	w.sheet = s
	w.win.Canvas().Overlays().Add(s.root)
	s.focusFirst()
	return s
}

// warn colours the title: something is not as it should be.
func (s *sheet) warn() { s.title.set(s.title.text, toneBad.role()) }

// focusFirst puts the focus on the first thing of the body that takes it.
func (s *sheet) focusFirst() {
	first := firstFocusable(s.body)
	if first == nil {
		first = s.shut
	}
	s.w.win.Canvas().Focus(first)
}

// hearEscape lets Escape close the sheet from wherever in it the focus is.
func (s *sheet) hearEscape(o fyne.CanvasObject) {
	switch o := o.(type) {
	case *fyne.Container:
		for _, o := range o.Objects {
			s.hearEscape(o)
		}
	case *container.Scroll:
		s.hearEscape(o.Content)
	case *field:
		o.escaped = s.close
		o.shortcut = s.w.keys.typed
	case interface{ escapes(func()) }:
		o.escapes(s.close)
	}
}

func (s *sheet) close() {
	if s.gone {
		return
	}
	s.gone = true
	s.w.sheet = nil
	c := s.w.win.Canvas()
	c.Overlays().Remove(s.root)
	if s.before != nil {
		c.Focus(s.before)
	}
}

// relayout finds room for what has changed its height.
func (s *sheet) relayout() {
	s.body.Refresh()
	s.root.Layout.Layout(s.root.Objects, s.root.Size())
	s.root.Refresh()
}

// sheetLayout puts the shade everywhere and the card in the middle, as high as it has to be.
type sheetLayout struct{ s *sheet }

func (l sheetLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Resize(size)
	width := min(size.Width-2*theme.SpaceBetween, l.s.width)
	card := objects[1]
	inner := width - 2*theme.SpaceBetween
	l.s.body.Resize(fyne.NewSize(inner, l.s.body.MinSize().Height)) // so that paragraphs know their lines
	l.s.title.Resize(fyne.NewSize(width-2*theme.SpaceBetween-theme.TouchSize-theme.SpaceInside, 0))
	head := max(theme.TouchSize, l.s.title.MinSize().Height) + theme.SpaceInside
	height := l.s.body.MinSize().Height + theme.SpaceTight + head + theme.SpaceTight + 2*theme.SpaceBetween
	height = min(height, size.Height-2*theme.SpaceBetween)
	place(card, (size.Width-width)/2, (size.Height-height)/2, width, height)
}

func (l sheetLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(200, 200) }

// shade darkens what lies behind a sheet, and closes it when clicked.
type shade struct {
	widget.BaseWidget
	tapped func()
}

func newShade(tapped func()) *shade {
	s := &shade{tapped: tapped}
	s.ExtendBaseWidget(s)
	return s
}

// Tapped is called by the driver.
func (s *shade) Tapped(*fyne.PointEvent) { s.tapped() }

func (s *shade) CreateRenderer() fyne.WidgetRenderer {
	area := canvas.NewRectangle(color.Transparent)
	d := &drawing{objects: []fyne.CanvasObject{area}}
	d.least = func() fyne.Size { return fyne.Size{} }
	d.arrange = func(size fyne.Size) { area.Resize(size) }
	d.paint = func() { area.FillColor = theme.Shade(theme.Stage().Window, shadeOpacity) }
	return d.start()
}

// shadeOpacity leaves what is behind recognizable, and plainly behind.
const shadeOpacity = 0.55
