package mesh

import (
	"context"
	"errors"
	"time"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// The leg's way to the peer: its target, the session, and its loss.

const errOtherService = meshError("mesh: they can be reached over another service than the other members of the call")

// startResolve finds the target in the background.
func (g *leg) startResolve() {
	g.wg.Go(func() {
		t, err := g.resolve(g.ctx)
		if err == nil && (t.Conn == nil || t.PeerID == flash.PeerID{}) {
			err = flash.ErrNotConnected
		}
		g.post(g.ctx, input{kind: inResolved, target: &t, err: err})
	})
}

// unresolvedReason is the reason for a resolver's error.
func unresolvedReason(err error) Reason {
	var told *UnresolvedError
	switch {
	case errors.As(err, &told):
		return told.Reason
	case errors.Is(err, idmanager.ErrUnknownName):
		return UnknownName
	case errors.Is(err, idmanager.ErrOffline):
		return Offline
	}
	return ServiceUnreachable
}

// hopeless reports whether opening a session again soon would fail the same way.
func hopeless(err error) bool {
	return errors.Is(err, flash.ErrTooManyPeers) || errors.Is(err, flashcrypto.ErrOldClient) || errors.Is(err, flash.ErrNotConnected) || errors.Is(err, rtmfp.ErrClosed)
}

// takeTarget takes what the resolver found.
func (g *leg) takeTarget(in input) {
	fail := func(r Reason, err error) { g.step(input{kind: inUnresolved, reason: r, err: err}) }
	if in.err != nil {
		fail(unresolvedReason(in.err), in.err)
		return
	}
	a := g.agent
	a.mu.Lock()
	at := a.attached[in.target.Conn]
	a.mu.Unlock()
	if at == nil {
		fail(ServiceUnreachable, flash.ErrNotConnected)
		return
	}
	g.target = *in.target
	g.call.mu.Lock()
	other := g.call.at
	g.call.mu.Unlock()
	if other != nil && other != at {
		fail(ServiceUnreachable, errOtherService) // members hear each other by one peer ID each
		return
	}
	if o := g.call.legWith(in.target.PeerID); o != nil && o != g {
		fail(Declined, ErrMember)
		return
	}
	g.call.mu.Lock()
	g.at, g.peerID = at, in.target.PeerID
	g.call.at = at
	if name := tidyName(in.target.Name); name != "" {
		g.name = name
	}
	g.call.mu.Unlock()
	if other == nil {
		g.call.tellDetails(time.Now())
	}
	g.step(in)
	// A session from an earlier call, or one that the peer has opened, did not know of this call.
	if l := a.linkWith(at, in.target.PeerID); l != nil {
		g.take(input{kind: inPath, link: l})
		if l.isReady() {
			g.take(input{kind: inLinked, link: l})
		}
	}
	g.call.wg.Go(a.reconsider) // an invite of this peer may be held
}

// takePathError takes that our own attempts have ended without a session.
func (g *leg) takePathError(err error) {
	g.agent.log.Debug("no session", "with", g.Name(), "error", err)
	g.pathError, g.reopen = err, time.Now().Add(reopenLater)
	if errors.Is(err, context.DeadlineExceeded) {
		g.reopen = time.Time{} // at the next tick
	}
	if g.joins && !g.entrance {
		return // a member is sought as long as he is one
	}
	switch {
	case errors.Is(err, flash.ErrTooManyPeers):
		g.step(input{kind: inNoPath, reason: Full, err: err})
	case errors.Is(err, flashcrypto.ErrOldClient):
		g.step(input{kind: inNoPath, reason: TooOld, err: err})
	case errors.Is(err, flash.ErrNotConnected), errors.Is(err, rtmfp.ErrClosed), errors.Is(err, ErrClosed):
		g.step(input{kind: inNoPath, reason: ServiceUnreachable, err: err})
	}
}

// takeLink takes a link that an input speaks of; false if there is nothing more to do.
func (g *leg) takeLink(in input) bool {
	l := in.link
	if in.kind == inPathLost {
		if l != g.link {
			return false
		}
		g.listen() // for the last time on this one
		g.stopPlay()
		g.bind(nil)
		g.gate()
		g.sought = time.Now()
		return true
	}
	if l.isDone() {
		return false
	}
	if in.kind == inPath {
		if g.link != nil {
			return false // that one is at work; a newer one takes over when the far end speaks in it
		}
		g.linkTo(l)
		return g.examine()
	}
	if l != g.link {
		g.linkTo(l)
		g.step(input{kind: inPath, link: l})
	}
	if in.kind == inLinked && g.private && !l.conferences() {
		g.refuse(refusal{reason: TooOld, err: errNoRooms})
		return false
	}
	if in.kind == inFarInvite && g.m.state == Ringing {
		g.uninvite = time.Time{}
		g.call.mu.Lock()
		g.name = l.callerName(in.sig)
		g.call.mu.Unlock()
	}
	if in.kind == inLinked {
		if g.linkedOn == l {
			return false
		}
		g.linkedOn, g.wasReady, g.linked = l, true, time.Now()
		if g.good == l && g.member.OldClient { // for that it was taken; its proof may be here already
			g.good = nil
			g.gate()
		}
		if l.hello.version < minSignalVersion {
			g.step(input{kind: inFarReject, reason: TooOld})
			return false
		}
		if g.m.state == Ringing && g.call.callID() == "" {
			g.uninvite = time.Now()
		}
	}
	g.admitted = g.admitted || in.policy
	return g.examine()
}

// linkTo makes l the call's link and says so where it changes what the user sees.
func (g *leg) linkTo(l *link) {
	g.sought = time.Time{}
	fresh := !g.Proved()
	g.bind(l)
	g.linked = time.Now()
	g.gate()
	if fresh && g.m.state == Ringing {
		g.call.events.put(StateChanged{Status: g.call.Status()})
	}
}

// reach wakes the other side by relay and opens the session, at once.
func (g *leg) reach() {
	if err := relay(g.target.Conn, g.target.PeerID, sigInvite, g.call.ownName); err != nil {
		g.agent.log.Debug("invite not relayed", "error", err)
	}
	g.openPath()
}

// openPath opens the peer session in the background, unless there is one or somebody is at it.
func (g *leg) openPath() {
	if g.link != nil || g.opening || g.at == nil || g.knocks && !g.wasIn {
		return
	}
	if g.sought.IsZero() {
		g.sought = time.Now()
	}
	g.opening = true
	at, t := g.at, g.target
	t.Candidates = g.introducers(g.call.directAddrs(g))
	if w := g.call.carriage.ways[t.PeerID]; w != nil {
		t.Candidates = append(t.Candidates, w.detour.Addr())
	}
	ctx, cancel := g.ctx, context.CancelFunc(func() {})
	if g.seeksBriefly(time.Now()) {
		ctx, cancel = context.WithTimeout(g.ctx, seekFor)
	}
	g.wg.Go(func() {
		defer cancel()
		l, err := g.agent.openLink(ctx, at, t.PeerID, t.Candidates)
		g.post(g.ctx, input{kind: inPath, link: l, opener: true, err: err})
	})
}

// seeksBriefly reports whether the attempt to open a session with somebody who was in the call, or is a member, ends soon, for another
// to begin: the intervals of one grow to ten seconds, in which a path that has healed would lie idle, and the next one goes to
// where he is by then. Who has been gone for long is not worth that many packets.
func (g *leg) seeksBriefly(now time.Time) bool {
	return (g.joins || g.m.bothAccepted()) && now.Sub(g.sought) < seekBriefly
}

// bind makes l the call's link.
func (g *leg) bind(l *link) {
	g.call.mu.Lock()
	old := g.link
	g.link = l
	if l != nil {
		g.proved = true
		g.before = statsBefore{}
	}
	g.call.mu.Unlock()
	if old != nil {
		old.use(-1)
	}
	if l != nil {
		l.use(1)
		if l.direct() {
			g.farAddr = l.peer.Session().FarAddr()
		}
	}
}
