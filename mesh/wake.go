package mesh

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"time"

	"sundog.dev/sundog/rtmfp/flash"
)

// wake is an invite that came by relay and is not proved: we open the session to its sender and see. Is the far
// end one of ours, its own invite follows inside the session, and the wake has done its work. Is it an old client, or does no
// session come about in time, the phone rings for what the relay said, if the policy lets somebody ring who has proved nothing.
// Otherwise the wake waits on, as long as the invite can be live.
type wake struct {
	cancel  context.CancelFunc
	began   time.Time
	patient bool // only a proved caller may ring
}

// relayed takes a signal that came by relay. It must not block.
func (a *Agent) relayed(at *attachment, r relayed) {
	known := a.legsWith(r.from)
	if r.action != sigInvite {
		a.mu.Lock()
		if w := at.wakes[r.from]; w != nil && (r.action == sigCancel || r.action == sigBye) {
			w.cancel()
			_ = relay(at.nc, r.from, sigOK, a.name())
		}
		a.mu.Unlock()
		for _, g := range known {
			g.offer(input{relayed: &r})
		}
		return
	}
	if len(known) > 0 {
		return // its session says the rest
	}
	answer := a.admit(FarEnd{Name: r.name, PeerID: r.from})
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed || at.closed || at.wakes[r.from] != nil || len(at.wakes) >= maxWakes && !at.hurry(time.Now()) {
		return
	}
	ctx, cancel := context.WithCancel(at.ctx)
	w := &wake{cancel: cancel, began: time.Now(), patient: answer == NeedsProof}
	at.wakes[r.from] = w
	at.wg.Go(func() {
		defer func() {
			cancel()
			a.mu.Lock()
			if at.wakes[r.from] == w {
				delete(at.wakes, r.from)
			}
			a.mu.Unlock()
		}()
		a.wake(ctx, at, r, answer)
	})
}

// hurry makes room for another wake: the oldest of those whose caller has had the usual time goes; false if there is none. So
// made-up invites do not keep real ones from being answered. a.mu is held.
func (at *attachment) hurry(now time.Time) bool {
	var oldest flash.PeerID
	var found *wake
	for id, w := range at.wakes {
		if w.patient && now.Sub(w.began) >= proofWait && (found == nil || w.began.Before(found.began)) {
			oldest, found = id, w
		}
	}
	if found == nil {
		return false
	}
	found.cancel()
	delete(at.wakes, oldest)
	return true
}

// wake waits for the session of a relayed invite. Whom the policy refuses gets no session from us, and its answer late: the
// session that it may open itself gives the reason, which the relay cannot.
func (a *Agent) wake(ctx context.Context, at *attachment, r relayed, answer Reason) {
	patience := proofWait
	if answer == NeedsProof {
		patience = staleInvite
	}
	wait, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	l, ours := a.awaitSession(ctx, wait, at, r.from, answer == "" || answer == NeedsProof)
	for answer == NeedsProof && l == nil && wait.Err() == nil { // that session has ended
		l, ours = a.awaitSession(ctx, wait, at, r.from, true)
	}
	if ours || ctx.Err() != nil {
		return
	}
	who := FarEnd{Name: r.name, PeerID: r.from, Proved: l != nil, OldClient: l != nil}
	if l != nil && (answer == "" || answer == NeedsProof) {
		if answer = a.admit(who); answer != "" && !l.surelyOld(time.Now()) && a.speaks(ctx, l) {
			return
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed || at.closed || ctx.Err() != nil {
		return
	}
	for c := range a.calls {
		if c.legWith(r.from) != nil {
			return
		}
	}
	if answer != "" || a.busyBut(nil) || len(a.incoming) == cap(a.incoming) {
		_ = relay(at.nc, r.from, sigReject, a.name())
		return
	}
	a.ring(at, who, l, signal{})
}

// awaitSession waits for a session with the peer, whoever opens it, as long as there is patience, and for a hello in it. ours: it
// has come. Otherwise the link is that of an old client, or nil if there is no session, or it has ended.
func (a *Agent) awaitSession(ctx, patience context.Context, at *attachment, id flash.PeerID, open bool) (l *link, ours bool) {
	got := make(chan *link, 1)
	if open {
		opening, cancel := context.WithCancel(patience)
		done := make(chan struct{})
		defer func() { <-done }()
		defer cancel()
		go func() {
			defer close(done)
			if l, _ := a.openLink(opening, at, id, nil); l != nil {
				got <- l
			}
		}()
	}
	look := time.NewTicker(tick)
	defer look.Stop()
	for l == nil {
		if l = a.linkWith(at, id); l != nil {
			break
		}
		select {
		case l = <-got:
		case <-look.C:
		case <-patience.Done():
			return nil, false
		}
	}
	for !l.legacy(time.Now()) {
		select {
		case <-l.ready:
			return l, true
		case <-l.done:
			return nil, false
		case <-look.C:
		case <-ctx.Done():
			return nil, false
		}
	}
	return l, false
}

// speaks waits until it is sure whether a far end is an old client: false if so.
func (a *Agent) speaks(ctx context.Context, l *link) bool {
	look := time.NewTicker(tick)
	defer look.Stop()
	for !l.surelyOld(time.Now()) {
		select {
		case <-l.ready:
			return true
		case <-l.done:
			return false
		case <-look.C:
		case <-ctx.Done():
			return true
		}
	}
	return l.isReady()
}

// linkWith finds an open link with a peer.
func (a *Agent) linkWith(at *attachment, id flash.PeerID) *link {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, l := range a.links {
		if l.at == at && l.id == id && !l.isDone() {
			return l
		}
	}
	return nil
}

// openLink opens the session with a peer, again and again until ctx ends or an error says that it is no use. The
// last error tells why there is none.
func (a *Agent) openLink(ctx context.Context, at *attachment, id flash.PeerID, candidates []netip.AddrPort) (*link, error) {
	var last error
	for {
		p, err := at.nc.OpenPeer(ctx, id, candidates...)
		if err == nil {
			if l := a.linkFor(at, p); l != nil {
				return l, nil
			}
			return nil, ErrClosed
		}
		if ctx.Err() == nil || last == nil {
			last = err
		}
		if errors.Is(err, flash.ErrTooManyPeers) && a.makeRoom(at) {
			continue
		}
		if hopeless(err) || !sleep(ctx, reopenPause) {
			return nil, last
		}
	}
}

// makeRoom sends away the one that has been here longest of those who have opened a session to us and want nothing with
// it; false if there is none. Strangers thus cannot keep us from calling, nor from answering whom the relay announces.
func (a *Agent) makeRoom(at *attachment) bool {
	var oldest *link
	a.mu.Lock()
	for _, l := range a.links {
		if l.at == at && at.wakes[l.id] == nil && l.idleStranger() && !a.defers(l) && (oldest == nil || l.opened.Before(oldest.opened)) {
			oldest = l
		}
	}
	a.mu.Unlock()
	if oldest == nil {
		return false
	}
	_ = oldest.peer.Close()
	return true
}

// defers reports whether an invite in the link is held. a.mu is held.
func (a *Agent) defers(l *link) bool {
	return slices.ContainsFunc(a.deferred, func(d deferredInvite) bool { return d.link == l })
}
