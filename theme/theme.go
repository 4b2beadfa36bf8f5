package theme

import (
	"image/color"

	"fyne.io/fyne/v2"
	fynetheme "fyne.io/fyne/v2/theme"
)

// Theme is Sundog's look as a Fyne theme.
type Theme struct {
	choice string
	stage  bool
}

var _ fyne.Theme = (*Theme)(nil)

// The choices of New.
const (
	ChoiceSystem = "system"
	ChoiceLight  = "light"
	ChoiceDark   = "dark"
)

// New is the theme for a choice: "light", "dark", or else whatever the system shows.
func New(choice string) *Theme { return &Theme{choice: choice} }

// ForStage is the theme of fields on the dark stage, in both themes.
func ForStage() *Theme { return &Theme{choice: ChoiceDark, stage: true} }

// Palette is the palette shown where the system prefers v.
func (t *Theme) Palette(v fyne.ThemeVariant) Palette {
	switch {
	case t.stage:
		return Stage()
	case t.choice == ChoiceLight:
		return Light()
	case t.choice == ChoiceDark:
		return Dark()
	}
	return ofVariant(v)
}

// Color is the colour of one of Fyne's roles.
func (t *Theme) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	p := t.Palette(v)
	switch name {
	case fynetheme.ColorNameBackground:
		return p.Window
	case fynetheme.ColorNameForeground:
		return p.Text
	case fynetheme.ColorNamePlaceHolder, fynetheme.ColorNameDisabled:
		return p.TextSecond
	case fynetheme.ColorNamePrimary, fynetheme.ColorNameHyperlink:
		return p.Accent
	case fynetheme.ColorNameSelection, fynetheme.ColorNameFocus:
		return p.AccentSoft
	case fynetheme.ColorNameHeaderBackground:
		return p.Surface
	case fynetheme.ColorNameMenuBackground, fynetheme.ColorNameOverlayBackground, fynetheme.ColorNameInputBackground, fynetheme.ColorNameButton, fynetheme.ColorNameDisabledButton:
		return p.Raised
	case fynetheme.ColorNamePressed:
		return Shade(p.Text, 0.1)
	case fynetheme.ColorNameInputBorder, fynetheme.ColorNameSeparator, fynetheme.ColorNameHover,
		fynetheme.ColorNameInnerWindowBorder, fynetheme.ColorNameInnerWindowBorderInactive:
		return p.Line
	case fynetheme.ColorNameScrollBar:
		return Shade(p.TextSecond, 0.5)
	case fynetheme.ColorNameScrollBarBackground:
		return color.NRGBA{}
	case fynetheme.ColorNameShadow:
		return color.NRGBA{A: 0x28}
	case fynetheme.ColorNameSuccess:
		return p.Good
	case fynetheme.ColorNameWarning:
		return p.Warning
	case fynetheme.ColorNameError:
		return p.Danger
	case fynetheme.ColorNameForegroundOnPrimary, fynetheme.ColorNameForegroundOnSuccess,
		fynetheme.ColorNameForegroundOnWarning, fynetheme.ColorNameForegroundOnError:
		return p.OnFill
	}
	return fynetheme.DefaultTheme().Color(name, v)
}

// Font is the one family that Fyne brings along: its figures are all of one width, which timers need.
func (t *Theme) Font(style fyne.TextStyle) fyne.Resource { return fynetheme.DefaultTheme().Font(style) }

// Icon is one of Fyne's own icons, for its stock widgets.
func (t *Theme) Icon(name fyne.ThemeIconName) fyne.Resource {
	return fynetheme.DefaultTheme().Icon(name)
}

// Size is one of Fyne's sizes.
func (t *Theme) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case fynetheme.SizeNameText:
		return TextBody
	case fynetheme.SizeNameCaptionText:
		return TextSmall
	case fynetheme.SizeNameSubHeadingText:
		return TextStrong
	case fynetheme.SizeNameHeadingText:
		return TextHeading
	case fynetheme.SizeNamePadding:
		return SpaceTight
	case fynetheme.SizeNameInnerPadding:
		return 11 // makes a field of one line just over TouchSize high
	case fynetheme.SizeNameInlineIcon:
		return IconSize
	case fynetheme.SizeNameInputBorder, fynetheme.SizeNameSeparatorThickness:
		return BorderWidth
	case fynetheme.SizeNameScrollBar:
		return 8
	case fynetheme.SizeNameScrollBarSmall:
		return 4
	case fynetheme.SizeNameScrollBarRadius, fynetheme.SizeNameSelectionRadius:
		return 4
	case fynetheme.SizeNameInputRadius, fynetheme.SizeNameButtonRadius, fynetheme.SizeNameCardRadius,
		fynetheme.SizeNameDialogRadius, fynetheme.SizeNamePopupRadius, fynetheme.SizeNameMenuRadius:
		return Corner
	}
	return fynetheme.DefaultTheme().Size(name)
}
