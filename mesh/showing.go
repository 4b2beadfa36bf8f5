package mesh

import (
	"math"
	"time"

	"sundog.dev/sundog/mesh/room/incall"
	"sundog.dev/sundog/mesh/uplink"
	"sundog.dev/sundog/rtmfp/flash"
)

// Showing is how large somebody's picture is shown, in pixels. 0: not at all.
type Showing struct {
	Width, Height int
	// Pinned says that it comes before others: somebody looks at it.
	Pinned bool
}

// defaultShowing is that of whom nothing was said.
var defaultShowing = Showing{Width: 640, Height: defaultHeight}

// SetShowing says what the user is shown of another member. That member is told and sends no more than that. Until it is said,
// everybody is shown at 640×360.
func (c *Call) SetShowing(who flash.PeerID, s Showing) {
	c.uplink.mu.Lock()
	defer c.uplink.mu.Unlock()
	if c.uplink.shows == nil {
		c.uplink.shows = map[flash.PeerID]Showing{}
	}
	c.uplink.shows[who] = s
}

// showsOf is what the user is shown of a member when the uplink takes the acknowledgements of all.
func (u *budgeting) showsOf(who flash.PeerID) Showing {
	if s, ok := u.shows[who]; ok {
		return s
	}
	return defaultShowing
}

// takeShowing takes what the far end shows of us.
func (g *leg) takeShowing(m incall.Showing) {
	if u := &g.uplink; m.Sequence > u.farShowing.Sequence {
		u.farShowing = m
	}
}

// showingLinked has the far end told, with which we talk on a new link, what we show of it.
func (g *leg) showingLinked() { g.uplink.told = false }

// tellShowing tells the far end what we show of it now, if it does not know.
func (g *leg) tellShowing(now time.Time, s Showing) {
	u := &g.uplink
	if u.told && u.shown == s || !g.talks() { // a number for what is not said would run ahead of the time, from which the next leg begins
		return
	}
	u.sequence = sequenceNow(u.sequence, now)
	clamp := func(n int) uint16 { return uint16(min(max(n, 0), math.MaxUint16)) }
	u.told = g.sendInCall(incall.Showing{Sequence: u.sequence, Width: clamp(s.Width), Height: clamp(s.Height), Pinned: s.Pinned})
	u.shown = s
}

// tile is how high the far end shows our picture, in pixels; 0: not at all. It may have cut off what does not fit its tile, but not
// most of it. Whoever cannot say it gets the best that we have.
func (g *leg) tile() int {
	s := g.uplink.farShowing
	switch {
	case s.Sequence > 0:
		return min(int(s.Height), int(s.Width)*3/4)
	case g.link.conferences():
		return defaultHeight
	}
	return uplink.Sizes[len(uplink.Sizes)-1].Height
}
