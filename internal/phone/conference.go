package phone

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/mesh/room"
)

const (
	// roomLinkLife is how long a link into a conference lets people in: one that was sent in the morning is good for the day.
	roomLinkLife = 24 * time.Hour
	// roomLinkLeft is how much of that a link must have left to be given out again.
	roomLinkLeft = 12 * time.Hour
)

// Confer opens a conference of our own, with nobody else in it yet. It stays until HangUp, whoever comes and goes. The error is a
// sentence.
func (p *Phone) Confer() (*Call, error) {
	p.mu.Lock()
	s, changing := p.setup, p.changing
	p.mu.Unlock()
	own := s.ownLine()
	switch {
	case changing != "":
		return nil, errChanging
	case own == nil:
		return nil, errors.New("nobody could come: there is no service, and this network is off; choose one of them in Settings")
	}
	c, err := p.agent.Confer(own.nc)
	if err != nil {
		return nil, dialError(err)
	}
	call := p.newCall(c, s.where())
	call.own = true
	p.follow(call)
	return call, nil
}

// JoinRoom goes into a conference by a link (Call.RoomLink), through the member who has made it. The error is a sentence; what goes
// wrong later is the call's reason.
func (p *Phone) JoinRoom(link string) (*Call, error) {
	l, b, err := parseRoomLink(link)
	if err != nil {
		return nil, err
	}
	w, err := p.want(link)
	if err != nil {
		return nil, err
	}
	w.peerID = l.PeerID
	return p.begin(w, func(r mesh.Resolver) (*mesh.Call, error) {
		c, err := p.agent.Join(w.shown, b, r)
		if err != nil {
			err = invitationError(err)
		}
		return c, err
	})
}

// CheckRoomLink says what is wrong with a link into a conference.
func CheckRoomLink(link string) error {
	_, _, err := parseRoomLink(link)
	return err
}

// parseRoomLink reads a link into a conference. The error is a sentence.
func parseRoomLink(link string) (idmanager.Link, room.Bundle, error) {
	l, err := idmanager.ParseLink(link)
	if err != nil {
		return idmanager.Link{}, room.Bundle{}, linkError(err)
	}
	if l.Room == "" {
		return idmanager.Link{}, room.Bundle{}, &sentence{fmt.Sprintf("this link leads to %s, not into a conference; ask for the conference's link", l.Name), nil}
	}
	b, err := room.ParseText(l.Room)
	if err != nil {
		err = invitationError(err)
	}
	return l, b, err
}

// invitationError makes a sentence of what is wrong with an invitation.
func invitationError(err error) error {
	switch {
	case errors.Is(err, room.ErrVersion):
		return &sentence{"this invitation is of a later version of the program; update yours", err}
	case errors.Is(err, room.ErrNotAllowed):
		return &sentence{"this invitation is for somebody else; ask for one of your own", err}
	case errors.Is(err, room.ErrText), errors.Is(err, room.ErrSignature), errors.Is(err, room.ErrChain):
		return &sentence{"this invitation is not whole, or somebody has changed it; ask for it again", err}
	}
	return dialError(err)
}

// Add calls somebody, by name or by link, into a call that is established. Whatever becomes of it does not end the call: the events
// MemberJoined and MemberLeft tell. The error is a sentence.
func (c *Call) Add(nameOrLink string) error {
	p := c.phone
	w, err := p.want(nameOrLink)
	if err != nil {
		return err
	}
	p.mu.Lock()
	s, changing := p.setup, p.changing
	p.mu.Unlock()
	switch {
	case changing != "":
		return errChanging
	case s.found == nil:
		return errClosed
	}
	for _, m := range c.call.Members() {
		called := c.reachOf(m)
		if w.identity != nil && m.Identity == asIdentity(w.identity) || called != nil && strings.EqualFold(called.wanted.shown, w.shown) {
			return &sentence{fmt.Sprintf("%s is in the call, or being called, already.", w.shown), mesh.ErrMember}
		}
	}
	r := &reach{wanted: w}
	r.begin(c.call)
	c.mu.Lock()
	c.added = append(c.added, r)
	c.mu.Unlock()
	p.calling.add(r)
	err = c.call.Add(w.shown, func(ctx context.Context) (mesh.Target, error) {
		found, err := p.resolve(ctx, s, w, c.call.Conn())
		r.set(found, err)
		return found.target, err
	})
	if err != nil {
		c.forgetAdded(r)
		return addError(err)
	}
	return nil
}

// forgetAdded lets go of what calling somebody needed.
func (c *Call) forgetAdded(r *reach) {
	c.phone.calling.remove(r)
	r.letGo()
}

// addError makes a sentence of why nobody can be added.
func addError(err error) error {
	switch {
	case errors.Is(err, mesh.ErrFull):
		return &sentence{"The conference has as many people as it may have. Somebody must leave first.", err}
	case errors.Is(err, mesh.ErrNoConference):
		return &sentence{"Nobody can be added to this call, because the other program is too old for calls of several people.", err}
	case errors.Is(err, mesh.ErrNotInCall):
		return &sentence{"People can be added once the call is connected.", err}
	}
	return callError(err)
}

// MayAdd reports whether Add would call somebody now.
func (c *Call) MayAdd() bool { return !c.test && c.call.MayAdd() == nil }

// MayInvite reports whether there is a RoomLink. In a conference that is full it is good for later.
func (c *Call) MayInvite() bool {
	err := c.call.MayAdd()
	return !c.test && (err == nil || errors.Is(err, mesh.ErrFull))
}

// Remove takes somebody out of the conference, or stops calling them. Whoever has invited them may, and whoever opened the conference
// (Participant.Removable). The error is a sentence.
func (c *Call) Remove(id string) error {
	for _, m := range c.call.Members() {
		if c.idOf(m) != id {
			continue
		}
		err := c.call.Withdraw(m)
		if errors.Is(err, room.ErrNobody) {
			err = c.call.Remove(m.Identity)
		}
		switch {
		case err == nil:
			return nil
		case errors.Is(err, room.ErrNotAllowed):
			return &sentence{fmt.Sprintf("%s can be taken out only by whoever has invited them, or has opened the conference.", c.nameOf(m)), err}
		case errors.Is(err, mesh.ErrEnded):
			return callError(err)
		}
	}
	return errGone
}

// RoomLink is a link by which anybody who has it can come into the call (Phone.JoinRoom), for a day, as long as we are in it and there
// is room. The error is a sentence.
func (c *Call) RoomLink() (string, error) {
	c.mu.Lock()
	link, until := c.roomLink, c.roomLinkUntil
	c.mu.Unlock()
	if time.Until(until) > roomLinkLeft {
		return link, nil
	}
	b, err := c.call.Invite(room.InviteOptions{Life: roomLinkLife, Uses: room.MaxUses})
	if err != nil {
		return "", &sentence{"There is no link into this call. It comes once the call is connected, if the other program can be in calls of several people.", err}
	}
	l := c.phone.linkVia(c.call)
	l.Room = b.Text()
	if err := l.Valid(); err != nil {
		return "", &sentence{"No link into this call could be made.", err}
	}
	link = l.String()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.roomLink, c.roomLinkUntil = link, b.Invitation.Expires
	return link, nil
}

// linkVia is our own link, to the line that a call goes over.
func (p *Phone) linkVia(c *mesh.Call) idmanager.Link {
	nc := c.Conn()
	elsewhere := p.guests.server(nc)
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.ownLink()
	l.Name = p.callerName()
	if nc == nil {
		return l
	}
	l.PeerID = nc.NearID().String()
	if s := p.setup.service; s == nil || s.line.nc != nc {
		l.Rendezvous, l.Directory = elsewhere, "" // "": this network
	}
	return l
}

// roomSentence tells the user why a conference that they came into by a link has ended; "": the call's reason does.
func (c *Call) roomSentence(st Status) string {
	if !c.reach.wanted.intoRoom {
		return ""
	}
	name := c.Name()
	for why, text := range map[room.Reason]string{
		room.Expired:    "The invitation has expired. Ask %s for another one.",
		room.Used:       "The invitation has let in as many people as it may. Ask %s for another one.",
		room.Revoked:    "Whoever has made the invitation is not in the conference any more. Ask %s for another one.",
		room.NotInvited: "Nobody in the conference knows of the invitation. Ask %s for another one.",
	} {
		if st.Reason == mesh.Declined && strings.HasSuffix(st.Detail, why.String()) {
			return fmt.Sprintf(text, name)
		}
	}
	switch st.Reason {
	case mesh.Full:
		return "The conference has as many people as it may have. Try again when somebody has left."
	case mesh.Declined:
		return fmt.Sprintf("You were not let into the conference: it is over, or %s is not in it any more.", name)
	case mesh.NoPath, mesh.Offline:
		return fmt.Sprintf("%s, through whom the link leads, could not be reached. Ask somebody else in the conference for a link.", name)
	}
	return ""
}

// ownID is our own peer ID in a call, "" while it is not known.
func (c *Call) ownID() string {
	if nc := c.call.Conn(); nc != nil {
		return nc.NearID().String()
	}
	return ""
}

var errChanging = errors.New("the service is being changed; try again in a moment")

// memberByID finds a member of the call.
func (c *Call) memberByID(id string) (mesh.Member, bool) {
	for _, m := range c.call.Members() {
		if c.idOf(m) == id {
			return m, true
		}
	}
	return mesh.Member{}, false
}

// idOf is by which a member is told from the others: the peer ID in hex or, of somebody who is still being looked for, the name.
func (c *Call) idOf(m mesh.Member) string {
	if m.PeerID == ([32]byte{}) {
		return "name:" + m.Name
	}
	return m.PeerID.String()
}
