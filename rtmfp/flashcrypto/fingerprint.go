package flashcrypto

import (
	"encoding/hex"

	"sundog.dev/sundog/rtmfp/internal/wire"
)

// Fingerprint is the SHA-256 of a certificate's canonical part: a peer ID (RFC 7425 §4.3.2).
type Fingerprint [fingerprintLen]byte

// String is the peer ID's usual form: 64 lower-case hex digits.
func (f Fingerprint) String() string { return hex.EncodeToString(f[:]) }

// ParseFingerprint reads 64 hex digits of either case. Anything else is ErrFingerprint.
func ParseFingerprint(s string) (Fingerprint, error) {
	var f Fingerprint
	if len(s) != hex.EncodedLen(len(f)) {
		return Fingerprint{}, ErrFingerprint
	}
	if _, err := hex.Decode(f[:], []byte(s)); err != nil {
		return Fingerprint{}, ErrFingerprint
	}
	return f, nil
}

// EPD is the discriminator that selects exactly this peer: 21 0f + fingerprint (RFC 7425 §4.4.2.3).
func (f Fingerprint) EPD() []byte { return wire.AppendOption(nil, epdFingerprint, f[:]) }
