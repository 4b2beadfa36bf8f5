package profile

import "crypto/ed25519"

// Option says how a profile is opened.
type Option func(*opening)

// opening is what the options say.
type opening struct {
	identity ed25519.PrivateKey
}

// WithIdentity gives a profile that has no identity yet this one instead of a fresh one: somebody's, on another profile or
// machine. A profile that has another is refused with ErrIdentityKept.
func WithIdentity(key ed25519.PrivateKey) Option {
	return func(o *opening) { o.identity = key }
}
