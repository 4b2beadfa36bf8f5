package phone

import (
	"image"
	"time"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp/flash"
)

// ParticipantState is how it stands with somebody in a call.
type ParticipantState string

// The states of a participant.
const (
	BeingCalled  ParticipantState = "calling"      // by us, and has not answered
	RingingThere ParticipantState = "ringing"      // by us, and it rings there
	ComingIn     ParticipantState = "connecting"   // has accepted, or is a member to whom there is no connection yet
	Here         ParticipantState = "here"         // is seen and heard
	Lost         ParticipantState = "reconnecting" // was here, and the connection is being sought again
)

// Participant is somebody else in a call.
type Participant struct {
	// ID is the peer ID in hex, or, of somebody who is still being looked for, another mark.
	ID       string
	Name     string         // the user's for whoever has the identity, else what they call themselves: never that of somebody else on the list
	Identity Identity       // that they have proved; zero: none (yet)
	Standing trust.Standing // what it means to the user; "" without one. trust.Changed: somebody under a contact's name, who is another
	Verified time.Time      // since when the user has known that the identity is theirs; zero: not
	State    ParticipantState
	// Removable: Remove would do it.
	Removable bool
	// What they say of themselves.
	Sound, Picture, Muted, Screen, Speaking, Hand bool
	HandAt                                        time.Time // since when the hand is up
	// Level is how loud they are, 0 to 1.
	Level float64
}

// People are the others in the call, and those who are being called, in the order in which they came.
func (c *Call) People() []Participant {
	says := map[flash.PeerID]mesh.MemberState{}
	for _, s := range c.call.MemberStates() {
		says[s.PeerID] = s
	}
	var all []Participant
	for _, m := range c.call.Members() {
		if m.State != mesh.Ended {
			all = append(all, c.participant(m, says[m.PeerID]))
		}
	}
	return all
}

func (c *Call) participant(m mesh.Member, says mesh.MemberState) Participant {
	i := c.impressionOf(m)
	p := Participant{ID: c.idOf(m), Name: i.shown, Identity: m.Identity, Standing: i.standing, Verified: i.verified, Removable: i.removable}
	c.mu.Lock()
	was := c.here[m.Identity]
	if m.State == mesh.InCall && m.Identity != nobody {
		c.here[m.Identity] = true
	}
	c.mu.Unlock()
	switch m.State {
	case mesh.Calling:
		p.State, p.Removable = BeingCalled, true
		if m.Rings {
			p.State = RingingThere
		}
	case mesh.InCall:
		p.State = Here
	case mesh.Reconnecting:
		p.State = Lost
	default:
		if p.State = ComingIn; was {
			p.State = Lost
		}
	}
	p.Sound, p.Picture, p.Muted, p.Screen = says.Sound, says.Picture, says.Muted, says.Screen
	p.Speaking, p.Hand, p.HandAt = says.Speaking, says.Hand, says.HandAt
	if s := c.session(); s != nil {
		p.Level = s.level(m.PeerID)
	}
	return p
}

// StatsOf is a snapshot of the path to somebody and of what arrives on it, since the previous one.
func (c *Call) StatsOf(id string) Stats {
	m, ok := c.memberByID(id)
	if !ok {
		return Stats{}
	}
	st := Stats{Stats: c.call.StatsOf(m.PeerID)}
	if s := c.session(); s != nil {
		st.Audio, st.Video = s.stats(m.PeerID)
	}
	return st
}

// Draw paints somebody's newest picture (see media.Screen.Draw).
func (c *Call) Draw(id string, dst *image.RGBA, last uint64) uint64 {
	m, _ := c.memberByID(id)
	if s := c.session(); s != nil {
		return s.draw(m.PeerID, dst, last)
	}
	return 0
}

// SetShowing says how large somebody's picture is shown, in pixels (0: not at all), and whether the user has pinned it. They are
// told, and send no more than that.
func (c *Call) SetShowing(id string, width, height int, pinned bool) {
	if m, ok := c.memberByID(id); ok {
		c.call.SetShowing(m.PeerID, mesh.Showing{Width: width, Height: height, Pinned: pinned})
	}
}

// SetVolume makes somebody louder or softer for us alone: 1 is as sent, 0 nothing, 4 the most.
func (c *Call) SetVolume(id string, factor float64) {
	if m, ok := c.memberByID(id); ok {
		if s := c.session(); s != nil {
			s.setVolume(m.PeerID, factor)
		}
	}
}

// Speaker is who speaks, or has spoken last: an ID as in People, or our own peer ID; "": nobody has yet.
func (c *Call) Speaker() string {
	s := c.session()
	if s == nil {
		return ""
	}
	who, own, some := s.active()
	switch {
	case own:
		return c.ownID()
	case some:
		return who.String()
	}
	return ""
}

// SetUplinkCap sets the most that a call may send to all together, in bit/s on the link, 0 for no limit, and whether the user pays
// for data; from now on, in a call that is going on too.
func (p *Phone) SetUplinkCap(bits int, saver bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cfg.UplinkCap, p.cfg.SaveData = bits, saver
	for c := range p.calls {
		c.call.SetUplinkCap(bits, saver)
	}
}

// Uplink is how our uplink is used now.
func (c *Call) Uplink() mesh.Uplink { return c.call.Uplink() }

// UplinkChanged is the event of an Uplink that says something else.
type UplinkChanged = mesh.UplinkChanged
