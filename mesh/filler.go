package mesh

import (
	"context"
	"time"

	"sundog.dev/sundog/rtmfp"
)

// Filler: packets of no use, below everything else in priority, that prove how much an uplink or a path carries when sound and
// pictures do not fill it. A far end that announces fillCapability takes a flow of them and looks at nothing.

// fillMetadata marks the flow.
var fillMetadata = []byte("sundog-fill\x01")

// filler is what it is made of.
var filler [fillerPayload]byte

// sendFiller sends a packet of no use, if there is room for it at once.
func (l *link) sendFiller(now time.Time) {
	l.mu.Lock()
	flow := l.fillFlow
	if flow == nil {
		var err error
		flow, err = l.peer.Session().OpenFlow(fillMetadata, rtmfp.FlowOptions{Priority: rtmfp.PriorityBackground, Buffer: fillerBuffer})
		if err != nil {
			l.mu.Unlock()
			return
		}
		l.fillFlow = flow
	}
	l.mu.Unlock()
	// An error means that there is no room, or no session any more.
	_, _ = flow.Write(endedContext, filler[:], rtmfp.MessageOptions{StartBy: now.Add(fillerLife), NoRetransmit: true})
}

// fill sends what is of no use but to prove that the uplink and the path carry what there is room for, in bit/s, as far as sound and
// pictures do not use it: less than they might, since people are silent and pictures still. first is the part of a packet that it begins
// with: with the same one for all legs, they would all wait until each has saved up for a packet.
func (g *leg) fill(now time.Time, room, sent, first float64) {
	u := &g.uplink
	since := min(now.Sub(u.filled), 2*shareEvery).Seconds()
	used := sent - u.sent
	u.filled, u.sent, u.fill = now, sent, 0
	if room == 0 {
		u.credit = first * fillerSize
		return
	}
	u.credit = min(max(u.credit+room/8*since-used, -room/8*fillerMemory.Seconds()), fillerMost)
	for credit := u.credit; credit >= fillerSize; credit -= fillerSize {
		u.fill++
	}
}

// fillSome sends a part of the filler of this turn, of each member in turn: all at once it would be a queue.
func (c *Call) fillSome(now time.Time) {
	s := &c.sharing
	left := 0
	for _, g := range s.legs {
		if g.m.state == Ended { // since the uplink was divided: it is put away by now
			g.uplink.fill = 0
		}
		left += g.uplink.fill
	}
	if left == 0 {
		return
	}
	parts := max(1, int(s.turnEnds.Sub(now)/fillEvery))
	for n := (left + parts - 1) / parts; n > 0; s.turn++ {
		g := s.legs[s.turn%len(s.legs)]
		if g.uplink.fill == 0 {
			continue
		}
		g.uplink.fill--
		n--
		c.mu.Lock()
		l := g.link // which is taken from a leg that has ended meanwhile, in a goroutine of its own
		c.mu.Unlock()
		if l != nil {
			l.sendFiller(now)
		}
	}
	if parts > 1 {
		s.filling.Reset(fillEvery)
	}
}

// readFiller takes the far end's.
func (l *link) readFiller(ctx context.Context, f *rtmfp.RecvFlow) {
	f.SetOrder(rtmfp.NetworkOrder)
	var err error
	for b := []byte(nil); err == nil; {
		b, err = f.ReadInto(ctx, b)
	}
}
