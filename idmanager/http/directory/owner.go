package directory

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	nethttp "net/http"
	"slices"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/idmanager/http/v1"
	"sundog.dev/sundog/internal/cluster"
)

// owner is a value of the names bucket.
type owner struct {
	Name     string   `json:"name"`     // as the owner spells it
	Identity v1.Bytes `json:"identity"` // Ed25519 public key
	Since    int64    `json:"since"`    // ms since 1970
}

// owned is a value of the owners bucket.
type owned struct {
	Names []string `json:"names"` // folded
}

// getter reads a key: Bucket.Get or Bucket.GetNearby.
type getter func(context.Context, string) (cluster.Entry, error)

// read reads a JSON value; false where there is none.
func read[T any](ctx context.Context, get getter, key string) (value T, revision uint64, found bool, err error) {
	e, err := get(ctx, key)
	if errors.Is(err, cluster.ErrNotFound) || errors.Is(err, cluster.ErrTooLarge) {
		return value, 0, false, nil
	}
	if err != nil {
		return value, 0, false, err
	}
	if err := json.Unmarshal(e.Value, &value); err != nil {
		return value, 0, false, err
	}
	return value, e.Revision, true, nil
}

func encode(value any) []byte {
	b, err := json.Marshal(value)
	if err != nil { // none of our types fails
		panic(err)
	}
	return b
}

// take sees to it that the name belongs to who has signed the registration, and reports whether it is newly taken. The function
// says whether another name may be taken at all.
func (s *Server) take(ctx context.Context, key string, reg idmanager.Registration, may func() error) (taken bool, err error) {
	get := s.names.GetNearby
	for {
		who, revision, found, err := read[owner](ctx, get, key)
		if err != nil {
			return false, err
		}
		if found {
			if !bytes.Equal(who.Identity, reg.Identity) {
				return false, refuse(nethttp.StatusConflict, v1.CodeNameTaken, "The name "+reg.Name+" belongs to another identity key.")
			}
			if who.Name != reg.Name && reg.PeerID != "" {
				who.Name = reg.Name
				_, err = s.names.Update(ctx, key, encode(who), revision, 0)
				if errors.Is(err, cluster.ErrConflict) {
					err = nil // another spelling, at the same moment
				}
			}
			return false, err
		}
		if reg.PeerID == "" { // there is nothing to withdraw, and nothing to take for it
			return false, nil
		}
		if err := may(); err != nil {
			return false, err
		}
		if err := s.note(ctx, key, reg); err != nil {
			return false, err
		}
		_, err = s.names.Create(ctx, key, encode(owner{Name: reg.Name, Identity: v1.Bytes(reg.Identity), Since: s.cfg.Now().UnixMilli()}), 0)
		if !errors.Is(err, cluster.ErrExists) {
			return err == nil, err
		}
		get = s.names.Get // somebody was faster
	}
}

// note adds a name to those of its owner, before it is taken: a crash between the two leaves one too many there, which is found out
// when the list is full.
func (s *Server) note(ctx context.Context, key string, reg idmanager.Registration) error {
	for range maxAttempts {
		list, revision, found, err := read[owned](ctx, s.owners.Get, string(reg.Identity))
		if err != nil {
			return err
		}
		if slices.Contains(list.Names, key) {
			return nil
		}
		if len(list.Names) >= s.cfg.Limits.NamesPerKey {
			if list.Names, err = s.really(ctx, reg, list.Names); err != nil {
				return err
			}
		}
		if len(list.Names) >= s.cfg.Limits.NamesPerKey {
			return refuse(nethttp.StatusForbidden, v1.CodeTooManyNames, "Your identity key owns as many names as one key may.")
		}
		list.Names = append(list.Names, key)
		if found {
			_, err = s.owners.Update(ctx, string(reg.Identity), encode(list), revision, 0)
		} else {
			_, err = s.owners.Create(ctx, string(reg.Identity), encode(list), 0)
		}
		if !errors.Is(err, cluster.ErrConflict) && !errors.Is(err, cluster.ErrExists) {
			return err
		}
	}
	return cluster.ErrConflict
}

// really are those names that belong to the registration's key.
func (s *Server) really(ctx context.Context, reg idmanager.Registration, keys []string) ([]string, error) {
	var mine []string
	for _, key := range keys {
		who, _, found, err := read[owner](ctx, s.names.Get, key)
		if err != nil {
			return nil, err
		}
		if found && bytes.Equal(who.Identity, reg.Identity) {
			mine = append(mine, key)
		}
	}
	return mine, nil
}
