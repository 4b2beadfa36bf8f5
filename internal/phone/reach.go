package phone

import (
	"crypto/ed25519"
	"errors"
	"slices"
	"sync"

	"sundog.dev/sundog/internal/profile"
	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/rtmfp/flash"
)

// reach is how the other side of a call is reached: whom the user wants, and what the resolver, on a goroutine of the call's, has
// found.
type reach struct {
	wanted wanted // zero for calls that come in
	test   bool   // the test call

	mu       sync.Mutex
	call     *mesh.Call // nil at first
	resolved resolved
	err      error
	other    *OtherIdentity
	over     bool
}

// begin tells the call, once it is dialled.
func (r *reach) begin(c *mesh.Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.call = c
}

func (r *reach) set(found resolved, err error) {
	var other *identityError
	errors.As(err, &other)
	r.mu.Lock()
	r.resolved, r.err = found, err
	if other != nil {
		r.other = &other.OtherIdentity
	}
	over := r.over
	r.mu.Unlock()
	if over && found.release != nil {
		found.release()
	}
}

// letGo gives back the line.
func (r *reach) letGo() {
	r.mu.Lock()
	r.over = true
	release := r.resolved.release
	r.mu.Unlock()
	if release != nil {
		release()
	}
}

// why is the sentence about not having found anybody, where there is one that says more than the call's reason.
func (r *reach) why() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var s *sentence
	if errors.As(r.err, &s) {
		return s.text
	}
	return ""
}

// whom tells who was called: the identity that was wanted or that the directory names, nil if neither.
func (r *reach) whom() (ed25519.PublicKey, profile.Found) {
	r.mu.Lock()
	defer r.mu.Unlock()
	identity := r.resolved.identity
	if r.wanted.identity != nil {
		identity = r.wanted.identity
	}
	return identity, r.resolved.found
}

// expected is the identity that must answer; zero: none is known, or, in a call for once, none is to be shown.
func (r *reach) expected() Identity {
	identity, _ := r.whom()
	if r.wanted.once {
		identity = r.wanted.identity
	}
	return asIdentity(identity)
}

// otherIdentity tells of another identity than the wanted one.
func (r *reach) otherIdentity() (OtherIdentity, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.other == nil {
		return OtherIdentity{}, false
	}
	return *r.other, true
}

// remembered is the identity that is known of whom the user calls; zero: none.
func (r *reach) remembered(list *profile.Store) Identity {
	known, _ := list.Person(r.wanted.shown)
	return asIdentity(known.Identity)
}

// noteOther keeps what whoever has answered shows.
func (r *reach) noteOther(list *profile.Store, shown Identity) {
	other := OtherIdentity{Name: r.wanted.shown, Remembered: r.expected(), Shown: shown}
	if known, ok := list.Person(r.wanted.shown); ok && (known.Identity != nil || r.wanted.once) {
		other.Remembered, other.Verified = asIdentity(known.Identity), known.Verified
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.other = &other
}

// peer is who was found; false: nobody yet.
func (r *reach) peer() (flash.PeerID, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.resolved.target.PeerID, r.resolved.target.PeerID != flash.PeerID{}
}

// callings are the calls that we make, from before they are dialled to their end.
type callings struct {
	mu  sync.Mutex
	all []*reach
}

func (c *callings) add(r *reach) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, r)
}

func (c *callings) remove(r *reach) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = slices.DeleteFunc(c.all, func(other *reach) bool { return other == r })
}

// to finds the newest call of ours to a far end: to one who is called, or who calls us at the same moment.
func (c *callings) to(f mesh.FarEnd) *reach {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range slices.Backward(c.all) {
		r.mu.Lock()
		call, id := r.call, r.resolved.target.PeerID
		r.mu.Unlock()
		if id == f.PeerID && (f.Called || call == nil || call.Status().State == mesh.Calling) {
			return r
		}
	}
	return nil
}
