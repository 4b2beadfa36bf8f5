package mesh

import (
	"errors"
	"slices"
	"time"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// The call's way to the peer: its target, the session, and its loss.

// startResolve finds the target in the background.
func (c *Call) startResolve() {
	c.wg.Go(func() {
		t, err := c.resolve(c.ctx)
		if err == nil && (t.Conn == nil || t.PeerID == flash.PeerID{}) {
			err = flash.ErrNotConnected
		}
		c.post(c.ctx, input{kind: inResolved, target: &t, err: err})
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
func (c *Call) takeTarget(in input) {
	fail := func(r Reason, err error) { c.step(input{kind: inUnresolved, reason: r, err: err}) }
	if in.err != nil {
		fail(unresolvedReason(in.err), in.err)
		return
	}
	a := c.agent
	a.mu.Lock()
	at := a.attached[in.target.Conn]
	a.mu.Unlock()
	if at == nil {
		fail(ServiceUnreachable, flash.ErrNotConnected)
		return
	}
	c.target = *in.target
	c.mu.Lock()
	c.at, c.peerID = at, in.target.PeerID
	if name := tidyName(in.target.Name); name != "" {
		c.name = name
	}
	c.mu.Unlock()
	c.step(in)
	// A session from an earlier call, or one that the peer has opened, did not know of this call.
	if l := a.linkWith(at, in.target.PeerID); l != nil {
		c.take(input{kind: inPath, link: l})
		if l.isReady() {
			c.take(input{kind: inLinked, link: l})
		}
	}
	c.wg.Go(a.reconsider) // an invite of this peer may be held
}

// takePathError takes that our own attempts have ended without a session.
func (c *Call) takePathError(err error) {
	c.pathError, c.reopen = err, time.Now().Add(reopenLater)
	switch {
	case errors.Is(err, flash.ErrTooManyPeers):
		c.step(input{kind: inNoPath, reason: Full, err: err})
	case errors.Is(err, flashcrypto.ErrOldClient):
		c.step(input{kind: inNoPath, reason: TooOld, err: err})
	case errors.Is(err, flash.ErrNotConnected), errors.Is(err, rtmfp.ErrClosed), errors.Is(err, ErrClosed):
		c.step(input{kind: inNoPath, reason: ServiceUnreachable, err: err})
	}
}

// takeLink takes a link that an input speaks of; false if there is nothing more to do.
func (c *Call) takeLink(in input) bool {
	l := in.link
	if in.kind == inPathLost {
		if l != c.link {
			return false
		}
		c.listen() // for the last time on this one
		c.stopPlay()
		c.bind(nil)
		c.gate()
		c.sought = time.Now()
		return true
	}
	if l.isDone() {
		return false
	}
	if in.kind == inPath {
		if c.link != nil {
			return false // that one is at work; a newer one takes over when the far end speaks in it
		}
		c.linkTo(l)
		return c.examine()
	}
	if l != c.link {
		c.linkTo(l)
		c.step(input{kind: inPath, link: l})
	}
	if in.kind == inFarInvite && c.m.state == Ringing {
		c.uninvite = time.Time{}
		c.mu.Lock()
		c.name = l.callerName(in.sig)
		c.mu.Unlock()
	}
	if in.kind == inLinked {
		if c.linkedOn == l {
			return false
		}
		c.linkedOn, c.wasReady, c.linked = l, true, time.Now()
		if c.good == l && !l.believed() { // it was taken for an old client
			c.good = nil
			c.gate()
		}
		if l.hello.version < minSignalVersion {
			c.step(input{kind: inFarReject, reason: TooOld})
			return false
		}
		if c.m.state == Ringing && c.callID() == "" {
			c.uninvite = time.Now()
		}
	}
	c.admitted = c.admitted || in.policy
	return c.examine()
}

// linkTo makes l the call's link and says so where it changes what the user sees.
func (c *Call) linkTo(l *link) {
	c.sought = time.Time{}
	fresh := !c.Proved()
	c.bind(l)
	c.linked = time.Now()
	c.gate()
	if fresh && c.m.state == Ringing {
		c.events.put(StateChanged{Status: c.Status()})
	}
}

// reach wakes the other side by relay and opens the session, at once.
func (c *Call) reach() {
	if err := relay(c.target.Conn, c.target.PeerID, sigInvite, c.ownName); err != nil {
		c.agent.log.Debug("invite not relayed", "error", err)
	}
	c.openPath()
}

// openPath opens the peer session in the background, unless there is one or somebody is at it.
func (c *Call) openPath() {
	if c.link != nil || c.opening {
		return
	}
	if c.sought.IsZero() {
		c.sought = time.Now()
	}
	c.opening = true
	at, t := c.at, c.target
	if c.farAddr.IsValid() {
		t.Candidates = append(slices.Clone(t.Candidates), c.farAddr)
	}
	c.wg.Go(func() {
		l, err := c.agent.openLink(c.ctx, at, t.PeerID, t.Candidates)
		c.post(c.ctx, input{kind: inPath, link: l, opener: true, err: err})
	})
}

// bind makes l the call's link.
func (c *Call) bind(l *link) {
	c.mu.Lock()
	old := c.link
	c.link = l
	if l != nil {
		c.proved = true
		c.before = statsBefore{}
	}
	c.mu.Unlock()
	if old != nil {
		old.use(-1)
	}
	if l != nil {
		l.use(1)
		c.farAddr = l.peer.Session().FarAddr()
	}
}
