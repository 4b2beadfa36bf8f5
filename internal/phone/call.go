package phone

import (
	"context"
	"fmt"
	"image"
	"os"
	"sync"
	"time"

	"sundog.dev/sundog/media"
	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/rtmfp/flash"
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
	// MemberJoined is the event of somebody who has come into an established call.
	MemberJoined = mesh.MemberJoined
	// MemberLeft is the event of somebody who has gone, or has not come; the call goes on.
	MemberLeft = mesh.MemberLeft
	// Reacted is the event of an emoji that somebody shows.
	Reacted = mesh.Reacted
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
	Removed      = mesh.Removed
	Blocked      = mesh.Blocked
)

// Call is one call of the phone, with its sound and picture.
type Call struct {
	phone *Phone
	call  *mesh.Call
	where string
	test  bool
	own   bool // a conference that we have opened, not by calling somebody
	began time.Time
	reach *reach
	bell  doorbell // Next's

	mu            sync.Mutex
	with          mesh.Member               // whom the call began with, as last seen
	added         []*reach                  // whom we have called into it
	first         map[Identity]bool         // that were seen in this call for the first time
	here          map[Identity]bool         // who has been seen and heard
	outgoing      map[mesh.FileID]*os.File  // that we send
	parts         map[mesh.FileID]*partFile // that come
	joined        map[Identity]joinedMember
	impressions   map[flash.PeerID]impression
	names         map[flash.PeerID]string // of all who have been in the call
	differs       int                     // the attempt in which the user has said that the strings differ
	roomLink      string
	roomLinkUntil time.Time
}

func (p *Phone) newCall(c *mesh.Call, where string) *Call {
	return &Call{
		phone: p, call: c, where: where, began: time.Now(), reach: &reach{},
		first: map[Identity]bool{}, here: map[Identity]bool{}, outgoing: map[mesh.FileID]*os.File{}, parts: map[mesh.FileID]*partFile{}, names: map[flash.PeerID]string{}, joined: map[Identity]joinedMember{}, impressions: map[flash.PeerID]impression{},
	}
}

// Name is the name of whom the call began with (see Participant.Name), "" in a conference of our own before anybody has come.
func (c *Call) Name() string { return c.nameOf(c.beganWith()) }

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
	if text := c.roomSentence(c.call.Status()); text != "" {
		return text
	}
	if r == mesh.Blocked && !c.Status().Established.IsZero() {
		return c.endedByBlock()
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
	switch ev := ev.(type) {
	case MemberProved:
		c.meetCallee(ev.Member)
	case MemberJoined:
		c.memberJoined(ev.Member)
	case MemberLeft:
		c.memberLeft(ev)
	case FileChanged:
		c.fileChanged(ev.Transfer)
	}
	c.bell.tell(c, ev)
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

// SendChat sends a line of text to all or, privately, to some (Participant.ID). Its errors are sentences.
func (c *Call) SendChat(text string, to ...string) error {
	ids, err := c.peersOf(to)
	if err != nil {
		return err
	}
	return callError(c.call.SendChat(text, ids...))
}

// React shows an emoji to everybody for a moment. Its errors are sentences.
func (c *Call) React(emoji string) error { return callError(c.call.React(emoji)) }

// RaiseHand raises our hand, or takes it down.
func (c *Call) RaiseHand(up bool) { c.phone.media.want(c.call, func(w *wish) { w.hand = up }) }

// peersOf are the members of those IDs. The error is a sentence.
func (c *Call) peersOf(ids []string) (peers []flash.PeerID, err error) {
	for _, id := range ids {
		m, ok := c.memberByID(id)
		if !ok {
			return nil, errGone
		}
		peers = append(peers, m.PeerID)
	}
	return peers, nil
}

// errGone is about somebody who is not in the call.
var errGone = &sentence{"They are not in the call any more.", mesh.ErrNobody}

// SetMuted stops or resumes sending sound; before the call is established, it says how it will begin.
func (c *Call) SetMuted(muted bool) {
	c.phone.media.want(c.call, func(w *wish) { w.muted = muted })
}

// SetCamera stops or resumes sending a picture, as SetMuted does; the camera opens in the background.
func (c *Call) SetCamera(on bool) {
	c.phone.media.want(c.call, func(w *wish) { w.cameraOff = !on })
}

// ShareScreen sends the screen in place of the camera's picture, or stops doing so.
func (c *Call) ShareScreen(on bool) {
	c.phone.media.want(c.call, func(w *wish) { w.screen = on })
}

// Sending tells whether sound and picture are sent now, and a sentence about a device that failed.
func (c *Call) Sending() (audio, video bool, problem string) {
	if s := c.session(); s != nil {
		return s.sending()
	}
	return false, false, ""
}

// Levels are the loudness of the microphone and of the loudest of the others, 0 to 1.
func (c *Call) Levels() (mic, far float64) {
	s := c.session()
	if s == nil {
		return 0, 0
	}
	for _, l := range s.levels() {
		far = max(far, l.Level)
	}
	return s.mic(), far
}

// DrawLocal paints our own newest picture, mirrored, or that of our screen, which one reads.
func (c *Call) DrawLocal(dst *image.RGBA, last uint64) uint64 {
	if s := c.session(); s != nil {
		return s.local.Draw(dst, last, !s.showsScreen())
	}
	return 0
}

// Stats describe a call's path and what arrives on it.
type Stats struct {
	mesh.Stats
	Audio media.AudioStats
	Video media.VideoStats
}

// Stats is StatsOf whom the call began with.
func (c *Call) Stats() Stats { return c.StatsOf(c.PeerID()) }

func (c *Call) session() *session { return c.phone.media.session(c.call) }
