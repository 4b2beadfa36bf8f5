package mesh

import "time"

// tick looks at everything that depends on the time: it turns time-outs into inputs of the table.
func (c *Call) tick(now time.Time) {
	c.listen()
	c.examineOld(now)
	c.missingProof(now)
	c.relayedAccept(now)
	if kind, reason := c.due(now); kind != 0 {
		c.step(input{kind: kind, reason: reason})
	}
	c.streaming(now)
	if c.m.state != Ended && c.link == nil && !c.opening && !c.sought.IsZero() && now.After(c.reopen) {
		c.openPath()
	}
	c.tendStreams(now)
	c.tendBudget(now)
	c.tellSending()
	c.compare(now)
}

// listen notes when the far end was last heard.
func (c *Call) listen() {
	if c.link == nil {
		return
	}
	c.out.pace(c.link.peer.Session().Stats().RTT)
	t := c.link.lastHeard()
	c.mu.Lock()
	if t.After(c.heard) {
		c.heard = t
	}
	c.mu.Unlock()
}

// due is the time-out that is due, or 0.
func (c *Call) due(now time.Time) (inputKind, Reason) {
	silence := now.Sub(c.heard)
	inState := now.Sub(c.entered)
	switch c.m.state {
	case Calling:
		if now.Sub(c.began) >= giveUpAfter {
			return inGiveUp, ""
		}
		if c.link == nil && !c.sought.IsZero() && now.Sub(c.sought) >= noPathAfter && !c.accepted {
			return inNoPath, NoPath
		}
	case Ringing:
		if inState >= ringFor {
			return inRingTimeout, ""
		}
		if !c.uninvite.IsZero() && now.Sub(c.uninvite) >= inviteWait {
			return inUninvited, ""
		}
	case Connecting:
		if inState >= connectFor {
			return inStuck, ""
		}
	case InCall:
		if silence >= reconnectingAfter {
			return inSilent, ""
		}
		return 0, ""
	case Reconnecting:
		if now.Sub(c.lost) >= peerLostAfter {
			return inDead, ""
		}
		if c.link != nil && (c.link == c.lostLink || c.link.legacy(now)) && c.heard.After(c.lost) && c.open() {
			return inHeard, ""
		}
		return 0, ""
	}
	if c.link != nil && silence >= peerLostAfter {
		return inDead, ""
	}
	return 0, ""
}

// tendStreams keeps the streams as the state wants them: what could not be published or played is tried
// again, and an older call leaves the names to a newer one.
func (c *Call) tendStreams(now time.Time) {
	if c.m.state == Ended {
		return
	}
	if c.pub != nil && !c.agent.mayPublish(c) {
		c.unpublish()
	}
	if c.m.state != Ringing {
		c.publish()
	}
	if c.play == nil && now.After(c.playSoon) {
		c.startPlay()
	}
}

// tendBudget looks at the path and tells the media a changed budget.
func (c *Call) tendBudget(now time.Time) {
	if c.m.state != InCall || c.link == nil {
		return
	}
	st := c.link.peer.Session().Stats()
	if st.Feedback {
		if bits, changed := c.budget.follow(st.SendRate); changed {
			c.in.setBudget(bits)
		}
		return
	}
	if now.Sub(c.budgeted) < budgetEvery {
		return
	}
	c.budgeted = now
	loss := c.budgetPath.loss(st)
	if bits, changed := c.budget.observe(loss, st.RTT, c.out.takeDropped()); changed {
		c.in.setBudget(bits)
	}
}

// tellSending says what we send, when that has changed or the far end is new to it.
func (c *Call) tellSending() {
	bits := c.sending.Load()
	if bits == 0 || !c.m.bothAccepted() || c.link == nil || !c.link.isReady() || !c.open() {
		return
	}
	if c.told == bits && c.toldOn == c.link {
		return
	}
	s := signal{kind: sigSending, call: c.callID(), audio: bits&sendsAudio != 0, video: bits&sendsVideo != 0}
	if c.link.send(s) == nil {
		c.told, c.toldOn = bits, c.link
	}
}

// farSending takes what the far end says of itself.
func (c *Call) farSending(s FarSending) {
	if !c.m.bothAccepted() || (c.farKnown && c.farSends == s) {
		return
	}
	c.farSends, c.farKnown = s, true
	c.events.put(s)
}

// keyFrameWanted takes the far end's request for a key frame.
func (c *Call) keyFrameWanted() {
	if c.m.bothAccepted() {
		c.in.keyFrame()
	}
}

// freshPictures starts pictures anew both ways, after a gap.
func (c *Call) freshPictures() {
	c.in.keyFrame()
	c.out.RequestKeyFrame()
}

// putAway ends what belongs to the call, after Ended was told.
func (c *Call) putAway() {
	c.agent.ended(c)
	c.cancel()
	c.in.close()
	if c.link != nil && time.Since(c.link.lastHeard()) < reconnectingAfter {
		c.link.flush()
	}
	c.bind(nil)
	c.wg.Wait()
}
