package app

import (
	"slices"
	"sync"
	"time"

	"fyne.io/fyne/v2"
)

// showing is what is known of how large the members' pictures are on the screen, on its way to the call. The UI thread notes it, the
// call's loop tells it on once it has stayed the same for a moment: while a window is dragged larger nobody need change what they
// send.
type showing struct {
	mu    sync.Mutex
	now   []Shown
	since time.Time
	told  []Shown // the loop's
	ever  bool
}

const (
	// showingSettles is how long a layout must stand.
	showingSettles = 300 * time.Millisecond
	// showingStep is what sizes are rounded up to, in pixels: less is not worth telling.
	showingStep = 16
)

// note takes what is shown now.
func (s *showing) note(shown []Shown, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Equal(s.now, shown) {
		s.now, s.since = shown, now
	}
}

// settle says that what was noted last has settled: a window that is minimised, or comes back, changes once.
func (s *showing) settle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.since = s.since.Add(-showingSettles)
}

// tell tells the call, if there is something new that has settled.
func (s *showing) tell(now time.Time, call Call) {
	s.mu.Lock()
	shown, settled := s.now, !s.since.IsZero() && now.Sub(s.since) >= showingSettles
	s.mu.Unlock()
	if !settled || s.ever && slices.Equal(shown, s.told) {
		return
	}
	s.told, s.ever = shown, true
	call.Showing(shown)
}

// tellShowing notes how the members are shown: in a window that nobody sees, not at all.
func (c *callWindow) tellShowing() {
	scale := c.win.Canvas().Scale()
	pixels := func(length float32) int {
		return (int(length*scale) + showingStep - 1) / showingStep * showingStep
	}
	var shown []Shown
	for _, t := range c.stage.grid.tiles {
		if id := t.view.id; id != OwnID {
			size := t.content.Size()
			if c.loop.hidden.Load() {
				size = fyne.Size{}
			}
			shown = append(shown, Shown{id, pixels(size.Width), pixels(size.Height), id == c.pinned})
		}
	}
	c.loop.showing.note(shown, c.u.now())
}
