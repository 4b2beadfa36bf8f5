package mesh

import (
	"fmt"
	"time"

	"sundog.dev/sundog/mesh/trust"
)

// Who the far end of a call is: what decides whether sound and picture may flow.

// standing is what a call knows of its far end. It is the goroutine's own, cleared aside.
type standing struct {
	identity trust.Identity // proved in this call, at first; the same must be proved in each later session
	admitted bool           // the policy goes on with it
	good     *link          // where the far end has proved the identity, or is an admitted old client

	linked     time.Time // our signals work on the link since, and we wait for a proof
	oldAsked   *link     // the policy was asked about the old client on this link
	oldRefusal refusal   // and said this
}

// open reports whether sound and picture may flow, as far as the far end is concerned: it has proved in this session who it is,
// or is an old client that the policy admits. A phone without an identity of its own asks for nothing.
func (c *Call) open() bool { return c.agent.cfg.Identity == nil || c.link != nil && c.good == c.link }

// clearedFor is open for one link, and for any goroutine.
func (c *Call) clearedFor(l *link) bool { return c.agent.cfg.Identity == nil || c.cleared.Load() == l }

// gate lets sound and picture through or not, as the state and the far end say. It is called whenever either has changed. Where
// they must not flow there is no stream of ours that a far end could play.
func (c *Call) gate() {
	if c.agent.cfg.Identity != nil {
		c.cleared.Store(nil)
		if c.open() {
			c.cleared.Store(c.link)
		}
	}
	c.out.admit(c.m, c.open())
	c.in.admit(c.m, c.open())
	switch {
	case !c.open():
		c.unpublish()
	case c.m.state != Ringing && c.m.state != Ended:
		c.publish()
	}
}

// examine looks at who is at the other end of the call's link; false if that ended the call. A caller counts once its invite
// has been admitted, whom we have called once the policy says so.
func (c *Call) examine() bool {
	l := c.link
	if l == nil || !l.proves() || c.good == l {
		return true
	}
	identity := l.identity()
	switch {
	case identity == trust.Identity{}:
		return true
	case c.identity != trust.Identity{} && c.identity != identity:
		c.refuse(refusal{IdentityChanged, TheirKeyChanged, fmt.Errorf("%w: %s, and now %s", errOtherIdentity, c.identity, identity)})
		return false
	case !c.admitted && c.m.role == callee:
		return true
	case !c.admitted:
		who := l.farEnd(c.Name())
		who.Called = true
		if r := c.agent.refusalOf(who); r.reason != "" {
			c.mu.Lock()
			c.member.Identity, c.member.Session = identity, l.sessionProof() // for the user to decide
			c.mu.Unlock()
			c.refuse(r)
			return false
		}
		c.admitted = true
	}
	c.identity = identity
	c.clear(l, Member{Identity: identity, Session: l.sessionProof()})
	c.events.put(MemberProved{c.Members()[0]})
	c.linkedMember(identity)
	return true
}

// stand is what a call that rings begins with: the policy has admitted who calls over l. The goroutine does not run yet.
func (c *Call) stand(l *link, who FarEnd) {
	c.linked = time.Now()
	switch {
	case who.OldClient:
		c.oldAsked, c.good, c.member.OldClient = l, l, true
	case who.Identity != trust.Identity{}:
		c.admitted, c.identity, c.good = true, who.Identity, l
		c.member.Identity, c.member.Session = who.Identity, l.sessionProof()
	}
}

// clear lets the call go on over l.
func (c *Call) clear(l *link, m Member) {
	c.good = l
	c.mu.Lock()
	c.member = m
	c.mu.Unlock()
	c.gate()
	c.compare(time.Now())
}

// refuse ends the call because of who the far end is.
func (c *Call) refuse(r refusal) { c.step(r.input(c.link)) }

// examineOld lets a call go on with an old client, or not, as the policy says. Somebody who has proved an identity in this call, or
// has spoken our signals, is none.
func (c *Call) examineOld(now time.Time) {
	l := c.link
	if c.agent.cfg.Identity == nil || l == nil || c.good == l || !l.legacy(now) || c.wasReady || c.identity != (trust.Identity{}) {
		return
	}
	if c.oldAsked != l {
		who := l.farEnd(c.Name())
		who.OldClient, who.Called = true, c.m.role == caller
		c.oldAsked = l
		c.oldRefusal = c.agent.refusalOf(who)
	}
	switch {
	case c.oldRefusal.reason == "":
		c.clear(l, Member{OldClient: true})
		c.events.put(StateChanged{Status: c.Status()})
	case l.surelyOld(now):
		c.refuse(c.oldRefusal)
	}
}

// missingProof ends a call whose far end speaks our signals and proves nothing. Whom we do not hear is not to blame.
func (c *Call) missingProof(now time.Time) {
	l := c.link
	if l == nil || !l.isReady() || l.believed() || c.m.state == Ended {
		return
	}
	if now.Sub(c.linked) >= farProofWait && l.lastHeard().After(c.linked.Add(farProofWait/2)) {
		c.refuse(refusal{reason: TooOld, err: fmt.Errorf("%w within %s", errProofMissing, farProofWait)})
	}
}

// prove sends our proof over the call's link, if it may be sent and has not been; false: nothing else may be said either.
func (c *Call) prove() bool {
	if c.m.role == callee && !c.admitted && c.link.proves() {
		return false
	}
	if err := c.link.prove(); err != nil {
		c.agent.log.Warn("our identity was not proved", "error", err)
		c.offer(refusal{IdentityChanged, ProofRefused, err}.input(c.link))
		return false
	}
	return true
}
