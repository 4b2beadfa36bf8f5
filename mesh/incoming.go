package mesh

import (
	"bytes"
	"context"

	"sundog.dev/sundog/rtmfp/flash"
)

// What reaches the agent from far ends, and which call it is for.

// signalled takes a signal of a call.
func (a *Agent) signalled(ctx context.Context, l *link, s signal) {
	a.mu.Lock()
	c := a.callOf(l.id, s.call)
	a.mu.Unlock()
	if c == nil {
		if s.kind == sigResume {
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
	case sigCancel:
		in.kind = inFarCancel
	case sigBye:
		in.kind, in.reason = inFarBye, byeReason(s.reason)
	case sigOK:
		in.kind = inFarOK
	case sigResume:
		in.kind = inFarResume
	case sigSending, sigKeyFrame:
		// These change nothing in the table; the call looks at the signal itself.
	}
	c.post(ctx, in)
}

// invited takes an invite inside a peer session. This is where calls begin at the callee, where glare is seen, and
// where a busy phone says so.
func (a *Agent) invited(ctx context.Context, l *link, s signal) {
	who := FarEnd{Name: l.callerName(s), PeerID: l.id, Proved: true}
	refusal := a.admit(who)
	if l.hello.version < minSignalVersion {
		refusal = TooOld
	}
	if s.age >= staleInvite {
		refusal = NoAnswer
	}
	a.mu.Lock()
	if a.closed || l.at.closed || l.isDone() {
		a.mu.Unlock()
		return
	}
	var old *Call // a call with the same peer that the far end no longer has
	for c := range a.calls {
		if c.PeerID() != l.id {
			continue
		}
		in := input{kind: inFarInvite, link: l, sig: s}
		switch st := c.Status().State; {
		case c.id == s.call || c.alias == s.call:
			// Said again.
		case c.id == "":
			c.id = s.call // woken by relay, and now proved
			if refusal != "" && st == Ringing {
				in.kind, in.reason = inRefused, refusal
			}
		case st == Calling:
			in.kind = glare(l, c, s)
		default:
			old = c
			continue
		}
		a.mu.Unlock()
		if !c.post(ctx, in) && in.kind == inGlareStay {
			_ = l.send(signal{kind: sigReject, call: s.call, reason: Declined})
		}
		return
	}
	if refusal == "" && a.unresolved() && len(a.deferred) < maxDeferred {
		a.deferred = append(a.deferred, deferredInvite{link: l, sig: s})
		a.mu.Unlock()
		return
	}
	if refusal == "" && a.busyBut(old) {
		refusal = Busy
	}
	if refusal == "" && len(a.incoming) == cap(a.incoming) {
		refusal = Busy
	}
	if refusal != "" {
		a.mu.Unlock()
		_ = l.send(signal{kind: sigReject, call: s.call, reason: refusal})
		return
	}
	a.ring(l.at, who, l, s.call)
	a.mu.Unlock()
	if old != nil {
		old.post(ctx, input{kind: inDead})
	}
}

// glare settles two calls that cross: the smaller peer ID stays the caller, and its call is the one. a.mu is held.
func glare(l *link, c *Call, s signal) inputKind {
	near := l.at.nc.NearID()
	if bytes.Compare(near[:], l.id[:]) < 0 {
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
func (a *Agent) ring(at *attachment, who FarEnd, l *link, id string) {
	c := newCall(a, machine{role: callee}, who.Name)
	c.at, c.peerID, c.id = at, who.PeerID, id
	c.target = Target{Conn: at.nc, PeerID: who.PeerID}
	if l != nil {
		c.bind(l)
		c.wasReady = l.isReady()
	}
	a.start(c, inInvited)
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
