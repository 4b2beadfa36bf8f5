package mesh

import (
	"fmt"
	"time"

	"sundog.dev/sundog/mesh/trust"
)

// Who the far end of a leg is: what decides whether sound and picture may flow.

// standing is what a leg knows of its far end. It is the call's goroutine's own, cleared aside.
type standing struct {
	identity trust.Identity // proved in this call, at first; the same must be proved in each later session
	admitted bool           // the policy goes on with it
	refused  bool           // we do not want it
	good     *link          // where the far end has proved the identity, or is an admitted old client

	linked     time.Time     // our signals work on the link since
	listensTo  *link         // we wait for a proof on this one
	listened   time.Duration // and have heard the far end for so long meanwhile
	listenedAt time.Time     // as of then
	oldAsked   *link         // the policy was asked about the old client on this link
	oldRefusal refusal       // and said this
}

// open reports whether sound and picture may flow, as far as the far end is concerned: it has proved in this session who it is,
// or is an old client that the policy admits. A phone without an identity of its own asks for nothing.
func (g *leg) open() bool { return g.agent.cfg.Identity == nil || g.link != nil && g.good == g.link }

// clearedFor is open for one link, and for any goroutine.
func (g *leg) clearedFor(l *link) bool { return g.agent.cfg.Identity == nil || g.cleared.Load() == l }

// gate lets sound and picture through or not, as the state and the far end say. It is called whenever either has changed. Where
// they must not flow there is no stream of ours that a far end could play.
func (g *leg) gate() {
	if g.agent.cfg.Identity != nil {
		g.cleared.Store(nil)
		if g.open() {
			g.cleared.Store(g.link)
		}
	}
	g.out.admit(g.m, g.open())
	g.in.admit(g.m, g.open())
	switch {
	case !g.open():
		g.unpublish()
	case g.m.state != Ringing && g.m.state != Ended:
		g.publish()
	}
}

// examine looks at who is at the other end of the call's link; false if that ended the call. A caller counts once its invite
// has been admitted, whom we have called once the policy says so.
func (g *leg) examine() bool {
	l := g.link
	if l == nil || !l.proves() || g.good == l {
		return true
	}
	identity := l.identity()
	switch {
	case identity == trust.Identity{}:
		return true
	case g.identity != trust.Identity{} && g.identity != identity:
		g.refuse(refusal{IdentityChanged, TheirKeyChanged, fmt.Errorf("%w: %s, and now %s", errOtherIdentity, g.identity, identity)})
		return false
	case !g.admitted && g.m.role == callee && !g.joins:
		return true
	case !g.admitted:
		who := l.farEnd(g.Name())
		who.Called = !g.joins || g.entrance
		who.Member = !who.Called
		if r := g.agent.refusalOf(who); r.reason != "" {
			g.call.mu.Lock()
			g.member.Identity, g.member.Session = identity, l.sessionProof() // for the user to decide
			g.call.mu.Unlock()
			g.refuse(r)
			return false
		}
		g.admitted = true
	}
	g.identity = identity
	g.clear(l, Member{Identity: identity, Session: l.sessionProof()})
	g.call.events.put(MemberProved{g.asMember()})
	g.call.linkedMember(g)
	return true
}

// stand is what a call that rings begins with: the policy has admitted who calls over l. The goroutine does not run yet.
func (g *leg) stand(l *link, who FarEnd) {
	g.linked = time.Now()
	switch {
	case who.OldClient:
		g.oldAsked, g.good, g.member.OldClient = l, l, true
	case who.Identity != trust.Identity{}:
		g.admitted, g.identity, g.good = true, who.Identity, l
		g.member.Identity, g.member.Session = who.Identity, l.sessionProof()
	}
}

// clear lets the call go on over l.
func (g *leg) clear(l *link, m Member) {
	g.good = l
	g.call.mu.Lock()
	g.member = m
	g.call.mu.Unlock()
	g.gate()
	g.call.compare(time.Now())
}

// refuse ends the call because of who the far end is.
func (g *leg) refuse(r refusal) {
	g.refused = true
	g.step(r.input(g.link))
}

// examineOld lets a call go on with an old client, or not, as the policy says. Somebody who has proved an identity in this call, or
// has spoken our signals, is none.
func (g *leg) examineOld(now time.Time) {
	l := g.link
	if g.agent.cfg.Identity == nil || l == nil || g.good == l || !l.legacy(now) || g.wasReady || g.identity != (trust.Identity{}) {
		return
	}
	if g.private {
		if l.surelyOld(now) {
			g.refuse(refusal{reason: TooOld, err: errOldClient})
		}
		return
	}
	if g.oldAsked != l {
		who := l.farEnd(g.Name())
		who.OldClient, who.Called = true, g.m.role == caller
		g.oldAsked = l
		g.oldRefusal = g.agent.refusalOf(who)
	}
	switch {
	case g.oldRefusal.reason == "":
		g.clear(l, Member{OldClient: true})
		g.call.events.put(StateChanged{Status: g.call.Status()})
	case l.surelyOld(now):
		g.refuse(g.oldRefusal)
	}
}

// missingProof ends a call whose far end speaks our signals and proves nothing. Whom we do not hear is not to blame: only the time counts
// in which he is heard, since his proof may have been on its way when the path broke.
func (g *leg) missingProof(now time.Time) {
	l := g.link
	if l == nil || !l.isReady() || l.believed() || g.m.state == Ended {
		return
	}
	if g.listensTo != l {
		g.listensTo, g.listened = l, 0
	} else if now.Sub(l.lastHeard()) < keepalive+time.Second {
		g.listened += now.Sub(g.listenedAt)
	}
	g.listenedAt = now
	if g.listened >= farProofWait {
		g.refuse(g.noProof(l))
	}
}

// noProof is why a call ends with a far end that speaks our signals and proves nothing. Of somebody whose identity is known that
// is no old program: maybe somebody in between keeps the proofs, since none of his would be right.
func (g *leg) noProof(l *link) refusal {
	known := g.identity != trust.Identity{}
	if !known && g.m.role == caller {
		who := l.farEnd(g.Name())
		who.Called = true
		known = g.agent.admit(who) == IdentityChanged
	}
	if known {
		return refusal{IdentityChanged, ProofMissing, errProofMissing}
	}
	return refusal{reason: TooOld, err: errProofMissing}
}

// prove sends our proof over the call's link, if it may be sent and has not been; false: nothing else may be said either. A member
// knows who we are, and may not have heard that we are in the room: one of two must begin.
func (g *leg) prove() bool {
	if g.m.role == callee && !g.admitted && g.link.proves() && !(g.joins && g.wasIn) {
		return false
	}
	if err := g.link.prove(); err != nil {
		g.agent.log.Warn("our identity was not proved", "error", err)
		g.offer(refusal{IdentityChanged, ProofRefused, err}.input(g.link))
		return false
	}
	return true
}
