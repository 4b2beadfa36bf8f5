package mesh

import (
	"net/netip"
	"slices"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
)

// Times of the way back.
const (
	// backFirst and backMost are the times between attempts at the direct way, which double: a packet of 70 bytes for each address.
	backFirst = 500 * time.Millisecond
	backMost  = 4 * time.Second
	// backHold is how long a link that has broken soon after it came back (within backSoon) is left as it is before the first attempt, and
	// backHoldMost the most that this doubles to: each break costs carryAfter.
	backSoon     = 30 * time.Second
	backHold     = 5 * time.Second
	backHoldMost = time.Minute
	// maxBackAddrs bounds the addresses at which a member is sought: some are what he and others say.
	maxBackAddrs = 8
)

// wayBack is how the direct way to a member is sought while the session goes by another.
type wayBack struct {
	carried  bool // at present
	returned time.Time
	hold     time.Duration
	wait     time.Duration
	next     time.Time
}

// tendWaysBack tries the direct ways of sessions that go by somebody else. The far end does so, too: that opens their NATs.
func (c *Call) tendWaysBack(now time.Time) {
	k := &c.carrying
	c.each(func(g *leg) {
		id := g.PeerID()
		b := k.back[id]
		switch {
		case g.link == nil || g.link.isDone():
			return
		case g.link.direct():
			g.farAddr = g.link.peer.Session().FarAddr()
			if b != nil && b.carried {
				b.carried, b.returned = false, now
			}
			return
		case b == nil:
			b = &wayBack{}
			if k.back == nil {
				k.back = make(map[flash.PeerID]*wayBack)
			}
			k.back[id] = b
		}
		b.seek(now, func() {
			all := c.directAddrs(g)
			for _, a := range all[:min(len(all), maxBackAddrs)] {
				g.link.peer.Session().Probe(a)
			}
		})
	})
}

// seek has the direct way tried if it is time.
func (b *wayBack) seek(now time.Time, try func()) {
	if !b.carried {
		soon := !b.returned.IsZero() && now.Sub(b.returned) < backSoon
		if soon {
			b.hold = min(max(2*b.hold, backHold), backHoldMost)
		} else {
			b.hold = 0
		}
		b.carried, b.wait, b.next = true, backFirst, now.Add(b.hold)
	}
	if now.Before(b.next) {
		return
	}
	try()
	b.next = now.Add(b.wait)
	b.wait = min(2*b.wait, backMost)
}

// directAddrs are where a member may be heard directly: where he was, where the carrier sees him, and what he says himself.
func (c *Call) directAddrs(g *leg) []netip.AddrPort {
	t, id := &c.carriage, g.PeerID()
	t.mu.Lock()
	all := []netip.AddrPort{g.farAddr}
	if w := t.ways[id]; w != nil {
		all = append(all, w.seenAt)
	}
	t.mu.Unlock()
	all = append(all, g.target.Candidates...)
	var out []netip.AddrPort
	for _, a := range all {
		if a.IsValid() && !rtmfp.IsDetour(a) && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}
