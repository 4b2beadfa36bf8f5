// Package idmanager finds people: it maps names to peer IDs, as the Video
// Phone's IdManager did. An implementation speaks to one directory; http is the first.
package idmanager

import (
	"context"
)

// Record is what a directory knows of somebody.
type Record struct {
	// Name is the registered spelling.
	Name string
	// PeerID is 64 lower-case hex digits.
	PeerID string
	// Rendezvous is the service where the peer can be introduced (rtmfp://…), empty: the same as ours.
	Rendezvous string
}

// Event says that somebody's record has changed; an empty PeerID: no longer there.
type Event struct{ Record Record }

// IdManager registers the user's own name and finds others. Methods are safe for concurrent use; each wait ends with its context.
type IdManager interface {
	// Register publishes our record, or says ErrRefused; Refresh repeats it before it expires; Unregister withdraws it.
	Register(ctx context.Context, r Record) error
	Refresh(ctx context.Context) error
	Unregister(ctx context.Context) error
	// LookUp finds somebody by name: ErrUnknownName when the directory has no such name, ErrOffline when
	// the name exists and nobody is registered under it now.
	LookUp(ctx context.Context, name string) (Record, error)
	// Watch reports changes of the records of the given names until ctx ends; the channel is closed then.
	// A directory that cannot watch polls, at the rate its protocol bears.
	Watch(ctx context.Context, names []string) (<-chan Event, error)
	// Where names the directory for the user: its host.
	Where() string
}

type idError string

func (e idError) Error() string { return string(e) }

// Errors that callers may act on (errors.Is).
const (
	ErrUnknownName = idError("idmanager: nobody has that name")
	ErrOffline     = idError("idmanager: not registered at present")
	ErrRefused     = idError("idmanager: the directory refused the registration")
)
