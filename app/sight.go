package app

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"
	"github.com/go-gl/glfw/v3.4/glfw"
)

// sight finds out whether a window can be seen at all. Fyne does not tell, so the window below it is asked:
//
//   - X11, Windows and macOS tell whether a window is minimised, or on no screen (on X11 that of another workspace, too).
//   - Wayland tells a program neither; but a compositor asks a window that nobody sees for no pictures, so that what is to be
//     painted stays unpainted.
//
// A window that lies wholly under others counts as seen: no system tells that of each window reliably. It belongs to the UI thread.
type sight struct {
	asked     bool
	native    *glfw.Window // nil: there is none, as in tests
	unpainted struct {
		matters bool      // a picture that stays unpainted is a sign
		since   time.Time // zero: all is painted
	}
}

// unpaintedMeansHidden is how long a picture must stay unpainted on Wayland: longer than a slow computer takes.
const unpaintedMeansHidden = 1500 * time.Millisecond

// hidden reports whether nobody can see the window. waits says that a picture was to be painted and has not been yet.
func (s *sight) hidden(w fyne.Window, waits bool, now time.Time) bool {
	if !s.asked {
		s.asked = true
		s.find(w)
	}
	if s.native != nil && (s.native.GetAttrib(glfw.Iconified) == glfw.True || s.native.GetAttrib(glfw.Visible) == glfw.False) {
		return true
	}
	switch {
	case !waits || !s.unpainted.matters:
		s.unpainted.since = time.Time{}
	case s.unpainted.since.IsZero():
		s.unpainted.since = now
	}
	return !s.unpainted.since.IsZero() && now.Sub(s.unpainted.since) >= unpaintedMeansHidden
}

// find finds the window below a Fyne window: it is the one that Fyne draws into.
func (s *sight) find(w fyne.Window) {
	if drawn, ok := w.(interface{ RunWithContext(draw func()) }); ok {
		drawn.RunWithContext(func() { s.native = glfw.GetCurrentContext() })
	}
	if n, ok := w.(driver.NativeWindow); ok && s.native != nil {
		n.RunNative(func(context any) { _, s.unpainted.matters = context.(driver.WaylandWindowContext) })
	}
}

// lookAround is what the loop has looked at on the UI thread now and then: what nobody tells.
func (c *callWindow) lookAround() {
	if c.closed {
		return
	}
	c.talkEnds()
	if hidden := c.outOfSight(); hidden != c.loop.hidden.Load() {
		c.loop.hidden.Store(hidden)
		c.tellShowing()
		c.loop.showing.settle()
	}
}

// waitsForPaint reports whether a picture has come that was not painted yet.
func (c *callWindow) waitsForPaint() bool {
	for _, t := range c.stage.grid.tiles {
		if t.view.tile.waits {
			return true
		}
	}
	return c.loop.local.waits
}
