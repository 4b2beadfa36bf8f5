package phone

import (
	"errors"
	"time"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/mesh/room"
)

// With are the names of those who are in the conference that an incoming call invites into, as the caller gives them.
func (c *Call) With() []string { return c.call.With() }

// Invitation is what a link into a conference says, before anything is sent.
type Invitation struct {
	Via     Person    // through whom the link leads, as ReadLink has it
	Expires time.Time // nobody comes in by it from then on
}

// ReadInvitation reads a link into a conference (Call.RoomLink); is says whether it is one. The error is a sentence.
func (p *Phone) ReadInvitation(text string) (i Invitation, is bool, err error) {
	link, err := idmanager.ParseLink(text)
	if err != nil {
		return i, false, linkError(err)
	}
	if link.Room == "" {
		return i, false, nil
	}
	b, err := room.ParseText(link.Room)
	if err != nil {
		return i, true, invitationError(err)
	}
	i.Expires = b.Invitation.Expires
	if i.Via, _, err = p.ReadLink(text); err != nil {
		return i, true, err
	}
	if time.Now().After(i.Expires) {
		return i, true, errExpired
	}
	return i, true, nil
}

var errExpired = &sentence{"This invitation has expired. Ask for another one.", errors.New("the invitation has expired")}
