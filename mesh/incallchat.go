package mesh

import (
	"crypto/rand"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"sundog.dev/sundog/mesh/room/incall"
	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp/flash"
)

// ChatLine is a line of text from another member.
type ChatLine struct {
	From, Text string
	PeerID     flash.PeerID // whose line it is
	Private    bool         // to us alone
	At         time.Time    // when it was written, by his clock; zero: an old client does not say
}

// Reacted says that another member shows an emoji for a moment.
type Reacted struct {
	PeerID flash.PeerID
	Emoji  string
}

func (ChatLine) meshEvent() {}
func (Reacted) meshEvent()  {}

// SendChat sends a line of text in an established call, of at most 4000 characters (ErrChatTooLong), to those members or, without
// any, to all; to a member who is not heard at the moment once he is. ErrNotInCall before the call is established, ErrNobody if
// one of them is not in it, ErrEnded after.
func (c *Call) SendChat(text string, to ...flash.PeerID) error {
	if utf8.RuneCountInString(text) > maxChat || len(text) > incall.MaxText {
		return ErrChatTooLong
	}
	return c.ask(func() error {
		legs, err := c.membersOf(to)
		if err != nil {
			return err
		}
		now := time.Now()
		line := incall.Chat{Private: len(to) > 0, Text: text}
		_, _ = rand.Read(line.ID[:]) // never fails
		for _, g := range legs {
			if g.identity == (trust.Identity{}) || g.link != nil && g.link.isReady() && !g.link.conferences() {
				if err := g.out.chat(c.ownName, text); err != nil {
					return err
				}
				continue
			}
			c.dialogueWith(g.identity).outbox.Add(now, line)
			g.tellChat()
		}
		return nil
	})
}

// membersOf are the legs to some members who have answered, or to all of them.
func (c *Call) membersOf(to []flash.PeerID) (legs []*leg, err error) {
	switch c.Status().State {
	case InCall, Reconnecting:
	case Ended:
		return nil, ErrEnded
	default:
		return nil, ErrNotInCall
	}
	c.each(func(g *leg) {
		if g.m.bothAccepted() && (len(to) == 0 || slices.Contains(to, g.PeerID())) {
			legs = append(legs, g)
		}
	})
	for _, id := range to {
		if !slices.ContainsFunc(legs, func(g *leg) bool { return g.PeerID() == id }) {
			return nil, ErrNobody
		}
	}
	return legs, nil
}

// tellChat sends what the far end has not been sent on this link, as far as there is room.
func (g *leg) tellChat() {
	if g.talkOn == nil || g.talkOn != g.link {
		return
	}
	for _, line := range g.call.dialogueWith(g.identity).outbox.Again() {
		if line.Sequence <= g.chatSent {
			continue
		}
		if !g.sendInCall(line) {
			return
		}
		g.chatSent = line.Sequence
	}
}

// takeLine takes a line of the far end.
func (g *leg) takeLine(m incall.Chat) {
	have, fresh := g.call.dialogueWith(g.identity).inbox.Take(m)
	g.sendInCall(have)
	if !fresh {
		return
	}
	if now := time.Now(); m.At.IsZero() || m.At.After(now) {
		m.At = now
	}
	if text := tidyText(m.Text); text != "" {
		g.call.events.put(ChatLine{From: g.Name(), Text: text, PeerID: g.PeerID(), Private: m.Private, At: m.At})
	}
}

// React shows an emoji to everybody for a moment. Whoever is not heard at the moment misses it. ErrNotInCall before the call is
// established, ErrReaction for anything but a short text, ErrEnded after.
func (c *Call) React(emoji string) error {
	if emoji == "" || len(emoji) > incall.MaxReaction || tidyEmoji(emoji) == "" {
		return ErrReaction
	}
	return c.ask(func() error {
		legs, err := c.membersOf(nil)
		if err != nil {
			return err
		}
		c.talk.reactions = sequenceNow(c.talk.reactions, time.Now())
		for _, g := range legs {
			g.sendInCall(incall.Reaction{Sequence: c.talk.reactions, Emoji: emoji})
		}
		return nil
	})
}

// takeReaction takes that of the far end. Those of a flood are dropped: they are for a moment.
func (g *leg) takeReaction(m incall.Reaction) {
	d := g.call.dialogueWith(g.identity)
	if m.Sequence <= d.reacted {
		return
	}
	d.reacted = m.Sequence
	if g.reactions == nil {
		g.reactions = newLimiter(reactionsPerSecond, reactionsBurst)
	}
	if emoji := tidyEmoji(m.Emoji); emoji != "" && g.reactions.allow(time.Now()) {
		g.call.events.put(Reacted{PeerID: g.PeerID(), Emoji: emoji})
	}
}

// tidyEmoji makes a reaction from the network fit to be shown.
func tidyEmoji(s string) string { return strings.Join(strings.Fields(tidyText(s)), " ") }
