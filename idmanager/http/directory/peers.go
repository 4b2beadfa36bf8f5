package directory

import (
	"context"
	"errors"
	"strings"
	"time"

	"sundog.dev/sundog/internal/cluster"
)

// PeerGone says that a client's session with the introduction service has ended, so that nobody can reach it: its registration ends at once. It is for
// whoever runs that service to call, with a peer ID of 64 hex digits, and only if the client has not come back, here or at another
// instance. Registrations by reg.cgi stay, as they always did. It does not wait.
func (s *Server) PeerGone(peerID string) {
	if s.draining.Load() {
		return
	}
	select {
	case s.gone <- gonePeer{strings.ToLower(peerID), s.cfg.Now()}:
	default: // the registration ends by its stream, or expires
	}
}

// notePeer stores, for peerTTL, under which name a peer is registered.
func (s *Server) notePeer(ctx context.Context, peerID, key string) {
	if _, err := s.peers.Put(ctx, strings.ToLower(peerID), []byte(key), peerTTL); err != nil {
		s.cfg.Log.Warn("whose peer ID that is could not be stored", "error", err) // its registration will end by its stream, or expire
	}
}

// endPeers carries out PeerGone until the server is closed.
func (s *Server) endPeers() {
	for {
		select {
		case peer := <-s.gone:
			if err := s.endPeer(peer); err != nil && s.ctx.Err() == nil {
				s.cfg.Log.Warn("the registration of a peer that has gone could not be ended", "error", err)
			}
		case <-s.ctx.Done():
			return
		}
	}
}

// gonePeer is one whose end waits to be carried out, longer than a moment if the store does not answer.
type gonePeer struct {
	id string
	at time.Time
}

// endPeer ends a peer's registration, unless it was made or renewed after the peer had gone: then it has come back.
func (s *Server) endPeer(peer gonePeer) error {
	ctx, cancel := context.WithTimeout(s.ctx, storeTimeout)
	defer cancel()
	e, err := s.peers.Get(ctx, peer.id)
	if errors.Is(err, cluster.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.end(ctx, string(e.Value), func(p *presence, _ uint64) bool {
		return strings.EqualFold(p.Registration.PeerID, peer.id) && p.Renewed <= peer.at.UnixMilli()
	}); err != nil {
		return err
	}
	s.counters.peersGone.Add(1)
	return nil
}
