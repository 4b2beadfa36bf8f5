// Package theme is how Sundog looks: colours for light and dark, sizes on a grid of 4, corners and icons,
// as a Fyne theme and as plain values for the app's own widgets.
//
//	application.Settings().SetTheme(theme.New("system"))
//	ring.StrokeColor = theme.Now().Accent
//	icon := theme.Mic.In(theme.Stage().Text)
//
// It knows nothing of calls. Its colours are checked for contrast in its tests: at least 4.5:1 for text,
// 3:1 for icons and outlines that carry meaning (WCAG 2.1 §1.4.3, §1.4.11).
package theme
