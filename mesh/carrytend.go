package mesh

import (
	"maps"
	"math"
	"slices"
	"time"

	"sundog.dev/sundog/mesh/room"
	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp/flash"
)

// carrying is what the call's goroutine knows of carried links, beside its carriage.
type carrying struct {
	due      bool                         // something may have changed
	carriers map[room.Pair]trust.Identity // as the reports have it
	back     map[flash.PeerID]*wayBack
	knows    map[flash.PeerID]*link // where we take introductions
	doubts   map[room.Doubt]*doubt
	doubted  bool    // our doubts have changed since the last report
	offer    int     // for how many pairs we have offered to carry, at last
	mean     float64 // of what our uplink carries, in bit/s, as of our last reports
	fresh    bool    // that was only about to be found out at the last one
}

// What is known of the uplink is estimated anew all the time, and who carries for whom follows from what is offered: so the offer follows the mean
// of about so many reports, and changes only when that is so much more, or less, than it needs.
const (
	carryMean   = 4
	carrySteady = 1.3
)

// willing is for how many pairs of others we would carry, for a report: as many as leave half of the uplink to ourselves if they send sound, and
// one in any case if there is enough for that. Their pictures take what there is, before ours: to be heard is worth more.
func (c *Call) willing() int {
	u, k := &c.uplink, &c.carrying
	u.mu.Lock()
	rate, limit := float64(u.now.Rate), u.limit
	u.mu.Unlock()
	if k.mean == 0 || k.fresh {
		k.mean = rate
	}
	k.fresh = c.sharing.estimate.Afresh // it is only about to be found out
	k.mean += (rate - k.mean) / carryMean
	mean := k.mean
	if limit > 0 && (rate == 0 || rate > limit) {
		rate, mean = limit, limit
	}
	switch {
	case rate == 0: // not known yet
		k.offer = 1
	case rate < carryLeast || k.offer == 0:
		k.offer = carriedPairs(rate)
	default:
		k.offer = min(max(k.offer, carriedPairs(mean/carrySteady)), carriedPairs(mean*carrySteady))
	}
	return k.offer
}

// carriedPairs is for how many pairs there is room on an uplink, in bit/s.
func carriedPairs(rate float64) int {
	if rate < carryLeast {
		return 0
	}
	return max(1, min(int(rate/2/(2*carrySound)), room.MaxCarried))
}

// passageRate is what each of those for whom we carry may send: together no more than is theirs of our uplink, and each enough for sound.
func (c *Call) passageRate() float64 {
	pairs := 0
	for _, carrier := range c.carrying.carriers {
		if carrier == c.agent.identity {
			pairs++
		}
	}
	may := &c.sharing.guests
	if c.Uplink().Rate == 0 || pairs == 0 || may.more == 0 {
		return carryAtFirst
	}
	return min(max(may.may/may.more/float64(2*pairs), carrySound), carryRate)
}

// silentFor reports whether a link counts as broken for the others.
func (g *leg) silentFor(now time.Time, d time.Duration) bool {
	return g.link == nil || now.Sub(g.heard) >= d && now.Sub(g.linked) >= d
}

// linkState is how our link with a member is, for the reports.
func (g *leg) linkState(now time.Time) room.LinkState {
	switch {
	case g.m.state == InCall && !g.silentFor(now, carryAfter):
		if g.link.direct() {
			return room.Up
		}
		return room.Carried
	case g.m.state == InCall, g.m.state == Reconnecting, g.call.conf.known[g.identity].PeerID == g.PeerID():
		return room.Broken
	case now.Sub(g.began) >= carryFirst && g.silentFor(now, carryFirst):
		return room.Broken
	}
	return room.Connecting
}

// memberLeg is the leg to a member at the peer ID that he has now; nil: none.
func (c *Call) memberLeg(who trust.Identity) *leg {
	var found *leg
	c.each(func(g *leg) {
		if g.identity == who && (found == nil || g.wasIn) {
			found = g
		}
	})
	return found
}

// carrierLink is a link that packets may go by: with a member, who has proved it, and by nobody else; nil: there is none.
func (c *Call) carrierLink(who trust.Identity) *link {
	g := c.memberLeg(who)
	if g == nil || g.m.state != InCall || g.link == nil || !g.open() || !g.link.direct() {
		return nil
	}
	return g.link
}

// tendCarrying sees to it that packets go as the reports have it.
func (c *Call) tendCarrying(now time.Time) {
	f, k := c.conf, &c.carrying
	if !f.in() || c.over {
		c.stopCarrying()
		return
	}
	var members []trust.Identity
	for _, m := range f.roster.Members() {
		members = append(members, m.Identity)
	}
	k.carriers = f.links.Carriers(now, members)
	self := c.agent.identity
	rate := c.passageRate()
	ways, passages := map[flash.PeerID]bool{}, map[[2]flash.PeerID]bool{}
	for pair, carrier := range k.carriers {
		switch {
		case carrier == self:
			from, to := c.carrierLink(pair[0]), c.carrierLink(pair[1])
			if from != nil && to != nil {
				c.tendPassage(now, from, to, rate)
				c.tendPassage(now, to, from, rate)
				passages[[2]flash.PeerID{from.id, to.id}], passages[[2]flash.PeerID{to.id, from.id}] = true, true
			}
		case slices.Contains(pair[:], self):
			other := pair[0]
			if other == self {
				other = pair[1]
			}
			if g, via := c.memberLeg(other), c.carrierLink(carrier); g != nil && via != nil && c.tendWay(now, g, carrier, via) {
				ways[g.PeerID()] = true
			}
		}
	}
	c.forgetCarried(ways, passages)
	c.tryWays(now, members)
	maps.DeleteFunc(k.back, func(id flash.PeerID, _ *wayBack) bool { return c.legWith(id) == nil })
	maps.DeleteFunc(k.knows, func(id flash.PeerID, _ *link) bool { return c.legWith(id) == nil })
	c.tendIntroductions()
	c.tendWaysBack(now)
}

// tendPassage opens our passing on from one to another, or keeps it open. What they may send is told in the flow's metadata, so another flow
// begins when that changes much.
func (c *Call) tendPassage(now time.Time, from, to *link, rate float64) {
	t, key := &c.carriage, [2]flash.PeerID{from.id, to.id}
	p := t.passages[key] // only this goroutine changes the maps
	if p != nil && p.from == from && p.to == to && (now.Sub(p.opened) < carryAgain || !closed(p.flow.Done()) && math.Abs(p.rate-rate) < rate/4) {
		return
	}
	id := c.conf.roster.Room().ID()
	flow, err := to.openCarry(carryHeader{from: true, peer: from.id, rate: rate, at: from.peer.Session().FarAddr()}.metadata(id))
	if err != nil {
		return // the session has just ended
	}
	if p != nil {
		_ = p.flow.Close()
	} else {
		c.agent.log.Debug("we carry", "from", from.id.String(), "to", to.id.String())
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.passages == nil {
		t.passages = make(map[[2]flash.PeerID]*passage)
	}
	t.passages[key] = &passage{from: from, to: to, flow: flow, opened: now, rate: rate}
}

// tendWay opens our way to a member, or keeps it open, and goes by it if nothing else is heard of him. False: there is none.
func (c *Call) tendWay(now time.Time, g *leg, carrier trust.Identity, via *link) bool {
	t, id := &c.carriage, g.PeerID()
	w := t.ways[id]
	if w == nil || w.via != via || closed(w.flow.Done()) && now.Sub(w.opened) >= carryAgain {
		fresh, err := c.openWay(now, g, carrier, via)
		if err != nil {
			c.agent.log.Debug("no way by another member", "to", g.Name(), "error", err)
			return false
		}
		c.agent.log.Debug("carried", "to", g.Name(), "by", via.id.String())
		t.mu.Lock()
		if t.ways == nil {
			t.ways = make(map[flash.PeerID]*way)
		}
		t.ways[id] = fresh
		t.mu.Unlock()
		if w != nil {
			if w.carrier == carrier {
				fresh.began, fresh.delay = w.began, w.delay
			}
			w.close()
		}
		w = fresh
	}
	switch {
	case g.link == nil:
		g.openPath()
		g.at.nc.Suggest(id, w.detour.Addr())
	case !g.link.direct() || g.silentFor(now, carryAfter):
		g.link.peer.Session().Move(w.detour.Addr())
	}
	return true
}

func (c *Call) openWay(now time.Time, g *leg, carrier trust.Identity, via *link) (*way, error) {
	h := carryHeader{peer: g.PeerID()}
	flow, err := via.openCarry(h.metadata(c.conf.roster.Room().ID()))
	if err != nil {
		return nil, err
	}
	w := &way{to: h.peer, carrier: carrier, via: via, flow: flow, opened: now, began: now}
	w.detour, err = g.at.nc.OpenDetour(carryAtFirst, func(packet []byte) { via.sendPacket(flow, packet, true, time.Now()) })
	if err != nil {
		_ = flow.Close()
		return nil, err
	}
	return w, nil
}

func (w *way) close() {
	w.detour.Close()
	_ = w.flow.Close()
}

// forgetCarried closes all but some ways and passages.
func (c *Call) forgetCarried(ways map[flash.PeerID]bool, passages map[[2]flash.PeerID]bool) {
	t := &c.carriage
	t.mu.Lock()
	defer t.mu.Unlock()
	maps.DeleteFunc(t.ways, func(id flash.PeerID, w *way) bool {
		if !ways[id] {
			w.close()
		}
		return !ways[id]
	})
	maps.DeleteFunc(t.passages, func(key [2]flash.PeerID, p *passage) bool {
		if !passages[key] {
			_ = p.flow.Close()
		}
		return !passages[key]
	})
}

// stopCarrying closes all of it.
func (c *Call) stopCarrying() {
	c.carrying = carrying{}
	c.forgetCarried(nil, nil)
}

// carrierOf is who carries the link of two members; zero: nobody.
func (c *Call) carrierOf(a, b trust.Identity) trust.Identity {
	return c.carrying.carriers[room.PairOf(a, b)]
}
