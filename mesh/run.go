package mesh

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"sundog.dev/sundog/rtmfp/flash"
)

// runner is what belongs to a call's goroutine alone, the links to its helpers aside.
type runner struct {
	ctx    context.Context // ends with the call
	cancel context.CancelFunc
	wg     sync.WaitGroup // helpers: resolver, opening of sessions and media, readers
	target Target

	farAddr   netip.AddrPort // where the far end was last
	opening   bool           // a helper opens the peer session
	pathError error
	reopen    time.Time // not before
	invited   bool      // our invite went by session
	wasReady  bool      // our signals have worked in this call: relayed ones do not count any more
	accepted  bool      // an old client's accept, until we know that it is one

	began    time.Time // dialled or ringing since
	sought   time.Time // without a session since; zero while there is one or nobody seeks
	entered  time.Time // in the state since
	lost     time.Time // last heard, when Reconnecting began
	lostLink *link     // on this link
	linkedOn *link     // the table knows of this one as linked
	uninvite time.Time // the far end said hello, and invites by relay only, since

	pub        *flash.PublishStream
	play       *playing
	playSoon   time.Time // play again then
	budget     *budget
	budgeted   time.Time
	budgetPath statsBefore
	told       uint32 // what SetSending said and the far end knows
	toldOn     *link
	farSends   FarSending
	farKnown   bool
}

func (r *runner) begin(now time.Time) {
	r.ctx, r.cancel = context.WithCancel(context.Background())
	r.began, r.entered = now, now
	r.budget = newBudget()
}

// run is the call's goroutine: it feeds the state machine and does what it says, until Ended and all is put away.
func (c *Call) run(first []action) {
	defer close(c.finished)
	c.do(first, input{})
	clock := time.NewTicker(tick)
	defer clock.Stop()
	hangUp := c.hangUp
	for c.m.state != Ended {
		var subscribers <-chan struct{}
		if c.pub != nil {
			subscribers = c.pub.Changed()
		}
		select {
		case in := <-c.inputs:
			c.take(in)
		case <-hangUp:
			hangUp = nil
			c.step(input{kind: inUserHangUp})
		case <-c.accept:
			c.step(input{kind: inUserAccept})
		case <-c.kick:
			c.tellSending()
		case <-subscribers:
			c.subscribersChanged()
		case <-clock.C:
			c.tick(time.Now())
		}
	}
	c.putAway()
}

// step puts an input to the state machine and does what it says. A new state is told before anything is done in it, so
// that media find it when they open; the end is told when the last signal is on its way.
func (c *Call) step(in input) {
	before := c.m.state
	m, do := step(c.m, in.kind, in.reason)
	c.m = m
	if m.state == before {
		c.do(do, in)
		return
	}
	c.entered = time.Now()
	c.gate()
	if m.state != Ended {
		c.enter(before, in)
	}
	c.do(do, in)
	c.compare(time.Now())
	if m.state == Ended {
		c.enter(before, in)
	}
}

// enter tells of a new state.
func (c *Call) enter(from State, in input) {
	s := Status{State: c.m.state, Established: c.Status().Established}
	switch c.m.state {
	case InCall:
		if s.Established.IsZero() {
			s.Established = time.Now()
		}
		if from != InCall {
			c.tellSending()
		}
	case Reconnecting:
		c.lost, c.lostLink = c.heard, c.link
		s.Why = fmt.Sprintf("Nothing comes from %s any more; trying to get the connection back.", c.Name())
		if in.kind == inPathLost {
			s.Why = fmt.Sprintf("The connection to %s broke; trying again.", c.Name())
		}
	case Ended:
		s.Reason, s.Detail = c.m.reason, c.detail(in)
		if s.Reason == IdentityChanged {
			s.Trouble = TheirKeyChanged // the resolver may say so too
			if in.trouble != "" {
				s.Trouble = in.trouble
			}
		}
		c.stopStreams() // before anybody learns of the end, so that the next call finds the names free
	}
	c.setStatus(s)
}

// detail says what was tried, for the log.
func (c *Call) detail(in input) string {
	switch {
	case in.err != nil:
		return in.err.Error()
	case c.m.reason == NoPath:
		return c.triedPaths()
	case c.m.reason == PeerLost:
		return "nothing heard since " + c.heard.Format(time.RFC3339)
	case in.kind == inRingTimeout:
		return "rang for " + ringFor.String()
	case in.kind == inGiveUp:
		return "no answer within " + giveUpAfter.String()
	}
	return ""
}

// triedPaths says where a session was sought.
func (c *Call) triedPaths() string {
	s := "no service to introduce us"
	if c.target.Conn != nil && c.target.Conn.Connected() {
		s = "introduction by the service"
	}
	for _, a := range c.target.Candidates {
		s += ", " + a.String()
	}
	if !c.sought.IsZero() {
		s += fmt.Sprintf("; no answer within %d s", int(time.Since(c.sought).Seconds()))
	}
	if c.pathError != nil {
		s += ": " + c.pathError.Error()
	}
	return s
}

// do carries out what the table says.
func (c *Call) do(actions []action, in input) {
	for _, a := range actions {
		switch a {
		case doResolve:
			c.startResolve()
		case doPublish:
			c.publish()
		case doReach:
			c.reach()
		case doReopen:
			c.openPath()
		case doPlay:
			c.startPlay()
		case doReceive:
			c.receive()
		case doOpenMedia:
			c.openMedia()
		case doBecomeCallee:
			c.stopStreams()
		case doNoteRinging:
			s := c.Status()
			s.Detail = DetailRinging
			c.setStatus(s)
		case doKeyFrame:
			c.freshPictures()
		case doTellInvite:
			c.tellInvite()
		case doTellRinging:
			c.tell(signal{kind: sigRinging})
		case doTellAccept:
			c.tell(signal{kind: sigAccept})
		case doTellReject:
			c.tell(signal{kind: sigReject, reason: wireReason(c.m.reason, in.trouble)})
		case doTellCancel:
			c.tell(signal{kind: sigCancel})
		case doTellBye:
			c.tell(signal{kind: sigBye, reason: wireReason(c.m.reason, in.trouble)})
		case doTellOK:
			c.tell(signal{kind: sigOK})
		case doTellResume:
			if c.m.role == caller && !c.invited {
				c.tellInvite() // set up by relay, as if with an old client: the far end does not know the call's ID
			}
			c.tell(signal{kind: sigResume})
		}
	}
}

// tellInvite offers the call in the session.
func (c *Call) tellInvite() {
	c.invited = true
	c.tell(signal{kind: sigInvite, name: c.ownName, age: time.Since(c.began)})
}

// tell sends a signal: in the session where our signals work, else by relay, as far as the relay knows it.
func (c *Call) tell(s signal) {
	s.call = c.callID()
	if c.link != nil && c.link.isReady() && s.call != "" {
		if s.kind != sigReject && !c.prove() {
			return // said again when the far end has proved itself
		}
		if err := c.link.send(s); err != nil {
			c.agent.log.Debug("signal not sent", "signal", string(s.kind), "error", err)
		}
		return
	}
	switch s.kind {
	case sigAccept, sigReject, sigCancel, sigBye, sigOK:
		if c.target.Conn != nil && !c.wasReady {
			if err := relay(c.target.Conn, c.target.PeerID, s.kind, c.ownName); err != nil {
				c.agent.log.Debug("signal not relayed", "signal", string(s.kind), "error", err)
			}
		}
	}
}

// take sorts an input out: what only the link or the call's own data tell is looked at here, the rest is the table's.
func (c *Call) take(in input) {
	switch {
	case in.relayed != nil:
		c.takeRelayed(*in.relayed)
		return
	case in.play != nil:
		c.takeStream(in)
		return
	case in.opener:
		c.opening = false
		if in.link == nil {
			c.takePathError(in.err)
			return
		}
	case in.kind == inResolved:
		c.takeTarget(in)
		return
	case in.again != nil:
		c.takeAgain(in.again)
		return
	case in.kind == inRefused:
		if c.link == nil && in.link != nil {
			c.linkTo(in.link) // to say so
		}
		c.step(in)
		return
	case in.kind == inFarReject && c.m.state != Calling && !in.link.believed():
		return // only a call that has not begun may be refused by somebody who proves nothing
	}
	if in.link != nil && !c.takeLink(in) {
		return
	}
	switch in.sig.kind {
	case sigCompare:
		c.takeCompare(in.link, in.sig.message)
	case sigSending:
		c.farSending(FarSending{Audio: in.sig.audio, Video: in.sig.video})
	case sigKeyFrame:
		c.keyFrameWanted()
	default:
		c.step(in)
	}
}

// takeRelayed takes a signal that came by relay from our peer's ID. Where our own signals have worked, it does not count.
// An accept counts only from an old client, since it would let sound and picture out: it waits until that is known.
func (c *Call) takeRelayed(r relayed) {
	if c.wasReady {
		return
	}
	switch r.action {
	case sigAccept:
		c.accepted = true
		c.relayedAccept(time.Now())
	case sigReject:
		c.step(input{kind: inFarReject, reason: Declined})
	case sigCancel:
		c.step(input{kind: inFarCancel})
	case sigBye:
		switch {
		case c.m.state == Calling && !c.accepted:
			c.step(input{kind: inFarBye, reason: Declined})
		case c.accepted && c.link == nil:
			// Somebody has accepted and then given up: for want of a session, not of will.
			c.step(input{kind: inNoPath, reason: NoPath})
		default:
			c.step(input{kind: inFarBye, reason: Hangup})
		}
	}
}

func (c *Call) relayedAccept(now time.Time) {
	if c.accepted && c.link != nil && c.link.legacy(now) && c.open() {
		c.accepted = false
		c.step(input{kind: inFarAccept})
	}
}
