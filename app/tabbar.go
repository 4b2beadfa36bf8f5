package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// tabBar chooses the page, at the bottom of the main window.
type tabBar struct {
	content *fyne.Container
	tabs    []*tab
}

const tabHeight = 60

func newTabBar(choose func(int)) *tabBar {
	b := &tabBar{}
	for i, t := range []struct {
		icon theme.Icon
		name string
	}{{theme.Person, "People"}, {theme.Recent, "Recent"}, {theme.Settings, "Settings"}} {
		b.tabs = append(b.tabs, newTab(t.icon, t.name, func() { choose(i) }))
	}
	b.content = container.New(sideBySide{}, b.tabs[0], b.tabs[1], b.tabs[2])
	return b
}

func (b *tabBar) choose(page int) {
	for i, t := range b.tabs {
		if t.chosen != (i == page) {
			t.chosen = i == page
			t.Refresh()
		}
	}
}

// tab is an icon over its name.
type tab struct {
	pressable
	icon   theme.Icon
	text   string
	chosen bool
}

func newTab(icon theme.Icon, text string, tapped func()) *tab {
	t := &tab{icon: icon, text: text}
	t.tapped, t.name = tapped, text
	t.ExtendBaseWidget(t)
	return t
}

func (t *tab) CreateRenderer() fyne.WidgetRenderer {
	fill := canvas.NewRectangle(color.Transparent)
	fill.CornerRadius = theme.Corner
	icon := canvas.NewImageFromResource(nil)
	words := canvas.NewText(t.text, color.Transparent)
	words.TextSize, words.Alignment = theme.TextSmall, fyne.TextAlignCenter
	d := &drawing{objects: []fyne.CanvasObject{fill, icon, words}}
	d.least = func() fyne.Size { return fyne.NewSize(tabHeight, tabHeight) }
	d.arrange = func(size fyne.Size) {
		place(fill, theme.SpaceTight, theme.SpaceTight, size.Width-2*theme.SpaceTight, size.Height-2*theme.SpaceTight)
		place(icon, (size.Width-theme.IconSize)/2, 11, theme.IconSize, theme.IconSize)
		place(words, 0, 34, size.Width, 17)
	}
	d.paint = func() {
		p := theme.Now()
		colour := p.TextSecond
		if t.chosen {
			colour = p.Accent
		}
		fill.FillColor, fill.StrokeWidth = color.Transparent, 0
		if t.hovered {
			fill.FillColor = p.Raised
		}
		if t.focused {
			fill.StrokeColor, fill.StrokeWidth = p.Accent, theme.FocusWidth
		}
		icon.Resource = t.icon.In(colour)
		words.Color, words.TextStyle = colour, fyne.TextStyle{Bold: t.chosen}
	}
	return d.start()
}
