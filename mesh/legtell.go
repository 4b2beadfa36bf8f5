package mesh

import "time"

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
