package mesh

import "time"

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
