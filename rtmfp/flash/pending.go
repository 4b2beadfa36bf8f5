package flash

import "slices"

// PendingPlay is a play whose stream is not published yet.
type PendingPlay struct {
	Peer *Peer
	Name string
}

// UnconnectedPeerStreams are the plays that wait for a name nobody publishes yet (NetConnection.unconnectedPeerStreams).
func (nc *NetConnection) UnconnectedPeerStreams() []PendingPlay {
	nc.mu.Lock()
	defer nc.mu.Unlock()
	var out []PendingPlay
	for _, s := range nc.pending {
		out = append(out, PendingPlay{Peer: s.peer, Name: s.askedName()})
	}
	return out
}

func (s *PeerStream) askedName() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.name
}

// consider admits a play to its stream, refuses it (false), or lets it wait for the name to be published.
func (nc *NetConnection) consider(s *PeerStream, name string) bool {
	nc.decision.Lock()
	defer nc.decision.Unlock()
	nc.mu.Lock()
	stream := nc.streams[name]
	if stream == nil {
		defer nc.mu.Unlock()
		if len(nc.pending) >= maxPending {
			return false
		}
		nc.pending = append(nc.pending, s)
		return true
	}
	nc.mu.Unlock()
	return nc.decide(s, stream)
}

// decide asks onPeerConnect about a play. nc.decision is held, nc.mu is not.
func (nc *NetConnection) decide(s *PeerStream, stream *PublishStream) bool {
	if stream.accept != nil && !stream.accept(s.peer) {
		return false
	}
	if !stream.attach(s) { // unpublished meanwhile: wait for the next of that name
		nc.mu.Lock()
		defer nc.mu.Unlock()
		if len(nc.pending) >= maxPending {
			return false
		}
		nc.pending = append(nc.pending, s)
	}
	return true
}

// considerPending decides about the plays that have waited for a stream.
func (nc *NetConnection) considerPending(stream *PublishStream) {
	nc.decision.Lock()
	defer nc.decision.Unlock()
	var waiting []*PeerStream
	nc.mu.Lock()
	nc.pending = slices.DeleteFunc(nc.pending, func(s *PeerStream) bool {
		matches := s.askedName() == stream.name
		if matches {
			waiting = append(waiting, s)
		}
		return matches
	})
	nc.mu.Unlock()
	for _, s := range waiting {
		if s.ctx.Err() == nil && !nc.decide(s, stream) {
			s.cancel() // its goroutine rejects the flow
		}
	}
}

// forgetPending takes a play that has ended off the list.
func (nc *NetConnection) forgetPending(s *PeerStream) {
	nc.mu.Lock()
	defer nc.mu.Unlock()
	if i := slices.Index(nc.pending, s); i >= 0 {
		nc.pending = slices.Delete(nc.pending, i, i+1)
	}
}
