package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"sundog.dev/sundog/theme"
)

// iconSpot is an icon to press with the pointer; where it is the only way, iconButton takes keys as well.
type iconSpot struct {
	touchable
	skin skin
	icon theme.Icon
	role role
	// unseen spots take the pointer all the same, and show themselves then.
	unseen bool
}

func newIconSpot(s skin, icon theme.Icon, name string, r role, tapped func()) *iconSpot {
	i := &iconSpot{skin: s, icon: icon, role: r}
	i.tapped, i.name = tapped, name
	i.ExtendBaseWidget(i)
	return i
}

func (i *iconSpot) CreateRenderer() fyne.WidgetRenderer {
	return iconDrawing(i.skin, func() iconState {
		return iconState{icon: i.icon, role: i.role, hovered: i.hovered, unseen: i.unseen && !i.hovered}
	})
}

// iconButton is an icon to press with pointer or keys.
type iconButton struct {
	pressable
	skin skin
	icon theme.Icon
	role role
}

func newIconButton(s skin, icon theme.Icon, name string, r role, tapped func()) *iconButton {
	i := &iconButton{skin: s, icon: icon, role: r}
	i.tapped, i.name = tapped, name
	i.ExtendBaseWidget(i)
	return i
}

func (i *iconButton) setIcon(icon theme.Icon, name string) {
	if i.icon != icon {
		i.icon, i.name = icon, name
		i.Refresh()
	}
}

func (i *iconButton) CreateRenderer() fyne.WidgetRenderer {
	return iconDrawing(i.skin, func() iconState {
		return iconState{icon: i.icon, role: i.role, hovered: i.hovered, focused: i.focused}
	})
}

type iconState struct {
	icon             theme.Icon
	role             role
	hovered, focused bool
	unseen           bool
}

func iconDrawing(s skin, state func() iconState) *drawing {
	disc := canvas.NewCircle(color.Transparent)
	icon := canvas.NewImageFromResource(nil)
	d := &drawing{objects: []fyne.CanvasObject{disc, icon}}
	d.least = func() fyne.Size { return fyne.NewSquareSize(theme.TouchSize) }
	d.arrange = func(size fyne.Size) {
		placeCentred(disc, size, theme.TouchSize, theme.TouchSize)
		placeCentred(icon, size, theme.IconSize, theme.IconSize)
	}
	d.paint = func() {
		now, p := state(), s()
		disc.FillColor, disc.StrokeWidth = color.Transparent, 0
		if now.hovered {
			disc.FillColor = p.Line
		}
		if now.focused {
			disc.StrokeColor, disc.StrokeWidth = p.Accent, theme.FocusWidth
		}
		icon.Hidden = now.unseen
		icon.Resource = now.icon.In(now.role(p))
	}
	return d.start()
}
