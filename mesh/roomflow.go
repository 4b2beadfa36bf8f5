package mesh

import (
	"context"
	"encoding/hex"
	"errors"

	"sundog.dev/sundog/mesh/room"
	"sundog.dev/sundog/mesh/room/incall"
	"sundog.dev/sundog/rtmfp"
)

// The flow of room messages in a peer session, one each way: the in-call protocol (docs/call-protocol.md). Nothing is read of it
// before the far end has proved its identity on the flow of signals.

// roomMetadata marks it.
var roomMetadata = []byte("sundog-room\x01")

// typeInvitation is the message by which a member brings somebody into the room who has accepted his call: the room's ID, and
// the invitation with what shows that it is good (room.Bundle).
const typeInvitation = 21

// isRoomMessage reports whether a message, of whatever length, is one of the room and says itself which.
func isRoomMessage(b []byte) bool {
	return room.IsMessage(b) || b[0] == room.TypeReport || b[0] == typeInvitation
}

// roomMessageID is the ID of the room that a message is about; false for one that is about none.
func roomMessageID(b []byte) (string, bool) {
	at := 1
	switch {
	case len(b) == 0:
		return "", false
	case b[0] == room.TypeReport:
		at = 2
	case !room.IsMessage(b) && b[0] != typeInvitation:
		return "", false
	}
	if len(b) < at+callIDBytes {
		return "", false
	}
	return hex.EncodeToString(b[at : at+callIDBytes]), true
}

// invitationMessage is the message of typeInvitation.
func invitationMessage(b room.Bundle) []byte {
	id := b.Invitation.Room.ID()
	return b.Append(append([]byte{typeInvitation}, id[:]...))
}

// conferences reports whether the far end can be in a conference with us.
func (l *link) conferences() bool {
	return l.proves() && l.isReady() && l.rooms
}

// sendRoom queues a message about a call; it never blocks. The flow is opened by the first. Since most messages do not say which
// call they are about, hello comes before the first of each.
func (l *link) sendRoom(call string, b []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.roomRefused {
		return errRoomRefused
	}
	if l.roomFlow == nil {
		flow, err := l.peer.Session().OpenFlow(roomMetadata, rtmfp.FlowOptions{Priority: rtmfp.PriorityData, Buffer: roomBuffer})
		if err != nil {
			return err
		}
		l.roomFlow = flow
	}
	if l.roomCall != call {
		hello := incall.Hello{Version: incall.Version, MinVersion: incall.MinVersion}
		if _, err := hex.Decode(hello.Call[:], []byte(call)); err != nil {
			return err
		}
		if _, err := l.roomFlow.Write(endedContext, hello.Append(nil), rtmfp.MessageOptions{}); err != nil {
			return l.noRoom(err)
		}
		l.roomCall = call
	}
	r, err := l.roomFlow.Write(endedContext, b, rtmfp.MessageOptions{})
	if err != nil {
		return l.noRoom(err)
	}
	l.roomLast = r
	return nil
}

// errRoomRefused is about a far end that has rejected our flow of room messages.
const errRoomRefused = meshError("mesh: the far end takes no room messages in this session")

// noRoom takes why a room message was not sent. Where the far end has rejected the flow it would reject the next one, too, so nothing more is
// tried on this link: a new one begins anew. l.mu is held.
func (l *link) noRoom(err error) error {
	rejected := new(rtmfp.FlowException)
	if !errors.As(err, &rejected) {
		return err
	}
	l.roomRefused = true
	l.agent.log.Info("the far end takes no room messages", "peer", l.id.String())
	return errRoomRefused
}

// readRoom takes the far end's room messages, no faster than the limits, and no faster than the call takes them.
func (l *link) readRoom(ctx context.Context, f *rtmfp.RecvFlow) {
	limit := newLimiter(roomMessagesPerSecond, roomMessagesBurst)
	lines := newLimiter(chatPerSecond, linesBurst)
	call := "" // which messages are about that do not say so
	for {
		b, err := f.Read(ctx)
		if err != nil {
			return
		}
		if !limit.pause(ctx) {
			return
		}
		switch {
		case len(b) == 0:
		case isRoomMessage(b):
			l.takeRoomMessage(ctx, b)
		default:
			m := l.inCallMessage(b)
			switch m := m.(type) {
			case incall.Hello:
				call = l.takeHello(ctx, m)
				continue
			case incall.Chat:
				if !lines.pause(ctx) {
					return
				}
			case nil, incall.Chunk: // those have a flow of their own
				continue
			}
			if g := l.legIn(call); g != nil {
				g.post(ctx, input{link: l, inCall: m})
			}
		}
	}
}

// takeRoomMessage takes a message that names its room.
func (l *link) takeRoomMessage(ctx context.Context, b []byte) {
	id, ok := roomMessageID(b)
	if !ok {
		return
	}
	in := input{link: l, room: b}
	if g := l.legIn(id); g != nil {
		g.post(ctx, in)
	} else if c := l.agent.callByID(id); c != nil {
		c.post(ctx, in) // the last word of somebody who has said goodbye
	}
}

// takeHello takes the far end's word which call messages are about from now on; "": of none that we could read. Somebody whose
// program is too old is told so.
func (l *link) takeHello(ctx context.Context, m incall.Hello) (call string) {
	call = hex.EncodeToString(m.Call[:])
	if _, ok := m.Speak(); ok {
		return call
	}
	if g := l.legIn(call); g != nil {
		g.post(ctx, refusal{reason: TooOld, err: errInCallVersion}.input(l))
	}
	return ""
}

const errInCallVersion = meshError("the other program speaks another version of the in-call protocol")

// legIn is the leg to the far end in a call; nil if there is none.
func (l *link) legIn(call string) *leg {
	l.agent.mu.Lock()
	defer l.agent.mu.Unlock()
	return l.agent.legOf(l.id, call)
}
