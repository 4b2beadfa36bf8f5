package profile

import (
	"crypto/ed25519"

	"sundog.dev/sundog/internal/identityfile"
	"sundog.dev/sundog/internal/keystore"
)

// Option says how a profile is opened.
type Option func(*opening)

// opening is what the options say.
type opening struct {
	identity   ed25519.PrivateKey
	keyring    keystore.Use
	withoutKey bool
	cost       identityfile.Cost // of exports
	step       func(string)      // for tests: told how far a change of the key's place has come
}

// WithIdentity gives a profile that has no identity yet this one instead of a fresh one: somebody's, on another profile or
// machine. A profile that has another is refused with ErrIdentityKept.
func WithIdentity(key ed25519.PrivateKey) Option {
	return func(o *opening) { o.identity = key }
}

// WithKeyring says whether the identity key may be in the system's keyring. Without this option it may not: it is a file in the
// profile's folder.
func WithKeyring(use keystore.Use) Option {
	return func(o *opening) { o.keyring = use }
}

// WithoutKey opens a profile without reading its identity key, or making one: to import one, or to tell of a profile whose key is
// not to be had.
func WithoutKey() Option {
	return func(o *opening) { o.withoutKey = true }
}

// WithExportCost says what guessing a passphrase of an exported identity costs, and so how long an export takes. Without this option
// it is identityfile.Recommended.
func WithExportCost(cost identityfile.Cost) Option {
	return func(o *opening) { o.cost = cost }
}
