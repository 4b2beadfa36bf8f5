package mesh

import (
	"time"

	"sundog.dev/sundog/mesh/room/incall"
	"sundog.dev/sundog/rtmfp/flash"
)

// OwnState is what we say about ourselves for everybody in the call to see.
type OwnState struct {
	Sound    bool // we send sound
	Picture  bool // we send a picture
	Muted    bool // the user has muted the microphone
	Screen   bool // the picture is the screen
	Hand     bool // the user has raised a hand
	Speaking bool // somebody speaks into our microphone
}

// MemberState is what another member says about himself.
type MemberState struct {
	PeerID   flash.PeerID
	Sound    bool
	Picture  bool
	Muted    bool
	Screen   bool
	Hand     bool
	Speaking bool
	HandAt   time.Time // since when the hand is up, by his clock but not in the future: orders raised hands; zero when it is down
}

// MemberStateChanged says that another member says something else about himself than before, or something at all. Old clients say
// nothing.
type MemberStateChanged struct{ State MemberState }

func (MemberStateChanged) meshEvent() {}

// stateEvery is how often at most all are told what has changed about us: a flag that flutters must not fill the flows of all.
const stateEvery = 100 * time.Millisecond

// SetState tells the other members about us: at once, and everybody who comes later.
func (c *Call) SetState(s OwnState) {
	c.mu.Lock()
	same := c.stateSet && c.ownState == s
	c.ownState, c.stateSet = s, true
	c.mu.Unlock()
	if !same {
		poke(c.kick)
	}
}

// MemberStates is what the other members have said about themselves so far.
func (c *Call) MemberStates() []MemberState {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []MemberState
	for _, g := range c.legs {
		if g.says.PeerID != (flash.PeerID{}) {
			all = append(all, g.says)
		}
	}
	return all
}

// numberState takes what SetState has said into a message with a number of its own, if it is time to.
func (c *Call) numberState(now time.Time) {
	c.mu.Lock()
	own, said := c.ownState, c.stateSet
	c.mu.Unlock()
	t := &c.talk
	packet := c.sharing.division.Sound.Packet
	if packet <= soundFrame {
		packet = 0
	}
	if !said || t.said && (own == t.own && packet == t.packet || now.Sub(t.toldAt) < stateEvery) {
		return
	}
	switch {
	case !own.Hand:
		t.handAt = time.Time{}
	case !t.own.Hand:
		t.handAt = now
	}
	t.own, t.packet, t.said, t.toldAt = own, packet, true, now
	t.sequence = sequenceNow(t.sequence, now)
}

// tellState tells the far end about us, if it does not know yet.
func (g *leg) tellState() {
	t := &g.call.talk
	if !t.said || g.stateSent == t.sequence {
		return
	}
	if g.sendInCall(incall.State{
		Sequence: t.sequence, Sound: t.own.Sound, Picture: t.own.Picture, Muted: t.own.Muted,
		Screen: t.own.Screen, Hand: t.own.Hand, Speaking: t.own.Speaking, HandAt: t.handAt, Packet: t.packet,
	}) {
		g.stateSent = t.sequence
	}
}

// takeState takes what the far end says about itself.
func (g *leg) takeState(m incall.State) {
	d := g.call.dialogueWith(g.identity)
	c := g.call
	c.mu.Lock()
	before := g.says
	c.mu.Unlock()
	known := before.PeerID != (flash.PeerID{})
	if m.Sequence <= d.state && (known || m.Sequence < d.state) { // a new leg hears the newest once more
		return
	}
	d.state = m.Sequence
	g.in.packet.Store(int64(m.Packet))
	now := MemberState{
		PeerID: g.PeerID(), Sound: m.Sound, Picture: m.Picture, Muted: m.Muted, Screen: m.Screen, Hand: m.Hand, Speaking: m.Speaking,
	}
	if at := time.Now(); m.Hand {
		now.HandAt = m.HandAt
		switch {
		case !m.HandAt.IsZero() && !m.HandAt.After(at):
		case before.Hand:
			now.HandAt = before.HandAt
		default:
			now.HandAt = at
		}
	}
	if known && before == now {
		return
	}
	c.mu.Lock()
	g.says = now
	c.mu.Unlock()
	c.events.put(MemberStateChanged{now})
}
