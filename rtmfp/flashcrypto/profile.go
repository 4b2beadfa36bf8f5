package flashcrypto

import (
	"crypto/rand"
	"fmt"
	"slices"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/internal/wire"
)

// Options are the choices for a Profile.
type Options struct {
	// Server makes a certificate that ancillary EPDs select, with ephemeral keys
	// (RFC 7425 §4.3.3.3); otherwise it is a peer's, with static keys.
	Server bool
	// Groups in order of preference; nil: 31, 14.
	Groups []Group
	// Relaxed accepts far ends without HMAC or session sequence numbers; both are required otherwise
	// (a service that serves other programs too sets it). Between two relaxed ends neither is used: a relaxed end
	// protects itself so only when the far end asks.
	Relaxed bool
	// Hostname, if set, is put into the certificate for hostname EPDs (RFC 7425 §4.3.3.1).
	Hostname string
}

// Profile is one identity; it implements rtmfp.CryptoProfile. It does not change once made.
type Profile struct {
	groups  []Group
	own     *certificate
	static  map[Group]privateKey // empty with ephemeral keys
	relaxed bool
}

var _ rtmfp.CryptoProfile = (*Profile)(nil)

// NewProfile makes an identity with fresh keys, which are never stored.
func NewProfile(opt Options) (*Profile, error) {
	groups := slices.Clone(opt.Groups)
	if groups == nil {
		groups = defaultGroups
	}
	if len(groups) == 0 {
		return nil, ErrNoGroup
	}
	p := &Profile{groups: groups, static: make(map[Group]privateKey), relaxed: opt.Relaxed}
	var cert []byte
	if opt.Hostname != "" {
		cert = wire.AppendOption(cert, certHostname, []byte(opt.Hostname))
	}
	if opt.Server {
		cert = wire.AppendOption(cert, certAncillary, nil)
	}
	for _, g := range groups {
		alg, ok := algorithms[g]
		if !ok {
			return nil, fmt.Errorf("%w: %d", ErrNoGroup, g)
		}
		if opt.Server {
			cert = appendGroup(cert, certEphemeralGroup, g, nil)
			continue
		}
		key, err := alg.generate()
		if err != nil {
			return nil, err
		}
		p.static[g] = key
		cert = appendGroup(cert, certStaticKey, g, key.public())
	}
	if opt.Server {
		cert = wire.AppendOption(cert, certRandomness, randomness())
	}
	own, err := parseCertificate(cert)
	if err != nil {
		return nil, err
	}
	p.own = own
	return p, nil
}

// randomness draws the extra randomness of a certificate or component. (crypto/rand never fails.)
func randomness() []byte {
	b := make([]byte, randomnessLen)
	_, _ = rand.Read(b)
	return b
}

// Fingerprint is our own peer ID.
func (p *Profile) Fingerprint() Fingerprint { return p.own.fingerprint }

// DefaultCipher implements rtmfp.CryptoProfile (RFC 7425 §4.1).
func (p *Profile) DefaultCipher() rtmfp.PacketCipher { return newDefaultCipher() }

// Certificate implements rtmfp.CryptoProfile.
func (p *Profile) Certificate() []byte { return p.own.encoded }

// SelectedBy implements rtmfp.CryptoProfile.
func (p *Profile) SelectedBy(epd []byte) bool { return p.own.SelectedBy(epd) }

// ParseCertificate implements rtmfp.CryptoProfile. A malformed certificate is ErrCertificate, one with a bad key
// ErrPublicKey.
func (p *Profile) ParseCertificate(b []byte) (rtmfp.Certificate, error) {
	c, err := parseCertificate(b)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// noSignature is what a signer without signature options sends (RFC 7425 §4.3.5).
const noSignature = "X"

// Sign implements rtmfp.CryptoProfile. The profile has no signing keys: authenticity comes from the key agreement.
func (p *Profile) Sign([]byte) []byte { return []byte(noSignature) }

// Verify implements rtmfp.CryptoProfile. RFC 7425 §4.3.5: a verifier that requires no signature considers any valid.
func (p *Profile) Verify(rtmfp.Certificate, []byte, []byte) bool { return true }
