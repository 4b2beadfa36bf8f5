package flash

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	"sundog.dev/sundog/rtmfp"
)

// dial is an attempt to open a session with a peer, shared by all OpenPeers that want it. Fields are guarded by the
// NetConnection's mutex, peer and err also by done.
type dial struct {
	id      PeerID
	waiters int
	cancel  context.CancelFunc
	done    chan struct{}
	peer    *Peer
	err     error
}

// OpenPeer returns the session with a peer, or opens one: through the connected service as
// introducer, and at the candidate addresses, if any. ErrTooManyPeers beyond MaxPeerConnections; ErrNotConnected when
// there is neither a service nor a candidate. Concurrent calls for one peer share one attempt, with the candidates of all. A session that the peer opens meanwhile serves as well, and AcceptPeer then does not return it.
func (nc *NetConnection) OpenPeer(ctx context.Context, id PeerID, candidates ...netip.AddrPort) (*Peer, error) {
	p, d, err := nc.joinDial(id, candidates)
	if p != nil || err != nil {
		return p, err
	}
	select {
	case <-d.done:
		return d.peer, d.err
	case <-ctx.Done():
	}
	nc.mu.Lock()
	defer nc.mu.Unlock()
	select {
	case <-d.done: // both at once: the peer must not get lost
		return d.peer, d.err
	default:
	}
	if d.waiters--; d.waiters == 0 {
		d.cancel()
		delete(nc.dials, id)
	}
	return nil, ctx.Err()
}

// joinDial finds the open peer, or the attempt that goes on, or begins one.
func (nc *NetConnection) joinDial(id PeerID, candidates []netip.AddrPort) (*Peer, *dial, error) {
	if id == nc.cfg.NearID {
		return nil, nil, ErrOwnID
	}
	nc.mu.Lock()
	defer nc.mu.Unlock()
	if nc.closed {
		return nil, nil, rtmfp.ErrClosed
	}
	if p := nc.peers[id]; p != nil && p.alive() {
		nc.accepted.remove(func(q *Peer) bool { return q == p })
		return p, nil, nil
	}
	if d := nc.dials[id]; d != nil {
		d.waiters++
		nc.Suggest(id, candidates...)
		return nil, d, nil
	}
	// A dead peer of this ID, which is about to be removed, does not count against itself.
	if _, dead := nc.peers[id]; !dead && len(nc.peers)+len(nc.dials) >= nc.maxPeers {
		return nil, nil, ErrTooManyPeers
	}
	addrs := slices.Clone(candidates)
	if nc.leg != nil {
		addrs = slices.Insert(addrs, 0, nc.leg.session.FarAddr())
	}
	if addrs = reachable(nc.LocalAddr(), addrs); len(addrs) == 0 {
		return nil, nil, ErrNotConnected
	}
	ctx, cancel := context.WithCancel(nc.ctx)
	d := &dial{id: id, waiters: 1, cancel: cancel, done: make(chan struct{})}
	nc.dials[id] = d
	nc.running.Go(func() { nc.dial(ctx, d, addrs) })
	return nil, d, nil
}

// dial opens the session for d.
func (nc *NetConnection) dial(ctx context.Context, d *dial, addrs []netip.AddrPort) {
	defer d.cancel()
	s, err := nc.cfg.Endpoint.Dial(ctx, d.id.EPD(), addrs...)
	if err == nil && (PeerID(s.FarCertificate().Fingerprint()) != d.id || !s.FarCertificate().ProvesIdentity()) {
		_ = s.Close()
		err = rtmfp.ErrNoAnswer // somebody else answered
	}
	if err != nil {
		nc.mu.Lock()
		defer nc.mu.Unlock()
		if nc.dials[d.id] == d {
			nc.finishDial(d, nil, fmt.Errorf("flash: opening a session with peer %s: %w", d.id, err))
		}
		return
	}
	if old, unwanted := nc.dialed(d, s); unwanted {
		_ = s.Close()
	} else if old != nil {
		_ = old.Close()
	}
}

// dialed makes a peer of the session that a dial has returned. If nobody waits for it any more it is unwanted, except
// that a session which the far end opened (in glare) goes to AcceptPeer. old is a dead peer whose place was taken.
func (nc *NetConnection) dialed(d *dial, s *rtmfp.Session) (old *Peer, unwanted bool) {
	nc.mu.Lock()
	defer nc.mu.Unlock()
	wanted := nc.dials[d.id] == d
	p := nc.peers[d.id]
	switch {
	case p != nil && p.session == s: // acceptSessions was faster
		if wanted {
			nc.accepted.remove(func(q *Peer) bool { return q == p })
		}
	case nc.closed, !wanted && s.Initiator():
		if wanted {
			nc.finishDial(d, nil, rtmfp.ErrClosed)
		}
		return nil, true
	default:
		old, p = p, nc.addPeer(s, d.id)
		if !wanted {
			nc.accepted.push(p)
		}
	}
	if wanted {
		nc.finishDial(d, p, nil)
	}
	return old, false
}

// finishDial tells those who wait for d; nc.mu is held.
func (nc *NetConnection) finishDial(d *dial, p *Peer, err error) {
	delete(nc.dials, d.id)
	d.peer, d.err = p, err
	close(d.done)
	d.cancel()
}
