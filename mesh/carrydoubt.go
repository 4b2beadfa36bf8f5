package mesh

import (
	"cmp"
	"slices"
	"time"

	"sundog.dev/sundog/mesh/room"
	"sundog.dev/sundog/mesh/trust"
)

// Somebody may say that he hears two members and is willing, and then pass nothing on, or some of it, or all of it late (carrydelay.go). Whose packets he carries notices:
// either end says so in its report (room.Doubt), for all to choose another carrier for these two, or none. He is doubted for a while, and
// longer each time; as long as somebody else carries them well there is no reason to try him again.

const (
	// carryProves is how long a new way may take until something comes by it, besides round trips: the far end, and the carrier, must
	// have heard the reports from which it follows.
	carryProves = 2 * time.Second
	// carryFalls is the silence after which a way counts for nothing over which something has come: longer than keepalive, and long enough
	// for an honest carrier to have reported that he has lost one of the two himself (carryAfter).
	carryFalls = 3500 * time.Millisecond
	// carryLoses is the share of our packets that a carrier may lose, beyond what is lost on the way to him, counted over carryCounts, at least
	// of carryEnough packets. With more than that sound is no pleasure even when each packet is sent twice.
	carryLoses  = 0.2
	carryCounts = 3 * time.Second
	carryEnough = 30
	// carryIsLate is how much longer we wait for what seems to be lost too much.
	carryIsLate = time.Second
	// doubtFirst is how long a carrier is doubted at first, doubtMost the most that this doubles to: trying him again costs carryProves of
	// silence.
	doubtFirst = 30 * time.Second
	doubtMost  = 10 * time.Minute
)

// doubt is what we hold against a carrier to one member.
type doubt struct {
	until time.Time
	hold  time.Duration
}

// wayTrial is how a way does, by what we send over it; the call's goroutine's own.
type wayTrial struct {
	link       *link // the session that is looked at
	since      time.Time
	sent, lost uint64 // as of then
	via        [2]uint64
	fast, slow time.Duration // the round trip times since
}

// loss is the share of packets that the way has lost beyond what the way to the carrier loses, once enough have gone. What seems lost
// while the round trip time changes much may be late.
func (w *wayTrial) loss(now time.Time, l, via *link) (float64, bool) {
	st, to := l.peer.Session().Stats(), via.peer.Session().Stats()
	if w.link != l {
		*w = wayTrial{link: l, since: now, sent: st.PacketsSent, lost: st.PacketsLost, via: [2]uint64{to.PacketsSent, to.PacketsLost}, fast: st.RTT}
	}
	w.fast, w.slow = min(w.fast, st.RTT), max(w.slow, st.RTT)
	sent, took := st.PacketsSent-w.sent, now.Sub(w.since)
	if took < carryCounts || sent < carryEnough {
		return 0, false
	}
	share := float64(st.PacketsLost-w.lost) / float64(sent)
	if n := to.PacketsSent - w.via[0]; n > 0 {
		share -= float64(to.PacketsLost-w.via[1]) / float64(n)
	}
	if share > carryLoses && took < carryCounts+carryIsLate {
		return 0, false
	}
	w.link = nil // and begins anew
	return share, w.slow-w.fast <= carryAdds
}

// tryWays looks at how our ways do, and doubts those by whom nothing comes.
func (c *Call) tryWays(now time.Time, members []trust.Identity) {
	k, t := &c.carrying, &c.carriage
	for id, w := range t.ways { // only this goroutine changes the map
		g := c.legWith(id)
		if g == nil || c.carrierLink(w.carrier) != w.via || c.memberLeg(w.carrier).silentFor(now, carryAfter) {
			continue // or he has gone, and others see that
		}
		t.mu.Lock()
		came := w.came
		t.mu.Unlock()
		limit := carryProves + 4*w.via.peer.Session().Stats().RTT
		if !came.IsZero() {
			limit = carryFalls
		}
		why := ""
		if now.Sub(w.began) >= limit && now.Sub(came) >= limit && g.silentFor(now, limit) {
			why = "nothing comes"
		} else if g.link != nil && !g.link.direct() && !came.IsZero() {
			why = c.badly(now, members, g, w)
		}
		if why != "" {
			if k.doubt(now, room.Doubt{With: g.identity, Carrier: w.carrier}) {
				c.agent.log.Debug("a carrier is doubted", "to", g.Name(), "by", w.via.id.String(), "why", why)
			}
		}
	}
	c.sayDoubts(now)
}

// badly says what is wrong with a way by which packets come, if somebody else would do better.
func (c *Call) badly(now time.Time, members []trust.Identity, g *leg, w *way) (why string) {
	if now.Sub(w.began) < carryCalms {
		return ""
	}
	if share, known := w.trial.loss(now, g.link, w.via); known && share > carryLoses {
		if _, ok := c.otherCarrier(now, members, g.identity, w.carrier); ok {
			why = "too much is lost"
		}
	}
	if c.delays(now, members, g, w) {
		why = "it takes too long"
	}
	return why
}

// otherCarrier is who else would carry us and a member: somebody who loses much, or takes long, is better than nobody.
func (c *Call) otherCarrier(now time.Time, members []trust.Identity, with, carrier trust.Identity) (other trust.Identity, ok bool) {
	other, ok = c.conf.links.CarriersBut(now, members, room.Doubt{With: with, Carrier: carrier})[room.PairOf(c.agent.identity, with)]
	return other, ok && other != carrier
}

// doubt notes that a carrier is not to be used for a while; false: that is so already.
func (k *carrying) doubt(now time.Time, of room.Doubt) bool {
	if k.doubts == nil {
		k.doubts = make(map[room.Doubt]*doubt)
	}
	d := k.doubts[of]
	if d == nil {
		d = &doubt{}
		k.doubts[of] = d
	}
	if now.Before(d.until) {
		return false
	}
	d.hold = min(max(2*d.hold, doubtFirst), doubtMost)
	d.until = now.Add(d.hold)
	return true
}

// sayDoubts keeps the doubts that hold, and has them reported.
func (c *Call) sayDoubts(now time.Time) {
	k := &c.carrying
	var holds []room.Doubt
	for of, d := range k.doubts {
		switch {
		case now.Before(d.until):
			holds = append(holds, of)
		case c.carriedWell(now, of.With):
			d.until = now // as long as that is so
			holds = append(holds, of)
		case now.Sub(d.until) > d.hold || c.memberLeg(of.With) == nil:
			delete(k.doubts, of) // which forgets how long it was, too
		}
	}
	slices.SortFunc(holds, func(a, b room.Doubt) int {
		return cmp.Or(k.doubts[b].until.Compare(k.doubts[a].until), a.With.Compare(b.With), a.Carrier.Compare(b.Carrier))
	})
	if c.conf.links.Doubts(holds) {
		k.doubted = true // tendLinks reports it
	}
}

// carriedWell reports whether something comes from a member by way of another at present.
func (c *Call) carriedWell(now time.Time, who trust.Identity) bool {
	g := c.memberLeg(who)
	if g == nil {
		return false
	}
	t := &c.carriage
	t.mu.Lock()
	defer t.mu.Unlock()
	w := t.ways[g.PeerID()]
	return w != nil && now.Sub(w.came) < carryFalls
}
