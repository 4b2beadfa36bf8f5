package mesh

import (
	"errors"
	"time"

	"sundog.dev/sundog/mesh/room"
	"sundog.dev/sundog/mesh/room/incall"
	"sundog.dev/sundog/mesh/trust"
)

// What the members of a call tell each other besides sound and picture: messages of package incall on the flow of room messages
// (roomflow.go; docs/call-protocol.md). A leg talks while both ends know that the other has accepted. What a member is to know is
// told on each new link anew; what has been said is kept by identity, so that a new leg to the same member goes on with it.
//
// Whom we reach on a flow with no such messages, an old client, hears chat on our stream (streams.go), and nothing else of this.

// maxDialogues bounds the members of whom it is kept what was said: the largest room, and as many who have left it.
const maxDialogues = 2 * room.MaxMembers

// inCall is what a call has to tell; its goroutine's own.
type inCall struct {
	own       OwnState
	packet    time.Duration // how much sound goes in a datagram, as all were told; 0: a frame
	handAt    time.Time     // since when our hand is up
	said      bool          // SetState was called
	sequence  uint32        // of our newest state
	toldAt    time.Time     // when it was last told
	reactions uint32        // sequence of our newest reaction
	dialogues map[trust.Identity]*dialogue
}

// dialogue is what was said between us and one other member.
type dialogue struct {
	outbox  incall.Outbox
	inbox   incall.Inbox
	state   uint32 // sequence of his newest state, ≥ 1 once one has come
	reacted uint32 // of his newest reaction
}

// talking is the part of it that belongs to a leg, and ends with it; the goroutine's own.
type talking struct {
	talkOn    *link  // what he is to know has been told on this link
	stateSent uint32 // our newest state that he was told there
	chatSent  uint64 // our newest line that was sent there
	reactions *limiter
	offers    *limiter // of files
	pump      *filePump
}

// dialogueWith is what was said to and by a member so far.
func (c *Call) dialogueWith(who trust.Identity) *dialogue {
	t := c.talk.dialogues[who]
	if t != nil {
		return t
	}
	if c.talk.dialogues == nil {
		c.talk.dialogues = make(map[trust.Identity]*dialogue)
	}
	if len(c.talk.dialogues) >= maxDialogues {
		for other := range c.talk.dialogues {
			if c.legTo(other) == nil {
				delete(c.talk.dialogues, other)
				break
			}
		}
	}
	t = &dialogue{}
	c.talk.dialogues[who] = t
	return t
}

// legTo is the leg to somebody who has proved that identity; nil if there is none.
func (c *Call) legTo(who trust.Identity) *leg {
	var to *leg
	c.each(func(g *leg) {
		if g.identity == who && (to == nil || g.talkOn != nil) {
			to = g
		}
	})
	return to
}

// talks reports whether messages may be sent: the far end takes them from whom it holds for a member, which we know in this state.
func (g *leg) talks() bool {
	return g.m.state == InCall && g.link != nil && g.open() && g.link.conferences()
}

// tendTalk tells each member what he is to know and does not yet.
func (c *Call) tendTalk(now time.Time) {
	if c.over {
		return
	}
	c.numberState(now)
	c.each(func(g *leg) {
		switch {
		case !g.talks():
			g.talkOn = nil
			return
		case g.talkOn != g.link:
			g.talkOn, g.stateSent, g.chatSent = g.link, 0, 0
			g.showingLinked()
		}
		g.tellState()
		g.tellChat()
	})
	c.tendFiles(now)
}

// sendInCall queues a message to the far end of a leg that talks; false if it does not, or its flow is full.
func (g *leg) sendInCall(m incall.Message) bool {
	if !g.talks() {
		return false
	}
	err := g.link.sendRoom(g.call.callID(), m.Append(nil))
	if err != nil && !errors.Is(err, errRoomRefused) {
		g.agent.log.Debug("in-call message not sent", "error", err)
	}
	return err == nil
}

// takeInCall takes a message of the far end. It may come on a link that we have left already, or go to yet: each end changes
// links by itself, and what says the same twice is told by its sequence.
func (g *leg) takeInCall(l *link, m incall.Message) {
	if !g.m.bothAccepted() || g.identity == (trust.Identity{}) || l.identity() != g.identity {
		return
	}
	switch m := m.(type) {
	case incall.State:
		g.takeState(m)
	case incall.Showing:
		g.takeShowing(m)
	case incall.Chat:
		g.takeLine(m)
	case incall.ChatHave:
		g.call.dialogueWith(g.identity).outbox.Have(m)
		g.tellChat()
	case incall.Reaction:
		g.takeReaction(m)
	default:
		g.takeFile(l, m)
	}
}

// inCallMessage parses a message of a far end for a call; nil: to be ignored.
func (l *link) inCallMessage(b []byte) incall.Message {
	m, err := incall.Parse(b)
	if err != nil {
		if !errors.Is(err, incall.ErrUnknown) {
			l.agent.log.Debug("an in-call message was dropped", "from", l.id.String(), "type", b[0], "error", err)
		}
		return nil
	}
	return m
}

// sequenceNow begins the numbers of messages of which only the highest counts, or takes the next one: they rise even where the
// program, or the call, has forgotten the last one. Unix seconds fit until 2106.
func sequenceNow(last uint32, now time.Time) uint32 { return max(last+1, uint32(now.Unix())) }
