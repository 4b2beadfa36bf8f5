package idmanagertest

import (
	"context"
	"crypto/ed25519"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"sundog.dev/sundog/idmanager"
)

// pollInterval is between two looks at something that a directory may take a while to show.
const pollInterval = 20 * time.Millisecond

var (
	idAnn  = strings.Repeat("a1", 32)
	idAnn2 = strings.Repeat("a2", 32)
	idBob  = strings.Repeat("b1", 32)
)

// world is one directory in one test.
type world struct {
	*testing.T
	d    Directory
	join Join
}

// user is somebody at the directory.
type user struct {
	idmanager.IdManager
	w    *world
	name string // as the directory calls them
	key  ed25519.PrivateKey
}

// user lets somebody come, with a new key.
func (w *world) user(name string) user {
	w.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		w.Fatal(err)
	}
	return w.userWith(name, key)
}

func (w *world) userWith(name string, key ed25519.PrivateKey) user {
	w.Helper()
	return user{IdManager: w.join(name, key), w: w, name: w.d.Name(name), key: key}
}

// record is what the user registers.
func (u user) record(peerID string) idmanager.Record {
	return idmanager.Record{
		Name:       u.name,
		PeerID:     peerID,
		Rendezvous: "rtmfp://service.example:1935",
		Addresses:  []netip.AddrPort{netip.MustParseAddrPort("[::]:40000")},
		Identity:   u.key.Public().(ed25519.PublicKey),
	}
}

// register must succeed.
func (u user) register(peerID string) {
	u.w.Helper()
	if err := u.Register(u.w.context(), u.record(peerID)); err != nil {
		u.w.Fatalf("registering %s: %v", u.name, err)
	}
}

// context bounds one call generously.
func (w *world) context() context.Context {
	ctx, cancel := context.WithTimeout(w.Context(), 10*w.d.Within)
	w.Cleanup(cancel)
	return ctx
}

// matches reports whether a record that the directory gave is what the user registered, as far as the directory can tell.
func (u user) matches(r idmanager.Record, peerID string) bool {
	want := u.record(peerID)
	return strings.EqualFold(r.Name, want.Name) && r.PeerID == want.PeerID &&
		(!u.w.d.Signed || r.Identity.Equal(want.Identity)) &&
		(!u.w.d.KeepsRendezvous || r.Rendezvous == want.Rendezvous) &&
		(!u.w.d.KeepsAddresses || slices.ContainsFunc(r.Addresses, func(a netip.AddrPort) bool { return a.Port() == want.Addresses[0].Port() }))
}

// finds waits until u's look-up gives the other as registered.
func (u user) finds(other user, peerID string) {
	u.w.Helper()
	u.w.eventually(func() (string, bool) {
		got, err := u.LookUp(u.w.context(), other.name)
		if err != nil {
			return "looking " + other.name + " up: " + err.Error(), false
		}
		return "looking " + other.name + " up gives " + got.Name + " " + got.PeerID + " at " + got.Rendezvous, other.matches(got, peerID)
	})
}

// misses waits until u's look-up says one of the errors.
func (u user) misses(name string, want ...error) {
	u.w.Helper()
	u.w.eventually(func() (string, bool) {
		got, err := u.LookUp(u.w.context(), name)
		if err == nil {
			return "looking " + name + " up gives " + got.PeerID + ", want " + want[0].Error(), false
		}
		return "looking " + name + " up: " + err.Error() + ", want " + want[0].Error(),
			slices.ContainsFunc(want, func(e error) bool { return errors.Is(err, e) })
	})
}

// eventually repeats a check until it holds, or fails with its last words.
func (w *world) eventually(check func() (string, bool)) {
	w.Helper()
	for end := time.Now().Add(w.d.Within); ; time.Sleep(pollInterval) {
		said, ok := check()
		if ok {
			return
		}
		if time.Now().After(end) {
			w.Fatalf("after %v: %s", w.d.Within, said)
		}
	}
}

// gone are the errors that say that somebody is not there.
func (w *world) gone() []error {
	if w.d.TellsOffline {
		return []error{idmanager.ErrOffline}
	}
	return []error{idmanager.ErrOffline, idmanager.ErrUnknownName}
}
