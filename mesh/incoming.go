package mesh

import (
	"bytes"
	"context"

	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp/flash"
)

// What reaches the agent from far ends, and which call it is for.

// signalled takes a signal of a call. Of somebody who has not proved who it is, nothing counts but that our call is refused: the
// policy there may not want to tell us more.
func (a *Agent) signalled(ctx context.Context, l *link, s signal) {
	if s.kind != sigReject && !l.believed() {
		return
	}
	a.mu.Lock()
	g := a.legOf(l.id, s.call)
	a.mu.Unlock()
	if g == nil && s.kind == sigJoin {
		a.knocked(ctx, l, s.call)
		return
	}
	if g == nil {
		if s.kind == sigResume && a.admit(l.farEnd(l.hello.name)) == "" && l.prove() == nil {
			// The far end still holds a call that we have given up.
			_ = l.send(signal{kind: sigBye, call: s.call, reason: PeerLost})
		}
		return
	}
	in := input{link: l, sig: s}
	switch s.kind {
	case sigRinging:
		in.kind = inFarRinging
	case sigAccept:
		in.kind = inFarAccept
	case sigReject:
		in.kind, in.reason = inFarReject, rejectReason(s.reason)
		in.trouble, in.err = farTrouble(s.reason)
	case sigCancel:
		in.kind = inFarCancel
	case sigBye:
		in.kind, in.reason = inFarBye, byeReason(s.reason)
		in.trouble, in.err = farTrouble(s.reason)
	case sigOK:
		in.kind = inFarOK
	case sigResume:
		in.kind = inFarResume
	case sigJoin:
		in.kind = inFarJoin
	case sigKeyFrame, sigCompare:
		// These change nothing in the table; the call looks at the signal itself.
	}
	g.post(ctx, in)
}

// knocked takes somebody who wants to be let into a conference of ours.
func (a *Agent) knocked(ctx context.Context, l *link, id string) {
	if c := a.callByID(id); c != nil {
		c.post(ctx, input{knock: l})
		return
	}
	if a.bidFarewell(l, id) {
		return
	}
	_ = l.send(signal{kind: sigReject, call: id, reason: Declined})
}

// callByID finds a call.
func (a *Agent) callByID(id string) *Call {
	a.mu.Lock()
	defer a.mu.Unlock()
	for c := range a.calls {
		if c.id == id {
			return c
		}
	}
	return nil
}

// invited takes an invite inside a peer session. This is where calls begin at the callee, where glare is seen, and
// where a busy phone says so.
func (a *Agent) invited(ctx context.Context, l *link, s signal) {
	if !l.believed() {
		a.unproved(ctx, l, s)
		return
	}
	who, refused := a.judge(l, s) // a.mu is held from here on
	stale := s.age >= staleInvite
	if a.closed || l.at.closed || l.isDone() {
		a.mu.Unlock()
		return
	}
	var old *leg      // of a call with the same peer that the far end no longer has
	var oldCall *Call // which ends with that leg
	for c := range a.calls {
		g := c.legWith(l.id)
		if g == nil {
			continue
		}
		in := input{kind: inFarInvite, link: l, sig: s, policy: refused.reason == ""}
		switch st := g.Status().State; {
		case c.id == s.call || c.alias == s.call:
			// Said again.
		case c.id == "":
			c.id = s.call // woken by relay, and now proved
			if refused.reason == "" && stale && st == Ringing {
				refused.reason = NoAnswer
			}
			if refused.reason != "" {
				in = refused.input(l)
			}
		case st == Calling:
			if refused.reason != "" {
				continue // our own call ends by itself
			}
			if g.private && s.room {
				refused.reason = Busy // two conferences do not become one
				continue
			}
			in.kind = glare(l, g, s)
		default:
			if old = g; len(c.allLegs()) == 1 {
				oldCall = c
			}
			continue
		}
		a.mu.Unlock()
		if !g.post(ctx, in) && in.kind == inGlareStay {
			_ = l.send(signal{kind: sigReject, call: s.call, reason: Declined})
		}
		return
	}
	if refused.reason == "" && stale {
		refused.reason = NoAnswer
	}
	if refused.reason == "" && a.unresolved() && len(a.deferred) < maxDeferred {
		a.deferred = append(a.deferred, deferredInvite{link: l, sig: s})
		a.mu.Unlock()
		return
	}
	if refused.reason == "" && (a.busyBut(oldCall) || len(a.incoming) == cap(a.incoming)) {
		refused.reason = Busy
	}
	if refused.reason != "" {
		a.mu.Unlock()
		_ = l.send(signal{kind: sigReject, call: s.call, reason: wireReason(refused.reason, refused.trouble)})
		return
	}
	a.ring(l.at, who, l, s)
	a.mu.Unlock()
	if old != nil {
		old.post(ctx, input{kind: inDead})
	}
}

// refusal is why a far end is refused.
type refusal struct {
	reason  Reason // "": it is not
	trouble Trouble
	err     error // more about it, for the call's Detail
}

// input is the refusal for a call.
func (r refusal) input(l *link) input {
	return input{kind: inRefused, reason: r.reason, trouble: r.trouble, link: l, err: r.err}
}

// judge asks the policy about who has sent an invite, and proves to whom it admits who we are. Whom we are calling ourselves is
// judged as such. It returns with a.mu held: what it has looked at still holds.
func (a *Agent) judge(l *link, s signal) (FarEnd, refusal) {
	for {
		a.mu.Lock()
		mine := a.calling(l.id)
		a.mu.Unlock()
		who := l.farEnd(l.callerName(s))
		if mine != nil {
			who.Name, who.Called = mine.Name(), true
		}
		r := a.refusalOf(who)
		if l.hello.version < minSignalVersion {
			r = refusal{reason: TooOld}
		}
		if r.reason == "" {
			if err := l.prove(); err != nil {
				r = refusal{IdentityChanged, ProofRefused, err}
			}
		}
		a.mu.Lock()
		if a.calling(l.id) == mine {
			return who, r
		}
		a.mu.Unlock()
	}
}

// calling is our own call to a peer that is not answered yet. a.mu is held.
func (a *Agent) calling(id flash.PeerID) *leg {
	for c := range a.calls {
		if g := c.legWith(id); g != nil && g.Status().State == Calling {
			return g
		}
	}
	return nil
}

// unproved takes an invite from somebody who speaks our signals and has not proved who it is. Proofs come before invites, on one
// flow and in order, so there is nothing to wait for.
func (a *Agent) unproved(ctx context.Context, l *link, s signal) {
	a.mu.Lock()
	known := a.legOf(l.id, s.call)
	a.mu.Unlock()
	if known != nil {
		return
	}
	for _, g := range a.legsWith(l.id) {
		a.mu.Lock()
		woken := g.call.id == ""
		if woken {
			g.call.id = s.call
		}
		a.mu.Unlock()
		if woken {
			g.post(ctx, refusal{reason: TooOld, err: errProofMissing}.input(l))
			return
		}
	}
	_ = l.send(signal{kind: sigReject, call: s.call, reason: TooOld})
}

// glare settles two calls that cross: the smaller peer ID stays the caller, and its call is the one. a.mu is held.
func glare(l *link, g *leg, s signal) inputKind {
	near, c := l.at.nc.NearID(), g.call
	if g.private || !s.room && bytes.Compare(near[:], l.id[:]) < 0 { // an invite into a conference is the one, whoever sends it
		c.alias = s.call
		return inGlareStay
	}
	c.alias, c.id = c.id, s.call
	return inGlareYield
}

// unresolved reports whether a call of ours does not know its peer yet: it may be the one who invites. a.mu is held.
func (a *Agent) unresolved() bool {
	for c := range a.calls {
		if c.Status().State == Calling && c.PeerID() == (flash.PeerID{}) {
			return true
		}
	}
	return false
}

// ring starts a call that rings. a.mu is held.
func (a *Agent) ring(at *attachment, who FarEnd, l *link, s signal) {
	c := newCall(a, machine{role: callee}, who.Name)
	c.id, c.at, c.with = s.call, at, s.with
	g := c.first
	g.at, g.peerID, g.private = at, who.PeerID, s.room
	g.target = Target{Conn: at.nc, PeerID: who.PeerID}
	if l != nil {
		g.bind(l)
		g.wasReady = l.isReady()
		g.stand(l, who)
	}
	a.start(c, inInvited)
	if who.Identity != (trust.Identity{}) {
		c.events.put(MemberProved{g.asMember()})
	}
	a.incoming <- c // there is room: both callers have looked, and a.mu is held
	if a.cfg.AutoAccept {
		c.acceptSoon()
	}
}

// callerName is what the far end calls itself.
func (l *link) callerName(s signal) string {
	if s.name != "" {
		return s.name
	}
	return l.hello.name
}
