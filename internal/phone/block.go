package phone

import (
	"fmt"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/mesh/room"
)

// Block keeps somebody on the list from calling, and ends what goes on with them at once: a call of two, or, in a conference, the
// session with them alone, while both stay in it and the others hear and see both. Or it lets them in again, into a conference that both
// are in, too.
func (p *Phone) Block(name string, blocked bool) error {
	return p.blockedOthers(p.cfg.Profile.Block(name, blocked))
}

// BlockRequest blocks the stranger, as Block does.
func (p *Phone) BlockRequest(id int64) error {
	return p.blockedOthers(p.cfg.Profile.BlockRequest(id))
}

// Block blocks somebody in the call (Participant.ID), who need not be on the list: as Phone.Block. The error is a sentence.
func (c *Call) Block(id string) error {
	m, ok := c.memberByID(id)
	if !ok {
		return errGone
	}
	name := c.nameOf(m)
	var err error
	if m.Identity == nobody {
		err = c.phone.cfg.Profile.Block(name, true)
	} else {
		err = c.phone.cfg.Profile.BlockIdentity(name, m.Identity[:])
	}
	if err := c.phone.blockedOthers(err); err != nil {
		return &sentence{fmt.Sprintf("%s could not be blocked. Try again, or leave the call.", name), err}
	}
	return nil
}

// blockedOthers has the calls that are going on follow the list, where others are blocked now.
func (p *Phone) blockedOthers(err error) error {
	if err == nil {
		p.agent.Block(p.blocks)
	}
	return p.changeList(err)
}

// blocks reports whether the user has blocked somebody.
func (p *Phone) blocks(f mesh.FarEnd) bool {
	return room.Anyone.OnPeerConnect(p.judge(f, nil).farPeer(f)) == room.Refuse // which refuses nobody else
}

// endedByBlock tells why a call of two has ended.
func (c *Call) endedByBlock() string {
	m := c.beganWith()
	if c.phone.blocks(farEnd(m)) {
		return fmt.Sprintf("You have blocked %s, so the call has ended. To let them call again, take them off the blocked people in Settings.", c.nameOf(m))
	}
	return fmt.Sprintf("%s has ended the call, and takes no more calls from you.", c.nameOf(m))
}

// hasBeenHere reports whether somebody was connected with us in this call.
func (c *Call) hasBeenHere(m mesh.Member) bool {
	began := m.PeerID == c.call.PeerID() && !c.call.Status().Established.IsZero()
	c.mu.Lock()
	defer c.mu.Unlock()
	_, joined := c.joined[m.Identity]
	return began || joined || c.here[m.Identity]
}

// blockedSentence tells that somebody has blocked the user, or the user them.
func (c *Call) blockedSentence(m mesh.Member) string {
	name := c.nameOf(m)
	if c.phone.blocks(farEnd(m)) {
		return fmt.Sprintf("You have blocked %s: the two of you do not hear and see each other any more. The others in the call still hear and see both.", name)
	}
	return fmt.Sprintf("%s has blocked you: the two of you do not hear and see each other any more. The others in the call still hear and see both.", name)
}
