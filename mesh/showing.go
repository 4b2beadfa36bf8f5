package mesh

import (
	"sundog.dev/sundog/mesh/room/incall"
	"sundog.dev/sundog/rtmfp/flash"
)

// Showing is how large somebody's picture is shown, in pixels. 0: not at all.
type Showing struct {
	Width, Height int
	// Pinned says that it comes before others: somebody looks at it.
	Pinned bool
}

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

// takeShowing takes what the far end shows of us.
func (g *leg) takeShowing(incall.Showing) {}

// showingLinked tells the far end, with which we talk on a new link, what we show of it (sendInCall).
func (g *leg) showingLinked() {}
