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
	// (RFC 7425 §4.3.3.4); otherwise it is a peer's, with static keys.
	Server bool
	// Groups in order of preference; nil: 31, 14. Groups 5 and 2 belong to OldClients.
	Groups []Group
	// OldClients makes the identity one that programs of the Flash age understand (see the package's comment). It
	// excludes Groups, Hostname and passwords. Give it an endpoint of its own: nothing protects such sessions well.
	OldClients bool
	// Hostname, if set, is put into the certificate for hostname EPDs (RFC 7425 §4.3.3.1).
	Hostname string
	// SignWith, if set, signs our keying messages with these passwords (RFC 7425 §4.3.5.1.1).
	SignWith []Password
	// VerifyWith are the passwords that far ends may sign with. A bad signature under one of their IDs is refused.
	VerifyWith []Password
	// RequirePassword refuses far ends that sign with none of VerifyWith.
	RequirePassword bool
}

// Profile is one identity; it implements rtmfp.CryptoProfile. It does not change once made.
type Profile struct {
	opt    Options
	groups []Group
	own    *certificate
	static map[Group]privateKey // empty with ephemeral keys
}

var _ rtmfp.CryptoProfile = (*Profile)(nil)

// NewProfile makes an identity with fresh keys, which are never stored. ErrNoGroup for groups that we do not speak,
// ErrOptions for options that exclude each other, ErrCertificate for a group given twice.
func NewProfile(opt Options) (*Profile, error) {
	groups, err := chooseGroups(opt)
	if err != nil {
		return nil, err
	}
	opt.SignWith, opt.VerifyWith = slices.Clone(opt.SignWith), slices.Clone(opt.VerifyWith)
	p := &Profile{opt: opt, groups: groups, static: make(map[Group]privateKey)}
	var cert []byte
	if opt.Hostname != "" {
		cert = wire.AppendOption(cert, certHostname, []byte(opt.Hostname))
	}
	if opt.Server {
		// Old clients take 77 bytes for granted: this order, with groups 2, 5 and 14.
		cert = wire.AppendOption(cert, certAncillary, nil)
		cert = wire.AppendOption(cert, certRandomness, randomness())
		for _, g := range slices.Sorted(slices.Values(groups)) {
			cert = appendGroup(cert, certEphemeralGroup, g, nil)
		}
	} else {
		for _, g := range groups {
			key, err := algorithms[g].generate()
			if err != nil {
				return nil, err
			}
			p.static[g] = key
			cert = appendGroup(cert, certStaticKey, g, key.public())
		}
	}
	if p.own, err = parseCertificate(cert); err != nil {
		return nil, err
	}
	return p, nil
}

// chooseGroups checks the options and returns the groups in order of preference.
func chooseGroups(opt Options) ([]Group, error) {
	if opt.OldClients {
		if opt.Groups != nil || opt.Hostname != "" || opt.SignWith != nil || opt.VerifyWith != nil || opt.RequirePassword {
			return nil, fmt.Errorf("%w: OldClients and another", ErrOptions)
		}
		if opt.Server {
			return oldServerGroups, nil
		}
		return oldPeerGroups, nil
	}
	if opt.RequirePassword && len(opt.VerifyWith) == 0 {
		return nil, fmt.Errorf("%w: a password required, but none that would do", ErrOptions)
	}
	if opt.Groups == nil {
		return defaultGroups, nil
	}
	if len(opt.Groups) == 0 {
		return nil, ErrNoGroup
	}
	for _, g := range opt.Groups {
		if algorithms[g] == nil {
			return nil, fmt.Errorf("%w: %d", ErrNoGroup, g)
		}
		if g.weak() {
			return nil, fmt.Errorf("%w: group %d without OldClients", ErrOptions, g)
		}
	}
	return slices.Clone(opt.Groups), nil
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

// OldClients implements rtmfp.CryptoProfile.
func (p *Profile) OldClients() bool { return p.opt.OldClients }
