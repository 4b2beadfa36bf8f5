package flashcrypto

import (
	"bytes"
	"strings"

	"sundog.dev/sundog/rtmfp/internal/wire"
)

// AncillaryEPD is the discriminator of a server URI (RFC 7425 §4.4.2.2): the whole public URI, without user information
// and fragment.
func AncillaryEPD(uri string) []byte { return wire.AppendOption(nil, epdAncillary, []byte(uri)) }

// HostnameEPD is the discriminator that requires a host name in the certificate (RFC 7425 §4.4.2.1). With that of
// AncillaryEPD behind it, both are required.
func HostnameEPD(host string) []byte { return wire.AppendOption(nil, epdHostname, []byte(host)) }

// FingerprintInEPD is the peer ID that an endpoint discriminator asks for, if it asks for one.
func FingerprintInEPD(epd []byte) (Fingerprint, bool) {
	d, ok := parseEPD(epd)
	if !ok || d.fingerprint == nil {
		return Fingerprint{}, false
	}
	return Fingerprint(d.fingerprint), true
}

// HostnameInEPD is the host name that an endpoint discriminator requires, if it requires one.
func HostnameInEPD(epd []byte) (string, bool) {
	d, ok := parseEPD(epd)
	if !ok || d.hostname == nil {
		return "", false
	}
	return string(d.hostname), true
}

// AncillaryInEPD is the server URI that an endpoint discriminator names, if it names one.
func AncillaryInEPD(epd []byte) (string, bool) {
	d, ok := parseEPD(epd)
	if !ok || d.ancillary == nil {
		return "", false
	}
	return string(d.ancillary), true
}

// DescribeEPD tells the event log whom a discriminator selects: a peer ID in hex, a URI, a host name, or "".
func (p *Profile) DescribeEPD(epd []byte) string {
	d, ok := parseEPD(epd)
	switch {
	case !ok:
		return ""
	case d.fingerprint != nil:
		return Fingerprint(d.fingerprint).String()
	case d.ancillary != nil:
		return strings.ToValidUTF8(string(d.ancillary), "?")
	default:
		return strings.ToValidUTF8(string(d.hostname), "?")
	}
}

// discriminator is a parsed endpoint discriminator; absent options are nil.
type discriminator struct {
	hostname, ancillary, fingerprint []byte
}

// parseEPD reads an endpoint discriminator (RFC 7425 §4.4.1). None of the known options may occur twice.
func parseEPD(epd []byte) (d discriminator, ok bool) {
	for n := 0; len(epd) > 0; n++ {
		opt, rest, err := wire.NextOption(epd)
		if err != nil || opt.Marker || n == maxOptions {
			return discriminator{}, false
		}
		epd = rest
		var field *[]byte
		switch opt.Type {
		case epdHostname:
			field = &d.hostname
		case epdAncillary:
			field = &d.ancillary
		case epdFingerprint:
			if len(opt.Value) != fingerprintLen {
				return discriminator{}, false
			}
			field = &d.fingerprint
		default:
			continue // RFC 7425 §4.4.2: unknown types are ignored
		}
		if *field != nil {
			return discriminator{}, false
		}
		*field = opt.Value[:len(opt.Value):len(opt.Value)]
	}
	return d, true
}

// selects is the algorithm of RFC 7425 §4.4.3, figure 1.
func (d discriminator) selects(c *certificate) bool {
	if d.fingerprint != nil {
		return bytes.Equal(d.fingerprint, c.fingerprint[:])
	}
	if d.hostname != nil && (c.hostname == nil || !bytes.Equal(d.hostname, c.hostname)) {
		return false
	}
	if d.ancillary != nil {
		return c.ancillary
	}
	return d.hostname != nil
}
