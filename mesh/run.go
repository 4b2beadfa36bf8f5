package mesh

import (
	"fmt"
	"time"
)

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

// step puts an input to the state machine and does what it says. A new state is told before anything is done in it, so
// that media find it when they open; the end is told when the last signal is on its way.
func (g *leg) step(in input) {
	before := g.m.state
	m, do := step(g.m, in.kind, in.reason)
	g.m = m
	if m.state == before {
		g.do(do, in)
		return
	}
	g.agent.log.Debug("leg", "with", g.Name(), "from", string(before), "to", string(m.state), "input", in.kind, "reason", string(m.reason))
	g.entered = time.Now()
	g.gate()
	if m.state != Ended {
		g.enter(before, in)
	}
	g.do(do, in)
	g.call.compare(time.Now())
	if m.state == Ended {
		g.enter(before, in)
	}
}

// enter tells of a new state.
func (g *leg) enter(from State, in input) {
	s := Status{State: g.m.state, Established: g.Status().Established}
	switch g.m.state {
	case InCall:
		if s.Established.IsZero() {
			s.Established = time.Now()
		}
		if from == Reconnecting {
			g.call.linkedMember(g)
		}
		if from != InCall {
			g.talkOn = nil // the far end may have begun anew
		}
		g.call.joined(g, !g.call.Status().Established.IsZero())
	case Reconnecting:
		g.lost, g.lostLink = g.heard, g.link
		s.Why = fmt.Sprintf("Nothing comes from %s any more; trying to get the connection back.", g.Name())
		if in.kind == inPathLost {
			s.Why = fmt.Sprintf("The connection to %s broke; trying again.", g.Name())
		}
	case Ended:
		s.Reason, s.Detail = g.m.reason, g.detail(in)
		if s.Reason == IdentityChanged {
			s.Trouble = TheirKeyChanged // the resolver may say so too
			if in.trouble != "" {
				s.Trouble = in.trouble
			}
		}
		g.stopStreams() // before anybody learns of the end, so that the next call finds the names free
	}
	g.setStatus(s)
}

// detail says what was tried, for the log.
func (g *leg) detail(in input) string {
	switch {
	case in.err != nil:
		return in.err.Error()
	case g.m.reason == NoPath:
		return g.triedPaths()
	case g.m.reason == PeerLost:
		return "nothing heard since " + g.heard.Format(time.RFC3339)
	case in.kind == inRingTimeout:
		return "rang for " + ringFor.String()
	case in.kind == inGiveUp:
		return "no answer within " + giveUpAfter.String()
	}
	return ""
}

// triedPaths says where a session was sought.
func (g *leg) triedPaths() string {
	s := "no service to introduce us"
	if g.target.Conn != nil && g.target.Conn.Connected() {
		s = "introduction by the service"
	}
	for _, a := range g.target.Candidates {
		s += ", " + a.String()
	}
	if !g.sought.IsZero() {
		s += fmt.Sprintf("; no answer within %d s", int(time.Since(g.sought).Seconds()))
	}
	if g.pathError != nil {
		s += ": " + g.pathError.Error()
	}
	return s
}

// do carries out what the table says.
func (g *leg) do(actions []action, in input) {
	for _, a := range actions {
		switch a {
		case doResolve:
			g.startResolve()
		case doPublish:
			g.publish()
		case doReach:
			g.reach()
		case doReopen:
			g.openPath()
		case doPlay:
			g.startPlay()
		case doReceive:
			g.receive()
		case doOpenMedia:
			g.call.openMedia()
		case doBecomeCallee:
			g.stopStreams()
			g.private = in.sig.room
		case doNoteRinging:
			s := g.Status()
			s.Detail = DetailRinging
			g.setStatus(s)
		case doKeyFrame:
			g.freshPictures()
		case doTellInvite:
			g.tellInvite()
		case doTellRinging:
			g.tell(signal{kind: sigRinging})
		case doTellAccept:
			g.tell(signal{kind: sigAccept})
		case doTellReject:
			g.tell(signal{kind: sigReject, reason: wireReason(g.m.reason, in.trouble)})
		case doTellCancel:
			g.tell(signal{kind: sigCancel})
		case doTellBye:
			g.tell(g.bye(wireReason(g.m.reason, in.trouble)))
		case doTellOK:
			g.tell(signal{kind: sigOK})
		case doTellResume:
			if g.m.role == caller && !g.invited && !g.joins {
				g.tellInvite() // set up by relay, as if with an old client: the far end does not know the call's ID
			}
			g.tell(signal{kind: sigResume})
		case doTellJoin:
			g.tellJoin()
		}
	}
}

// tellInvite offers the call in the session.
func (g *leg) tellInvite() {
	g.invited = true
	s := signal{kind: sigInvite, name: g.call.ownName, age: time.Since(g.began)}
	if g.private {
		s.room = true
		for _, other := range g.call.allLegs() {
			if other != g && other.m.bothAccepted() {
				s.with = append(s.with, other.Name())
			}
		}
	}
	g.tell(s)
}

// tellJoin says that we have this call: at once on each link, and now and then until both hold each other for members.
func (g *leg) tellJoin() {
	now := time.Now()
	if g.link == nil || !g.link.isReady() || g.joinOn == g.link && now.Sub(g.joinTold) < joinAgain {
		return
	}
	if g.tell(signal{kind: sigJoin}) {
		g.joinOn, g.joinTold = g.link, now
	}
}

// tell sends a signal: in the session where our signals work, else by relay, as far as the relay knows it. It reports whether it
// went by session.
func (g *leg) tell(s signal) bool {
	s.call = g.call.callID()
	if g.link != nil && g.link.isReady() && s.call != "" {
		if s.kind != sigReject && !g.prove() {
			return false // said again when the far end has proved itself
		}
		err := g.link.send(s)
		if err != nil {
			g.agent.log.Debug("signal not sent", "signal", string(s.kind), "error", err)
		}
		return err == nil
	}
	if g.private {
		return false // no old client has a place in a conference
	}
	switch s.kind {
	case sigAccept, sigReject, sigCancel, sigBye, sigOK:
		if g.target.Conn != nil && !g.wasReady {
			if err := relay(g.target.Conn, g.target.PeerID, s.kind, g.call.ownName); err != nil {
				g.agent.log.Debug("signal not relayed", "signal", string(s.kind), "error", err)
			}
		}
	}
	return false
}

// take sorts an input out: what only the link or the call's own data tell is looked at here, the rest is the table's.
func (g *leg) take(in input) {
	switch {
	case in.relayed != nil:
		g.takeRelayed(*in.relayed)
		return
	case in.play != nil:
		g.takeStream(in)
		return
	case in.opener:
		g.opening = false
		if in.link == nil {
			g.takePathError(in.err)
			return
		}
	case in.kind == inResolved:
		g.takeTarget(in)
		return
	case in.room != nil:
		g.takeRoom(in.link, in.room)
		return
	case in.inCall != nil:
		g.takeInCall(in.link, in.inCall)
		return
	case in.watched != nil:
		g.subscribersChanged(in.watched)
		return
	case in.kind == inRefused:
		if g.link == nil && in.link != nil {
			g.linkTo(in.link) // to say so
		}
		g.step(in)
		return
	case in.kind == inFarReject && g.m.state != Calling && g.m.state != joining && !in.link.believed():
		return // only a call that has not begun may be refused by somebody who proves nothing
	case in.kind == inFarReject && in.reason == TooOld && !in.link.believed():
		in = g.noProof(in.link).input(in.link) // whoever strips proofs off may have said so
	}
	if in.sig.kind == sigBye && g.outlived(in.sig) || in.link != nil && !g.takeLink(in) {
		return
	}
	switch in.kind {
	case inFarJoin:
		if g.m.state == Calling {
			if !g.private {
				return
			}
			g.joins = true
		}
		g.farJoined = in.link
		if !g.private { // it has lost us, and begins anew as members do
			g.stopStreams()
			g.private = true
		}
	case inFarResume:
		g.farJoined = in.link
	case inFarOK:
		if g.m.state == joining {
			g.farJoined, g.farOK = in.link, in.link
		}
	}
	switch in.sig.kind {
	case sigCompare:
		g.call.takeCompare(g, in.link, in.sig.message)
	case sigKeyFrame:
		g.keyFrameAsked(time.Now())
	default:
		g.step(in)
	}
}

// takeRelayed takes a signal that came by relay from our peer's ID. Where our own signals have worked, it does not count.
// An accept counts only from an old client, since it would let sound and picture out: it waits until that is known.
func (g *leg) takeRelayed(r relayed) {
	if g.wasReady {
		return
	}
	switch r.action {
	case sigAccept:
		g.accepted = true
		g.relayedAccept(time.Now())
	case sigReject:
		g.step(input{kind: inFarReject, reason: Declined})
	case sigCancel:
		g.step(input{kind: inFarCancel})
	case sigBye:
		switch {
		case g.m.state == Calling && !g.accepted:
			g.step(input{kind: inFarBye, reason: Declined})
		case g.accepted && g.link == nil:
			// Somebody has accepted and then given up: for want of a session, not of will.
			g.step(input{kind: inNoPath, reason: NoPath})
		default:
			g.step(input{kind: inFarBye, reason: Hangup})
		}
	}
}

func (g *leg) relayedAccept(now time.Time) {
	if g.accepted && g.link != nil && g.link.legacy(now) && g.open() {
		g.accepted = false
		g.step(input{kind: inFarAccept})
	}
}
