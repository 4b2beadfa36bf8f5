package app

import (
	"slices"
	"sort"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"sundog.dev/sundog/theme"
)

// rowList is a list of people under headings that scrolls. Only rows in view are widgets, so that thousands cost no
// more than a page of them. The list has the key focus as a whole, and one of its rows is the current one: Up, Down,
// Page up, Page down, Home and End move it, Enter calls, the menu key offers more, Delete removes.
type rowList struct {
	widget.BaseWidget
	do    rowActions
	items []listItem
	tops  []float32 // of the items, and the end of the last

	scroll  *container.Scroll
	content *fyne.Container
	foot    fyne.CanvasObject // under the last row; may be nil
	shown   map[int]rowWidget // by index
	spare   map[itemKind][]rowWidget

	current int // -1: none
	focused bool
}

// rowActions are what can be done with rows.
type rowActions struct {
	call   func(id string, camera bool)
	more   func(item listItem, at fyne.Position) // offers all that can be done
	remove func(id string)                       // nil: nothing can be removed
	answer func(id string, a Answer)             // of requests
	typed  func(rune)                            // a letter, for the field to search in
}

// rowWidget is a widget that shows an item.
type rowWidget interface {
	fyne.CanvasObject
	kind() itemKind
	show(item listItem, current bool)
}

var _ fyne.Focusable = (*rowList)(nil)

const (
	headingHeight float32 = 36
	requestHeight float32 = theme.RowHeight + theme.TouchSize + theme.SpaceInside
)

func newRowList(do rowActions, foot fyne.CanvasObject) *rowList {
	l := &rowList{do: do, foot: foot, current: -1, shown: map[int]rowWidget{}, spare: map[itemKind][]rowWidget{}, tops: []float32{0}}
	l.content = container.New(rowLayout{l})
	if foot != nil {
		l.content.Add(foot)
	}
	l.scroll = container.NewVScroll(inPage(container.New(inset{theme.SpaceInside, 0, theme.SpaceInside, theme.SpaceBetween}, l.content)))
	l.scroll.OnScrolled = func(fyne.Position) { l.update() }
	l.ExtendBaseWidget(l)
	return l
}

// show changes the rows to these. Rows that stay the same are not painted again; the current one stays so wherever it moves.
func (l *rowList) show(items []listItem) {
	if slices.Equal(l.items, items) {
		return
	}
	was := listItem{}
	if l.current >= 0 {
		was = l.items[l.current]
	}
	l.items = items
	l.tops = make([]float32, 1, len(items)+1)
	for _, item := range items {
		l.tops = append(l.tops, l.tops[len(l.tops)-1]+item.height())
	}
	l.current = slices.IndexFunc(items, func(item listItem) bool {
		return was.kind != headingItem && item.kind == was.kind && item.row.id == was.row.id
	})
	if l.focused && l.current < 0 {
		l.current = l.next(-1, 1)
	}
	for i := range l.shown {
		if i >= len(items) || items[i].kind != l.shown[i].kind() {
			l.put(i)
		}
	}
	l.update()
	l.scroll.Refresh()
	l.update() // the offset may be another one now
}

func (i listItem) height() float32 {
	switch i.kind {
	case headingItem:
		return headingHeight
	case requestItem:
		return requestHeight
	}
	return theme.RowHeight
}

// put takes a row's widget out of the view, to be used for another.
func (l *rowList) put(i int) {
	w := l.shown[i]
	delete(l.shown, i)
	l.spare[w.kind()] = append(l.spare[w.kind()], w)
}

func (l *rowList) take(kind itemKind) rowWidget {
	if n := len(l.spare[kind]); n > 0 {
		w := l.spare[kind][n-1]
		l.spare[kind] = l.spare[kind][:n-1]
		return w
	}
	switch kind {
	case headingItem:
		return newHeadingLine()
	case requestItem:
		return newRequestLine(l)
	}
	return newPersonLine(l)
}

// inView is the first item that is seen and the one behind the last.
func (l *rowList) inView() (first, end int) {
	top, height := l.scroll.Offset.Y, l.scroll.Size().Height
	first = sort.Search(len(l.items), func(i int) bool { return l.tops[i+1] > top })
	end = sort.Search(len(l.items), func(i int) bool { return l.tops[i] >= top+height })
	return first, end
}

// update gives each row in view its widget, and no other.
func (l *rowList) update() {
	first, end := l.inView()
	for i := range l.shown {
		if i < first || i >= end {
			l.put(i)
		}
	}
	var objects []fyne.CanvasObject // from the top down, for the Tab key
	for i := first; i < end; i++ {
		w := l.shown[i]
		if w == nil {
			w = l.take(l.items[i].kind)
			l.shown[i] = w
		}
		w.show(l.items[i], l.focused && i == l.current)
		objects = append(objects, w)
	}
	if l.foot != nil {
		objects = append(objects, l.foot)
	}
	l.content.Objects = objects
	l.content.Layout.Layout(objects, l.content.Size())
	l.content.Refresh()
}

// rowLayout puts rows where they belong, and the foot below.
type rowLayout struct{ list *rowList }

func (r rowLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	l := r.list
	for i, w := range l.shown {
		place(w, 0, l.tops[i], size.Width, l.tops[i+1]-l.tops[i])
	}
	if l.foot != nil {
		place(l.foot, 0, l.tops[len(l.items)]+theme.SpaceInside, size.Width, l.foot.MinSize().Height)
	}
}

func (r rowLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	height := r.list.tops[len(r.list.items)]
	if f := r.list.foot; f != nil && f.Visible() {
		height += theme.SpaceInside + f.MinSize().Height
	}
	return fyne.NewSize(200, height)
}

// next is the row before or after i that is no heading; i where there is none.
func (l *rowList) next(i, step int) int {
	for at := i + step; at >= 0 && at < len(l.items); at += step {
		if l.items[at].kind != headingItem {
			return at
		}
	}
	return i
}

// choose makes a row the current one and scrolls to it.
func (l *rowList) choose(i int) {
	if i < 0 || i >= len(l.items) {
		return
	}
	l.current = i
	top, bottom := l.tops[i], l.tops[i+1]
	if i > 0 && l.items[i-1].kind == headingItem {
		top = l.tops[i-1] // with its heading
	}
	height := l.scroll.Size().Height
	switch at := l.scroll.Offset.Y; {
	case top < at:
		l.scroll.ScrollToOffset(fyne.NewPos(0, top))
	case bottom > at+height:
		l.scroll.ScrollToOffset(fyne.NewPos(0, bottom-height))
	}
	l.update()
}

// indexOf is the row of a widget; -1: none any more.
func (l *rowList) indexOf(w rowWidget) int {
	for i, shown := range l.shown {
		if shown == w {
			return i
		}
	}
	return -1
}

// tapped makes a row the current one and gives the list the keys.
func (l *rowList) tapped(w rowWidget) {
	i := l.indexOf(w)
	if c := fyne.CurrentApp().Driver().CanvasForObject(l); c != nil && i >= 0 {
		l.current = i
		c.Focus(l)
		l.update()
	}
}

// FocusGained is called by the driver.
func (l *rowList) FocusGained() {
	l.focused = true
	if l.current < 0 {
		l.current = l.next(-1, 1)
	}
	l.update()
}

// FocusLost is called by the driver.
func (l *rowList) FocusLost() {
	l.focused = false
	l.update()
}

// TypedRune is called by the driver: whoever types a letter wants to search.
func (l *rowList) TypedRune(r rune) {
	if l.do.typed != nil && r > ' ' {
		l.do.typed(r)
	}
}

// TypedKey is called by the driver.
func (l *rowList) TypedKey(e *fyne.KeyEvent) {
	page := max(int(l.scroll.Size().Height/theme.RowHeight)-1, 1)
	switch e.Name {
	case fyne.KeyDown:
		l.choose(l.next(l.current, 1))
	case fyne.KeyUp:
		l.choose(l.next(l.current, -1))
	case fyne.KeyPageDown:
		l.choose(l.next(min(l.current+page, len(l.items))-1, 1))
	case fyne.KeyPageUp:
		l.choose(l.next(max(l.current-page, -1)+1, -1))
		if l.current >= 0 && l.items[l.current].kind == headingItem {
			l.choose(l.next(l.current, 1))
		}
	case fyne.KeyHome:
		l.choose(l.next(-1, 1))
	case fyne.KeyEnd:
		l.choose(l.next(len(l.items), -1))
	default:
		if l.current >= 0 && l.current < len(l.items) {
			l.act(e.Name, l.items[l.current])
		}
	}
}

// act does what a key says to the current row.
func (l *rowList) act(key fyne.KeyName, item listItem) {
	switch key {
	case fyne.KeyReturn, fyne.KeyEnter:
		if item.kind == requestItem {
			l.do.more(item, l.under(l.current))
			return
		}
		l.do.call(item.row.id, true)
	case desktop.KeyMenu, fyne.KeySpace:
		l.do.more(item, l.under(l.current))
	case fyne.KeyDelete:
		if l.do.remove != nil && item.kind == personItem {
			l.do.remove(item.row.id)
		}
	}
}

// under is where a row's menu opens for the keys.
func (l *rowList) under(i int) fyne.Position {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(l.content)
	return at.AddXY(theme.AvatarSize+theme.SpaceBetween, l.tops[i]+theme.RowHeight-theme.SpaceInside)
}

// AccessibilityLabel is the name for screen readers.
func (l *rowList) AccessibilityLabel() string {
	if l.current >= 0 && l.current < len(l.items) {
		return l.items[l.current].row.name
	}
	return "People"
}

// AccessibilityRole is that of a list's chosen row.
func (l *rowList) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

func (l *rowList) CreateRenderer() fyne.WidgetRenderer {
	d := &drawing{objects: []fyne.CanvasObject{l.scroll}}
	d.least = l.scroll.MinSize
	d.arrange = func(size fyne.Size) {
		l.scroll.Resize(size)
		l.update()
	}
	d.paint = func() {}
	return d
}
