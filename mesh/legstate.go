package mesh

import (
	"fmt"
	"time"
)

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
