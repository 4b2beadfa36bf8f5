package phone

import (
	"context"
	"fmt"
	"image"
	"sync"
	"time"

	"sundog.dev/sundog/media"
	"sundog.dev/sundog/mesh"
)

type (
	// Event is an event of a call; it and what follows are as mesh defines them.
	Event = mesh.Event
	// StateChanged is the event of a new state.
	StateChanged = mesh.StateChanged
	// ChatLine is the event of a line of text.
	ChatLine = mesh.ChatLine
	// MemberStateChanged is the event of what another member says about itself: whether it sends sound and picture, and more.
	MemberStateChanged = mesh.MemberStateChanged
	// MemberProved is the event of an identity that is proved; Verification tells what that means.
	MemberProved = mesh.MemberProved
	// ComparisonChanged is the event of how the comparison of short strings stands; Verification has it for users.
	ComparisonChanged = mesh.ComparisonChanged
	// Status is a call's state.
	Status = mesh.Status
	// Reason is why a call ended.
	Reason = mesh.Reason
)

// States and reasons that the phone's faces act on.
const (
	InCall       = mesh.InCall
	Reconnecting = mesh.Reconnecting
	Ended        = mesh.Ended
	Hangup       = mesh.Hangup
)

// Call is one call of the phone, with its sound and picture.
type Call struct {
	phone *Phone
	call  *mesh.Call
	where string
	test  bool
	began time.Time
	reach *reach

	mu      sync.Mutex
	first   Identity // that was seen in this call for the first time
	differs int      // the attempt in which the user has said that the strings differ
}

func (p *Phone) newCall(c *mesh.Call, where string) *Call {
	return &Call{phone: p, call: c, where: where, began: time.Now(), reach: &reach{}}
}

// Name is the other person's name: the user's for whoever has the identity that they have proved, else the one by which they were
// called or which they give themselves. A caller has a number behind it where it is that of somebody else on the list.
func (c *Call) Name() string {
	name, list := c.call.Name(), c.phone.cfg.Profile
	var identity []byte
	if f := farEnd(c.call); f.Identity != (Identity{}) {
		identity = f.Identity[:]
	}
	if c.Incoming() {
		return list.CallerName(name, identity)
	}
	if _, other := c.reach.otherIdentity(); other || c.reach.wanted.once {
		return name // whom the user has called
	}
	if known, ok := list.PersonOf(identity); ok {
		return known.Name
	}
	return name
}

// PeerID is the other end's peer ID in hex, "" while it is not known.
func (c *Call) PeerID() string {
	id := c.call.PeerID()
	if id == [32]byte{} {
		return ""
	}
	return id.String()
}

// Incoming reports whether the other side called.
func (c *Call) Incoming() bool { return c.call.Incoming() }

// Proved reports whether the far end's peer ID is proved.
func (c *Call) Proved() bool { return c.call.Proved() }

// Test reports whether this is the test call to the echo.
func (c *Call) Test() bool { return c.test }

// Status is the present state.
func (c *Call) Status() Status { return c.call.Status() }

// Sentence tells the user why the call ended and what to do.
func (c *Call) Sentence(r Reason) string {
	if text := c.reach.why(); text != "" {
		return text
	}
	if r == mesh.IdentityChanged {
		return c.otherSentence()
	}
	if c.Incoming() { // those of a Reason are for whoever calls
		switch r {
		case mesh.Declined:
			return fmt.Sprintf("You declined the call from %s.", c.Name())
		case mesh.NoAnswer:
			return fmt.Sprintf("You missed a call from %s.", c.Name())
		case mesh.Cancelled:
			return fmt.Sprintf("%s stopped calling before you answered.", c.Name())
		}
	}
	return r.Sentence(c.Name(), c.where)
}

// Next returns the call's next event, in order; io.EOF after its end. When the end is told, the
// call's files are complete and its devices closed. One reader.
func (c *Call) Next(ctx context.Context) (Event, error) {
	ev, err := c.call.Next(ctx)
	if _, proved := ev.(MemberProved); proved {
		c.meetCallee()
	}
	s, changed := ev.(StateChanged)
	if changed && c.phone.ringer != nil {
		c.phone.ringer.follow(c, s.Status)
	}
	if changed && s.Status.State == Ended {
		select {
		case <-c.call.Done():
		case <-ctx.Done():
		}
		c.phone.media.forget(c.call)
		c.phone.record(c, s.Status, c.began)
	}
	return ev, err
}

// drain reads the call to its end, for a call that nobody follows.
func (c *Call) drain() {
	for {
		if _, err := c.Next(c.phone.ctx); err != nil {
			return
		}
	}
}

// Accept takes a ringing call. Its errors are sentences.
func (c *Call) Accept() error { return callError(c.call.Accept()) }

// HangUp ends the call in any state.
func (c *Call) HangUp() { c.call.HangUp() }

// SendChat sends a line of text. Its errors are sentences.
func (c *Call) SendChat(text string) error { return callError(c.call.SendChat(text)) }

// SetMuted stops or resumes sending sound; before the call is established, it says how it will begin.
func (c *Call) SetMuted(muted bool) {
	c.phone.media.want(c.call, func(w *wish) { w.muted = muted })
}

// SetCamera stops or resumes sending a picture, as SetMuted does; the camera opens in the background.
func (c *Call) SetCamera(on bool) {
	c.phone.media.want(c.call, func(w *wish) { w.cameraOff = !on })
}

// Sending tells whether sound and picture are sent now, and a sentence about a device that failed.
func (c *Call) Sending() (audio, video bool, problem string) {
	if s := c.session(); s != nil {
		return s.sending()
	}
	return false, false, ""
}

// Levels are the loudness of the microphone and of the other side, 0 to 1.
func (c *Call) Levels() (mic, far float64) {
	if s := c.session(); s != nil {
		return s.levels()
	}
	return 0, 0
}

// DrawRemote paints the other side's newest picture (see media.Screen.Draw).
func (c *Call) DrawRemote(dst *image.RGBA, last uint64) uint64 {
	if s := c.session(); s != nil {
		return s.remote.Draw(dst, last, false)
	}
	return 0
}

// DrawLocal paints our own newest picture, mirrored.
func (c *Call) DrawLocal(dst *image.RGBA, last uint64) uint64 {
	if s := c.session(); s != nil {
		return s.local.Draw(dst, last, true)
	}
	return 0
}

// Stats describe a call's path and what arrives on it.
type Stats struct {
	mesh.Stats
	Audio media.AudioStats
	Video media.VideoStats
}

// Stats is a snapshot since the previous one. Audio and Video are zero while there is no media.
func (c *Call) Stats() Stats {
	st := Stats{Stats: c.call.Stats()}
	if s := c.session(); s != nil {
		st.Audio, st.Video = s.stats()
	}
	return st
}

func (c *Call) session() *session { return c.phone.media.session(c.call) }
