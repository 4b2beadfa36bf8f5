package directory

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	nethttp "net/http"
	"strconv"
	"time"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/idmanager/http/v1"
	"sundog.dev/sundog/internal/cluster"
)

// presence is a value of the presence bucket: a name's last registration, also for some time after it has ended, since its time
// is what others are compared with.
type presence struct {
	Registration v1.Registration `json:"registration"`
	Token        v1.Bytes        `json:"token,omitempty"`  // its SHA-256
	Renewed      int64           `json:"renewed"`          // ms since 1970
	Stream       string          `json:"stream,omitempty"` // the last one that was opened to keep it alive
	Ended        string          `json:"ended,omitempty"`  // v1.OwnGone: the peer has gone
}

// here reports whether somebody is there by it.
func (p *presence) here(now time.Time, expiry time.Duration) bool {
	return p.Ended == "" && p.Registration.PeerID != "" && now.Sub(time.UnixMilli(p.Renewed)) < expiry
}

// newToken is a secret and the hash under which it is stored.
func newToken() (token string, hash v1.Bytes) {
	var b [24]byte
	_, _ = rand.Read(b[:]) // never fails
	token = base64.RawURLEncoding.EncodeToString(b[:])
	return token, hashToken(token)
}

func hashToken(token string) v1.Bytes {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// has reports whether the token is that of the registration.
func (p *presence) has(hash v1.Bytes) bool { return subtle.ConstantTimeCompare(p.Token, hash) == 1 }

// epochKey is no folded name, since those have no control characters.
const epochKey = "\x00epoch"

// readEpoch finds out when the presence bucket was made. Registrations signed before that may be repeated ones, which the
// directory does not remember.
func (s *Server) readEpoch(ctx context.Context) error {
	now := s.cfg.Now()
	_, err := s.presence.Create(ctx, epochKey, []byte(strconv.FormatInt(now.UnixMilli(), 10)), 0)
	if err == nil {
		s.epoch = now
		return nil
	}
	if !errors.Is(err, cluster.ErrExists) {
		return err
	}
	e, err := s.presence.Get(ctx, epochKey)
	if err != nil {
		return err
	}
	ms, err := strconv.ParseInt(string(e.Value), 10, 64)
	if err != nil {
		return err
	}
	s.epoch = time.UnixMilli(ms)
	return nil
}

// fresh refuses what was signed at a time too far from ours, or before the directory began to remember.
func (s *Server) fresh(signed time.Time) error {
	now := s.cfg.Now()
	if away := now.Sub(signed); away > s.skew || away < -s.skew {
		return refuse(nethttp.StatusForbidden, v1.CodeWrongTime, "The request was not signed at this time; by the directory's clock it is "+
			now.UTC().Format("15:04:05 on 2 January 2006, UTC")+".")
	}
	return nil
}

// put makes a registration the name's latest, and returns its token. Replayed unless it is newer than the one before.
func (s *Server) put(ctx context.Context, key string, reg idmanager.Registration) (token string, err error) {
	token, hash := newToken()
	next := presence{Registration: v1.FromRegistration(reg), Token: hash, Renewed: s.cfg.Now().UnixMilli()}
	if reg.PeerID == "" {
		token, next.Token = "", nil
	}
	value := encode(next)
	get := s.presence.GetNearby
	for attempt := range maxAttempts {
		last, revision, found, err := read[presence](ctx, get, key)
		if err != nil {
			return "", err
		}
		after := s.epoch.UnixMilli() - 1
		if found {
			after = max(after, last.Registration.Time)
		}
		if next.Registration.Time <= after {
			return "", &refusal{nethttp.StatusConflict, v1.Error{
				Code: v1.CodeReplayed, Message: "A registration of " + reg.Name + " as new as this one is known already.", After: after,
			}}
		}
		if attempt == 0 {
			if err := s.admitKey(reg.Identity); err != nil {
				return "", err
			}
		}
		if found {
			_, err = s.presence.Update(ctx, key, value, revision, s.expiry)
		} else {
			_, err = s.presence.Create(ctx, key, value, s.expiry)
		}
		if !errors.Is(err, cluster.ErrConflict) && !errors.Is(err, cluster.ErrExists) {
			return token, err
		}
		get = s.presence.Get // what is nearby lags behind
	}
	return "", cluster.ErrConflict
}

// errEnded says that a token's registration is no longer the name's latest, or has ended.
type errEnded struct{ state string }

func (errEnded) Error() string { return "the registration has ended" }

// renew keeps a registration from expiring. errEnded if it is not the latest. A stream that is opened for it says so; all others leave
// that as it is ("").
func (s *Server) renew(ctx context.Context, key string, hash v1.Bytes, opened string) (p presence, revision uint64, err error) {
	get := s.presence.GetNearby
	for attempt := range maxAttempts {
		var found bool
		if p, revision, found, err = read[presence](ctx, get, key); err != nil {
			return p, 0, err
		}
		now := s.cfg.Now()
		if !found || !p.has(hash) || !p.here(now, s.expiry) {
			if get = s.presence.Get; attempt == 0 { // what is nearby may lag behind
				continue
			}
			if found && p.here(now, s.expiry) {
				return p, 0, errEnded{v1.OwnReplaced}
			}
			return p, 0, errEnded{v1.OwnGone}
		}
		p.Renewed = now.UnixMilli()
		if opened != "" {
			p.Stream = opened
		}
		if revision, err = s.presence.Update(ctx, key, encode(p), revision, s.expiry); err == nil {
			s.counters.refreshes.Add(1)
		}
		if !errors.Is(err, cluster.ErrConflict) {
			return p, revision, err
		}
		get = s.presence.Get
	}
	return presence{}, 0, cluster.ErrConflict
}

// end ends a registration before its time, if it is still the one that is meant. It stays known for its time of signing.
func (s *Server) end(ctx context.Context, key string, meant func(p *presence, revision uint64) bool) error {
	for range maxAttempts {
		p, revision, found, err := read[presence](ctx, s.presence.Get, key)
		if err != nil || !found || p.Ended != "" || !meant(&p, revision) {
			return err
		}
		p.Ended = v1.OwnGone
		_, err = s.presence.Update(ctx, key, encode(p), revision, s.expiry)
		if !errors.Is(err, cluster.ErrConflict) {
			return err
		}
	}
	return cluster.ErrConflict
}
