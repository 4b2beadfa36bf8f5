package mesh

import (
	"sync"

	"sundog.dev/sundog/mesh/uplink"
	"sundog.dev/sundog/rtmfp/flash"
)

// Uplink is how the near end's uplink is used.
type Uplink struct {
	Line    string // in a few words: "7 people × 480 kbit/s"; empty while nobody else is there
	Summary string // what it carries: "Your uplink carries 3 people at 360p · 1.6 Mbit/s"
	Refusal string // why pictures were refused, and what helps; empty: they were not
	Rate    int    // what it may carry at present, bit/s on the link
	Sent    int    // what is sent, bit/s on the link
	Cap     int    // the limit that the user has set, bit/s on the link; 0: none
	Mode    uplink.Mode
	PerPeer []UplinkShare // in the order of Members
}

// UplinkShare is what one member gets of the uplink.
type UplinkShare struct {
	PeerID flash.PeerID
	Height int // of the picture, pixels; 0: sound alone
	Layers int // of the picture: all of them are all pictures, each one less is half of them
	Bits   int // of sound and picture, bit/s on the link
}

// UplinkChanged says that Uplink says something else.
type UplinkChanged struct{}

func (UplinkChanged) meshEvent() {}

// budgeting is what is wanted of the uplink, and how it is used.
type budgeting struct {
	mu       sync.Mutex
	shows    map[flash.PeerID]Showing // what the user is shown
	picture  bool                     // SetPicture was called
	height   int                      // of our picture
	fps      float64
	speaker  flash.PeerID // who spoke last of the others
	speaking bool         // we are the active speaker
	limit    float64      // bit/s on the link; 0: none
	now      Uplink
}

// SetPicture says what our own picture is now: its height in pixels, 0 for none, and pictures a second. Until it is said, 360 and
// 30 are assumed.
func (c *Call) SetPicture(height int, fps float64) {
	u := &c.uplink
	u.mu.Lock()
	defer u.mu.Unlock()
	u.height, u.fps, u.picture = height, fps, true
}

// SetSpeaker says who speaks: another member, or we ourselves (own). The zero peer ID and false: nobody. Where the uplink does not
// take the pictures of all, only those are sent and asked for of whoever speaks, or spoke last.
func (c *Call) SetSpeaker(who flash.PeerID, own bool) {
	u := &c.uplink
	u.mu.Lock()
	defer u.mu.Unlock()
	u.speaking = own
	if !own && who != (flash.PeerID{}) {
		u.speaker = who
	}
}

// SetUplinkCap sets the most that may be sent to all together, in bit/s on the link, 0 for no limit, and whether the user saves data.
func (c *Call) SetUplinkCap(bits int, saver bool) {
	u := &c.uplink
	u.mu.Lock()
	defer u.mu.Unlock()
	u.limit = uplink.Limit(float64(bits), saver)
}

// Uplink is how our uplink is used now. UplinkChanged says when to look again.
func (c *Call) Uplink() Uplink {
	c.uplink.mu.Lock()
	defer c.uplink.mu.Unlock()
	return c.uplink.now
}

// KnownUplink is what our uplink carried in the last call of several, in bit/s; 0: not known.
func (a *Agent) KnownUplink() int { return int(a.uplink.Load()) }

func (a *Agent) rememberUplink(bits float64) { a.uplink.Store(int64(bits)) }
