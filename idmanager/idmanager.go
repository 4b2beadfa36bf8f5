// Package idmanager finds people: it maps names to peer IDs, as the Video
// Phone's IdManager did. An implementation speaks to one directory.
package idmanager

import (
	"context"
	"crypto/ed25519"
	"net/netip"
	"slices"
)

// Record is what a directory knows of somebody.
type Record struct {
	// Name is the registered spelling.
	Name string
	// PeerID is 64 lower-case hex digits; empty: not there at present.
	PeerID string
	// Rendezvous is the service where the peer can be introduced (rtmfp://…); empty: the one that the directory belongs to,
	// or, with Addresses, none.
	Rendezvous string
	// Addresses are where the peer itself answers, without any service: people on the same network.
	Addresses []netip.AddrPort
	// Identity is the public key that owns the name and has signed the record; nil: the directory knows none, and whoever
	// wrote last is believed.
	Identity ed25519.PublicKey
}

// Equal reports whether two records say the same.
func (r Record) Equal(other Record) bool {
	return r.Name == other.Name && r.PeerID == other.PeerID && r.Rendezvous == other.Rendezvous &&
		slices.Equal(r.Addresses, other.Addresses) && slices.Equal(r.Identity, other.Identity)
}

// Event says that somebody's record has changed; an empty PeerID: no longer there.
type Event struct{ Record Record }

// IdManager registers the user's own name and finds others. Methods are safe for concurrent use; each wait ends with its context.
type IdManager interface {
	// Register publishes our record, or says ErrRefused or ErrNameTaken; Refresh repeats it before it expires; Unregister
	// withdraws it.
	Register(ctx context.Context, r Record) error
	Refresh(ctx context.Context) error
	Unregister(ctx context.Context) error
	// LookUp finds somebody by name: ErrUnknownName when the directory has no such name, ErrOffline when
	// the name exists and nobody is registered under it now.
	LookUp(ctx context.Context, name string) (Record, error)
	// Watch reports changes of the records of the given names until ctx ends; the channel is closed then. At first
	// it reports everybody who is there. A directory that lists people of its own accord (a roster, the people on this
	// network) reports those, too. A directory that cannot watch polls, at the rate its protocol bears.
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
	ErrNameTaken   = idError("idmanager: the name belongs to another identity key")
	ErrLogin       = idError("idmanager: the directory does not know that user and password")
	ErrUntrusted   = idError("idmanager: the directory's certificate is not to be trusted")
	ErrAmbiguous   = idError("idmanager: several people have that name")

	ErrNotRegistered = idError("idmanager: nothing is registered that could be refreshed")
	ErrNoDirectory   = idError("idmanager: no directory is switched on")
	ErrClosed        = idError("idmanager: the directory is closed")
)
