package flashcrypto

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"

	"sundog.dev/sundog/rtmfp/internal/wire"
)

// certificate is a parsed certificate, ours or a far end's (RFC 7425 §4.3). It does not change after parsing.
type certificate struct {
	encoded     []byte
	fingerprint Fingerprint
	epd         []byte // canonical
	hostname    []byte // nil: none
	ancillary   bool

	// keys are either all static or all ephemeral (§4.3.3.4), including those of groups that we do not speak. There are
	// three at most, usually, and each session has a certificate: too few for a map.
	keys []groupKey
}

// groupKey is a group with a static public key; nil: with ephemeral ones.
type groupKey struct {
	group  Group
	static []byte
}

// parseCertificate decodes a certificate and checks its form and its public keys. It copies b.
func parseCertificate(b []byte) (*certificate, error) {
	if len(b) > maxCertificateLen {
		return nil, fmt.Errorf("%w: %d bytes", ErrCertificate, len(b))
	}
	c := &certificate{encoded: bytes.Clone(b)}
	canonical, err := c.parseCanonical()
	if err != nil {
		return nil, err
	}
	if len(c.keys) == 0 {
		return nil, fmt.Errorf("%w: no group", ErrCertificate)
	}
	for _, k := range c.keys {
		if (k.static == nil) != (c.keys[0].static == nil) {
			return nil, fmt.Errorf("%w: static keys and ephemeral groups", ErrCertificate)
		}
		if alg, ok := algorithms[k.group]; ok && k.static != nil {
			if err := alg.check(k.static); err != nil {
				return nil, err
			}
		}
	}
	c.fingerprint = sha256.Sum256(c.encoded[:canonical])
	c.epd = c.fingerprint.EPD()
	return c, nil
}

// parseCanonical reads the options up to the first marker, checks the form of the rest, and returns the length of the
// canonical section (§4.3.1).
func (c *certificate) parseCanonical() (canonical int, err error) {
	rest := c.encoded
	marked := false
	for n := 0; len(rest) > 0; n++ {
		opt, next, err := wire.NextOption(rest)
		if err != nil {
			return 0, fmt.Errorf("%w: %w", ErrCertificate, err)
		}
		if n == maxOptions {
			return 0, fmt.Errorf("%w: too many options", ErrCertificate)
		}
		rest = next
		switch {
		case opt.Marker:
			marked = true
		case !marked:
			canonical = len(c.encoded) - len(rest)
			if err := c.setOption(opt); err != nil {
				return 0, err
			}
		}
	}
	return canonical, nil
}

func (c *certificate) setOption(opt wire.Option) error {
	switch opt.Type {
	case certHostname:
		if c.hostname != nil {
			return fmt.Errorf("%w: two host names", ErrCertificate)
		}
		c.hostname = append([]byte{}, opt.Value...)
	case certAncillary:
		c.ancillary = true
	case certEphemeralGroup:
		g, rest, err := readGroup(opt.Value)
		if err != nil || len(rest) > 0 {
			return fmt.Errorf("%w: bad group option", ErrCertificate)
		}
		return c.addGroup(g, nil)
	case certStaticKey:
		g, key, err := readGroup(opt.Value)
		if err != nil || len(key) == 0 {
			return fmt.Errorf("%w: bad key option", ErrCertificate)
		}
		return c.addGroup(g, key)
	}
	return nil // §4.3.3: unknown types are ignored
}

// addGroup notes a static key or, with a nil key, an ephemeral group. RFC 7425 §4.3.3.5 leaves open what two keys in one
// group mean; we refuse that.
func (c *certificate) addGroup(g Group, key []byte) error {
	if c.speaks(g) {
		return fmt.Errorf("%w: group %d twice", ErrCertificate, g)
	}
	c.keys = append(c.keys, groupKey{g, key})
	return nil
}

// staticKey is the static public key in a group; nil: none.
func (c *certificate) staticKey(g Group) []byte {
	for _, k := range c.keys {
		if k.group == g {
			return k.static
		}
	}
	return nil
}

// speaks reports whether the certificate's owner can agree on keys in the group.
func (c *certificate) speaks(g Group) bool {
	return slices.ContainsFunc(c.keys, func(k groupKey) bool { return k.group == g })
}

// Bytes implements rtmfp.Certificate.
func (c *certificate) Bytes() []byte { return c.encoded }

// CanonicalEPD implements rtmfp.Certificate.
func (c *certificate) CanonicalEPD() []byte { return c.epd }

// SelectedBy implements rtmfp.Certificate.
func (c *certificate) SelectedBy(epd []byte) bool {
	d, ok := parseEPD(epd)
	return ok && d.selects(c)
}

// Fingerprint implements rtmfp.Certificate.
func (c *certificate) Fingerprint() [32]byte { return c.fingerprint }

// ProvesIdentity implements rtmfp.Certificate: with static keys the peer ID commits to them. Anyone can show the bytes
// of an ephemeral certificate (RFC 7425 §4.3.4).
func (c *certificate) ProvesIdentity() bool { return c.keys[0].static != nil }

// readGroup reads the group number at the head of an option's value. Numbers beyond 16 bits, which the IKEv2 registry
// cannot have, are errors.
func readGroup(b []byte) (Group, []byte, error) {
	n, rest, err := wire.VLU(b)
	if err != nil {
		return 0, nil, err
	}
	if n > 0xffff {
		return 0, nil, wire.ErrOverflow
	}
	return Group(n), rest, nil
}

// appendGroup appends an option whose value is a group and, maybe, a key.
func appendGroup(b []byte, typ uint64, g Group, key []byte) []byte {
	value := wire.AppendVLU(nil, uint64(g))
	return wire.AppendOption(b, typ, append(value, key...))
}
