package phone

import (
	"crypto/ed25519"
	"errors"
	"sync"

	"sundog.dev/sundog/internal/profile"
	"sundog.dev/sundog/mesh"
)

// reach is how the other side of a call was reached: what the resolver, on a goroutine of the call's, has found.
type reach struct {
	wanted wanted // zero for calls that come in

	mu       sync.Mutex
	resolved resolved
	err      error
	over     bool
}

func (r *reach) set(found resolved, err error) {
	r.mu.Lock()
	r.resolved, r.err = found, err
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

// whom tells who was called.
func (r *reach) whom() (ed25519.PublicKey, profile.Found) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.resolved.identity, r.resolved.found
}

// caller tells who calls us, as far as the directories have said whose the peer ID is: a contact before anybody else who says so.
func (p *Phone) caller(c *mesh.Call) (shown string, identity ed25519.PublicKey, found profile.Found) {
	if !c.Proved() {
		return "", nil, profile.Found{}
	}
	claims := p.presence.claims(c.PeerID())
	if known, ok := p.contactAmong(claims); ok {
		return known.Name, known.Identity, profile.Found{Directory: known.Directory}
	}
	if len(claims) == 1 {
		return "", claims[0].identity, profile.Found{Directory: claims[0].where}
	}
	return "", nil, profile.Found{}
}
