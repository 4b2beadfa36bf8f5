package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"sundog.dev/sundog/theme"
)

// markIcon is a mark beside a name. Without one it takes no room.
type markIcon struct {
	widget.BaseWidget
	skin skin
	mark mark
}

const markSize float32 = 16

func newMarkIcon(s skin) *markIcon {
	m := &markIcon{skin: s}
	m.ExtendBaseWidget(m)
	m.Hide()
	return m
}

func (m *markIcon) set(k mark) {
	if m.mark != k {
		m.mark = k
		m.Refresh()
	}
	setShown(m, k != noMark)
}

// icon is a mark's drawing and its colour.
func (k mark) icon() (theme.Icon, role) {
	switch k {
	case verifiedMark:
		return theme.Verified, toneGood.role()
	case warningMark:
		return theme.Warning, toneWaiting.role()
	case changedMark:
		return theme.Warning, toneBad.role()
	}
	return "", asSecond
}

// tone is that of a line beside a mark.
func (k mark) tone() tone {
	return map[mark]tone{verifiedMark: toneGood, warningMark: toneWaiting, changedMark: toneBad}[k]
}

// AccessibilityLabel says what the mark means.
func (m *markIcon) AccessibilityLabel() string {
	return map[mark]string{verifiedMark: "verified", warningMark: "identity not proved", changedMark: "another key than before"}[m.mark]
}

// AccessibilityRole is that of text.
func (m *markIcon) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

func (m *markIcon) CreateRenderer() fyne.WidgetRenderer {
	icon := canvas.NewImageFromResource(nil)
	d := &drawing{objects: []fyne.CanvasObject{icon}}
	d.least = func() fyne.Size { return fyne.NewSquareSize(markSize) }
	d.arrange = func(size fyne.Size) { placeCentred(icon, size, markSize, markSize) }
	d.paint = func() {
		drawing, role := m.mark.icon()
		icon.Hidden = drawing == ""
		if !icon.Hidden {
			icon.Resource = drawing.In(role(m.skin()))
		}
	}
	return d.start()
}
