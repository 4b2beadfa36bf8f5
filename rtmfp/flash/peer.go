package flash

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"sundog.dev/sundog/rtmfp"
)

// Peer is a session with another peer. It ends with its session; plays and subscriptions end with it.
type Peer struct {
	nc      *NetConnection
	id      PeerID
	session *rtmfp.Session
	ctx     context.Context // ends with the peer
	cancel  context.CancelFunc
	ending  sync.Once
	flows   *queue[*rtmfp.RecvFlow]

	mu            sync.Mutex
	lastStream    uint32
	plays         map[*rtmfp.SendFlow]*PlayStream
	subscriptions int
}

// AcceptPeer returns the next peer that opened a session to us, and that no OpenPeer has returned.
func (nc *NetConnection) AcceptPeer(ctx context.Context) (*Peer, error) { return nc.accepted.pop(ctx) }

// Peers are all peers with an open session, in no order.
func (nc *NetConnection) Peers() []*Peer {
	nc.mu.Lock()
	defer nc.mu.Unlock()
	return slices.Collect(maps.Values(nc.peers))
}

// acceptSessions makes peers of the sessions that far ends open.
func (nc *NetConnection) acceptSessions() {
	for {
		s, err := nc.cfg.Endpoint.Accept(nc.ctx)
		if err != nil {
			return
		}
		if why := nc.acceptSession(s); why != "" {
			nc.log.Debug("a session was refused", "from", s.FarAddr(), "reason", why)
			_ = s.Close()
		}
	}
}

// acceptSession makes a peer of a session that its far end opened, or says why not.
func (nc *NetConnection) acceptSession(s *rtmfp.Session) (refused string) {
	id := PeerID(s.FarCertificate().Fingerprint())
	if !s.FarCertificate().ProvesIdentity() || id == nc.cfg.NearID {
		return "the far end proves no peer ID"
	}
	nc.mu.Lock()
	old, d := nc.peers[id], nc.dials[id]
	switch {
	case nc.closed:
		nc.mu.Unlock()
		return "closed"
	case old != nil && old.session == s: // a dial returned it first
		nc.mu.Unlock()
		return ""
	case old == nil && d == nil && len(nc.peers)+len(nc.dials) >= nc.maxPeers:
		nc.mu.Unlock()
		return "too many peer connections"
	}
	p := nc.addPeer(s, id)
	delivered := true
	if d != nil { // glare: this is the session that the dial is about to return
		nc.finishDial(d, p, nil)
	} else {
		delivered = nc.accepted.push(p)
	}
	nc.mu.Unlock()
	if old != nil {
		_ = old.Close()
	}
	if !delivered {
		p.end(nil)
		return "too many peers that nobody has accepted"
	}
	return ""
}

// addPeer makes a peer of a session; nc.mu is held. A peer of the same ID, whose session must be dead, makes room.
func (nc *NetConnection) addPeer(s *rtmfp.Session, id PeerID) *Peer {
	p := &Peer{
		nc:         nc,
		id:         id,
		session:    s,
		flows:      newQueue[*rtmfp.RecvFlow](maxFlowBacklog),
		lastStream: firstPeerStream - 1,
		plays:      make(map[*rtmfp.SendFlow]*PlayStream),
	}
	p.ctx, p.cancel = context.WithCancel(nc.ctx)
	s.SetKeepalive(nc.peerKeepalive)
	nc.peers[id] = p
	nc.running.Go(p.watch)
	nc.running.Go(p.acceptFlows)
	return p
}

// ID is the far end's peer ID, proved by the handshake.
func (p *Peer) ID() PeerID { return p.id }

// Session is the RTMFP session: nonces, stats, keep-alive, Done.
func (p *Peer) Session() *rtmfp.Session { return p.session }

// Inbound reports whether the far end opened the session.
func (p *Peer) Inbound() bool { return !p.session.Initiator() }

// AcceptFlow returns the next flow from the peer whose metadata begins with another signature than "TC" (calls use one for
// their signals). The backlog is bounded; flows beyond it are rejected. After the peer's end it is the session's error.
func (p *Peer) AcceptFlow(ctx context.Context) (*rtmfp.RecvFlow, error) { return p.flows.pop(ctx) }

// Close closes the session and forgets the peer at once: OpenPeer opens another.
func (p *Peer) Close() error {
	p.end(nil)
	return p.session.Close()
}

// idle reports whether no stream goes to or comes from the peer.
func (p *Peer) idle() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.plays) == 0 && p.subscriptions == 0
}

// alive reports whether the session is still open.
func (p *Peer) alive() bool {
	select {
	case <-p.session.Done():
		return false
	default:
		return p.ctx.Err() == nil
	}
}

// watch ends the peer with its session.
func (p *Peer) watch() {
	select {
	case <-p.session.Done():
		p.end(p.session.Err())
	case <-p.ctx.Done():
		p.end(nil)
	}
}

// end ends the peer, once. The session is closed by others or already.
func (p *Peer) end(err error) {
	p.ending.Do(func() {
		if err == nil {
			err = rtmfp.ErrClosed
		}
		nc := p.nc
		nc.mu.Lock()
		if nc.peers[p.id] == p {
			delete(nc.peers, p.id)
		}
		nc.mu.Unlock()
		nc.accepted.remove(func(q *Peer) bool { return q == p })
		p.cancel()
		p.mu.Lock()
		plays := p.plays
		p.plays = nil
		p.mu.Unlock()
		for _, s := range plays {
			s.end(err, false)
		}
		for _, f := range p.flows.close(err, true) {
			f.Reject(rejectCode)
		}
	})
}

// acceptFlows sorts the flows that the peer opens.
func (p *Peer) acceptFlows() {
	for {
		f, err := p.session.AcceptFlow(p.ctx)
		if err != nil {
			return // watch ends the peer
		}
		if !p.acceptFlow(f) {
			f.Reject(rejectCode)
		}
	}
}

// acceptFlow takes one flow; false if it is to be rejected.
func (p *Peer) acceptFlow(f *rtmfp.RecvFlow) bool {
	id, networkOrder, err := ParseMetadata(f.Metadata())
	switch {
	case errors.Is(err, ErrNotTC):
		return p.flows.push(f)
	case err != nil || id == 0: // stream 0 is for connections to a service, which we are not
		return false
	case f.ReturnOf() != nil:
		p.mu.Lock()
		s := p.plays[f.ReturnOf()]
		p.mu.Unlock()
		return s != nil && s.addFlow(f, networkOrder)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.subscriptions >= maxSubscriptions {
		return false
	}
	p.subscriptions++
	s := newPeerStream(p, f, id)
	p.nc.running.Go(s.serve)
	return true
}
