package directory

import (
	"context"
	"errors"
	"slices"
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
	err := s.addPeerName(ctx, strings.ToLower(peerID), key)
	if err != nil && !errors.Is(err, cluster.ErrFull) {
		s.cfg.Log.Warn("whose peer ID that is could not be stored", "error", err) // its registration will end by its stream, or expire
	}
}

// addPeerName adds a name to those of a peer ID. There are several since nobody proves that a peer ID is theirs: whoever registers with somebody else's
// is not to keep that one's registration from ending. Who came first stays, however many more come.
func (s *Server) addPeerName(ctx context.Context, id, key string) error {
	for range maxAttempts {
		written := time.Time{}
		names, revision, found, err := read[[]string](ctx, func(ctx context.Context, id string) (cluster.Entry, error) {
			e, err := s.peers.Get(ctx, id)
			written = e.Created
			return e, err
		}, id)
		if err != nil || slices.Contains(names, key) && time.Since(written) < peerTTL/4 {
			return err
		}
		if !slices.Contains(names, key) {
			if len(names) >= maxPeerNames {
				if names, err = s.namesNow(ctx, id, names); err != nil {
					return err
				}
			}
			if len(names) >= maxPeerNames {
				return nil
			}
			names = append(names, key)
		}
		if found {
			_, err = s.peers.Update(ctx, id, encode(names), revision, peerTTL)
		} else {
			_, err = s.peers.Create(ctx, id, encode(names), peerTTL)
		}
		if !errors.Is(err, cluster.ErrConflict) && !errors.Is(err, cluster.ErrExists) {
			return err
		}
	}
	return cluster.ErrConflict
}

// namesNow are those names under which the peer is registered still.
func (s *Server) namesNow(ctx context.Context, id string, keys []string) (names []string, err error) {
	for _, key := range keys {
		p, _, found, err := read[presence](ctx, s.presence.Get, key)
		if err != nil {
			return nil, err
		}
		if found && strings.EqualFold(p.Registration.PeerID, id) && p.here(s.cfg.Now(), s.expiry) {
			names = append(names, key)
		}
	}
	return names, nil
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
	names, _, found, err := read[[]string](ctx, s.peers.Get, peer.id)
	if err != nil || !found {
		return err
	}
	for _, name := range names {
		err = errors.Join(err, s.end(ctx, name, func(p *presence, _ uint64) bool {
			return strings.EqualFold(p.Registration.PeerID, peer.id) && p.Renewed <= peer.at.UnixMilli()
		}))
	}
	if err != nil {
		return err
	}
	s.counters.peersGone.Add(1)
	return nil
}
