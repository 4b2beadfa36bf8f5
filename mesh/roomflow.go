package mesh

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"
	"time"

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
	return l.proves() && l.isReady() && slices.Contains(strings.Fields(l.hello.capabilities), roomCapability)
}

// sendRoom queues a room message; it never blocks. The flow is opened by the first.
func (l *link) sendRoom(b []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.roomFlow == nil {
		flow, err := l.peer.Session().OpenFlow(roomMetadata, rtmfp.FlowOptions{Priority: rtmfp.PriorityData, Buffer: roomBuffer})
		if err != nil {
			return err
		}
		l.roomFlow = flow
		hello := incall.Hello{Version: incall.Version, MinVersion: incall.MinVersion}
		if _, err := flow.Write(endedContext, hello.Append(nil), rtmfp.MessageOptions{}); err != nil {
			return err
		}
	}
	r, err := l.roomFlow.Write(endedContext, b, rtmfp.MessageOptions{})
	if err == nil {
		l.roomLast = r
	}
	return err
}

// readRoom takes the far end's room messages, no faster than the limit, and no faster than the call takes them.
func (l *link) readRoom(ctx context.Context, f *rtmfp.RecvFlow) {
	select {
	case <-l.trusted:
	case <-ctx.Done():
		return
	}
	limit := newLimiter(roomMessagesPerSecond, roomMessagesBurst, time.Now())
	for {
		b, err := f.Read(ctx)
		if err != nil {
			return
		}
		if d := limit.wait(time.Now()); d > 0 && !sleep(ctx, d) {
			return
		}
		id, ok := roomMessageID(b)
		if !ok {
			continue // a later version's
		}
		l.agent.mu.Lock()
		g := l.agent.legOf(l.id, id)
		l.agent.mu.Unlock()
		in := input{link: l, room: slices.Clone(b)}
		if g != nil {
			g.post(ctx, in)
		} else if c := l.agent.callByID(id); c != nil {
			c.post(ctx, in) // the last word of somebody who has said goodbye
		}
	}
}
