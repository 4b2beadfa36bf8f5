package app

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"sundog.dev/sundog/theme"
)

// line is the widget of a person in view.
func (l *rowList) line(name string) *personLine {
	for _, w := range l.shown {
		if p, ok := w.(*personLine); ok && p.row.name == name {
			return p
		}
	}
	panic("nobody in view is called " + name)
}

func withThousands(p *fakePhone) {
	for i := range 5000 {
		p.people = append(p.people, Person{ID: fmt.Sprint(i), Name: fmt.Sprintf("Contact %04d", i), Contact: true})
	}
}

func TestOnlyRowsInViewAreWidgets(t *testing.T) {
	d := newDesk(t, withThousands)
	l := d.ui.main.people.list
	const most = mainHeight/int(theme.RowHeight) + 2
	for _, at := range []float32{0, 100, 150_000, 1e9, 0} {
		l.scroll.ScrollToOffset(fyne.NewPos(0, at))
		if got := len(l.shown); got == 0 || got > most {
			t.Errorf("at %v there are %d rows", at, got)
		}
		for i, w := range l.shown {
			if y := w.Position().Y; y != l.tops[i] {
				t.Errorf("row %d is at %v, not at %v", i, y, l.tops[i])
			}
		}
	}
	if got := len(l.spare[personItem]) + len(l.shown); got > 2*most {
		t.Errorf("%d widgets were made", got)
	}
}

func TestKeysMoveThroughTheListAndItScrollsAlong(t *testing.T) {
	d := newDesk(t, withThousands)
	w, l := d.ui.main.win, d.ui.main.people.list
	press(w, fyne.KeyDown) // from the field
	if w.Canvas().Focused() != fyne.Focusable(l) {
		t.Fatalf("Down leads to %T", w.Canvas().Focused())
	}
	for _, c := range []struct {
		key  fyne.KeyName
		want string
	}{
		{fyne.KeyDown, "Contact 0001"},
		{fyne.KeyUp, "Contact 0000"},
		{fyne.KeyUp, "Contact 0000"},
		{fyne.KeyEnd, "Contact 4999"},
		{fyne.KeyDown, "Contact 4999"},
		{fyne.KeyHome, "Contact 0000"},
		{fyne.KeyPageDown, "Contact 0006"},
		{fyne.KeyPageUp, "Contact 0000"},
	} {
		press(w, c.key)
		if got := l.items[l.current].row.name; got != c.want {
			t.Errorf("%s leads to %q, want %q", c.key, got, c.want)
		}
		if line := l.line(c.want); !line.current {
			t.Errorf("%s: the row does not show that it is meant", c.key)
		}
	}
	press(w, fyne.KeyReturn)
	if c := d.theCall(); c.view.name != "Contact 0000" {
		t.Errorf("Enter calls %q", c.view.name)
	}
}

func TestTheCurrentRowStaysSoWhileOthersComeAndGo(t *testing.T) {
	d := newDesk(t, withPeople)
	w, l := d.ui.main.win, d.ui.main.people.list
	press(w, fyne.KeyDown)
	for l.items[l.current].row.id != "dana" {
		press(w, fyne.KeyDown)
	}
	d.phone.set(func(p *fakePhone) {
		for i := range 300 {
			p.people = append(p.people, Person{ID: fmt.Sprint(i), Name: fmt.Sprintf("Anna %d", i), Nearby: true})
		}
	})
	d.until("they are there", func() bool { return len(l.items) > 300 })
	if got := l.items[l.current].row.id; got != "dana" {
		t.Errorf("the current row is %q now", got)
	}
}

func TestALetterTypedInTheListSearches(t *testing.T) {
	d := newDesk(t, withPeople)
	w := d.ui.main.win
	press(w, fyne.KeyDown)
	w.Canvas().Focused().TypedRune('d')
	if p := d.ui.main.people; w.Canvas().Focused() != fyne.Focusable(p.search) || p.search.Text != "d" {
		t.Errorf("the field holds %q", p.search.Text)
	}
}

func BenchmarkScrollThroughThousands(b *testing.B) {
	test.NewTempApp(b)
	b.ReportAllocs()
	l := newRowList(rowActions{}, nil)
	var items []listItem
	for i := range 5000 {
		items = append(items, listItem{kind: personItem, row: personRow{id: fmt.Sprint(i), name: fmt.Sprint(i)}})
	}
	l.show(items)
	l.Resize(fyne.NewSize(mainWidth, mainHeight))
	for b.Loop() {
		l.scroll.ScrollToOffset(fyne.NewPos(0, 1000))
		l.scroll.ScrollToOffset(fyne.NewPos(0, 2000))
	}
}
