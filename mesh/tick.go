package mesh

import "time"

// tick looks at everything of a leg that depends on the time: it turns time-outs into inputs of the table.
func (g *leg) tick(now time.Time) {
	g.listen()
	g.examineOld(now)
	g.missingProof(now)
	g.relayedAccept(now)
	if kind, reason := g.due(now); kind != 0 {
		g.step(input{kind: kind, reason: reason})
	}
	g.streaming(now)
	if g.m.state != Ended && g.link == nil && !g.opening && !g.sought.IsZero() && now.After(g.reopen) {
		g.openPath()
	}
	if g.m.state == joining {
		g.tellJoin()
	}
	g.tendStreams(now)
}

// listen notes when the far end was last heard.
func (g *leg) listen() {
	if g.link == nil {
		return
	}
	g.out.pace(g.link.peer.Session().Stats().RTT)
	t := g.link.lastHeard()
	g.call.mu.Lock()
	if t.After(g.heard) {
		g.heard = t
	}
	g.call.mu.Unlock()
}

// due is the time-out that is due, or 0.
func (g *leg) due(now time.Time) (inputKind, Reason) {
	silence := now.Sub(g.heard)
	inState := now.Sub(g.entered)
	switch g.m.state {
	case Calling:
		if now.Sub(g.began) >= giveUpAfter {
			return inGiveUp, ""
		}
		if g.link == nil && !g.sought.IsZero() && now.Sub(g.sought) >= noPathAfter && !g.accepted {
			return inNoPath, NoPath
		}
	case joining:
		switch {
		case g.entrance && g.link == nil && !g.sought.IsZero() && now.Sub(g.sought) >= noPathAfter:
			return inNoPath, NoPath
		case !g.wasIn && g.link != nil && now.Sub(g.linked) >= joinFor, g.knocks && !g.wasIn && (g.link == nil || inState >= joinFor):
			return inStuck, Declined
		case g.entrance && inState >= giveUpAfter:
			return inNoPath, NoAnswer
		}
		return 0, ""
	case Ringing:
		if inState >= ringFor {
			return inRingTimeout, ""
		}
		if !g.uninvite.IsZero() && now.Sub(g.uninvite) >= inviteWait {
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
		if now.Sub(g.lost) >= peerLostAfter {
			return inDead, ""
		}
		if g.link != nil && (g.link == g.lostLink || g.link.legacy(now)) && g.heard.After(g.lost) && g.open() {
			return inHeard, ""
		}
		return 0, ""
	}
	if g.link != nil && silence >= peerLostAfter {
		return inDead, ""
	}
	return 0, ""
}

// tendStreams keeps the streams as the state wants them: what could not be published or played is tried
// again, and an older call leaves the names to a newer one.
func (g *leg) tendStreams(now time.Time) {
	if g.m.state == Ended {
		return
	}
	if g.pub != nil && !g.agent.mayPublish(g.call) {
		g.unpublish()
	}
	if g.m.state != Ringing {
		g.publish()
	}
	if g.play == nil && now.After(g.playSoon) {
		g.startPlay()
	}
}

// keyFrameAsked takes the far end's request for a key frame.
func (g *leg) keyFrameAsked(now time.Time) {
	if !g.m.bothAccepted() {
		return
	}
	if small, on := g.out.farAsks(now); on {
		g.call.in.keyFrame(small)
	}
}

// keyFrameWanted has the far end get a key frame next, in any case.
func (g *leg) keyFrameWanted() {
	if !g.m.bothAccepted() {
		return
	}
	if small, on := g.out.anew(); on {
		g.call.in.keyFrame(small)
	}
}

// freshPictures starts pictures anew both ways, after a gap.
func (g *leg) freshPictures() {
	g.keyFrameWanted()
	g.requestKeyFrame()
}

// putAway ends what belongs to the call, after Ended was told.
func (c *Call) putAway() {
	c.agent.ended(c)
	c.cancel()
	c.stopCarrying()
	if !c.files.close() {
		c.agent.log.Warn("a disk does not answer; what it does to files is left to itself")
	}
	c.in.close()
	c.out.close()
	for _, g := range c.allLegs() {
		g.putAway()
	}
	c.wg.Wait()
}

// putAway ends what belongs to the leg.
func (g *leg) putAway() {
	g.cancel()
	if g.link != nil && time.Since(g.link.lastHeard()) < reconnectingAfter {
		g.link.flush()
	}
	g.bind(nil)
	g.wg.Wait()
}
