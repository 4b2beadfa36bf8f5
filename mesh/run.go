package mesh

import "time"

// run is the call's goroutine: it feeds the state machines of the legs and does what they say, until Ended and all is put away.
func (c *Call) run(first []action) {
	defer close(c.finished)
	c.each(func(g *leg) { g.do(first, input{}) })
	clock := time.NewTicker(tick)
	defer clock.Stop()
	share := time.NewTicker(shareEvery)
	defer share.Stop()
	c.sharing.filling = time.NewTimer(shareEvery)
	defer c.sharing.filling.Stop()
	hangUp := c.hangUp
	for !c.over {
		select {
		case in := <-c.inputs:
			c.take(in)
		case <-hangUp:
			hangUp = nil
			c.leave()
		case <-c.accept:
			c.each(func(g *leg) { g.step(input{kind: inUserAccept}) })
		case <-c.kick:
			// tendTalk tells what SetState said
		case <-share.C:
			c.shareUplink(time.Now())
			continue
		case <-c.sharing.filling.C:
			c.fillSome(time.Now())
			continue
		case <-clock.C:
			now := time.Now()
			c.each(func(g *leg) { g.tick(now) })
			c.stranded(now)
			c.compare(now)
			c.carrying.due = true
		}
		now := time.Now()
		c.tendRoom(now)
		c.tendTalk(now)
	}
	c.putAway()
}

// each does something with each leg that has not ended.
func (c *Call) each(f func(*leg)) {
	for _, g := range c.allLegs() {
		if g.m.state != Ended {
			f(g)
		}
	}
}

// take gives an input to whom it is for.
func (c *Call) take(in input) {
	switch {
	case in.do != nil:
		in.do()
	case in.leg == nil && in.room != nil:
		c.takeLastWord(in.link, in.room)
	case in.knock != nil:
		c.takeKnock(in.knock)
	case in.leg.m.state != Ended:
		in.leg.take(in)
	}
}

// legChanged takes the new status of a leg for what it makes of the call's.
func (c *Call) legChanged(g *leg, s Status) {
	var states []State
	for _, other := range c.allLegs() {
		if other.m.state != Ended {
			states = append(states, other.m.state)
		}
	}
	now := c.Status()
	// Whom a conference has lost is sought again.
	stays := !c.leaving && (c.stays || s.Reason == PeerLost && c.conf.in() && len(c.conf.roster.Members()) > 2)
	state := overall(now.Established, stays, states)
	if s.State != state {
		if now.State == state {
			return
		}
		s = Status{State: state}
		for _, other := range c.allLegs() {
			if t := other.Status(); t.State == state {
				s.Why = t.Why
			}
		}
	}
	if !now.Established.IsZero() {
		s.Established = now.Established
	}
	s.Silent = 0
	c.over = state == Ended
	c.setStatus(s)
}
